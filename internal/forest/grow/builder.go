package grow

import (
	"context"
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
	workers := cfg.workers(cfg.Trees)
	builders := make([]*builder, workers)
	err := parallel(ctx, workers, cfg.Trees, func(w, t int) {
		if builders[w] == nil {
			builders[w] = newBuilder(g)
		}
		trees[t] = builders[w].grow(t)
	})
	if err != nil {
		return nil, nil, err
	}
	m, r := g.assemble(trees)
	return m, r, m.Compile()
}

// grower is what all builders share and only read, but for the votes.
type grower struct {
	*Binned
	cfg         Config
	classWeight []float64
	maxFeatures int
	votes       *votes // of out-of-bag rows, or nil
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
	g.classWeight = classWeights(b.data, cfg)
	if cfg.OOB && cfg.Bootstrap {
		g.votes = newVotes(len(b.data.Labels), len(b.data.Classes), cfg.Trees)
	}
	return g
}

// classWeights returns rows / (classes present * rows of the class) if balanced,
// as scikit-learn, else 1, times the configured weight.
func classWeights(d Dataset, cfg Config) []float64 {
	count := make([]float64, len(d.Classes))
	total, present := 0.0, 0.0
	for i, y := range d.Labels {
		w := 1.0
		if d.Weights != nil {
			w = float64(d.Weights[i])
		}
		if count[y] == 0 {
			present++
		}
		count[y] += w
		total += w
	}
	cw := make([]float64, len(d.Classes))
	for c := range cw {
		cw[c] = 1
		if cfg.Balanced && count[c] > 0 {
			cw[c] = total / (present * count[c])
		}
		if cfg.ClassWeights != nil {
			cw[c] *= cfg.ClassWeights[c]
		}
	}
	return cw
}

// sample is a row in a tree.
type sample struct {
	row    uint32
	class  uint8
	weight float32 // times drawn, by the row's weight
}

// builder grows one tree at a time. The samples of a node are a stretch of one
// array; splitting the node partitions the stretch in place.
type builder struct {
	*grower
	rng      *rand.Rand
	counts   []uint8
	samples  []sample
	spare    []sample
	features []int32
	hist     []float64
	left     []float64
	right    []float64
	out      tree
}

func newBuilder(g *grower) *builder {
	n, k := len(g.data.Labels), len(g.data.Classes)
	b := &builder{grower: g, counts: make([]uint8, n), spare: make([]sample, n),
		hist: make([]float64, 256*k), left: make([]float64, k), right: make([]float64, k)}
	b.features = make([]int32, len(g.columns))
	return b
}

// node is a stretch of samples that waits to become a leaf or a split.
type node struct {
	from, to int
	depth    int
	parent   int // split whose right child this is, or -1
}

func (b *builder) grow(t int) tree {
	b.rng = random(b.cfg.Seed, t)
	draw(b.rng, len(b.counts), b.cfg.Bootstrap, b.counts)
	b.samples = b.samples[:0]
	for i, c := range b.counts {
		if c > 0 {
			w := float32(c)
			if b.data.Weights != nil {
				w *= b.data.Weights[i]
			}
			b.samples = append(b.samples, sample{uint32(i), b.data.Labels[i], w})
		}
	}
	for i := range b.features {
		b.features[i] = int32(i)
	}
	b.out = tree{importances: make([]float64, len(b.columns))}
	stack := []node{{0, len(b.samples), 0, -1}}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		at := len(b.out.nodes)
		if n.parent >= 0 {
			b.out.nodes[n.parent].Next = int32(at)
		}
		if mid, ok := b.split(n); ok {
			stack = append(stack, node{mid, n.to, n.depth + 1, at}, node{n.from, mid, n.depth + 1, -1})
		}
	}
	normalize(b.out.importances)
	if b.votes != nil {
		b.votes.cast(b.grower, &b.out, b.counts)
	}
	return b.out
}

// split appends the node to the tree, as a split if there is a good one.
func (b *builder) split(n node) (mid int, ok bool) {
	s := b.samples[n.from:n.to]
	k := len(b.classWeight)
	total := make([]float64, k)
	mass := 0.0
	for _, x := range s {
		total[x.class] += float64(x.weight)
		mass += float64(x.weight)
	}
	present := 0
	for c := range total {
		if total[c] > 0 {
			present++
		}
		total[c] *= b.classWeight[c]
	}
	if present > 1 && mass >= float64(b.cfg.MinSplit) && (b.cfg.MaxDepth == 0 || n.depth < b.cfg.MaxDepth) {
		if best, ok := b.bestSplit(s, total, mass); ok {
			c := &b.columns[best.feature]
			b.out.nodes = append(b.out.nodes, forest.Node{Feature: int16(best.feature), Threshold: best.threshold(c), MissingLeft: best.missingLeft})
			b.out.bins = append(b.out.bins, best.bin)
			b.out.importances[best.feature] += best.gain
			return n.from + b.partition(s, best), true
		}
	}
	b.leaf(total)
	return 0, false
}

func (b *builder) leaf(total []float64) {
	sum := 0.0
	for _, w := range total {
		sum += w
	}
	k := len(total)
	b.out.nodes = append(b.out.nodes, forest.Node{Feature: forest.Leaf, Next: int32(len(b.out.dists) / k), Cover: float32(sum)})
	b.out.bins = append(b.out.bins, 0)
	for _, w := range total {
		b.out.dists = append(b.out.dists, float32(w/sum))
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
