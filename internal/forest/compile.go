package forest

import (
	"math"
	"slices"
)

// program is a model laid out for speed. Three ideas carry it.
//
// Values become keys: unsigned integers in the order of the floats, so that a
// comparison is one integer instruction and its carry the next step. A missing
// value's key is above all others, and so goes right; nodes that want it on the
// left read another slot of the row, where it is below all others.
//
// Nodes are eight bytes and a step has no branch. Shallow forests are padded to
// perfect trees, whose children need no address (heap); the others hold siblings
// side by side, and a leaf leads to itself (links).
//
// Probabilities are summed as fixed-point numbers, two classes to a word: the sum
// does not depend on the order of the trees and equal votes stay equal.
type program struct {
	slots   []slot   // what of a row the nodes read
	columns []uint16 // of the slots
	limit   uint32   // largest magnitude of an ordinary value, as bits: +Inf, or less if medians replace it

	links  []link
	leaves []uint32 // by node of links: where the leaf's distribution is in dists
	trees  []layout

	heap      []cell   // perfect trees one after another, 1<<heapDepth cells each
	heapDepth int      // 0: the forest is too deep for heap
	ends      []uint32 // below the last cells: where the distribution is

	dists []uint64 // words of each distribution
	words int      // a multiple of 4
	scale float64  // what a leaf's probability 1 is
	unit  float32  // what 1 of a sum is as a probability
}

// slot is a column as the nodes read it.
type slot struct {
	feature int16
	low     bool // missing is below all other values
}

// link is a node of a tree of any shape: go to child, or to child+1 if the slot's
// key is greater.
type link struct {
	key uint32
	to  uint32 // slot << childBits | child
}

// Thresholds have -0 made 0 (v + 0), because -0 <= 0 and 0 <= -0.

// cell is a node of a perfect tree: from a go to 2a, or to 2a+1 if the slot's key
// is greater.
type cell struct {
	at  uint32 // slot * lanes
	key uint32
}

type layout struct {
	root  uint32
	depth int32
}

const (
	childBits = 21
	childMask = 1<<childBits - 1

	missingHigh = math.MaxUint32 // key of a missing value, above that of +Inf
	missingLow  = 0

	maxHeapDepth = 10
	maxHeap      = 1 << 16 // cells
)

// key maps floats to integers of the same order, -0 just below 0. v is not NaN.
func key(v float32) uint32 {
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

func compile(m *Model) program {
	p := program{words: (len(m.Classes) + 2*pass - 1) / (2 * pass) * pass}
	p.scale = m.fixedPoint()
	p.unit = float32(1 / (p.scale * m.divisor()))
	p.packDists(m)
	p.limit = expMask
	if m.Meta.Medians != nil {
		p.limit--
	}
	slots := p.findSlots(m)
	if len(m.Nodes) > childMask || len(p.slots) > 1<<(32-childBits) || len(p.dists) > math.MaxUint32 {
		return p // too large for links: the definition is walked
	}
	p.layLinks(m, slots)
	if depth := m.Depth(); depth <= maxHeapDepth && len(m.Roots)<<depth <= maxHeap {
		p.layHeap(m, slots, max(depth, 1))
	}
	return p
}

// fixedPoint returns what to multiply probabilities with so that, rounded, their
// sum over the trees stays below 1<<32.
func (m *Model) fixedPoint() float64 {
	sum := 0.0
	for t, root := range m.Roots {
		most := float32(0)
		for _, n := range m.Nodes[root:m.end(t)] {
			if n.Feature == Leaf {
				at := int(n.Next) * len(m.Classes)
				most = max(most, slices.Max(m.Dists[at:at+len(m.Classes)]))
			}
		}
		sum += float64(most)
	}
	if sum == 0 {
		return 1
	}
	return float64(math.MaxUint32-uint32(len(m.Roots))) / sum
}

// findSlots returns the slot of each node.
func (p *program) findSlots(m *Model) []uint32 {
	number := map[slot]uint32{}
	of := make([]uint32, len(m.Nodes))
	for i := range m.Nodes {
		n := &m.Nodes[i]
		if n.Feature == Leaf {
			continue
		}
		s := slot{n.Feature, n.MissingLeft}
		if _, ok := number[s]; !ok {
			number[s] = uint32(len(p.slots))
			p.slots = append(p.slots, s)
		}
		of[i] = number[s]
	}
	if p.slots == nil { // padding reads a slot too
		p.slots = []slot{{}}
	}
	for _, s := range p.slots {
		p.columns = append(p.columns, uint16(s.feature))
	}
	return of
}

// layLinks lays each tree breadth first, siblings together.
func (p *program) layLinks(m *Model, slots []uint32) {
	p.links, p.leaves = make([]link, 0, len(m.Nodes)), make([]uint32, 0, len(m.Nodes))
	var queue []int32
	for t, root := range m.Roots {
		first := len(p.links)
		p.trees = append(p.trees, layout{uint32(first), int32(m.treeDepth(t))})
		queue = append(queue[:0], root)
		for i := 0; i < len(queue); i++ {
			n := &m.Nodes[queue[i]]
			if n.Feature == Leaf {
				p.links = append(p.links, link{missingHigh, uint32(first + i)})
				p.leaves = append(p.leaves, uint32(int(n.Next)*p.words))
				continue
			}
			p.links = append(p.links, link{key(n.Threshold + 0), slots[queue[i]]<<childBits | uint32(first+len(queue))})
			p.leaves = append(p.leaves, 0)
			queue = append(queue, queue[i]+1, n.Next)
		}
	}
}

// layHeap pads each tree to a perfect one: below a leaf every way leads to it.
func (p *program) layHeap(m *Model, slots []uint32, depth int) {
	p.heapDepth = depth
	size := 1 << depth
	p.heap = make([]cell, len(m.Roots)*size)
	p.ends = make([]uint32, len(m.Roots)*size)
	var lay func(heap []cell, ends []uint32, node int32, at int)
	lay = func(heap []cell, ends []uint32, node int32, at int) {
		n := &m.Nodes[node]
		switch {
		case at >= size:
			ends[at-size] = uint32(int(n.Next) * p.words)
		case n.Feature == Leaf:
			lay(heap, ends, node, 2*at)
			lay(heap, ends, node, 2*at+1)
		default:
			heap[at] = cell{slots[node] * lanes, key(n.Threshold + 0)}
			lay(heap, ends, node+1, 2*at)
			lay(heap, ends, n.Next, 2*at+1)
		}
	}
	for t, root := range m.Roots {
		lay(p.heap[t*size:(t+1)*size], p.ends[t*size:(t+1)*size], root, 1)
	}
}

// packDists turns probabilities into fixed point. A sum over the trees stays below
// 1<<32, so classes that share a word do not run into each other.
func (p *program) packDists(m *Model) {
	k := len(m.Classes)
	p.dists = make([]uint64, len(m.Dists)/k*p.words)
	for i, v := range m.Dists {
		p.dists[i/k*p.words+i%k/2] |= uint64(float64(v)*p.scale+0.5) << (32 * (i % k % 2))
	}
}
