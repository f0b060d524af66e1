package training

import (
	"context"
	"math"

	"firetower/internal/dataset"
	"firetower/internal/score"
)

// fold is one round of cross-validation: the steps fitted on its training rows, and
// the rows to judge by.
type fold struct {
	*binned
	test  []int32
	truth []uint8
	order []int // columns by rank after elimination; nil: as they come
}

// folds cuts the rows into k parts and prepares each round on its own training rows
// only, so that neither medians nor selection nor SMOTE have seen a row they are
// judged by.
func (r *run) folds(ctx context.Context, rows []int32) ([]*fold, error) {
	dealt := dataset.Stratify(r.table.Y, rows, r.recipe.Folds, r.recipe.Seed)
	var out []*fold
	for k := range r.recipe.Folds {
		var train, test []int32
		for i, row := range rows {
			if dealt.Of[i] == k {
				test = append(test, row)
			} else {
				train = append(train, row)
			}
		}
		b, err := prepare(r.table, train, &r.recipe).bin(ctx, r.recipe.Forest.config(r.recipe.Seed, 0))
		if err != nil {
			return nil, err
		}
		out = append(out, &fold{binned: b, test: test, truth: r.table.ClassesOf(test)})
	}
	return out, nil
}

// accuracy is the share of the fold's own rows that f gets right.
func (d *fold) accuracy(t *dataset.Table, f *fitted) float64 {
	proba := f.predict(t, d.test)
	right, k := 0, len(dataset.Classes())
	for i, y := range d.truth {
		if score.Argmax(proba[i*k:(i+1)*k]) == int(y) {
			right++
		}
	}
	return float64(right) / float64(max(1, len(d.truth)))
}

// Trial is one value of a setting with its accuracy over the folds.
type Trial struct {
	Value    int       `json:"value"`
	Mean     float64   `json:"mean"`
	StdErr   float64   `json:"std_err"`
	Accuracy []float64 `json:"accuracy"` // by fold
}

func trial(value int, accuracy []float64) Trial {
	t := Trial{Value: value, Accuracy: accuracy}
	for _, a := range accuracy {
		t.Mean += a / float64(len(accuracy))
	}
	if n := float64(len(accuracy)); n > 1 {
		squares := 0.0
		for _, a := range accuracy {
			squares += (a - t.Mean) * (a - t.Mean)
		}
		t.StdErr = math.Sqrt(squares / (n - 1) / n)
	}
	return t
}

// Choice is a sweep over a setting and the value chosen from it.
type Choice struct {
	Trials []Trial `json:"trials"` // by rising value
	Chosen int     `json:"chosen"`
	Best   int     `json:"best"` // value with the highest mean
	Limit  float64 `json:"limit"`
	Rule   string  `json:"rule"`
}

// PlateauRule is how the value just before the plateau is found: the
// one-standard-error rule of Breiman, Friedman, Olshen and Stone (1984) with a
// tolerance under it. What comes after may dip by as much again: the best of many
// values owes something to luck, and so does the worst.
const PlateauRule = "x* = min { x : A(x) >= A(b) - m and A(x') >= A(b) - 2m for every x' >= x }, where A is the mean accuracy over the folds, b the value of the highest A, and m the larger of its standard error and the tolerance"

// plateau chooses from trials in rising order of value.
func plateau(trials []Trial, tolerance float64) Choice {
	best := trials[0]
	for _, t := range trials {
		if t.Mean > best.Mean {
			best = t
		}
	}
	c := Choice{Trials: trials, Best: best.Value, Rule: PlateauRule}
	margin := max(best.StdErr, tolerance)
	c.Limit = best.Mean - margin
	c.Chosen = best.Value
	for i := len(trials) - 1; i >= 0 && trials[i].Mean >= c.Limit-margin; i-- {
		if trials[i].Mean >= c.Limit {
			c.Chosen = trials[i].Value
		}
	}
	return c
}
