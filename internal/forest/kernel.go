package forest

import "math"

// lanes is how many walks go on at once: while one waits for memory, the others
// compute.
const lanes = 8

// pass is how many words of a distribution are summed at once, in registers: the
// nine classes of the data take five.
const pass = 6

// one sums the distributions that a row reaches, its keys given; the lanes are
// trees.
func (p *program) one(keys []uint32, sum []uint64) {
	links := p.links
	for t := 0; t < len(p.trees); t += lanes {
		var at [lanes]uint32
		group := p.trees[t:min(t+lanes, len(p.trees))]
		depth := int32(0)
		for i, l := range group {
			at[i] = l.root
			depth = max(depth, l.depth)
		}
		for ; depth > 0; depth-- {
			moved := uint32(0)
			for i, a := range at {
				next := links[a].next(keys[links[a].to>>childBits])
				moved |= next ^ a
				at[i] = next
			}
			if moved == 0 {
				break
			}
		}
		for i := range group {
			at[i] = p.leaves[at[i]]
		}
		p.add(sum, at[:len(group)])
	}
}

func (l link) next(key uint32) uint32 {
	greater := uint32(0)
	if key > l.key {
		greater = 1
	}
	return l.to&childMask + greater
}

// many does so for as many rows as there are lanes; keys holds for each slot the
// keys of all rows, and chunk is how many trees are walked before their
// distributions are summed.
func (p *program) many(keys []uint32, sums []uint64) {
	const chunk = 32
	var leaves [chunk * lanes]uint32
	size := 1 << p.heapDepth
	for t := 0; t < len(p.trees); t += chunk {
		n := min(chunk, len(p.trees)-t)
		if p.heapDepth > 0 {
			walkHeap(p.heap[t*size:(t+n)*size], p.ends[t*size:(t+n)*size], p.heapDepth, keys, leaves[:n*lanes])
		} else {
			for i, l := range p.trees[t : t+n] {
				p.descend(l, keys, (*[lanes]uint32)(leaves[i*lanes:]))
			}
		}
		for w := 0; w < p.words; w += pass {
			sumLeaves(p.dists[w:], leaves[:n*lanes], p.words, sums[w:])
		}
	}
}

// add adds the distributions of leaves to the sum of a row.
func (p *program) add(sum []uint64, leaves []uint32) {
	for _, l := range leaves {
		for w, v := range p.dists[l:][:len(sum)] {
			sum[w] += v
		}
	}
}

// descend takes all rows down a tree of links.
func (p *program) descend(l layout, keys []uint32, leaves *[lanes]uint32) {
	links := p.links
	at := [lanes]uint32{}
	for i := range at {
		at[i] = l.root
	}
	for d := l.depth; d > 0; d-- {
		moved := uint32(0)
		for i, a := range at {
			next := links[a].next(keys[links[a].to>>childBits*lanes+uint32(i)])
			moved |= next ^ a
			at[i] = next
		}
		if moved == 0 {
			break
		}
	}
	for i, a := range at {
		leaves[i] = p.leaves[a]
	}
}

// probabilities turns a sum into the mean of the distributions and returns the
// index of the largest.
func (p *program) probabilities(sum []uint64, proba []float32) int {
	best, most := 0, uint32(0)
	for c := range proba {
		v := uint32(sum[c/2] >> (32 * (c % 2)))
		if v > most {
			best, most = c, v
		}
		proba[c] = float32(v) * p.unit
	}
	return best
}

// keysOfGo is keysOf without assembly.
func keysOfGo(x []float32, stride int, columns []uint16, limit uint32, keys []uint32) (beyond uint32) {
	for lane := range lanes {
		row := x[lane*stride : (lane+1)*stride]
		for i, c := range columns {
			b := math.Float32bits(row[c])
			if b&^(1<<31) > limit {
				beyond = 1
			}
			keys[i*lanes+lane] = b ^ (uint32(int32(b)>>31) | 1<<31)
		}
	}
	return beyond
}

// walkHeapGo takes lanes rows down each perfect tree and writes the leaves, lanes a
// tree.
func walkHeapGo(heap []cell, ends []uint32, depth int, keys []uint32, leaves []uint32) {
	size := 1 << depth
	for t := range len(leaves) / lanes {
		cells := heap[t*size : (t+1)*size]
		at := [lanes]uint32{1, 1, 1, 1, 1, 1, 1, 1}
		for range depth {
			for i, a := range at {
				c := cells[a]
				greater := uint32(0)
				if keys[c.at+uint32(i)] > c.key {
					greater = 1
				}
				at[i] = 2*a + greater
			}
		}
		for i, a := range at {
			leaves[t*lanes+i] = ends[t*size+int(a)-size]
		}
	}
}

func sumLeavesGo(dists []uint64, leaves []uint32, words int, sums []uint64) {
	for lane := range lanes {
		sum := (*[pass]uint64)(sums[lane*words:])
		for i := lane; i < len(leaves); i += lanes {
			for w, v := range (*[pass]uint64)(dists[leaves[i]:]) {
				sum[w] += v
			}
		}
	}
}
