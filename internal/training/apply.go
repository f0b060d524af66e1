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
	f, err := applied(m, t)
	if err != nil {
		return nil, err
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

// Apply gives the probabilities of all nine classes, row by row, in the order of
// dataset.Classes.
func Apply(m *forest.Model, t *dataset.Table) ([]float32, error) {
	f, err := applied(m, t)
	if err != nil {
		return nil, err
	}
	return f.predict(t, t.All()), nil
}

// applied finds the model's features in the table and its classes among the nine.
func applied(m *forest.Model, t *dataset.Table) (*fitted, error) {
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
	return f, nil
}
