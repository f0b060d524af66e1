package forest

import (
	"fmt"
	"slices"
)

// First returns the forest of the first n trees. Trees are grown independently of one
// another, so it is the forest that would have been grown with n trees. It shares
// memory with m.
func (m *Model) First(n int) (*Model, error) {
	if n < 1 || n > len(m.Roots) {
		return nil, fmt.Errorf("forest: %d trees wanted of %d", n, len(m.Roots))
	}
	part := m.like(m.Roots[:n], m.Nodes[:m.end(n-1)], m.Dists)
	return part, part.Compile()
}

// Cut returns the forest with its trees cut off at a depth: a split there becomes a
// leaf with the training rows of all leaves below. Splits are chosen from the root
// down without looking ahead, so a tree cut off is one grown to that depth.
func (m *Model) Cut(depth int) (*Model, error) {
	c := cutter{m: m, depth: depth, out: m.like(nil, nil, slices.Clone(m.Dists))}
	for _, root := range m.Roots {
		c.out.Roots = append(c.out.Roots, int32(len(c.out.Nodes)))
		c.copy(root, 0)
	}
	return c.out, c.out.Compile()
}

func (m *Model) like(roots []int32, nodes []Node, dists []float32) *Model {
	return &Model{Meta: m.Meta, Features: m.Features, Classes: m.Classes, Roots: roots, Nodes: nodes, Dists: dists, Divisor: m.Divisor}
}

type cutter struct {
	m     *Model
	depth int
	out   *Model
}

// copy appends the tree below node i.
func (c *cutter) copy(i int32, depth int) {
	n, at := c.m.Nodes[i], len(c.out.Nodes)
	c.out.Nodes = append(c.out.Nodes, n)
	switch {
	case n.Feature == Leaf:
	case depth == c.depth:
		sums := make([]float64, len(c.m.Classes))
		weight := c.m.gather(i, sums)
		c.out.Nodes[at] = Node{Feature: Leaf, Next: int32(len(c.out.Dists) / len(sums)), Cover: n.Cover}
		for _, s := range sums {
			c.out.Dists = append(c.out.Dists, float32(s/weight))
		}
	default:
		c.copy(i+1, depth+1)
		c.out.Nodes[at].Next = int32(len(c.out.Nodes))
		c.copy(n.Next, depth+1)
	}
}

// gather adds the distributions of the leaves below node i to sums, by the weight of
// the training rows there, and returns the sum of the weights. Leaves of unknown
// weight count alike.
func (m *Model) gather(i int32, sums []float64) float64 {
	n := &m.Nodes[i]
	if n.Feature != Leaf {
		return m.gather(i+1, sums) + m.gather(n.Next, sums)
	}
	weight := float64(n.Cover)
	if weight == 0 {
		weight = 1
	}
	for y, p := range m.Dists[int(n.Next)*len(sums) : (int(n.Next)+1)*len(sums)] {
		sums[y] += weight * float64(p)
	}
	return weight
}
