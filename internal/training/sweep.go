package training

import (
	"context"

	"firetower/internal/forest"
)

// sweepDepth tries every depth limit of the recipe with the base number of trees: one
// forest a fold, grown to the largest and cut off at each.
func (r *run) sweepDepth(ctx context.Context, folds []*fold) error {
	f := r.recipe.Forest
	f.Trees, f.MaxDepth = r.recipe.Elimination.Trees, r.recipe.Depth.To
	c, err := r.sweep(ctx, "trying depths", r.recipe.Depth, f, folds, (*forest.Model).Cut)
	if err == nil {
		r.result.Depth, r.recipe.Forest.MaxDepth = c, c.Chosen
	}
	return err
}

// sweepTrees tries every number of trees at the chosen depth: the first of one forest.
func (r *run) sweepTrees(ctx context.Context, folds []*fold) error {
	f := r.recipe.Forest
	f.Trees = r.recipe.Trees.To
	c, err := r.sweep(ctx, "trying numbers of trees", r.recipe.Trees, f, folds, (*forest.Model).First)
	if err == nil {
		r.result.Trees, r.recipe.Forest.Trees = c, c.Chosen
	}
	return err
}

// sweep grows the largest forest on each fold and judges its part for every value.
func (r *run) sweep(ctx context.Context, what string, s Sweep, largest Forest, folds []*fold, part func(*forest.Model, int) (*forest.Model, error)) (*Choice, error) {
	accuracy := make([][]float64, s.To-s.From+1)
	for i, d := range folds {
		all, err := d.grow(ctx, largest.config(r.recipe.Seed, 0), d.order)
		if err != nil {
			return nil, err
		}
		for j := range accuracy {
			m, err := part(all.model, s.From+j)
			if err != nil {
				return nil, err
			}
			accuracy[j] = append(accuracy[j], d.accuracy(r.table, &fitted{m, all.columns, all.classes, nil}))
		}
		r.progress(what, i+1, len(folds))
	}
	var trials []Trial
	for j, a := range accuracy {
		trials = append(trials, trial(s.From+j, a))
	}
	c := plateau(trials, r.recipe.Tolerance)
	return &c, nil
}
