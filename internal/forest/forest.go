// Package forest is a random forest classifier as data and its use: prediction,
// explanation and the model file. Growing one is package grow's. It knows no
// networks: rows of float32 in, class probabilities out.
package forest

import (
	"errors"
	"fmt"
	"math"
)

// Limits of a model. They bound what a hostile file can ask for and are far above
// what a useful forest has.
const (
	MaxFeatures = 1 << 15
	MaxClasses  = 1 << 12
	MaxTrees    = 1 << 16
	MaxDepth    = 1 << 12
)

// Leaf is the Feature of a node that is a leaf.
const Leaf = -1

// Node is one node of a tree. The nodes of a tree lie in preorder: the left child
// of a split is the node after it.
//
// A row goes left if its value is <= Threshold (float32, as scikit-learn and ONNX
// compare), right if it is greater. A missing value (NaN) goes right, or left if
// MissingLeft is set.
type Node struct {
	Threshold   float32
	Cover       float32 // weight of the training rows that reached the node; 0: unknown
	Next        int32   // split: index of the right child; leaf: index of its distribution
	Feature     int16   // column of the row, or Leaf
	MissingLeft bool
}

// Model is a forest: an ensemble of trees whose leaves hold class distributions
// and whose prediction is the mean of the distributions that a row reaches.
// It is data; after Compile nothing may change it and any number of goroutines
// may predict with it.
type Model struct {
	Meta     Meta
	Features []string // names of the columns, in the order a row holds them
	Classes  []string

	Roots []int32 // index into Nodes of each tree's root, ascending
	Nodes []Node
	// Dists holds the leaf distributions, len(Classes) probabilities each. Leaves
	// with equal distributions share one.
	Dists []float32
	// Divisor is what the sum of a row's distributions is divided by; 0 stands for
	// the number of trees. It differs in forests from elsewhere.
	Divisor float64

	run        program
	explainers []explainer // by class
}

// Compile checks the model and lays it out for prediction. Read and the grower do
// it; whoever puts a model together by hand calls it once before the first use.
func (m *Model) Compile() error {
	if err := m.check(); err != nil {
		return err
	}
	m.sumCovers()
	m.run = compile(m)
	m.explainers = make([]explainer, len(m.Classes))
	return nil
}

// sumCovers sets the cover of each split to the sum of its children's, which come
// after it: backwards is bottom up.
func (m *Model) sumCovers() {
	for i := len(m.Nodes) - 1; i >= 0; i-- {
		if n := &m.Nodes[i]; n.Feature != Leaf {
			n.Cover = m.Nodes[i+1].Cover + m.Nodes[n.Next].Cover
		}
	}
}

// divisor returns the Divisor that applies.
func (m *Model) divisor() float64 {
	if m.Divisor > 0 {
		return m.Divisor
	}
	return float64(len(m.Roots))
}

// ClassIndex returns the position of a class, or -1.
func (m *Model) ClassIndex(name string) int {
	for i, c := range m.Classes {
		if c == name {
			return i
		}
	}
	return -1
}

// Depth returns the number of splits on the longest path of any tree.
func (m *Model) Depth() int {
	deepest := 0
	for t := range m.Roots {
		deepest = max(deepest, m.treeDepth(t))
	}
	return deepest
}

// end returns the index after the last node of tree t.
func (m *Model) end(t int) int32 {
	if t+1 < len(m.Roots) {
		return m.Roots[t+1]
	}
	return int32(len(m.Nodes))
}

// treeDepth relies on preorder: the depth of a node is known before its children.
func (m *Model) treeDepth(t int) int {
	root, end := m.Roots[t], m.end(t)
	depth := make([]int32, end-root)
	deepest := int32(0)
	for i := root; i < end; i++ {
		d := depth[i-root]
		deepest = max(deepest, d)
		if n := &m.Nodes[i]; n.Feature != Leaf {
			depth[i+1-root] = d + 1
			depth[n.Next-root] = d + 1
		}
	}
	return int(deepest)
}

var errShape = errors.New("forest: model is inconsistent")

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errShape, fmt.Sprintf(format, args...))
}

// check verifies everything that prediction and explanation rely on, so that they
// need no checks of their own.
func (m *Model) check() error {
	f, k := len(m.Features), len(m.Classes)
	switch {
	case f == 0 || f > MaxFeatures:
		return bad("%d features, want 1 to %d", f, MaxFeatures)
	case k == 0 || k > MaxClasses:
		return bad("%d classes, want 1 to %d", k, MaxClasses)
	case len(m.Roots) == 0 || len(m.Roots) > MaxTrees:
		return bad("%d trees, want 1 to %d", len(m.Roots), MaxTrees)
	case len(m.Nodes) > math.MaxInt32:
		return bad("%d nodes", len(m.Nodes))
	case len(m.Dists)%k != 0:
		return bad("%d leaf probabilities for %d classes", len(m.Dists), k)
	}
	if n := len(m.Meta.Medians); n != 0 && n != f {
		return bad("%d medians for %d features", n, f)
	}
	if n := len(m.Meta.Ranges); n != 0 && n != f*k {
		return bad("%d ranges for %d features and %d classes", n, f, k)
	}
	if !(m.Divisor >= 0 && m.Divisor <= math.MaxFloat32) {
		return bad("divisor %v", m.Divisor)
	}
	for i, p := range m.Dists {
		if !(p >= 0 && p <= math.MaxFloat32) {
			return bad("leaf probability %d is %v", i, p)
		}
	}
	for t := range m.Roots {
		if err := m.checkTree(t); err != nil {
			return err
		}
		if d := m.treeDepth(t); d > MaxDepth {
			return bad("tree %d is %d deep, want at most %d", t, d, MaxDepth)
		}
	}
	return nil
}

// checkTree walks a tree in preorder with the stack of right children that are
// still to come; the nodes form one tree if each comes where it is expected.
func (m *Model) checkTree(t int) error {
	root, end := m.Roots[t], m.end(t)
	if (t == 0 && root != 0) || root < 0 || root >= end || int(end) > len(m.Nodes) {
		return bad("tree %d has no nodes", t)
	}
	dists := int32(len(m.Dists) / len(m.Classes))
	var right []int32
	for i := root; i < end; i++ {
		n := &m.Nodes[i]
		if n.Cover < 0 || n.Cover != n.Cover || n.Cover > math.MaxFloat32 {
			return bad("node %d has cover %v", i, n.Cover)
		}
		if n.Feature != Leaf {
			if int(n.Feature) < 0 || int(n.Feature) >= len(m.Features) {
				return bad("node %d splits on column %d of %d", i, n.Feature, len(m.Features))
			}
			if n.Threshold != n.Threshold {
				return bad("node %d has no threshold", i)
			}
			if n.Next <= i+1 || n.Next >= end {
				return bad("node %d points to %d, outside its tree", i, n.Next)
			}
			right = append(right, n.Next)
			continue
		}
		if n.Next < 0 || n.Next >= dists {
			return bad("leaf %d has distribution %d of %d", i, n.Next, dists)
		}
		if i+1 == end {
			break
		}
		if len(right) == 0 || right[len(right)-1] != i+1 {
			return bad("node %d belongs to no tree", i+1)
		}
		right = right[:len(right)-1]
	}
	if len(right) != 0 || m.Nodes[end-1].Feature != Leaf {
		return bad("tree %d is cut off", t)
	}
	return nil
}
