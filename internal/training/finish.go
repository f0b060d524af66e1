package training

import (
	"context"
	"fmt"
	"slices"
	"time"

	"firetower/internal/dataset"
	"firetower/internal/forest"
)

// evaluate scores the forest on the held-out rows.
func (r *run) evaluate(context.Context) error {
	start := time.Now()
	r.important()
	if len(r.parts.Test) == 0 {
		return nil
	}
	e, err := evaluate(r.table.ClassesOf(r.parts.Test), r.fitted.predict(r.table, r.parts.Test), r.recipe.Seed)
	if err != nil {
		return err
	}
	r.result.Test = e
	r.note(start, "test", "macro-F1 %.4f (95 %% from %.4f to %.4f), accuracy %.4f, on %d held-out rows",
		e.MacroF1, e.MacroF1CI.Low, e.MacroF1CI.High, e.Accuracy, e.Rows)
	return nil
}

// finish makes the model that is saved: the forest that was tested, or with Refit
// one grown alike on all rows.
func (r *run) finish(ctx context.Context) error {
	rows := r.parts.Train
	if r.recipe.Refit && len(r.parts.Test) > 0 {
		start := time.Now()
		rows = r.table.All()
		f, err := r.refitOn(ctx, rows)
		if err != nil {
			return err
		}
		r.fitted = f
		r.note(start, "refit", "the saved forest was grown once more, alike, on all %d rows", len(rows))
	}
	m := r.fitted.model
	m.Meta.Profile, m.Meta.SchemaHash = r.table.Profile, r.table.SchemaHash
	m.Meta.DataFingerprint, m.Meta.Rows = r.result.Fingerprint, len(rows)
	m.Meta.Ranges = r.ranges(rows)
	m.Meta.Notes = r.notes(len(rows))
	r.result.Model, r.result.Rows = m, len(rows)
	return m.Compile()
}

const rangeRows = 20_000 // of a class, enough for its percentiles

// ranges gives the 5th, 50th and 95th percentile of every feature in every class of
// the model.
func (r *run) ranges(rows []int32) []forest.Range {
	f := r.fitted
	byClass := make([][]int32, len(dataset.Classes()))
	for _, row := range rows {
		y := r.table.Y[row]
		byClass[y] = append(byClass[y], row)
	}
	out := make([]forest.Range, 0, len(f.classes)*len(f.columns))
	for _, class := range f.classes {
		members := thin(byClass[class], rangeRows)
		for _, c := range f.columns {
			values := make([]float32, 0, len(members))
			for _, row := range members {
				if v := r.table.X[c][row]; !dataset.Missing(v) {
					values = append(values, v)
				}
			}
			slices.Sort(values)
			out = append(out, percentiles(values))
		}
	}
	return out
}

// thin takes at most n of the rows, evenly.
func thin(rows []int32, n int) []int32 {
	if len(rows) <= n {
		return rows
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = rows[i*len(rows)/n]
	}
	return out
}

func percentiles(sorted []float32) forest.Range {
	if len(sorted) == 0 {
		return forest.Range{}
	}
	at := func(q float64) float32 { return sorted[int(q*float64(len(sorted)-1)+0.5)] }
	return forest.Range{Low: at(0.05), Median: at(0.5), High: at(0.95)}
}

// notes is the model card.
func (r *run) notes(rows int) map[string]string {
	n := map[string]string{
		"preset": r.recipe.Preset,
		"split":  r.result.SplitAbout,
		"rows":   fmt.Sprintf("%d after cleaning: %s", rows, r.classesInWords()),
	}
	if e := r.result.Test; e != nil {
		n["test"] = fmt.Sprintf("macro-F1 %.4f, accuracy %.4f, benign flagged %.4f on %d held-out rows of the same data set", e.MacroF1, e.Accuracy, e.FalseRate, e.Rows)
	}
	return n
}

func (r *run) classesInWords() string {
	words := ""
	for c, n := range r.table.ClassCounts() {
		if n > 0 {
			words += fmt.Sprintf(", %s %d", dataset.Classes()[c], n)
		}
	}
	return words[2:]
}
