package detect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/forest"
)

// Cause is one feature and how far it moved a verdict.
type Cause struct {
	Feature string  `json:"feature"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit,omitempty"`
	Meaning string  `json:"meaning"`
	// Moved is by how much it raised the probability of the class: its SHAP value.
	Moved float64 `json:"moved"`
	// Class and Benign are what was usual in training, 5th to 95th percentile, in
	// the class and in benign flows; nil if the model does not know.
	Class  *forest.Range `json:"usual_in_class,omitempty"`
	Benign *forest.Range `json:"usual_in_benign,omitempty"`
}

// Explanation is why a flow was given a probability of a class. Base and all Moved
// together are the probability.
type Explanation struct {
	Class       attack.Class `json:"class"`
	Probability float64      `json:"probability"`
	Base        float64      `json:"base"` // mean over the training rows
	Causes      []Cause      `json:"causes"`
}

// Explain tells what moved the probability of a class for a flow, the features that
// moved it farthest first. class "" is the one that the verdict gives.
func (j *Judge) Explain(r *flow.Record, class attack.Class) (Explanation, error) {
	x := make([]float32, len(j.columns))
	j.schema.Vector(r, j.columns, x)
	proba := make([]float32, len(j.classes))
	k := j.model.Predict(x, proba)
	if class != "" {
		if k = slices.Index(j.classes, class); k < 0 {
			return Explanation{}, fmt.Errorf("the model knows no class %q; it knows %v", class, j.classes)
		}
	}
	moved := make([]float64, len(x))
	e := Explanation{Class: j.classes[k], Probability: float64(proba[k]), Base: j.model.Explain(x, k, moved)}
	for i, m := range moved {
		c := j.schema.Feature(j.columns[i])
		e.Causes = append(e.Causes, Cause{
			Feature: j.model.Features[i], Value: j.schema.Value(r, j.columns[i]), Unit: c.Unit, Meaning: c.Doc, Moved: m,
			Class: j.usual(k, i), Benign: j.usual(j.benign, i),
		})
	}
	slices.SortStableFunc(e.Causes, func(a, b Cause) int { return cmp.Compare(math.Abs(b.Moved), math.Abs(a.Moved)) })
	return e, nil
}

// usual is the range of a feature in a class of the model.
func (j *Judge) usual(class, feature int) *forest.Range {
	at := class*len(j.columns) + feature
	if class < 0 || at >= len(j.model.Meta.Ranges) {
		return nil
	}
	return &j.model.Meta.Ranges[at]
}

// Sentence says a cause in words: what was seen, what is usual, and what follows.
func (c *Cause) Sentence(class attack.Class) string {
	s := fmt.Sprintf("%s is %s", c.Feature, amount(c.Value, c.Unit))
	if c.Benign != nil && class != attack.Benign {
		s += fmt.Sprintf("; benign flows usually have %s", span(c.Benign, c.Unit))
	}
	if c.Class != nil {
		s += fmt.Sprintf("; %s usually has %s", class, span(c.Class, c.Unit))
	}
	way := "speaks for"
	if c.Moved < 0 {
		way = "speaks against"
	}
	return fmt.Sprintf("%s: %s %s", s, way, class)
}

func span(r *forest.Range, unit string) string {
	low, high := amount(float64(r.Low), unit), amount(float64(r.High), unit)
	if r.Low == r.High {
		return low
	}
	return strings.TrimSuffix(low, " "+unit) + " to " + high // times may differ in unit
}

// amount prints a number with as many digits as people read, and times in a unit
// they know.
func amount(v float64, unit string) string {
	if unit == "µs" {
		switch a := math.Abs(v); {
		case a >= 1e6:
			v, unit = v/1e6, "s"
		case a >= 1e3:
			v, unit = v/1e3, "ms"
		}
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if v != math.Trunc(v) {
		s = strconv.FormatFloat(v, 'g', 4, 64)
	}
	if unit != "" {
		s += " " + unit
	}
	return s
}
