//go:build !amd64

package forest

func keysOf(x []float32, stride int, columns []uint16, limit uint32, keys []uint32) (beyond uint32) {
	return keysOfGo(x, stride, columns, limit, keys)
}

func walkHeap(heap []cell, ends []uint32, depth int, keys []uint32, leaves []uint32) {
	walkHeapGo(heap, ends, depth, keys, leaves)
}

func sumLeaves(dists []uint64, leaves []uint32, words int, sums []uint64) {
	sumLeavesGo(dists, leaves, words, sums)
}
