package training

import (
	"fmt"
	"slices"
	"strings"

	"firetower/internal/dataset"
	"firetower/internal/forest"
)

// Evaluate measures any model on all rows of a table.
func Evaluate(m *forest.Model, t *dataset.Table) (*Metrics, error) {
	if err := m.Require(t.Profile, ""); err != nil {
		return nil, err
	}
	f := &fitted{model: m}
	var lacking []string
	for _, name := range m.Features {
		c := t.Column(name)
		if c < 0 {
			lacking = append(lacking, name)
		}
		f.columns = append(f.columns, c)
	}
	if lacking != nil {
		return nil, fmt.Errorf("the model looks at features that the data does not have: %s", strings.Join(lacking, ", "))
	}
	for _, name := range m.Classes {
		i := slices.Index(dataset.Classes(), name)
		if i < 0 {
			return nil, fmt.Errorf("the model knows a class %q that is none of %s", name, strings.Join(dataset.Classes(), ", "))
		}
		f.classes = append(f.classes, uint8(i))
	}
	e, err := evaluate(t.Y, f.predict(t, t.All()), m.Meta.Seed)
	if err != nil {
		return nil, err
	}
	s := m.Meta.Settings
	return &Metrics{
		MacroF1: e.MacroF1, Accuracy: e.Accuracy, Classes: e.Classes, Features: m.Features,
		MaxDepth: s.MaxDepth, NEstimators: len(m.Roots), Seed: m.Meta.Seed, Rows: t.Rows(),
		Profile: m.Meta.Profile, Fingerprint: m.Meta.DataFingerprint, Test: e, Account: t.Account,
	}, nil
}
