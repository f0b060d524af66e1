package training

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/dataset"
	"firetower/internal/forest"
)

// Watch follows a training run. Any field may be nil.
type Watch struct {
	Step     func(Step)
	Progress func(what string, done, of int)
}

// Step is one step that was taken and what it did.
type Step struct {
	Name    string  `json:"name"`
	Did     string  `json:"did"`
	Seconds float64 `json:"seconds"`
}

// Result is a trained model and everything that the report tells about it.
type Result struct {
	Recipe      Recipe
	Profile     string
	SchemaHash  string
	Account     dataset.Account
	Labels      map[string]int // rows by label as the files spell it
	Fingerprint string
	Steps       []Step
	SplitAbout  string

	Before, After []int // training rows by class, before and after balancing
	Correlation   *Correlation
	Constant      []string
	FeatureCount  *Choice // nil where elimination is off or the number was given
	Ranking       []string
	Depth, Trees  *Choice

	Model       *forest.Model
	Features    []string    // of the model, most important first
	Importances []Important // in that order
	Test        *Evaluation // nil if nothing was held out
	Honesty     Honesty
	Rows        int // trained on
	Seconds     float64
}

// run is one training run under way.
type run struct {
	table   *dataset.Table
	recipe  Recipe
	watch   Watch
	result  *Result
	parts   dataset.Parts
	final   *binned
	order   []int // columns of final in use; nil: all
	fitted  *fitted
	started time.Time
}

