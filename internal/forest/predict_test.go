package forest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// naive predicts by the definition of Model, in float64.
func naive(m *Model, x []float32) []float64 {
	k := len(m.Classes)
	mean := make([]float64, k)
	for t := range m.Roots {
		d := int(m.walk(t, x).Next) * k
		for c := range mean {
			mean[c] += float64(m.Dists[d+c]) / float64(len(m.Roots))
		}
	}
	return mean
}

// special are values around which comparisons go wrong.
var special = []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)),
	float32(math.NaN()), math.Float32frombits(0xffc00001), math.MaxFloat32, -math.MaxFloat32,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32}

// edgeRows returns rows whose values are thresholds of the model, their
// neighbours, and special values.
func edgeRows(rng *rand.Rand, m *Model, n int) []float32 {
	f := len(m.Features)
	values := slices.Clone(special)
	for i := range m.Nodes {
		if t := m.Nodes[i].Threshold; m.Nodes[i].Feature != Leaf {
			values = append(values, t, math.Nextafter32(t, float32(math.Inf(1))), math.Nextafter32(t, float32(math.Inf(-1))))
		}
	}
	x := make([]float32, n*f)
	for i := range x {
		x[i] = values[rng.IntN(len(values))]
	}
	return x
}

func checkPrediction(t *testing.T, m *Model, rows []float32) {
	t.Helper()
	f, k := len(m.Features), len(m.Classes)
	n := len(rows) / f
	batch := make([]float32, n*k)
	m.PredictBatch(rows, batch)
	one := make([]float32, k)
	for i := range n {
		x := rows[i*f : (i+1)*f]
		class := m.Predict(x, one)
		want := naive(m, x)
		for c := range want {
			if math.Abs(float64(one[c])-want[c]) > 2e-7 {
				t.Fatalf("row %v: class %d has probability %v, by definition %v", x, c, one[c], want[c])
			}
			if one[c] != batch[i*k+c] {
				t.Fatalf("row %v: class %d has probability %v alone and %v in a batch", x, c, one[c], batch[i*k+c])
			}
			if want[c] > want[class]+1e-7 {
				t.Fatalf("row %v: class %d predicted, but %d has %v", x, class, c, want[c])
			}
		}
	}
}

func TestPredictIsNaive(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for round := range 80 {
		m := randomModel(rng, 1+rng.IntN(20), 1+rng.IntN(12), 1+rng.IntN(40), rng.IntN(16))
		if round%2 == 0 {
			for i := range m.Nodes {
				if n := &m.Nodes[i]; n.Feature != Leaf && rng.IntN(4) == 0 {
					n.Threshold = special[rng.IntN(4)]
				}
			}
		}
		if round%3 == 0 {
			m.Meta.Medians = make([]float32, len(m.Features))
			for f := range m.Meta.Medians {
				m.Meta.Medians[f] = float32(rng.IntN(9) - 4)
			}
		}
		if err := m.Compile(); err != nil {
			t.Fatal(err)
		}
		rows := edgeRows(rng, m, 61)
		checkPrediction(t, m, rows)
		heap := m.run.heapDepth
		m.run.heapDepth = 0
		checkPrediction(t, m, rows)
		m.run.heapDepth = heap
		m.run.trees = nil
		checkPrediction(t, m, rows)
	}
}

// The assembly and the portable loops agree.
func TestKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for round := range 50 {
		m := randomModel(rng, 9, 3, 1+rng.IntN(9), 1+rng.IntN(8))
		p := &m.run
		x := make([]float32, lanes*9)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
			if rng.IntN(9) == 0 && round > 0 {
				x[i] = special[rng.IntN(len(special))]
			}
		}
		keys, portable := make([]uint32, len(p.slots)*lanes), make([]uint32, len(p.slots)*lanes)
		limit := uint32(expMask - round%2)
		beyond := keysOf(x, 9, p.columns, limit, keys) != 0
		if want := keysOfGo(x, 9, p.columns, limit, portable) != 0; beyond != want || (round == 0 && want) {
			t.Fatalf("values beyond the limit: %v, portably %v", beyond, want)
		}
		if !slices.Equal(keys, portable) {
			t.Fatalf("keys %v, portably %v", keys, portable)
		}
		got, want := make([]uint32, len(p.trees)*lanes), make([]uint32, len(p.trees)*lanes)
		walkHeap(p.heap, p.ends, p.heapDepth, keys, got)
		walkHeapGo(p.heap, p.ends, p.heapDepth, keys, want)
		if !slices.Equal(got, want) {
			t.Fatalf("leaves %v, portably %v", got, want)
		}
		sums, portableSums := make([]uint64, lanes*p.words), make([]uint64, lanes*p.words)
		sumLeaves(p.dists, got, p.words, sums)
		sumLeavesGo(p.dists, got, p.words, portableSums)
		if !slices.Equal(sums, portableSums) {
			t.Fatalf("sums %v, portably %v", sums, portableSums)
		}
	}
}

// The order of the trees does not matter, to the last bit.
func TestPredictIgnoresTreeOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	m := randomModel(rng, 6, 4, 15, 12)
	other := &Model{Features: m.Features, Classes: m.Classes, Dists: m.Dists}
	for _, i := range rng.Perm(len(m.Roots)) {
		from, to := m.Roots[i], m.end(i)
		shift := int32(len(other.Nodes)) - from
		other.Roots = append(other.Roots, int32(len(other.Nodes)))
		for _, n := range m.Nodes[from:to] {
			if n.Feature != Leaf {
				n.Next += shift
			}
			other.Nodes = append(other.Nodes, n)
		}
	}
	if err := other.Compile(); err != nil {
		t.Fatal(err)
	}
	a, b := make([]float32, 4), make([]float32, 4)
	for range 200 {
		x := randomRow(rng, 6)
		if m.Predict(x, a) != other.Predict(x, b) || !slices.Equal(a, b) {
			t.Fatalf("%v: %v in one order, %v in another", x, a, b)
		}
	}
}

func TestPredictAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	m := randomModel(rng, 10, 9, 14, 8)
	x, proba := edgeRows(rng, m, 64), make([]float32, 64*9)
	if n := testing.AllocsPerRun(200, func() { m.Predict(x[:10], proba[:9]) }); n > 0.5 {
		t.Errorf("%v allocations a row", n)
	}
	if n := testing.AllocsPerRun(200, func() { m.PredictBatch(x, proba) }); n > 0.5 {
		t.Errorf("%v allocations a batch", n)
	}
}

func BenchmarkPredictBatch(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 5))
	m := randomModel(rng, 82, 9, 14, 8)
	for i := range m.Nodes {
		m.Nodes[i].MissingLeft = false
	}
	if err := m.Compile(); err != nil {
		b.Fatal(err)
	}
	const n = 1024
	x, proba := make([]float32, n*82), make([]float32, n*9)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * 3)
	}
	for b.Loop() {
		m.PredictBatch(x, proba)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
