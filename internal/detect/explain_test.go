package detect

import (
	"math"
	"math/rand/v2"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/forest"
)

// stump is a model of one split: many packets forward are dos.
func stump(t *testing.T) *Judge {
	t.Helper()
	m := &forest.Model{
		Meta:     forest.Meta{Profile: "cic-fixed", Ranges: []forest.Range{{Low: 1, Median: 2, High: 9}, {Low: 0, High: 1e6}, {Low: 50, Median: 60, High: 70}, {Low: 3000, High: 2.5e6}}},
		Features: []string{"Total Fwd Packet", "Flow Duration"},
		Classes:  []string{"benign", "dos"},
		Roots:    []int32{0},
		Nodes: []forest.Node{
			{Feature: 0, Threshold: 20, Cover: 100, Next: 2},
			{Feature: forest.Leaf, Cover: 75, Next: 0},
			{Feature: forest.Leaf, Cover: 25, Next: 1},
		},
		Dists: []float32{1, 0, 0, 1},
	}
	if err := m.Compile(); err != nil {
		t.Fatal(err)
	}
	j, err := NewJudge(m, flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestExplainAddsUpToTheProbability(t *testing.T) {
	j := stump(t)
	given := make([]float64, feature.For(flow.CICFixed).Len())
	at, _ := feature.For(flow.CICFixed).Indices([]string{"Total Fwd Packet", "Flow Duration"})
	given[at[0]], given[at[1]] = 55, 1500
	e, err := j.Explain(&flow.Record{Given: given}, "")
	if err != nil {
		t.Fatal(err)
	}
	sum := e.Base
	for _, c := range e.Causes {
		sum += c.Moved
	}
	if e.Class != attack.DoS || math.Abs(sum-e.Probability) > 1e-6 || math.Abs(e.Base-0.25) > 1e-6 {
		t.Errorf("%+v: base and contributions are %v", e, sum)
	}
	c := e.Causes[0]
	if c.Feature != "Total Fwd Packet" || math.Abs(c.Moved-0.75) > 1e-6 {
		t.Errorf("first cause: %+v", c)
	}
	if usual := c.Benign; usual.Low != 1 || usual.High != 9 || c.Class.Low != 50 || c.Class.High != 70 {
		t.Errorf("usual ranges: %+v and %+v", c.Benign, c.Class)
	}
	benign, err := j.Explain(&flow.Record{Given: given}, attack.Benign)
	if err != nil || benign.Probability != 0 || benign.Causes[0].Moved >= 0 {
		t.Errorf("the other class: %+v, %v", benign, err)
	}
	if _, err := j.Explain(&flow.Record{Given: given}, attack.Bot); err == nil {
		t.Error("a class that the model does not know must be refused")
	}
}

// BenchmarkExplain explains verdicts of the bundled model.
func BenchmarkExplain(b *testing.B) {
	m, err := Bundled()
	if err != nil {
		b.Skip(err)
	}
	j, err := NewJudge(m, flow.CICFixed)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	records := make([]flow.Record, 64)
	for i := range records {
		records[i].Given = make([]float64, feature.For(flow.CICFixed).Len())
		for c := range records[i].Given {
			records[i].Given[c] = math.Exp(12 * rng.Float64()) // as flow numbers lie: over many magnitudes
		}
	}
	n := 0
	for b.Loop() {
		if _, err := j.Explain(&records[n%len(records)], ""); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
