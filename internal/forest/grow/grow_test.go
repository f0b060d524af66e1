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
