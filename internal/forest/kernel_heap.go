//go:build !amd64

package forest

func walkHeap(heap []cell, trees, depth int, keys []uint32, ends []uint32) {
	walkHeapGo(heap, trees, depth, keys, ends)
}
