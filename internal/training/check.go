package training

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"firetower/internal/dataset"
)

// Check refuses settings that make no sense, naming the field as in the recipe
// file.
func (r *Recipe) Check() error {
	switch {
	case r.Folds < 2 && (r.Elimination.On || r.Depth.On || r.Trees.On):
		return fmt.Errorf("recipe: folds must be at least 2, not %d", r.Folds)
	case r.Correlation < 0 || r.Correlation > 1:
		return fmt.Errorf("recipe: correlation must be from 0 to 1, not %g", r.Correlation)
	case r.SMOTE.On && r.SMOTE.Neighbours < 1:
		return errors.New("recipe: smote.neighbours must be at least 1")
	case r.Elimination.On && (r.Elimination.Trees < 1 || r.Elimination.Features < 0):
		return errors.New("recipe: elimination.trees must be at least 1 and elimination.features not negative")
	case r.Forest.Trees < 1 || r.Forest.MaxDepth < 0 || r.Forest.MinLeaf < 0:
		return errors.New("recipe: forest.trees must be at least 1, forest.max_depth and forest.min_leaf not negative")
	case r.SelectionRows < 0:
		return errors.New("recipe: selection_rows must not be negative")
	case r.Forest.BenignWeight < 0:
		return errors.New("recipe: forest.benign_weight must not be negative")
	case r.SMOTE.On && !r.Medians:
		return errors.New("recipe: smote needs medians: it cannot interpolate missing values")
	case r.Forest.ClusterBootstrap && r.SMOTE.On:
		return errors.New("recipe: smote and forest.cluster_bootstrap exclude each other: a row between two rows comes from no group")
	case r.Forest.ClusterBootstrap && !r.Forest.Bootstrap:
		return errors.New("recipe: forest.cluster_bootstrap needs forest.bootstrap")
	}
	for name, s := range map[string]Sweep{"depth": r.Depth, "trees": r.Trees} {
		if s.On && (s.From < 1 || s.To < s.From) {
			return fmt.Errorf("recipe: %s must run from at least 1 upwards, not from %d to %d", name, s.From, s.To)
		}
	}
	return nil
}

// usable refuses, before any work is done, a table that no classifier can be made of.
func usable(t *dataset.Table) error {
	files := strings.Join(t.Account.Files, ", ")
	if n := len(t.Account.Files); n > 3 {
		files = fmt.Sprintf("%s and %d more files", strings.Join(t.Account.Files[:3], ", "), n-3)
	}
	classes := t.ClassCounts()
	only := slices.IndexFunc(classes, func(n int) bool { return n > 0 })
	if only >= 0 && classes[only] == t.Rows() {
		return fmt.Errorf("%s: every row is of class %q: a classifier needs rows of at least two classes; add flows of another with --data, or map labels otherwise with --labels",
			files, dataset.Classes()[only])
	}
	empty := func(column []float32) bool {
		return !slices.ContainsFunc(column, func(v float32) bool { return !dataset.Missing(v) })
	}
	if !slices.ContainsFunc(t.X, func(column []float32) bool { return !empty(column) }) {
		return fmt.Errorf("%s: every value of every feature is missing: there is nothing to train on; meter the captures with 'firetower flows'", files)
	}
	return nil
}
