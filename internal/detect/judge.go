package detect

import (
	"fmt"
	"slices"

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
	waiting []wait
	proba   []float32
	singles map[feature.Single]Verdict
	ports   bool // the model looks at the source port
}

// wait is an event whose vector waits, and whether others share its verdict.
type wait struct {
	event  int
	key    feature.Single
	single bool
}

// maxSingles bounds the verdicts on flows of one packet that are kept. In a flood,
// flows are alike: looking a verdict up replaces a walk down every tree.
const maxSingles = 4096

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
		singles: make(map[feature.Single]Verdict),
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
	if port, ok := s.Lookup("Src Port"); ok {
		j.ports = slices.Contains(columns, port)
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
		w := wait{event: base + i}
		if w.key, w.single = feature.SingleOf(&events[i].Record); w.single {
			if !j.ports {
				w.key.SrcPort = 0
			}
			if v, ok := j.singles[w.key]; ok {
				out[base+i] = v
				continue
			}
		}
		n := len(j.rows)
		j.rows = slices.Grow(j.rows, len(j.columns))[:n+len(j.columns)]
		j.schema.Vector(&events[i].Record, j.columns, j.rows[n:])
		j.waiting = append(j.waiting, w)
	}
	j.predict(out)
	return out
}

// predict asks the forest about the rows that wait.
func (j *Judge) predict(out []Verdict) {
	if len(j.waiting) == 0 {
		return
	}
	k := len(j.classes)
	j.proba = slices.Grow(j.proba[:0], len(j.waiting)*k)[:len(j.waiting)*k]
	j.model.PredictBatch(j.rows, j.proba)
	for n, w := range j.waiting {
		out[w.event] = j.verdict(j.proba[n*k : (n+1)*k])
		if !w.single {
			continue
		}
		if len(j.singles) >= maxSingles {
			clear(j.singles)
		}
		j.singles[w.key] = out[w.event]
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
