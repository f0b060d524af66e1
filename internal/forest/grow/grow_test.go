package grow

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"firetower/internal/forest"
)

// made returns a dataset of three classes that overlap a little.
func made(rows, features int, missing float64) Dataset {
	rng := rand.New(rand.NewPCG(1, 2))
	d := Dataset{Classes: []string{"a", "b", "c"}, Labels: make([]uint8, rows)}
	for f := range features {
		d.Features = append(d.Features, string(rune('A'+f)))
		d.Columns = append(d.Columns, make([]float32, rows))
	}
	for i := range rows {
		y := uint8(rng.IntN(3))
		d.Labels[i] = y
		for f := range features {
			v := rng.NormFloat64()*2 + float64(int(y)*(f%3))
			if rng.Float64() < missing {
				v = math.NaN()
			}
			d.Columns[f][i] = float32(v)
		}
	}
	return d
}

func row(d Dataset, i int) []float32 {
	x := make([]float32, len(d.Columns))
	for f := range x {
		x[f] = d.Columns[f][i]
	}
	return x
}

func accuracy(m *forest.Model, d Dataset) float64 {
	right := 0
	proba := make([]float32, len(d.Classes))
	for i, y := range d.Labels {
		if m.Predict(row(d, i), proba) == int(y) {
			right++
		}
	}
	return float64(right) / float64(len(d.Labels))
}

