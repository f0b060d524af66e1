package forest

// lanes is how many walks go on at once: while one waits for memory, the others
// compute.
const lanes = 8

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
			p.add(sum, int32(p.leaves[at[i]]))
		}
	}
}

func (l link) next(key uint32) uint32 {
	greater := uint32(0)
	if key > l.key {
		greater = 1
	}
	return l.to&childMask + greater
}

// many does so for as many rows as there are lanes; keys holds slots, and for each
// slot the keys of all rows.
func (p *program) many(keys []uint32, sums []uint64) {
	if p.heapDepth > 0 {
		p.manyHeap(keys, sums)
		return
	}
	for _, l := range p.trees {
		at := p.descend(l, keys)
		for lane, a := range at {
			p.add(sums[lane*p.words:(lane+1)*p.words], int32(p.leaves[a]))
		}
	}
}

// descend takes all rows down a tree of links.
func (p *program) descend(l layout, keys []uint32) (at [lanes]uint32) {
	links := p.links
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
	return at
}

// manyHeap takes all rows down the perfect trees.
func (p *program) manyHeap(keys []uint32, sums []uint64) {
	const chunk = 32 // trees
	var ends [chunk * lanes]uint32
	size := uint32(1) << p.heapDepth
	for t := 0; t < len(p.trees); t += chunk {
		n := min(chunk, len(p.trees)-t)
		walkHeap(p.heap[t*int(size):(t+n)*int(size)], n, p.heapDepth, keys, ends[:n*lanes])
		for i := range n {
			leaf := p.ends[(t+i)*int(size) : (t+i+1)*int(size)]
			for lane, e := range ends[i*lanes : (i+1)*lanes] {
				p.add(sums[lane*p.words:(lane+1)*p.words], int32(leaf[e-size]))
			}
		}
	}
}

func (p *program) add(sum []uint64, dist int32) {
	d := p.dists[int(dist)*p.words:][:len(sum)]
	for w, v := range d {
		sum[w] += v
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
		proba[c] = float32(float64(v) * p.unit)
	}
	return best
}

// walkHeapGo takes lanes rows down each perfect tree and writes where they end, in
// [1<<depth, 2<<depth), to ends, lanes a tree.
func walkHeapGo(heap []cell, trees, depth int, keys []uint32, ends []uint32) {
	size := 1 << depth
	for t := range trees {
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
		copy(ends[t*lanes:], at[:])
	}
}
