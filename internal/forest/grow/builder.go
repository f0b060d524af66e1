package grow

import (
	"context"
	"math"
	"math/rand/v2"

	"firetower/internal/forest"
)

// tree is one grown tree: nodes in preorder, leaf distributions by leaf.
type tree struct {
	nodes       []forest.Node
	bins        []uint8 // of each split: the last bin that goes left
	dists       []float32
	importances []float64
}

// Grow grows a forest on the binned rows.
func (b *Binned) Grow(ctx context.Context, cfg Config) (*forest.Model, *Report, error) {
	if err := cfg.check(len(b.data.Classes)); err != nil {
		return nil, nil, err
	}
	g := newGrower(b, cfg)
	trees := make([]tree, cfg.Trees)
	var err error
	if b.data.Weights == nil {
		err = growAll[uint32](ctx, g, trees)
	} else {
		err = growAll[uint64](ctx, g, trees)
	}
	if err != nil {
		return nil, nil, err
	}
	m, r := g.assemble(trees)
	return m, r, m.Compile()
}

func growAll[W weight](ctx context.Context, g *grower, trees []tree) error {
	workers := g.cfg.workers(len(trees))
	builders := make([]*builder[W], workers)
	return parallel(ctx, workers, len(trees), func(w, t int) {
		if builders[w] == nil {
			builders[w] = newBuilder[W](g)
		}
		trees[t] = builders[w].grow(t)
	})
}

// grower is what all builders share and only read, but for the votes.
type grower struct {
	*Binned
	cfg         Config
	classWeight []float64 // of a unit
	weights     []uint32  // of the rows, in units
	minLeaf     float64   // units
	minSplit    float64   // units
	maxFeatures int
	clusters    *clusters // to draw from, or nil
	votes       *votes    // of out-of-bag rows, or nil
}

func newGrower(b *Binned, cfg Config) *grower {
	g := &grower{Binned: b, cfg: cfg, maxFeatures: cfg.MaxFeatures}
	f := len(b.columns)
	if g.maxFeatures == 0 {
		for (g.maxFeatures+1)*(g.maxFeatures+1) <= f {
			g.maxFeatures++
		}
	}
	g.maxFeatures = min(g.maxFeatures, f)
	var unit float64
	g.weights, unit = inUnits(b.data.Weights)
	g.minLeaf, g.minSplit = float64(max(cfg.MinLeaf, 1))/unit, float64(cfg.MinSplit)/unit
	if b.data.Weights != nil && cfg.MinLeaf <= 1 && cfg.MinSplit <= 2 {
		g.minLeaf, g.minSplit = 0, 0 // any row may be a leaf, whatever its weight
	}
	if b.data.Groups != nil && cfg.Bootstrap {
		g.clusters = newClusters(&b.data)
	}
	g.weighClasses(unit)
	if cfg.OOB && cfg.Bootstrap {
		g.votes = newVotes(len(b.data.Labels), len(b.data.Classes), cfg.Trees)
	}
	return g
}

// inUnits returns the weights as whole multiples of a unit: of 1 if they are whole
// numbers, or else of a millionth of the largest.
func inUnits(weights []float32) ([]uint32, float64) {
	const most = 1 << 20
	whole, largest := true, 0.0
	for _, w := range weights {
		largest = max(largest, float64(w))
		whole = whole && float64(w) == math.Trunc(float64(w))
	}
	unit := 1.0
	if !whole || largest > most {
		unit = largest / most
	}
	units := make([]uint32, len(weights))
	for i, w := range weights {
		units[i] = uint32(max(1, math.Round(float64(w)/unit)))
	}
	return units, unit
}

// weighClasses sets the class weights: rows / (classes present * rows of the class)
// if balanced, as scikit-learn, else 1, times the configured weight.
func (g *grower) weighClasses(unit float64) {
	count := make([]float64, len(g.data.Classes))
	total, present := 0.0, 0.0
	for i, y := range g.data.Labels {
		w := 1.0
		if g.data.Weights != nil {
			w = float64(g.weights[i])
		}
		if count[y] == 0 {
			present++
		}
		count[y] += w
		total += w
	}
	g.classWeight = make([]float64, len(count))
	for c := range g.classWeight {
		g.classWeight[c] = unit
		if g.cfg.Balanced && count[c] > 0 {
			g.classWeight[c] *= total / (present * count[c])
		}
		if g.cfg.ClassWeights != nil {
			g.classWeight[c] *= g.cfg.ClassWeights[c]
		}
	}
}

// weight is how a sample counts, as a whole number, so that sums are exact in any
// order: how often it was drawn, or that times the weight of its row in units.
type weight interface{ uint32 | uint64 }

// sample is a row in a tree.
type sample[W weight] struct {
	row    uint32
	class  uint32 // << 8, where its bins begin in a histogram
	weight W
}

// builder grows one tree at a time. The samples of a node are a stretch of one
// array; splitting the node partitions the stretch in place.
type builder[W weight] struct {
	*grower
	rng      *rand.Rand
	counts   []uint8
	samples  []sample[W]
	spare    []sample[W]
	features []int32
	hist     [group][]W
	occurs   [group][4]uint64 // bins that may hold samples
	left     []float64        // class weights left of a cut
	masses   []float64        // of the nodes that wait, by place on the stack, then class
	totals   totals
	out      tree
}

