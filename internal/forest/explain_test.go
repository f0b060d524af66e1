package forest

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// randomModel makes a forest of random trees; few features, so that a path tests
// one more than once.
func randomModel(rng *rand.Rand, features, classes, trees, depth int) *Model {
	m := &Model{}
	for f := range features {
		m.Features = append(m.Features, fmt.Sprint("f", f))
	}
	for c := range classes {
		m.Classes = append(m.Classes, fmt.Sprint("c", c))
	}
	for range 6 {
		m.Dists = append(m.Dists, randomDist(rng, classes)...)
	}
	for range trees {
		m.Roots = append(m.Roots, int32(len(m.Nodes)))
		randomTree(rng, m, depth)
	}
	if err := m.Compile(); err != nil {
		panic(err)
	}
	return m
}

func randomDist(rng *rand.Rand, classes int) []float32 {
	d := make([]float32, classes)
	if rng.IntN(2) == 0 { // pure
		d[rng.IntN(classes)] = 1
		return d
	}
	sum := float32(0)
	for c := range d {
		d[c] = rng.Float32()
		sum += d[c]
	}
	for c := range d {
		d[c] /= sum
	}
	return d
}

func randomTree(rng *rand.Rand, m *Model, depth int) {
	if depth == 0 || rng.IntN(5) == 0 {
		m.Nodes = append(m.Nodes, Node{Feature: Leaf, Cover: float32(1 + rng.IntN(50)), Next: int32(rng.IntN(len(m.Dists) / len(m.Classes)))})
		return
	}
	at := len(m.Nodes)
	m.Nodes = append(m.Nodes, Node{Feature: int16(rng.IntN(len(m.Features))), Threshold: float32(rng.IntN(9)) - 4, MissingLeft: rng.IntN(2) == 0})
	randomTree(rng, m, depth-1)
	m.Nodes[at].Next = int32(len(m.Nodes))
	randomTree(rng, m, depth-1)
}

func randomRow(rng *rand.Rand, features int) []float32 {
	x := make([]float32, features)
	for f := range x {
		x[f] = float32(rng.IntN(11)) - 5
		if rng.IntN(8) == 0 {
			x[f] = float32(math.NaN())
		}
	}
	return x
}

// expected is the probability of class if only the features in known are known: at
// a split on another one, both sides count by their cover.
func expected(m *Model, x []float32, class int, known uint) float64 {
	var below func(i int32) float64
	below = func(i int32) float64 {
		n := &m.Nodes[i]
		if n.Feature == Leaf {
			return float64(m.Dists[int(n.Next)*len(m.Classes)+class])
		}
		if known>>n.Feature&1 == 0 {
			l, r := float64(m.Nodes[i+1].Cover), float64(m.Nodes[n.Next].Cover)
			if l+r == 0 {
				l, r = 1, 1
			}
			return (below(i+1)*l + below(n.Next)*r) / (l + r)
		}
		if v := x[n.Feature]; v <= n.Threshold || (n.MissingLeft && v != v) {
			return below(i + 1)
		}
		return below(n.Next)
	}
	sum := 0.0
	for _, r := range m.Roots {
		sum += below(r)
	}
	return sum / float64(len(m.Roots))
}

// shapley is the definition: the mean over all orders in which features become
// known of what each adds.
func shapley(m *Model, x []float32, class int) []float64 {
	f := len(m.Features)
	fact := []float64{1}
	for i := 1; i <= f; i++ {
		fact = append(fact, fact[i-1]*float64(i))
	}
	phi := make([]float64, f)
	for i := range phi {
		for s := range uint(1) << f {
			if s>>i&1 == 1 {
				continue
			}
			n := bits.OnesCount(s)
			w := fact[n] * fact[f-n-1] / fact[f]
			phi[i] += w * (expected(m, x, class, s|1<<i) - expected(m, x, class, s))
		}
	}
	return phi
}

func TestExplainIsShapley(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		m := randomModel(rng, 1+rng.IntN(7), 3, 2, 1+rng.IntN(7))
		if round%5 == 0 { // covers unknown
			for i := range m.Nodes {
				m.Nodes[i].Cover = 0
			}
			if err := m.Compile(); err != nil {
				t.Fatal(err)
			}
		}
		x := randomRow(rng, len(m.Features))
		phi := make([]float64, len(m.Features))
		proba := make([]float32, len(m.Classes))
		m.Predict(x, proba)
		for class := range m.Classes {
			base := m.Explain(x, class, phi)
			want := shapley(m, x, class)
			sum := base
			for f := range phi {
				if math.Abs(phi[f]-want[f]) > 1e-10 {
					t.Fatalf("round %d: feature %d moves %v, by definition %v", round, f, phi[f], want[f])
				}
				sum += phi[f]
			}
			if math.Abs(sum-float64(proba[class])) > 1e-6 {
				t.Fatalf("round %d: base and contributions give %v, the prediction is %v", round, sum, proba[class])
			}
		}
	}
}

// Deep trees need many quadrature points; the sum must hold there too.
func TestExplainDeep(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := randomModel(rng, 40, 4, 3, 14)
	deep := &Model{Features: m.Features, Classes: m.Classes, Dists: m.Dists, Roots: []int32{0}}
	for d := range 60 { // a chain of 60 splits over 40 features
		deep.Nodes = append(deep.Nodes, Node{Feature: int16(d % 40), Threshold: float32(rng.IntN(9) - 4), Next: int32(2*d + 2)},
			Node{Feature: Leaf, Cover: float32(1 + d), Next: int32(d % 6)})
	}
	deep.Nodes = append(deep.Nodes, Node{Feature: Leaf, Cover: 3})
	if err := deep.Compile(); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Model{m, deep} {
		for range 20 {
			x := randomRow(rng, 40)
			phi := make([]float64, 40)
			proba := make([]float32, 4)
			m.Predict(x, proba)
			sum := m.Explain(x, 1, phi)
			for _, v := range phi {
				sum += v
			}
			if math.Abs(sum-float64(proba[1])) > 1e-6 {
				t.Fatalf("base and contributions give %v, the prediction is %v", sum, proba[1])
			}
		}
	}
}

func TestExplainAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m := randomModel(rng, 10, 3, 5, 6)
	x, phi := randomRow(rng, 10), make([]float64, 10)
	m.Explain(x, 0, phi)
	if n := testing.AllocsPerRun(100, func() { m.Explain(x, 0, phi) }); n > 0.5 {
		t.Errorf("%v allocations a row", n)
	}
}
