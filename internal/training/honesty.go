package training

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/dataset"
	"firetower/internal/score"
)

// Honesty is what a score on held-out rows of the same data set hides.
type Honesty struct {
	// Twins are test rows that equal a training row in every feature the model
	// looks at; Without is the score on the others.
	Twins      int     `json:"test_rows_equal_to_training_rows"`
	Without    float64 `json:"macro_f1_without_them"`
	WithoutACC float64 `json:"accuracy_without_them"`
	// LeftOut are trainings without one attack, tested on it.
	LeftOut []LeftOut `json:"leave_one_attack_out,omitempty"`
	// Splits are the same settings scored under other splits.
	Splits []OtherSplit `json:"other_splits,omitempty"`
}

// LeftOut is how an attack fares that the model was not shown.
type LeftOut struct {
	Label string `json:"label"`
	Class string `json:"class"`
	Rows  int    `json:"rows"`
	// Attack is the share of its rows taken for any attack, Right for its class.
	Attack float64 `json:"flagged"`
	Right  float64 `json:"right_class"`
	// Alone says that no other label is of its class, so that Right must be 0.
	Alone bool `json:"only_label_of_class"`
}

// OtherSplit is a score under a split that is not the run's own.
type OtherSplit struct {
	About   string  `json:"about"`
	MacroF1 float64 `json:"macro_f1"`
	MCC     float64 `json:"mcc"`
	False   float64 `json:"benign_flagged"`
	Recall  float64 `json:"attacks_flagged"`
	Note    string  `json:"note,omitempty"`
}

// honest fills in Honesty.
func (r *run) honest(ctx context.Context) error {
	if r.result.Test != nil {
		start := time.Now()
		if err := r.twins(); err != nil {
			return err
		}
		h := &r.result.Honesty
		r.note(start, "twins", "%d of %d test rows equal a training row in every feature of the model; macro-F1 %.4f without them",
			h.Twins, len(r.parts.Test), h.Without)
	}
	if !r.recipe.LeaveOneOut {
		return nil
	}
	start := time.Now()
	rows := dataset.Sample(r.table.Y, r.table.All(), r.recipe.SelectionRows, 50, r.recipe.Seed)
	if err := r.leaveOneOut(ctx, rows); err != nil {
		return err
	}
	if err := r.otherSplits(ctx, rows); err != nil {
		return err
	}
	r.note(start, "honesty", "%d attacks left out in turn, %d other splits", len(r.result.Honesty.LeftOut), len(r.result.Honesty.Splits))
	return nil
}

// twins scores the model without test rows that it cannot tell from training rows.
func (r *run) twins() error {
	seen := map[uint64]struct{}{}
	for _, h := range r.table.Hashes(r.fitted.columns, r.parts.Train) {
		seen[h] = struct{}{}
	}
	var fresh []int32
	for i, h := range r.table.Hashes(r.fitted.columns, r.parts.Test) {
		if _, twin := seen[h]; !twin {
			fresh = append(fresh, r.parts.Test[i])
		}
	}
	e, err := evaluate(r.table.ClassesOf(fresh), r.fitted.predict(r.table, fresh), r.recipe.Seed)
	if err != nil {
		return err
	}
	h := &r.result.Honesty
	h.Twins, h.Without, h.WithoutACC = len(r.parts.Test)-len(fresh), e.MacroF1, e.Accuracy
	return nil
}

// refitOn trains anew on other rows with the settings found.
func (r *run) refitOn(ctx context.Context, rows []int32) (*fitted, error) {
	p := prepare(r.table, rows, &r.recipe)
	b, err := p.bin(ctx, r.recipe.Forest.config(r.recipe.Seed, 0))
	if err != nil {
		return nil, err
	}
	return b.grow(ctx, r.recipe.Forest.config(r.recipe.Seed, 0), r.same(p))
}

// same finds the features of the model among the columns of p; nil if the model has
// no selection of its own.
func (r *run) same(p *prepared) []int {
	if r.order == nil {
		return nil
	}
	var out []int
	for _, name := range r.fitted.model.Features {
		for i, n := range p.names {
			if n == name {
				out = append(out, i)
			}
		}
	}
	return out
}

