package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"firetower/internal/training"
)

// recipeOptions choose a recipe and change what is changed most often; a recipe
// file reaches the rest.
type recipeOptions struct {
	preset  string
	file    string
	dump    bool
	changes training.Recipe
	without []string
}

func (o *recipeOptions) flags(f *pflag.FlagSet) {
	c := &o.changes
	f.StringVar(&o.preset, "preset", training.PresetDefault, "recipe to start from: default, sources or paper")
	f.StringVar(&o.file, "recipe", "", "YAML `file` with changes to the preset")
	f.BoolVar(&o.dump, "dump-recipe", false, "print the recipe that would be used and end")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of everything random")
	f.StringVar(&c.Split.By, "split", "random", "how to hold rows out: random, time or group")
	f.Float64Var(&c.Split.Test, "test", 0.3, "share of rows to hold out for testing; 0 trains on all")
	f.StringArrayVar(&c.Split.TestGroups, "test-group", nil, "`group` to hold out with --split group; may be given several times")
	f.StringArrayVar(&c.Exclude, "exclude", nil, "`feature` not to use, beside those the recipe excludes; may be given several times")
	f.Float64Var(&c.Correlation, "correlation", 0, "drop features correlated above this with an earlier one; 0: keep all")
	f.IntVar(&c.Elimination.Features, "features", 0, "features to keep after elimination; 0: found by cross-validation")
	f.IntVar(&c.Forest.Trees, "trees", 0, "number of trees, not swept")
	f.IntVar(&c.Forest.MaxDepth, "max-depth", 0, "depth limit of the trees, not swept; 0: none")
	f.IntVar(&c.Forest.MinLeaf, "min-leaf", 0, "rows that a leaf must hold")
	f.IntVar(&c.Folds, "folds", 0, "folds of cross-validation")
	f.BoolVar(&c.Refit, "refit", false, "train the saved model once more with the held-out rows")
	f.StringSliceVar(&o.without, "without", nil, "`steps` to leave out: "+strings.Join(training.Steps(), ", "))
}

// recipe is the preset, changed by the file, changed by the flags that were given.
func (o *recipeOptions) recipe(cmd *cobra.Command) (training.Recipe, error) {
	r, ok := training.Presets()[o.preset]
	if !ok {
		return r, usagef(cmd, "--preset: there is no preset %q; use default, sources or paper", o.preset)
	}
	if o.file != "" {
		err := withFile(o.file, "a recipe such as --dump-recipe prints", func(f *os.File) error { return r.Read(f) })
		if err != nil {
			return r, err
		}
	}
	c := &o.changes
	for flag, apply := range map[string]func(){
		"seed":        func() { r.Seed = c.Seed },
		"split":       func() { r.Split.By = c.Split.By },
		"test":        func() { r.Split.Test = c.Split.Test },
		"test-group":  func() { r.Split.TestGroups = c.Split.TestGroups; r.Split.By = "group" },
		"exclude":     func() { r.Exclude = append(slices.Clone(r.Exclude), c.Exclude...) },
		"correlation": func() { r.Correlation = c.Correlation },
		"features":    func() { r.Elimination.Features = c.Elimination.Features },
		"trees":       func() { r.Forest.Trees = c.Forest.Trees; r.Trees.On = false },
		"max-depth":   func() { r.Forest.MaxDepth = c.Forest.MaxDepth; r.Depth.On = false },
		"min-leaf":    func() { r.Forest.MinLeaf = c.Forest.MinLeaf },
		"folds":       func() { r.Folds = c.Folds },
		"refit":       func() { r.Refit = c.Refit },
	} {
		if cmd.Flags().Changed(flag) {
			apply()
		}
	}
	for _, step := range o.without {
		if !r.Without(step) {
			return r, usagef(cmd, "--without: there is no step %q; there are %s", step, strings.Join(training.Steps(), ", "))
		}
	}
	if err := r.Check(); err != nil {
		return r, usageError{cmd.CommandPath(), fmt.Errorf("%w", err)}
	}
	return r, nil
}
