package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"firetower/internal/dataset"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/score"
	"firetower/internal/training"
)

// The sources that are no repository.
const (
	cicids = "CICIDS2017"
	lab    = "lab"
)

// sources are files of flows, one a capture, so that the file tells the capture.
type sources struct {
	paths []string
	of    map[string]string // file name to source
	names []string          // of the sources
	all   *dataset.Table    // to judge by
}

// split writes each capture into a file of its own.
func split(cic, labFlows, field, dir string) (*sources, error) {
	s := &sources{paths: []string{cic}, of: map[string]string{filepath.Base(cic): cicids}, names: []string{cicids}}
	for _, path := range []string{labFlows, field} {
		err := captures(path, func(header []string, capture string, rows [][]string) error {
			source := lab
			if i := slices.Index(header, "Source"); i >= 0 {
				source = rows[0][i]
			}
			if !slices.Contains(s.names, source) {
				s.names = append(s.names, source)
			}
			name := fmt.Sprintf("%05d.csv", len(s.paths))
			s.paths, s.of[name] = append(s.paths, filepath.Join(dir, name)), source
			f, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			defer f.Close()
			w := csv.NewWriter(f)
			if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
				return err
			}
			return f.Close()
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *sources) load(ctx context.Context) (*dataset.Table, error) {
	cfg := dataset.DefaultConfig()
	cfg.Group = dataset.GroupFile
	return dataset.Load(ctx, s.paths, []dataset.Schema{dataset.SchemaOf(feature.For(flow.CICFixed))}, cfg, nil)
}

// train grows the default recipe's forest on the sources wanted and applies it to
// all rows.
func (s *sources) train(ctx context.Context, seed uint64, wanted func(source string) bool) ([]float32, error) {
	t, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	t.Take(s.rows(t, wanted))
	r := training.Default()
	r.Seed, r.Split.Test, r.Refit, r.LeaveOneOut = seed, 0, false, false
	result, err := training.Train(ctx, t, r, training.Watch{})
	if err != nil {
		return nil, err
	}
	return training.Apply(result.Model, s.all)
}

func (s *sources) rows(t *dataset.Table, wanted func(source string) bool) (rows []int32) {
	for i, g := range t.Group {
		if wanted(s.of[t.Groups[g]]) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// table trains and judges with every source left out in turn.
func (s *sources) table(ctx context.Context, w io.Writer, seed uint64) (err error) {
	if s.all, err = s.load(ctx); err != nil {
		return err
	}
	only, err := s.train(ctx, seed, func(source string) bool { return source == cicids })
	if err != nil {
		return err
	}
	both, err := s.train(ctx, seed, func(source string) bool { return source == cicids || source == lab })
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| left out | trained on | benign flows | flagged | p >= 0.8 | attack captures | right p >= 0.5 | p >= 0.8 | macro-F1 |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	total := make([]tally, 3)
	for i := range total {
		total[i] = newTally()
	}
	for _, name := range s.names {
		others, err := s.train(ctx, seed, func(source string) bool { return source != name })
		if err != nil {
			return fmt.Errorf("without %s: %w", name, err)
		}
		for i, proba := range [][]float32{only, both, others} {
			if i < 2 && name == cicids || i == 1 && name == lab {
				continue // trained on it
			}
			one := s.judge(proba, name)
			fmt.Fprintf(w, "| %s | %s | %s |\n", name, trainedOn[i], one.row())
			if name != cicids && name != lab {
				total[i].add(one)
			}
		}
	}
	for i := range total {
		fmt.Fprintf(w, "| **all repositories** | %s | %s |\n", trainedOn[i], total[i].row())
	}
	fmt.Fprintln(w, "\n| trained on | attack captures | right with 0.2 % of benign flows flagged | 0.5 % | 1 % | 2 % | 5 % |\n|---|---|---|---|---|---|---|")
	for i := range total {
		fmt.Fprintf(w, "| %s | %d |", trainedOn[i], total[i].attacks)
		for _, share := range []float64{0.002, 0.005, 0.01, 0.02, 0.05} {
			fmt.Fprintf(w, " %d |", total[i].alike(share))
		}
		fmt.Fprintln(w)
	}
	return nil
}

var trainedOn = []string{"CICIDS2017", "CICIDS2017, lab", "all others"}

// tally is how a model fares on a source.
type tally struct {
	benign, attacks  int
	flagged, correct [2]int // flows flagged (any, p >= 0.8); captures right (p >= 0.5, 0.8)
	confusion        score.Confusion
	harmless, right  []float32 // p of each benign flow's attack; the best right p of each attack capture
}

func newTally() tally { return tally{confusion: score.NewConfusion(len(dataset.Classes()))} }

func (a *tally) add(b tally) {
	a.benign, a.attacks = a.benign+b.benign, a.attacks+b.attacks
	for i := range a.flagged {
		a.flagged[i] += b.flagged[i]
		a.correct[i] += b.correct[i]
	}
	a.confusion.Add(b.confusion)
	a.harmless, a.right = append(a.harmless, b.harmless...), append(a.right, b.right...)
}

// alike counts the captures that are right where every model flags the same share of
// benign flows: probabilities of two models are no common measure.
func (a *tally) alike(share float64) int {
	slices.Sort(a.harmless)
	slices.Reverse(a.harmless)
	if len(a.harmless) == 0 {
		return 0
	}
	limit := a.harmless[int(share*float64(len(a.harmless)))]
	n := 0
	for _, p := range a.right {
		if p > limit {
			n++
		}
	}
	return n
}

func (a *tally) row() string {
	share := func(n, of int) string {
		if of == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))
	}
	return fmt.Sprintf("%d | %s | %s | %d | %d | %d | %.3f", a.benign, share(a.flagged[0], a.benign), share(a.flagged[1], a.benign),
		a.attacks, a.correct[0], a.correct[1], a.confusion.MacroF1())
}

// judge counts the rows of a source. An attack capture is right if a flow of the
// attack got its class; dos and ddos count for each other.
func (s *sources) judge(proba []float32, source string) tally {
	classes := dataset.Classes()
	k := len(classes)
	same := func(a, b uint8) bool {
		flood := func(c uint8) bool { return classes[c] == "dos" || classes[c] == "ddos" }
		return a == b || flood(a) && flood(b)
	}
	a := newTally()
	best := map[int32]float32{} // by attack capture: the most that a flow gave its class
	for i, g := range s.all.Group {
		if s.of[s.all.Groups[g]] != source {
			continue
		}
		p, truth := proba[i*k:(i+1)*k], s.all.Y[i]
		top := uint8(score.Argmax(p))
		a.confusion[truth][top]++
		if truth == 0 {
			a.benign++
			a.harmless = append(a.harmless, slices.Max(p[1:]))
			if top != 0 {
				a.flagged[0]++
				if p[top] >= 0.8 {
					a.flagged[1]++
				}
			}
			continue
		}
		if _, seen := best[g]; !seen {
			best[g] = 0
		}
		for c := range p[1:] { // its class, or the other kind of flood
			if same(uint8(c+1), truth) {
				best[g] = max(best[g], p[c+1])
			}
		}
	}
	a.attacks = len(best)
	for _, p := range best {
		a.right = append(a.right, p)
		for i, least := range []float32{0.5, 0.8} {
			if p >= least {
				a.correct[i]++
			}
		}
	}
	return a
}