func (r *run) leaveOneOut(ctx context.Context, rows []int32) error {
	byLabel := map[uint16][]int32{}
	ofClass := map[uint8]map[uint16]bool{}
	for _, row := range rows {
		l, y := r.table.Label[row], r.table.Y[row]
		byLabel[l] = append(byLabel[l], row)
		if ofClass[y] == nil {
			ofClass[y] = map[uint16]bool{}
		}
		ofClass[y][l] = true
	}
	for l, name := range r.table.Labels {
		held := byLabel[uint16(l)]
		if len(held) == 0 || r.table.Y[held[0]] == 0 {
			continue
		}
		var train []int32
		for _, row := range rows {
			if r.table.Label[row] != uint16(l) {
				train = append(train, row)
			}
		}
		if present(countClasses(r.table.ClassesOf(train))) < 2 {
			continue // nothing is left to tell apart
		}
		f, err := r.refitOn(ctx, train)
		if err != nil {
			return fmt.Errorf("without %s: %w", name, err)
		}
		class := r.table.Y[held[0]]
		out := LeftOut{Label: name, Class: dataset.Classes()[class], Rows: len(held), Alone: len(ofClass[class]) == 1}
		out.Attack, out.Right = r.shares(f, held, class)
		r.result.Honesty.LeftOut = append(r.result.Honesty.LeftOut, out)
		r.progress("leaving attacks out", l+1, len(r.table.Labels))
	}
	return nil
}

// shares gives which share of rows is taken for any attack, and for the class.
func (r *run) shares(f *fitted, rows []int32, class uint8) (attack, right float64) {
	proba, k := f.predict(r.table, rows), len(dataset.Classes())
	for i := range rows {
		switch score.Argmax(proba[i*k : (i+1)*k]) {
		case 0:
		case int(class):
			right++
			attack++
		default:
			attack++
		}
	}
	n := float64(len(rows))
	return attack / n, right / n
}

// otherSplits scores the settings under splits by time and by group, where the data
// allows them and the run itself did not use them.
func (r *run) otherSplits(ctx context.Context, rows []int32) error {
	sub := make([]bool, r.table.Rows())
	for _, row := range rows {
		sub[row] = true
	}
	for _, by := range []string{dataset.ByTime, dataset.ByGroup} {
		if r.recipe.Split.By == by {
			continue
		}
		parts, err := r.table.Split(dataset.Split{By: by, Test: 0.3}, r.recipe.Seed)
		if err != nil {
			continue // no times, or a single group: nothing to compare with
		}
		f, err := r.refitOn(ctx, within(parts.Train, sub))
		if err != nil || f.classes[0] != 0 {
			continue // one class only on the training side, or nothing benign
		}
		test := within(parts.Test, sub)
		e, err := evaluate(r.table.ClassesOf(test), f.predict(r.table, test), r.recipe.Seed)
		if err != nil {
			return err
		}
		o := OtherSplit{About: parts.About, MacroF1: e.MacroF1, MCC: e.MCC, False: e.FalseRate, Recall: e.Recall}
		o.Note = unseen(r.table, f, test)
		r.result.Honesty.Splits = append(r.result.Honesty.Splits, o)
	}
	return nil
}

func within(rows []int32, sub []bool) []int32 {
	var out []int32
	for _, r := range rows {
		if sub[r] {
			out = append(out, r)
		}
	}
	return out
}

// unseen names the classes to test on that were not there to train on.
func unseen(t *dataset.Table, f *fitted, rows []int32) string {
	trained := map[uint8]bool{}
	for _, c := range f.classes {
		trained[c] = true
	}
	var names []string
	for c, n := range countClasses(t.ClassesOf(rows)) {
		if n > 0 && !trained[uint8(c)] {
			names = append(names, dataset.Classes()[c])
		}
	}
	if names == nil {
		return ""
	}
	return "no training rows of " + orNone(names)
}
