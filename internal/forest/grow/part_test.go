package grow

import (
	"math"
	"testing"

	"firetower/internal/forest"
)

// sameForest compares what two forests say of every row.
func sameForest(t *testing.T, what string, a, b *forest.Model, d Dataset) {
	t.Helper()
	p, q := make([]float32, len(d.Classes)), make([]float32, len(d.Classes))
	for i := range d.Labels {
		x := row(d, i)
		a.Predict(x, p)
		b.Predict(x, q)
		for c := range p {
			if math.Abs(float64(p[c]-q[c])) > 1e-6 {
				t.Fatalf("%s: row %d has %v and %v", what, i, p, q)
			}
		}
	}
}

// A tree depends on its number only, so that the first n trees of a forest are the
// forest of n trees.
func TestFirstTreesAreTheSmallerForest(t *testing.T) {
	d := made(300, 5, 0.1)
	cfg := DefaultConfig()
	cfg.Trees = 9
	large, _ := train(t, d, cfg)
	for _, n := range []int{1, 4, 9} {
		cfg.Trees = n
		small, _ := train(t, d, cfg)
		part, err := large.First(n)
		if err != nil {
			t.Fatal(err)
		}
		sameForest(t, "first trees", part, small, d)
	}
	for _, n := range []int{-1, 0, 10} {
		if _, err := large.First(n); err == nil {
			t.Errorf("%d trees of 9 must be refused", n)
		}
	}
}

// A tree cut off at a depth is the tree grown to it. Where nothing is drawn the two
// can be compared: one tree, all rows, all features, and nodes too large for ties.
func TestATreeCutOffIsOneGrownToThatDepth(t *testing.T) {
	for _, balanced := range []bool{false, true} {
		d := made(2000, 5, 0.1)
		cfg := DefaultConfig()
		cfg.Trees, cfg.Bootstrap, cfg.MaxFeatures, cfg.Balanced = 1, false, 5, balanced
		deep, _ := train(t, d, cfg)
		for depth := 1; depth <= 4; depth++ {
			cfg.MaxDepth = depth
			shallow, _ := train(t, d, cfg)
			cut, err := deep.Cut(depth)
			if err != nil {
				t.Fatal(err)
			}
			if cut.Depth() != depth || len(cut.Nodes) != len(shallow.Nodes) {
				t.Errorf("cut at %d: depth %d, %d nodes; grown: %d nodes", depth, cut.Depth(), len(cut.Nodes), len(shallow.Nodes))
			}
			for i, n := range cut.Nodes {
				if m := shallow.Nodes[i]; n.Feature != m.Feature || n.Threshold != m.Threshold || math.Abs(float64(n.Cover-m.Cover)) > 1e-3*float64(m.Cover) {
					t.Errorf("cut at %d: node %d is %+v, grown %+v", depth, i, n, m)
				}
			}
			sameForest(t, "cut off", cut, shallow, d)
		}
	}
}

// Cutting off below the leaves changes nothing, and cutting off at the root leaves the
// shares of the classes that each tree has seen.
func TestCutAtTheEnds(t *testing.T) {
	d := made(400, 4, 0)
	cfg := DefaultConfig()
	cfg.Trees = 5
	m, _ := train(t, d, cfg)
	whole, err := m.Cut(m.Depth())
	if err != nil {
		t.Fatal(err)
	}
	sameForest(t, "whole", m, whole, d)
	stumps, err := m.Cut(0)
	if err != nil {
		t.Fatal(err)
	}
	proba := make([]float32, len(d.Classes))
	stumps.Predict(row(d, 0), proba)
	var share [3]float64
	for _, y := range d.Labels {
		share[y] += 1 / float64(len(d.Labels))
	}
	for c := range share {
		if math.Abs(float64(proba[c])-share[c]) > 0.05 {
			t.Errorf("cut at the root: %v, the classes' shares are %v", proba, share)
		}
	}
}

// MaxSamples bounds the rows of a tree, which differ from tree to tree.
func TestMaxSamples(t *testing.T) {
	d := made(2000, 4, 0)
	cfg := DefaultConfig()
	cfg.Trees, cfg.MaxSamples = 8, 100
	m, _ := train(t, d, cfg)
	for i, root := range m.Roots {
		if seen := m.Nodes[root].Cover; seen != 100 {
			t.Errorf("tree %d saw %v rows, want 100", i, seen)
		}
	}
	cfg.MaxSamples = 5000
	most, _ := train(t, d, cfg)
	cfg.MaxSamples = 0
	all, _ := train(t, d, cfg)
	sameForest(t, "a limit that is none", most, all, d)
}
