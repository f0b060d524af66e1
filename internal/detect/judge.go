package detect

import (
	"fmt"
	"math"

	"firetower/internal/attack"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/forest"
)

// Judge gives flows the verdict of one model. It is not safe for concurrent use;
// any number of judges may share a model.
type Judge struct {
	model   *forest.Model
	schema  *feature.Schema
	columns []int // of the schema, in the model's order
	classes []attack.Class
	benign  int // class index of benign, -1 if the model has none

	rows    []float32 // vectors that wait for the forest
	waiting []int     // the event of each
	proba   []float32
	cache   []cached
	vector  []float32
}

// cached is the verdict on a vector seen before. In a flood, flows are alike: one
// look at the cache replaces a walk down every tree.
type cached struct {
	vector  []float32
	verdict Verdict
}

// cacheSize is a power of two; each vector has one place in the cache.
const cacheSize = 1024

// NewJudge makes a judge for flows metered by the given profile. It refuses, by
// name, a model that was trained on another profile, on features that are not in
// the schema, or on classes that are none.
func NewJudge(m *forest.Model, profile flow.Profile) (*Judge, error) {
	s := feature.For(profile)
	if err := m.Require(profile.String(), ""); err != nil {
		return nil, err
	}
	columns, err := s.Indices(m.Features)
	if err != nil {
		return nil, fmt.Errorf("model: %w: retrain it with this program", err)
	}
	j := &Judge{
		model: m, schema: s, columns: columns, benign: -1,
		classes: make([]attack.Class, len(m.Classes)),
		cache:   make([]cached, cacheSize),
		vector:  make([]float32, len(columns)),
	}
	for i, name := range m.Classes {
		c, ok := attack.Parse(name)
		if !ok {
			return nil, fmt.Errorf("model: class %q is none of the nine: map its labels to them and retrain", name)
		}
		if c == attack.Benign {
			j.benign = i
		}
		j.classes[i] = c
	}
	return j, nil
}

// Model is the model that the judge judges by.
func (j *Judge) Model() *forest.Model { return j.model }

// Judge appends a verdict for each event to out: the forest's for flows that have
// ended, a zero one for the others.
func (j *Judge) Judge(events []flow.Event, out []Verdict) []Verdict {
	base := len(out)
	j.rows, j.waiting = j.rows[:0], j.waiting[:0]
	for i := range events {
		out = append(out, Verdict{})
		if events[i].Kind != flow.Ended {
			continue
		}
		j.schema.Vector(&events[i].Record, j.columns, j.vector)
		if c := &j.cache[hash(j.vector)]; same(c.vector, j.vector) {
			out[base+i] = c.verdict
			continue
		}
		j.rows = append(j.rows, j.vector...)
		j.waiting = append(j.waiting, base+i)
	}
	j.predict(out)
	return out
}

// predict asks the forest about the rows that wait.
func (j *Judge) predict(out []Verdict) {
	k, f := len(j.classes), len(j.columns)
	if n := len(j.waiting) * k; cap(j.proba) < n {
		j.proba = make([]float32, n)
	}
	j.model.PredictBatch(j.rows, j.proba[:len(j.waiting)*k])
	for n, i := range j.waiting {
		out[i] = j.verdict(j.proba[n*k : (n+1)*k])
		row := j.rows[n*f : (n+1)*f]
		c := &j.cache[hash(row)]
		c.vector, c.verdict = append(c.vector[:0], row...), out[i]
	}
}

func (j *Judge) verdict(proba []float32) Verdict {
	best := 0
	for i, p := range proba {
		if p > proba[best] {
			best = i
		}
	}
	v := Verdict{Class: j.classes[best], Probability: float64(proba[best])}
	if j.benign >= 0 {
		v.Benign = float64(proba[j.benign])
	}
	return v
}

func hash(v []float32) uint32 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, x := range v {
		h = (h ^ uint64(math.Float32bits(x))) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return uint32(h) & (cacheSize - 1)
}

// same compares bit by bit, so that a missing value equals itself.
func same(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