// totals describes the samples of a node.
type totals struct {
	masses  []float64 // by class, of the rows, in units: whole numbers, exact in any order
	class   []float64 // weight by class
	present []uint8   // classes that occur
	sum     float64   // of class
	mass    float64   // of the rows, in units
	purity  float64
	varies  bool // some feature is known not to be constant
}

func newBuilder[W weight](g *grower) *builder[W] {
	n, k := len(g.data.Labels), len(g.data.Classes)
	b := &builder[W]{grower: g, counts: make([]uint8, n), left: make([]float64, k)}
	for j := range b.hist {
		b.hist[j] = make([]W, 256*k)
	}
	b.totals.masses, b.totals.class = make([]float64, k), make([]float64, k)
	b.features = make([]int32, len(g.columns))
	return b
}

// node is a stretch of samples that waits to become a leaf or a split.
type node struct {
	from, to int
	depth    int
	parent   int // split whose right child this is, or -1
}

func (b *builder[W]) grow(t int) tree {
	b.rng = random(b.cfg.Seed, t)
	if b.clusters != nil {
		b.clusters.draw(b.rng, &b.cfg, b.counts)
	} else {
		draw(b.rng, &b.cfg, b.counts)
	}
	b.samples = b.samples[:0]
	for i, c := range b.counts {
		if c > 0 {
			w := W(c)
			if b.data.Weights != nil {
				w *= W(b.weights[i])
			}
			b.samples = append(b.samples, sample[W]{uint32(i), uint32(b.data.Labels[i]) << 8, w})
		}
	}
	if len(b.spare) < len(b.samples) {
		b.spare = make([]sample[W], len(b.samples))
	}
	for i := range b.features {
		b.features[i] = int32(i)
	}
	b.out = tree{importances: make([]float64, len(b.columns))}
	stack := []node{{0, len(b.samples), 0, -1}}
	tally(b.samples, b.waiting(0))
	for len(stack) > 0 {
		top := len(stack) - 1
		n := stack[top]
		stack = stack[:top]
		b.sum(b.waiting(top))
		at := len(b.out.nodes)
		if n.parent >= 0 {
			b.out.nodes[n.parent].Next = int32(at)
		}
		if mid, ok := b.split(n); ok {
			stack = append(stack, node{mid, n.to, n.depth + 1, at}, node{n.from, mid, n.depth + 1, -1})
			b.share(n, mid, b.waiting(top+1), b.waiting(top))
		}
	}
	normalize(b.out.importances)
	if b.votes != nil {
		b.votes.cast(b.grower, &b.out, b.counts)
	}
	return b.out
}

// split appends the node to the tree, as a split if there is a good one.
func (b *builder[W]) split(n node) (mid int, ok bool) {
	s, t := b.samples[n.from:n.to], &b.totals
	deepest := b.cfg.MaxDepth
	if deepest == 0 {
		deepest = forest.MaxDepth
	}
	if len(t.present) > 1 && t.mass >= b.minSplit && n.depth < deepest {
		if best, ok := b.bestSplit(s, t); ok {
			c := &b.columns[best.feature]
			b.out.nodes = append(b.out.nodes, forest.Node{Feature: int16(best.feature), Threshold: best.threshold(c), MissingLeft: best.missingLeft})
			b.out.bins = append(b.out.bins, best.bin)
			b.out.importances[best.feature] += best.gain
			return n.from + b.partition(s, best), true
		}
	}
	b.leaf()
	return 0, false
}

// waiting is where the masses of the node at a place on the stack are kept.
func (b *builder[W]) waiting(at int) []float64 {
	k := len(b.totals.masses)
	if need := (at + 1) * k; len(b.masses) < need {
		b.masses = append(b.masses, make([]float64, need)...)
	}
	return b.masses[at*k : (at+1)*k]
}

// tally sets the masses to those of the samples.
func tally[W weight](s []sample[W], masses []float64) {
	clear(masses)
	for i := range s {
		masses[s[i].class>>8] += float64(s[i].weight)
	}
}

// share gives the children of a node that was split at mid their masses. Only the
// smaller one is counted.
func (b *builder[W]) share(n node, mid int, left, right []float64) {
	few, many, s := left, right, b.samples[n.from:mid]
	if n.to-mid < len(s) {
		few, many, s = right, left, b.samples[mid:n.to]
	}
	tally(s, few)
	for y, m := range b.totals.masses {
		many[y] = m - few[y]
	}
}

// sum sets the totals of a node.
func (b *builder[W]) sum(masses []float64) {
	t := &b.totals
	copy(t.masses, masses)
	t.present, t.mass, t.sum, t.varies = t.present[:0], 0, 0, false
	for y, m := range masses {
		if t.class[y] = m * b.classWeight[y]; m > 0 {
			t.present = append(t.present, uint8(y))
			t.mass += m
			t.sum += t.class[y]
		}
	}
	t.purity = b.cfg.Criterion.purity(t.class)
}

func (b *builder[W]) leaf() {
	t := &b.totals
	k := len(t.class)
	b.out.nodes = append(b.out.nodes, forest.Node{Feature: forest.Leaf, Next: int32(len(b.out.dists) / k), Cover: float32(t.sum)})
	b.out.bins = append(b.out.bins, 0)
	for _, w := range t.class {
		b.out.dists = append(b.out.dists, float32(w/t.sum))
	}
}

func normalize(v []float64) {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	if sum > 0 {
		for i := range v {
			v[i] /= sum
		}
	}
}
