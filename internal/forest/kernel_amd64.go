package forest

// walkHeap is walkHeapGo with the eight rows in registers: a step is two loads, a
// comparison and an addition of its carry.
//
// The caller has checked the model: every cell.at is below len(keys)-lanes+1.
//
//go:noescape
func walkHeap(heap []cell, trees, depth int, keys []uint32, ends []uint32)
