package onnx

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"firetower/internal/forest"
	"firetower/internal/forest/grow"
)

// grown is a small forest on random rows, with gaps in them or medians for gaps.
func grown(t testing.TB, gaps, medians bool) (*forest.Model, []float32) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows, features = 400, 5
	d := grow.Dataset{Classes: []string{"benign", "dos", "portscan"}, Labels: make([]uint8, rows)}
	for f := range features {
		d.Features = append(d.Features, "feature "+string(rune('A'+f)))
		d.Columns = append(d.Columns, make([]float32, rows))
	}
	for i := range rows {
		d.Labels[i] = uint8(rng.IntN(3))
		for f := range features {
			d.Columns[f][i] = float32(rng.NormFloat64()*2 + float64(int(d.Labels[i])*f))
			if gaps && rng.IntN(6) == 0 {
				d.Columns[f][i] = float32(math.NaN())
			}
		}
	}
	cfg := grow.DefaultConfig()
	cfg.Trees, cfg.MaxDepth = 7, 5
	m, _, err := grow.Train(context.Background(), d, cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Meta.Profile = "cic-fixed"
	if medians {
		m.Meta.Medians = []float32{1, 2, 3, 4, 5}
		if err := m.Compile(); err != nil {
			t.Fatal(err)
		}
	}
	var x []float32
	values := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0}
	for _, n := range m.Nodes {
		if n.Feature != forest.Leaf {
			values = append(values, n.Threshold, math.Nextafter32(n.Threshold, 99), math.Nextafter32(n.Threshold, -99))
		}
	}
	for range 500 * features {
		x = append(x, values[rng.IntN(len(values))])
	}
	return m, x
}

// same checks that two models predict alike.
func same(t *testing.T, a, b *forest.Model, x []float32) {
	t.Helper()
	f, k := len(a.Features), len(a.Classes)
	pa, pb := make([]float32, k), make([]float32, k)
	for i := 0; i < len(x); i += f {
		a.Predict(x[i:i+f], pa)
		b.Predict(x[i:i+f], pb)
		for c := range pa {
			if math.Abs(float64(pa[c]-pb[c])) > 1e-6 {
				t.Fatalf("row %v: %v and %v", x[i:i+f], pa, pb)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, operator := range []Operator{Classifier, Ensemble} {
		for _, c := range []struct{ gaps, medians bool }{{false, false}, {true, false}, {true, true}} {
			m, x := grown(t, c.gaps, c.medians)
			var b bytes.Buffer
			if err := Export(&b, m, operator); err != nil {
				t.Fatal(err)
			}
			back, err := Import(&b, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(back.Features, m.Features) || !slices.Equal(back.Classes, m.Classes) || back.Meta.Profile != "cic-fixed" {
				t.Errorf("%s: features %q, classes %q, profile %q", operator, back.Features, back.Classes, back.Meta.Profile)
			}
			same(t, m, back, x)
			if operator == Classifier && back.Nodes[0].Cover != m.Nodes[0].Cover {
				t.Errorf("cover %v, was %v", back.Nodes[0].Cover, m.Nodes[0].Cover)
			}
		}
	}
}

// node modes of one split at 2, by what goes to the left of a tree here.
func TestModes(t *testing.T) {
	next, prev := math.Nextafter32(2, 9), math.Nextafter32(2, -9)
	nan := float32(math.NaN())
	for _, c := range []struct {
		mode string
		yes  []float32 // go to the true branch
		no   []float32
	}{
		{"BRANCH_LEQ", []float32{prev, 2}, []float32{next, nan}},
		{"BRANCH_LT", []float32{prev}, []float32{2, next, nan}},
		{"BRANCH_GT", []float32{next}, []float32{prev, 2, nan}},
		{"BRANCH_GTE", []float32{2, next}, []float32{prev, nan}},
	} {
		for _, tracks := range []bool{false, true} {
			e := &ensemble{classes: []string{"no", "yes"}, roots: []int{0}, leaves: [][]vote{{{1, 1}}, {{0, 1}}}}
			e.nodes = []node{{mode: c.mode, split: 2, yes: 1, no: 2, missingTrue: tracks}, {mode: "LEAF", leaf: 0}, {mode: "LEAF", leaf: 1}}
			m := &forest.Model{Features: []string{"x"}, Classes: e.classes}
			if err := e.grow(m); err != nil {
				t.Fatal(err)
			}
			if err := m.Compile(); err != nil {
				t.Fatal(err)
			}
			proba := make([]float32, 2)
			for _, x := range append(slices.Clone(c.yes), c.no...) {
				want := slices.Contains(c.yes, x) || (x != x && tracks)
				if got := m.Predict([]float32{x}, proba) == 1; got != want {
					t.Errorf("%s, missing tracks true %v: %v goes %v, want %v", c.mode, tracks, x, got, want)
				}
			}
		}
	}
}

func TestRounding(t *testing.T) {
	for _, v := range []float64{0, 1, 0.1, -0.1, 1e-50, -1e-50, 1e300, -1e300, 16777217, math.Inf(1), math.Inf(-1)} {
		d, b := down(v), below(v)
		if float64(d) > v || (float64(math.Nextafter32(d, float32(math.Inf(1)))) <= v && d != float32(math.Inf(1))) {
			t.Errorf("down(%v) = %v", v, d)
		}
		if v > math.Inf(-1) && float64(b) >= v {
			t.Errorf("below(%v) = %v", v, b)
		}
	}
}

func TestRefusals(t *testing.T) {
	m, _ := grown(t, false, false)
	var b bytes.Buffer
	if err := Export(&b, m, Classifier); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{ // same lengths, so that the bytes stay a message
		"BRANCH_LEQ":             "BRANCH_NEQ",
		"TreeEnsembleClassifier": "TreeEnsembleRegressors",
	} {
		changed := bytes.ReplaceAll(b.Bytes(), []byte(from), []byte(to))
		_, err := Import(bytes.NewReader(changed), nil)
		var u *UnsupportedError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), to) {
			t.Errorf("%s: %v", to, err)
		}
	}
	if _, err := Import(bytes.NewReader(b.Bytes()), []string{"too", "few"}); err == nil {
		t.Error("two names for five columns pass")
	}
	if _, err := Import(strings.NewReader("no model at all"), nil); err == nil {
		t.Error("text passes")
	}
}

// FuzzImport: any bytes give a model that works, or an error. The seeds are small,
// because a fuzzer spends its time on shortening large ones.
func FuzzImport(f *testing.F) {
	for _, operator := range []Operator{Classifier, Ensemble} {
		m := &forest.Model{Features: []string{"a", "b"}, Classes: []string{"x", "y"}, Dists: []float32{1, 0, 0.25, 0.75}, Roots: []int32{0, 3}}
		m.Nodes = []forest.Node{
			{Feature: 1, Threshold: 2, Next: 2, MissingLeft: true}, {Feature: forest.Leaf, Cover: 3}, {Feature: forest.Leaf, Next: 1, Cover: 1},
			{Feature: forest.Leaf, Cover: 4},
		}
		if operator == Ensemble {
			m.Meta.Medians = []float32{1, 2}
		}
		var b bytes.Buffer
		if err := Export(&b, m, operator); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Import(bytes.NewReader(b), nil)
		if err != nil {
			return
		}
		x, proba := make([]float32, 9*len(m.Features)), make([]float32, 9*len(m.Classes))
		m.PredictBatch(x, proba)
		m.Explain(x[:len(m.Features)], 0, make([]float64, len(m.Features)))
	})
}