func train(t *testing.T, d Dataset, cfg Config) (*forest.Model, *Report) {
	t.Helper()
	m, r, err := Train(context.Background(), d, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

// Full trees without bootstrap know every row of a table without equal rows, which
// shows that thresholds on raw values decide as the bins did.
func TestFullTreesRemember(t *testing.T) {
	for _, missing := range []float64{0, 0.2} {
		d := made(200, 6, missing)
		cfg := DefaultConfig()
		cfg.Trees, cfg.Bootstrap = 5, false
		m, r := train(t, d, cfg)
		if got := accuracy(m, d); got != 1 {
			t.Errorf("missing %v: accuracy %v on the training rows, want 1", missing, got)
		}
		sum := 0.0
		for _, v := range r.Importances {
			sum += v
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("importances sum to %v", sum)
		}
	}
}

func TestSameModelOnAnyWorkers(t *testing.T) {
	d := made(3000, 9, 0.05)
	var first []byte
	for _, workers := range []int{1, 2, 7} {
		cfg := DefaultConfig()
		cfg.Trees, cfg.Workers, cfg.OOB, cfg.Balanced, cfg.Seed = 11, workers, true, true, 42
		m, r := train(t, d, cfg)
		var b bytes.Buffer
		if err := m.Write(&b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("%d workers give another model", workers)
		}
		if r.OOBScore < 0.5 || r.OOBScore > 0.99 {
			t.Errorf("out-of-bag score %v", r.OOBScore)
		}
		back, err := forest.Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := accuracy(m, d), accuracy(back, d); a != b {
			t.Errorf("accuracy %v after reading, %v before", b, a)
		}
	}
}

// A class weight of w, a row weight of w and w equal rows are one and the same,
// without the luck of bootstrap and feature draws.
func TestWeightsAreDuplicates(t *testing.T) {
	d := made(120, 4, 0.1)
	for i := range d.Columns[0] { // few values, so that equal rows do not move the bins
		for f := range d.Columns {
			if v := &d.Columns[f][i]; *v == *v {
				*v = float32(math.Round(float64(*v) * 4))
			}
		}
	}
	twice := Dataset{Features: d.Features, Classes: d.Classes, Columns: make([][]float32, 4)}
	weights := make([]float32, len(d.Labels))
	for i, y := range d.Labels {
		copies := 1
		if y == 1 {
			copies = 3
		}
		weights[i] = float32(copies)
		for range copies {
			twice.Labels = append(twice.Labels, y)
			for f := range twice.Columns {
				twice.Columns[f] = append(twice.Columns[f], d.Columns[f][i])
			}
		}
	}
	for _, criterion := range []Criterion{Gini, Entropy} {
		cfg := DefaultConfig()
		cfg.Trees, cfg.Bootstrap, cfg.MaxFeatures, cfg.MaxDepth, cfg.Criterion = 3, false, 4, 4, criterion
		want, _ := train(t, twice, cfg)
		weighted := d
		weighted.Weights = weights
		byRow, _ := train(t, weighted, cfg)
		cfg.ClassWeights = []float64{1, 3, 1}
		byClass, _ := train(t, d, cfg)
		a, b, c := make([]float32, 3), make([]float32, 3), make([]float32, 3)
		for i := range d.Labels {
			want.Predict(row(d, i), a)
			byRow.Predict(row(d, i), b)
			byClass.Predict(row(d, i), c)
			for y := range a {
				if math.Abs(float64(a[y]-b[y])) > 1e-6 || math.Abs(float64(a[y]-c[y])) > 1e-6 {
					t.Fatalf("%s, row %d: duplicates %v, row weights %v, class weights %v", criterion, i, a, b, c)
				}
			}
		}
	}
}

// Fractions of weights are kept closely enough.
func TestFractionalWeights(t *testing.T) {
	d := made(200, 5, 0)
	d.Weights = make([]float32, 200)
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range d.Weights {
		d.Weights[i] = rng.Float32() + 0.01
	}
	cfg := DefaultConfig()
	cfg.Trees, cfg.Bootstrap = 3, false
	m, _ := train(t, d, cfg)
	if got := accuracy(m, d); got != 1 {
		t.Errorf("accuracy %v on the training rows, want 1", got)
	}
}

func TestLimits(t *testing.T) {
	d := made(500, 5, 0)
	cfg := DefaultConfig()
	cfg.Trees, cfg.MaxDepth = 4, 3
	if m, _ := train(t, d, cfg); m.Depth() > 3 {
		t.Errorf("depth %d, want at most 3", m.Depth())
	}
	cfg.MaxDepth, cfg.MinLeaf = 0, 20
	m, _ := train(t, d, cfg)
	for _, n := range m.Nodes {
		if n.Feature == forest.Leaf && n.Cover < 20 {
			t.Fatalf("a leaf of %v rows, want at least 20", n.Cover)
		}
	}
}

// More out-of-bag rows than there are, or a score far from that on new rows, would
// be wrong.
func TestOOB(t *testing.T) {
	d := made(4000, 6, 0)
	half := func(from, to int) Dataset {
		h := d
		h.Labels = d.Labels[from:to]
		h.Columns = make([][]float32, len(d.Columns))
		for f := range h.Columns {
			h.Columns[f] = d.Columns[f][from:to]
		}
		return h
	}
	cfg := DefaultConfig()
	cfg.Trees, cfg.OOB = 30, true
	m, r := train(t, half(0, 2000), cfg)
	fresh := accuracy(m, half(2000, 4000))
	if r.OOBRows != 2000 || math.Abs(r.OOBScore-fresh) > 0.04 {
		t.Errorf("out-of-bag score %v of %d rows, on new rows %v", r.OOBScore, r.OOBRows, fresh)
	}
}

func TestSortAndBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32}
	for round := range 40 {
		values := make([]float32, 1+rng.IntN(3000))
		for i := range values {
			values[i] = float32(rng.NormFloat64() * math.Pow(10, float64(rng.IntN(20)-10)))
			if rng.IntN(5) == 0 {
				values[i] = special[rng.IntN(len(special))]
			}
		}
		c := binColumn(values, 2+round*6, &sorter{})
		if len(c.low) > 2+round*6 {
			t.Fatalf("%d bins, want at most %d", len(c.low), 2+round*6)
		}
		for i, v := range values {
			bin := c.bins[i]
			if v != v {
				if bin != missing {
					t.Fatalf("NaN in bin %d", bin)
				}
				continue
			}
			if v < c.low[bin] || v > c.high[bin] {
				t.Fatalf("%v in bin %d, of %v to %v", v, bin, c.low[bin], c.high[bin])
			}
			for cut, at := range c.cuts {
				if (v <= at) != (int(bin) <= cut) {
					t.Fatalf("%v in bin %d, but cut %d is at %v", v, bin, cut, at)
				}
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	good := made(10, 2, 0)
	for name, change := range map[string]func(*Dataset, *Config){
		"no rows":        func(d *Dataset, _ *Config) { d.Labels = nil },
		"short column":   func(d *Dataset, _ *Config) { d.Columns = [][]float32{d.Columns[0], d.Columns[1][:5]} },
		"unknown class":  func(d *Dataset, _ *Config) { d.Classes = d.Classes[:1] },
		"no names":       func(d *Dataset, _ *Config) { d.Features = nil },
		"zero weight":    func(d *Dataset, _ *Config) { d.Weights = make([]float32, 10) },
		"no trees":       func(_ *Dataset, c *Config) { c.Trees = 0 },
		"criterion":      func(_ *Dataset, c *Config) { c.Criterion = "luck" },
		"bins":           func(_ *Dataset, c *Config) { c.Bins = 256 },
		"negative depth": func(_ *Dataset, c *Config) { c.MaxDepth = -1 },
	} {
		d, cfg := good, DefaultConfig()
		change(&d, &cfg)
		if _, _, err := Train(context.Background(), d, cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Train(ctx, good, DefaultConfig()); err == nil {
		t.Error("a cancelled context trains")
	}
}

func TestRanges(t *testing.T) {
	d := made(3000, 3, 0.1)
	b, err := Bin(context.Background(), d, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range b.Ranges() {
		mean := float64(i/3) * float64(i%3) // of class i/3 and feature i%3
		if math.Abs(float64(r.Median)-mean) > 0.4 || math.Abs(float64(r.Low)-mean+3.3) > 0.7 || math.Abs(float64(r.High)-mean-3.3) > 0.7 {
			t.Errorf("class %d, feature %d: %+v around %v", i/3, i%3, r, mean)
		}
	}
}
