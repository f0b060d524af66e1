package detect

import (
	"cmp"
	"fmt"
	"math"
	"slices"

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
