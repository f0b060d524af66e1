package forest

import "sync"

// Explain writes to phi (len(Features) values) by how much each feature moved the
// probability of class for row x, and returns the base it moved it from: the mean
// over the training rows. base plus the sum of phi is what Predict gives for the
// class. It is safe for concurrent use.
//
// The values are SHAP values, path-dependent and exact: Lundberg et al., "From
// local explanations to global understanding with explainable AI for trees",
// Nature Machine Intelligence 2, 2020. A model without covers (Node.Cover) is
// explained as if every split sent half its rows either way.
func (m *Model) Explain(x []float32, class int, phi []float64) (base float64) {
	x, phi = x[:len(m.Features)], phi[:len(m.Features)]
	clear(phi)
	e := m.explainers[class].get(m, class)
	w := e.work.Get().(*walker)
	defer e.work.Put(w)
	w.model, w.x, w.phi = m, x, phi
	for t := range e.trees {
		w.tree(&e.trees[t])
	}
	w.x, w.phi = nil, nil
	for i := range phi {
		phi[i] /= m.divisor()
	}
	return e.base
}

// explainer is the forest seen by one class, made at its first use.
type explainer struct {
	once  sync.Once
	base  float64
	trees []game
	work  sync.Pool // of *walker
}

func (e *explainer) get(m *Model, class int) *explainer {
	e.once.Do(func() {
		size := 0
		for t := range m.Roots {
			g, mean := newGame(m, t, class)
			e.base += mean / m.divisor()
			if len(g.nodes) > 1 {
				e.trees = append(e.trees, g)
				size = max(size, (g.depth+1)*len(g.points.t))
			}
		}
		e.work.New = func() any { return newWalker(size) }
	})
	return e
}

// game is one tree as a game of its features for one class. Subtrees whose leaves
// agree on the class are single leaves here, because nothing below moves the
// probability; and probabilities are less the commonest one, because a constant
// moves no SHAP value.
type game struct {
	nodes  []move
	depth  int // splits on the longest path
	points *quadrature
}

// move is a node and the edge that leads to it. An edge's factor is about its
// feature: all edges above it on the path that test the same feature count too.
type move struct {
	value     float64 // leaf: what to add, 0: nothing below matters
	share     float64 // of the rows that would reach the node if only this feature were unknown
	ratio     float64 // share by the share of the edge above of the same feature
	threshold float32
	right     int32 // index of the right child; the left is next; 0: leaf
	feature   int16 // split: the feature tested
	above     int16 // depth of the node whose edge tests the same feature, or -1
	missLeft  bool
}

// newGame lays tree t out for class and returns it with the tree's mean.
func newGame(m *Model, t, class int) (game, float64) {
	b := gameBuilder{m: m, class: class, root: m.Roots[t]}
	b.summarize(t)
	b.add(m.Roots[t], edge{feature: -1, share: 1, ratio: 1, above: -1})
	b.shift()
	b.g.points = gaussLegendre((b.unique + 1) / 2)
	return b.g, b.mean[0]
}

type gameBuilder struct {
	m      *Model
	class  int
	root   int32
	cover  []float64 // by node of the tree
	mean   []float64 // of the class's probability below a node
	flat   []bool    // all leaves below a node agree
	path   []edge    // from the root down
	unique int       // most different features on a path
	g      game
}

// edge leads to a node; the root has one too, of no feature.
type edge struct {
	feature      int16
	above        int16
	unique       int // different features from the root to here
	share, ratio float64
}

// summarize computes cover, mean and flat bottom up.
func (b *gameBuilder) summarize(t int) {
	nodes := b.m.Nodes[b.root:b.m.end(t)]
	known := nodes[0].Cover > 0
	b.cover, b.mean, b.flat = make([]float64, len(nodes)), make([]float64, len(nodes)), make([]bool, len(nodes))
	if !known {
		b.cover[0] = 1
		for i, n := range nodes {
			if n.Feature != Leaf {
				b.cover[i+1], b.cover[n.Next-b.root] = b.cover[i]/2, b.cover[i]/2
			}
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		n := &nodes[i]
		if n.Feature == Leaf {
			b.mean[i] = float64(b.m.Dists[int(n.Next)*len(b.m.Classes)+b.class])
			b.flat[i] = true
			if known {
				b.cover[i] = float64(n.Cover)
			}
			continue
		}
		l, r := i+1, int(n.Next-b.root)
		b.cover[i] = b.cover[l] + b.cover[r]
		b.flat[i] = b.flat[l] && b.flat[r] && b.mean[l] == b.mean[r]
		switch {
		case b.flat[i]:
			b.mean[i] = b.mean[l]
		case b.cover[i] > 0:
			b.mean[i] = (b.mean[l]*b.cover[l] + b.mean[r]*b.cover[r]) / b.cover[i]
		default:
			b.mean[i] = (b.mean[l] + b.mean[r]) / 2 // reached by no row: only has to be finite
		}
	}
}

// add appends node at (an index of the model) and what is below it.
func (b *gameBuilder) add(at int32, e edge) {
	b.path = append(b.path, e)
	i, n := at-b.root, &b.m.Nodes[at]
	here := len(b.g.nodes)
	b.g.nodes = append(b.g.nodes, move{value: b.mean[i], share: e.share, ratio: e.ratio, above: e.above})
	if b.flat[i] {
		b.g.depth = max(b.g.depth, len(b.path)-1)
		b.unique = max(b.unique, e.unique)
	} else {
		b.add(at+1, b.edge(at, at+1))
		right := len(b.g.nodes)
		b.add(n.Next, b.edge(at, n.Next))
		g := &b.g.nodes[here]
		g.feature, g.threshold, g.missLeft, g.right = n.Feature, n.Threshold, n.MissingLeft, int32(right)
	}
	b.path = b.path[:len(b.path)-1]
}

// edge describes the edge from a parent, the last node of the path, to its child.
func (b *gameBuilder) edge(parent, child int32) edge {
	last := b.path[len(b.path)-1]
	e := edge{feature: b.m.Nodes[parent].Feature, above: -1, unique: last.unique + 1}
	if c := b.cover[parent-b.root]; c > 0 {
		e.ratio = b.cover[child-b.root] / c
	}
	e.share = e.ratio
	for d := len(b.path) - 1; d > 0; d-- {
		if b.path[d].feature == e.feature {
			e.above, e.unique = int16(d), last.unique
			e.share *= b.path[d].share
			break
		}
	}
	return e
}

// shift subtracts the commonest value from the leaves, so that those that hold it
// cost nothing.
func (b *gameBuilder) shift() {
	count := map[float64]int{}
	var common float64
	for i := range b.g.nodes {
		if n := &b.g.nodes[i]; n.right == 0 {
			count[n.value]++
			if c := count[n.value]; c > count[common] || (c == count[common] && n.value < common) {
				common = n.value
			}
		}
	}
	for i := range b.g.nodes {
		if b.g.nodes[i].right == 0 {
			b.g.nodes[i].value -= common
		}
	}
}
