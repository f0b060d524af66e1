package forest

// None of these functions checks bounds; the layout that Compile makes keeps them:
// columns are below stride, each cell.at is at most len(keys)-lanes, and leaves are
// where a distribution begins.

// keysOf writes the keys of the given columns of eight rows, stride values apart,
// to keys, eight a column. beyond is not 0 if a value's magnitude is above limit,
// compared as bits: such a key may be wrong.
//
//go:noescape
func keysOf(x []float32, stride int, columns []uint16, limit uint32, keys []uint32) (beyond uint32)

// walkHeap is walkHeapGo with the eight rows in registers: a step is two loads, a
// comparison with memory and an addition of its carry.
//
//go:noescape
func walkHeap(heap []cell, ends []uint32, depth int, keys []uint32, leaves []uint32)

// sumLeaves adds a pass of words of the distributions of leaves, lanes a tree, to
// the sums of the rows, words apart.
//
//go:noescape
func sumLeaves(dists []uint64, leaves []uint32, words int, sums []uint64)
