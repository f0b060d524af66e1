// Package training takes labelled flows to a forest: the seed paper's pipeline step
// by step, or a shorter one that serves unseen networks better. Every step is
// fitted on training rows only, within cross-validation on those of the fold.
package training

import (
	"firetower/internal/dataset"
	"firetower/internal/forest/grow"
)

// Recipe says what training does, in the order in which it does it. The YAML form
// is the recipe file.
type Recipe struct {
	Preset string `yaml:"preset"`
	Seed   uint64 `yaml:"seed"`

	Deduplicate  bool          `yaml:"deduplicate"`
	Split        dataset.Split `yaml:"split"`
	Exclude      []string      `yaml:"exclude"` // features never to use
	Medians      bool          `yaml:"medians"` // replace missing and infinite values
	DropConstant bool          `yaml:"drop_constant"`
	Correlation  float64       `yaml:"correlation"` // 0: keep correlated features
	SMOTE        SMOTE         `yaml:"smote"`
	Elimination  Elimination   `yaml:"elimination"`
	Depth        Sweep         `yaml:"depth"`
	Trees        Sweep         `yaml:"trees"`
	Forest       Forest        `yaml:"forest"`

	Folds         int     `yaml:"folds"`          // of every cross-validation
	Tolerance     float64 `yaml:"tolerance"`      // of the plateau rule
	SelectionRows int     `yaml:"selection_rows"` // at most so many rows take part in cross-validation, and in a tree of elimination; 0: all
	Refit         bool    `yaml:"refit"`          // train the saved model on the held-out rows too
	LeaveOneOut   bool    `yaml:"leave_one_out"`  // train once without each attack
}

// Forest are the settings of the forest that is saved, as far as no sweep finds
// them.
type Forest struct {
	Trees       int            `yaml:"trees"`
	MaxDepth    int            `yaml:"max_depth"`    // 0: no limit
	MaxFeatures int            `yaml:"max_features"` // tried at each split; 0: the square root
	MinLeaf     int            `yaml:"min_leaf"`
	Criterion   grow.Criterion `yaml:"criterion"`
	Bootstrap   bool           `yaml:"bootstrap"`
	// ClusterBootstrap draws the groups of the table for each tree, and rows within
	// them, so that sources count alike however many rows they have.
	ClusterBootstrap bool `yaml:"cluster_bootstrap"`
	Balanced         bool `yaml:"balanced"` // weigh classes against their frequency
	// BenignWeight multiplies the weight of benign rows: networks are far richer in
	// them than training data is, and a false alarm costs more than a missed flow of
	// an attack that has many. 0 counts as 1.
	BenignWeight float64 `yaml:"benign_weight"`
}

// Sweep tries values of one setting and takes the one just before the plateau.
type Sweep struct {
	On   bool `yaml:"enabled"`
	From int  `yaml:"from"`
	To   int  `yaml:"to"`
}

// The presets by name.
const (
	PresetPaper   = "paper"
	PresetDefault = "default"
	PresetSources = "sources"
)

// Presets are the recipes that come with the program.
func Presets() map[string]Recipe {
	return map[string]Recipe{PresetPaper: Paper(), PresetDefault: Default(), PresetSources: Sources()}
}

// Paper is the pipeline of the seed paper, section 3: everything it states as it
// states it; what it leaves open is chosen here and listed in docs/training.md.
func Paper() Recipe {
	return Recipe{
		Preset: PresetPaper, Seed: 1,
		Deduplicate:  true,
		Split:        dataset.Split{By: dataset.ByRandom, Test: 0.3},
		Medians:      true,
		DropConstant: true,
		Correlation:  0.8,
		SMOTE:        SMOTE{On: true, Neighbours: 5, Most: 100_000},
		Elimination:  Elimination{On: true, Trees: 20, MaxDepth: 16},
		Depth:        Sweep{On: true, From: 1, To: 20},
		Trees:        Sweep{On: true, From: 1, To: 40},
		Forest: Forest{
			Trees: 14, MaxDepth: 8, MinLeaf: 1, Criterion: grow.Gini, Bootstrap: true, Balanced: true,
		},
		Folds: 5, Tolerance: 0.0005, SelectionRows: 200_000, LeaveOneOut: true,
	}
}

// Default is the recipe for networks that the training data has not seen;
// docs/training.md has the experiments behind it.
func Default() Recipe {
	return Recipe{
		Preset: PresetDefault, Seed: 1,
		Deduplicate:  true,
		Split:        dataset.Split{By: dataset.ByRandom, Test: 0.3},
		Exclude:      shortcuts(),
		Medians:      true,
		DropConstant: true,
		Correlation:  0.8,
		Forest: Forest{
			Trees: 50, MaxDepth: 16, MinLeaf: 3, Criterion: grow.Gini, Bootstrap: true, Balanced: true, BenignWeight: 30,
		},
		Folds: 5, Tolerance: 0.0005, SelectionRows: 200_000, Refit: true, LeaveOneOut: true,
	}
}

// Sources is the recipe for data of several networks, a group each: what is measured
// in time and what an operating system puts into its windows tells networks apart
// rather than attacks; the port attacked, a shortcut within one data set, means the
// same in all. docs/training.md has the experiments behind it.
func Sources() Recipe {
	r := Default()
	r.Preset, r.Exclude = PresetSources, append(timed(), windows()...)
	r.Correlation = 0.95
	r.Forest.ClusterBootstrap, r.Forest.Balanced, r.Forest.BenignWeight = true, false, 10
	return r
}

// timed are the columns measured in seconds or by the second.
func timed() []string {
	names := []string{"Flow Duration", "Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s",
		"Fwd Bulk Rate Avg", "Bwd Bulk Rate Avg", "Total Connection Flow Time", "Fwd IAT Total", "Bwd IAT Total"}
	for _, of := range []string{"Flow IAT", "Fwd IAT", "Bwd IAT", "Active", "Idle"} {
		for _, what := range []string{"Mean", "Std", "Max", "Min"} {
			names = append(names, of+" "+what)
		}
	}
	return names
}

func windows() []string { return []string{"FWD Init Win Bytes", "Bwd Init Win Bytes"} }

// shortcuts are the columns that tell the data set's machines and attack tools apart
// rather than attacks: the port attacked, what the operating system puts into the
// first window and its TCP options.
func shortcuts() []string {
	return append(windows(), "Dst Port", "Fwd Seg Size Min", "Bwd Seg Size Min")
}

// config is the grower's form of f.
func (f Forest) config(seed uint64, workers int) grow.Config {
	c := grow.DefaultConfig()
	c.Trees, c.MaxDepth, c.MaxFeatures, c.MinLeaf = f.Trees, f.MaxDepth, f.MaxFeatures, f.MinLeaf
	c.Criterion, c.Bootstrap, c.Balanced = f.Criterion, f.Bootstrap, f.Balanced
	c.Seed, c.Workers = seed, workers
	if w := f.BenignWeight; w > 0 && w != 1 {
		c.ClassWeights = make([]float64, len(dataset.Classes()))
		for i := range c.ClassWeights {
			c.ClassWeights[i] = 1
		}
		c.ClassWeights[0] = w
	}
	return c
}
