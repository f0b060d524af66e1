package training

import (
	"context"
	"slices"
)

// Elimination is recursive feature elimination (Guyon, Weston, Barnhill, Vapnik
// 2002) with a forest as the base model: train, drop the feature of least
// importance, again.
type Elimination struct {
	On       bool `yaml:"enabled"`
	Trees    int  `yaml:"trees"` // of the base model
	MaxDepth int  `yaml:"max_depth"`
	// Features is how many to keep; 0 finds the number by cross-validation.
	Features int `yaml:"features"`
}

// eliminate ranks the columns of b, the last to be dropped first. Each tree sees at most
// as many rows as take part in cross-validation, drawn from all. watch, if not
// nil, sees each forest on its way, with the number of its features.
func (r *run) eliminate(ctx context.Context, b *binned, watch func(features int, f *fitted)) ([]int, error) {
	cfg := r.recipe.Forest.config(r.recipe.Seed, 0)
	e := r.recipe.Elimination
	cfg.Trees, cfg.MaxDepth, cfg.MaxSamples = e.Trees, e.MaxDepth, r.recipe.SelectionRows
	var left []int
	for i := range b.x {
		left = append(left, i)
	}
	var dropped []int
	for len(left) > 0 {
		f, err := b.grow(ctx, cfg, left)
		if err != nil {
			return nil, err
		}
		if watch != nil {
			watch(len(left), f)
		}
		least := 0
		for i, v := range f.importances {
			if v <= f.importances[least] {
				least = i
			}
		}
		dropped = append(dropped, left[least])
		left = slices.Delete(left, least, least+1)
	}
	slices.Reverse(dropped)
	return dropped, nil
}

// selectFeatures ranks the features on every fold, takes the number of them just
// before the plateau, and ranks them once more on all training rows.
func (r *run) selectFeatures(ctx context.Context, folds []*fold, all *binned) error {
	most := 0
	accuracy := make([]map[int]float64, len(folds))
	for i, d := range folds {
		accuracy[i] = map[int]float64{}
		order, err := r.eliminate(ctx, d.binned, func(n int, f *fitted) { accuracy[i][n] = d.accuracy(r.table, f) })
		if err != nil {
			return err
		}
		d.order = order
		most = max(most, len(order))
		r.progress("eliminating features", i+1, len(folds)+1)
	}
	if r.result.FeatureCount == nil && len(folds) > 0 {
		c := plateau(r.byCount(accuracy, most), r.recipe.Tolerance)
		r.result.FeatureCount = &c
	}
	order, err := r.eliminate(ctx, all, nil)
	if err != nil {
		return err
	}
	r.progress("eliminating features", len(folds)+1, len(folds)+1)
	for _, c := range order {
		r.result.Ranking = append(r.result.Ranking, all.names[c])
	}
	keep := r.recipe.Elimination.Features
	if keep == 0 {
		keep = r.result.FeatureCount.Chosen
	}
	r.order = order[:min(keep, len(order))]
	for _, d := range folds {
		d.order = d.order[:min(keep, len(d.order))]
	}
	return nil
}

// byCount gives the accuracy by number of features. A fold that has fewer features
// than another stays at what it reaches with all of them.
func (r *run) byCount(accuracy []map[int]float64, most int) []Trial {
	var trials []Trial
	for n := 1; n <= most; n++ {
		of := make([]float64, len(accuracy))
		for i, a := range accuracy {
			for m := n; m > 0; m-- {
				if v, ok := a[m]; ok {
					of[i] = v
					break
				}
			}
		}
		trials = append(trials, trial(n, of))
	}
	return trials
}
