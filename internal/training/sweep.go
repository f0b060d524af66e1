package training

import (
	"context"
	"fmt"

	"firetower/internal/forest"
)

// sweepDepth tries every depth limit of the recipe with the base number of trees.
func (r *run) sweepDepth(ctx context.Context, folds []*fold) error {
	s := r.recipe.Depth
	trials := make([]Trial, 0, s.To-s.From+1)
	for depth := s.From; depth <= s.To; depth++ {
		f := r.recipe.Forest
		f.Trees, f.MaxDepth = r.recipe.Elimination.Trees, depth
		accuracy := make([]float64, len(folds))
		for i, d := range folds {
			m, err := d.grow(ctx, f.config(r.recipe.Seed, 0), d.order)
			if err != nil {
				return err
			}
			accuracy[i] = d.accuracy(r.table, m)
		}
		trials = append(trials, trial(depth, accuracy))
		r.progress("trying depths", depth-s.From+1, s.To-s.From+1)
	}
	c := plateau(trials, r.recipe.Tolerance)
	r.result.Depth, r.recipe.Forest.MaxDepth = &c, c.Chosen
	return nil
}

// sweepTrees tries every number of trees at the chosen depth. A tree depends on its
// number only, so the forest of n trees is the first n of the largest.
func (r *run) sweepTrees(ctx context.Context, folds []*fold) error {
	s := r.recipe.Trees
	f := r.recipe.Forest
	f.Trees = s.To
	accuracy := make([][]float64, s.To-s.From+1)
	for i, d := range folds {
		all, err := d.grow(ctx, f.config(r.recipe.Seed, 0), d.order)
		if err != nil {
			return err
		}
		for n := s.From; n <= s.To; n++ {
			part, err := first(all, n)
			if err != nil {
				return err
			}
			accuracy[n-s.From] = append(accuracy[n-s.From], d.accuracy(r.table, part))
		}
		r.progress("trying numbers of trees", i+1, len(folds))
	}
	var trials []Trial
	for i, a := range accuracy {
		trials = append(trials, trial(s.From+i, a))
	}
	c := plateau(trials, r.recipe.Tolerance)
	r.result.Trees, r.recipe.Forest.Trees = &c, c.Chosen
	return nil
}

// first is the forest of the first n trees.
func first(all *fitted, n int) (*fitted, error) {
	m := all.model
	if n > len(m.Roots) {
		return nil, fmt.Errorf("training: %d trees wanted of %d", n, len(m.Roots))
	}
	end := len(m.Nodes)
	if n < len(m.Roots) {
		end = int(m.Roots[n])
	}
	part := &forest.Model{
		Meta: m.Meta, Features: m.Features, Classes: m.Classes,
		Roots: m.Roots[:n], Nodes: m.Nodes[:end], Dists: m.Dists,
	}
	if err := part.Compile(); err != nil {
		return nil, err
	}
	return &fitted{part, all.columns, all.classes, nil}, nil
}