// Train carries the recipe out on the table, which it cleans and reorders.
func Train(ctx context.Context, t *dataset.Table, recipe Recipe, w Watch) (*Result, error) {
	if err := recipe.Check(); err != nil {
		return nil, err
	}
	if err := usable(t); err != nil {
		return nil, err
	}
	if recipe.Forest.ClusterBootstrap && len(t.Groups) < 2 {
		return nil, fmt.Errorf("recipe: forest.cluster_bootstrap draws groups and there is only one: give a file for each source and --group file")
	}
	r := &run{table: t, recipe: recipe, watch: w, started: time.Now()}
	r.result = &Result{Profile: t.Profile, SchemaHash: t.SchemaHash}
	for _, step := range []func(context.Context) error{
		r.clean, r.split, r.prepare, r.choose, r.fit, r.evaluate, r.honest, r.finish,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	r.result.Recipe = r.recipe
	r.result.Seconds = time.Since(r.started).Seconds()
	return r.result, nil
}

// note records a step that began at start.
func (r *run) note(start time.Time, name, format string, args ...any) {
	r.noteTook(time.Since(start), name, format, args...)
}

func (r *run) noteTook(took time.Duration, name, format string, args ...any) {
	s := Step{name, fmt.Sprintf(format, args...), took.Seconds()}
	r.result.Steps = append(r.result.Steps, s)
	if r.watch.Step != nil {
		r.watch.Step(s)
	}
}

func (r *run) progress(what string, done, of int) {
	if r.watch.Progress != nil {
		r.watch.Progress(what, done, of)
	}
}

func (r *run) clean(context.Context) error {
	start, n := time.Now(), r.table.Rows()
	r.note(start, "names", "%d features of profile %s recognised by trimmed name; columns that are no features: %s",
		len(r.table.Names), r.table.Profile, orNone(r.table.Account.Ignored))
	if r.recipe.Deduplicate {
		removed := r.table.Deduplicate()
		r.note(start, "duplicates", "%d of %d rows removed, equal in every feature and class to an earlier row", removed, n)
	}
	r.result.Account = r.table.Account
	r.result.Fingerprint = fmt.Sprintf("%016x", r.table.Fingerprint())
	r.result.Labels = map[string]int{}
	for l, n := range r.table.LabelCounts() {
		r.result.Labels[r.table.Labels[l]] += n
	}
	r.note(start, "labels", "%d labels grouped into %d classes", len(r.result.Labels), present(r.table.ClassCounts()))
	return nil
}

func (r *run) split(context.Context) error {
	start := time.Now()
	parts, err := r.table.Split(r.recipe.Split, r.recipe.Seed)
	if err != nil {
		return err
	}
	r.parts = r.table.Arrange(parts)
	r.result.SplitAbout = parts.About
	r.note(start, "split", "%s: %d rows to train on, %d to test on", parts.About, len(r.parts.Train), len(r.parts.Test))
	return nil
}

// prepare fits the steps from medians to SMOTE on all training rows.
func (r *run) prepare(ctx context.Context) error {
	p := prepare(r.table, r.parts.Train, &r.recipe)
	res := r.result
	res.Constant, res.Correlation, res.Before, res.After = p.constant, p.correlation, p.before, p.after
	if r.recipe.Medians {
		r.noteTook(p.took[0], "medians", "%d missing or infinite values replaced by their column's median", p.filled)
	}
	if r.recipe.DropConstant {
		r.noteTook(p.took[1], "one-valued columns", "%d dropped: %s", len(p.constant), orNone(p.constant))
	}
	if c := p.correlation; c != nil {
		r.noteTook(p.took[2], "correlation", "%d of %d features dropped for a Pearson correlation above %g with an earlier one, %d kept",
			len(c.Dropped), len(c.Names), r.recipe.Correlation, len(p.names))
	}
	if r.recipe.SMOTE.On {
		r.noteTook(p.took[3], "SMOTE", "%d synthetic rows added to %d real ones", len(p.y)-len(r.parts.Train), len(r.parts.Train))
	}
	var err error
	r.final, err = p.bin(ctx, r.recipe.Forest.config(r.recipe.Seed, 0))
	return err
}

// choose finds the features, the depth and the number of trees by cross-validation
// within the training rows.
func (r *run) choose(ctx context.Context) error {
	e := r.recipe.Elimination
	if !e.On && !r.recipe.Depth.On && !r.recipe.Trees.On {
		return nil
	}
	start := time.Now()
	rows := dataset.Sample(r.table.Y, r.parts.Train, r.recipe.SelectionRows, 50, r.recipe.Seed)
	folds, err := r.folds(ctx, rows)
	if err != nil {
		return err
	}
	if e.On {
		if err := r.selectFeatures(ctx, folds, r.final); err != nil {
			return err
		}
		r.note(start, "feature elimination", "%d features kept of %d, ranked on %d folds of %d rows", len(r.order), len(r.final.x), len(folds), len(rows))
	}
	if r.recipe.Depth.On {
		start = time.Now()
		if err := r.sweepDepth(ctx, folds); err != nil {
			return err
		}
		r.note(start, "max depth", "%d, just before the plateau; the best mean accuracy is at %d", r.result.Depth.Chosen, r.result.Depth.Best)
	}
	if r.recipe.Trees.On {
		start = time.Now()
		if err := r.sweepTrees(ctx, folds); err != nil {
			return err
		}
		r.note(start, "number of trees", "%d, just before the plateau; the best mean accuracy is at %d", r.result.Trees.Chosen, r.result.Trees.Best)
	}
	return nil
}

// fit grows the forest on the training rows.
func (r *run) fit(ctx context.Context) error {
	start := time.Now()
	var err error
	f := r.recipe.Forest
	if r.fitted, err = r.final.grow(ctx, f.config(r.recipe.Seed, 0), r.order); err != nil {
		return err
	}
	r.result.Rows = len(r.parts.Train)
	r.note(start, "forest", "%d trees of depth %d on %d features and %d rows", f.Trees, r.fitted.model.Depth(), len(r.fitted.columns), len(r.final.y))
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	out := names[0]
	for _, n := range names[1:] {
		out += ", " + n
	}
	return out
}

func present(counts []int) int {
	n := 0
	for _, c := range counts {
		if c > 0 {
			n++
		}
	}
	return n
}
