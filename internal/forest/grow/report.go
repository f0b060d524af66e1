package grow

import (
	"encoding/binary"
	"math"
	"sync/atomic"

	"firetower/internal/forest"
)

// assemble joins the trees in order, so that it does not matter which worker grew
// which, and shares equal leaf distributions.
func (g *grower) assemble(trees []tree) (*forest.Model, *Report) {
	k := len(g.data.Classes)
	m := &forest.Model{Features: g.data.Features, Classes: g.data.Classes}
	r := &Report{Importances: make([]float64, len(g.columns))}
	seen := map[string]int32{}
	key := make([]byte, 0, 4*k)
	for _, t := range trees {
		root := int32(len(m.Nodes))
		m.Roots = append(m.Roots, root)
		for _, n := range t.nodes {
			if n.Feature != forest.Leaf {
				n.Next += root
				m.Nodes = append(m.Nodes, n)
				continue
			}
			dist := t.dists[int(n.Next)*k : int(n.Next)*k+k]
			key = key[:0]
			for _, p := range dist {
				key = binary.LittleEndian.AppendUint32(key, math.Float32bits(p))
			}
			at, ok := seen[string(key)]
			if !ok {
				at = int32(len(m.Dists) / k)
				m.Dists = append(m.Dists, dist...)
				seen[string(key)] = at
			}
			n.Next = at
			m.Nodes = append(m.Nodes, n)
		}
		for f, v := range t.importances {
			r.Importances[f] += v
		}
	}
	normalize(r.Importances)
	if g.votes != nil {
		r.OOBScore, r.OOBRows = g.votes.score(g.data.Labels)
	}
	m.Meta.Rows = len(g.data.Labels)
	m.Meta.Seed = g.cfg.Seed
	m.Meta.Settings = g.settings()
	return m, r
}

func (g *grower) settings() forest.Settings {
	c := g.cfg
	s := forest.Settings{Trees: c.Trees, MaxDepth: c.MaxDepth, MaxFeatures: g.maxFeatures, MinLeaf: c.MinLeaf,
		MinSplit: c.MinSplit, Criterion: string(c.Criterion), Bootstrap: c.Bootstrap, Bins: c.Bins}
	switch {
	case c.Balanced:
		s.ClassWeight = "balanced"
	case c.ClassWeights != nil:
		s.ClassWeight = "given"
	}
	if s.ClassWeight != "" {
		s.ClassWeights = g.classWeight
	}
	return s
}

// votes sums the class distributions of the trees that did not see a row, in
// integers so that the order of the trees does not matter.
type votes struct {
	classes int
	scale   float64
	sums    []uint32 // by row, then class
}

func newVotes(rows, classes, trees int) *votes {
	return &votes{classes, float64(math.MaxUint32 / uint32(trees)), make([]uint32, rows*classes)}
}

func (v *votes) cast(g *grower, t *tree, counts []uint8) {
	for row, c := range counts {
		if c > 0 {
			continue
		}
		at := t.walk(g.columns, row) * v.classes
		for y, p := range t.dists[at : at+v.classes] {
			if p > 0 {
				atomic.AddUint32(&v.sums[row*v.classes+y], uint32(float64(p)*v.scale))
			}
		}
	}
}

func (v *votes) score(labels []uint8) (accuracy float64, rows int) {
	right := 0
	for row, y := range labels {
		s := v.sums[row*v.classes : (row+1)*v.classes]
		best := 0
		for c := range s {
			if s[c] > s[best] {
				best = c
			}
		}
		if s[best] == 0 {
			continue
		}
		rows++
		if best == int(y) {
			right++
		}
	}
	return float64(right) / math.Max(1, float64(rows)), rows
}

// walk returns the leaf distribution that a row of the binned data reaches.
func (t *tree) walk(columns []column, row int) int {
	i := 0
	for {
		n := &t.nodes[i]
		if n.Feature == forest.Leaf {
			return int(n.Next)
		}
		if goesLeft(columns[n.Feature].bins[row], t.bins[i], n.MissingLeft) {
			i++
		} else {
			i = int(n.Next)
		}
	}
}
