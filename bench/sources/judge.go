package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
func split(cic, labFlows string, repositories []string, dir string) (*sources, error) {
	s := &sources{paths: []string{cic}, of: map[string]string{filepath.Base(cic): cicids}, names: []string{cicids}}
	for _, path := range append([]string{labFlows}, repositories...) {
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

func (s *sources) sourceOf(row int32) string { return s.of[s.all.Groups[s.all.Group[row]]] }

// kind is a way to train.
type kind struct {
	name   string
	single bool // on CICIDS2017 only; else on all sources but the one that is judged
	recipe training.Recipe
}

func kinds() []kind {
	columns := training.Sources()
	columns.Forest.ClusterBootstrap = false // CICIDS2017 is one group
	return []kind{
		{"CICIDS2017, preset default", true, training.Default()},
		{"CICIDS2017, columns of preset sources", true, columns},
		{"all others, preset default", false, training.Default()},
		{"all others, columns of preset sources", false, columns},
		{"all others, preset sources", false, training.Sources()},
	}
}

// rows are those of the sources wanted.
func (s *sources) rows(wanted func(source string) bool) (rows []int32) {
	for i := range int32(s.all.Rows()) {
		if wanted(s.sourceOf(i)) {
			rows = append(rows, i)
		}
	}
	return rows
}

// train grows a forest on the given rows and applies it to all.
func (s *sources) train(ctx context.Context, r training.Recipe, seed uint64, rows []int32) ([]float32, error) {
	t := s.all.Only(rows)
	for i, row := range rows {
		t.Group[i] = int32(slices.Index(s.names, s.sourceOf(row)))
	}
	t.Groups = s.names
	r.Seed, r.Split.Test, r.Refit, r.LeaveOneOut = seed, 0, false, false
	result, err := training.Train(ctx, t, r, training.Watch{})
	if err != nil {
		return nil, err
	}
	return training.Apply(result.Model, s.all)
}

// fares are how one kind does: on each source, and on all repositories.
type fares struct {
	of  map[string]tally
	all tally
}

// left trains and judges with every source left out in turn.
func (s *sources) left(ctx context.Context, k kind, seed uint64) (f fares, err error) {
	f = fares{map[string]tally{}, newTally()}
	var proba []float32
	for _, name := range s.names {
		if k.single && name == cicids {
			continue // trained on it
		}
		if !k.single || proba == nil {
			proba, err = s.train(ctx, k.recipe, seed, s.rows(func(source string) bool { return k.single && source == cicids || !k.single && source != name }))
			if err != nil {
				return f, fmt.Errorf("%s, without %s: %w", k.name, name, err)
			}
		}
		f.of[name] = s.judge(proba, name)
		if name != cicids && name != lab {
			f.all.add(f.of[name])
		}
	}
	return f, nil
}

// atHome is the macro-F1 on a third of CICIDS2017's rows that the model has not seen.
func (s *sources) atHome(ctx context.Context, k kind, seed uint64) (float64, error) {
	home := s.rows(func(source string) bool { return source == cicids })
	fold := dataset.Stratify(s.all.Y, home, 3, seed).Of
	held := map[int32]bool{}
	for i, row := range home {
		held[row] = fold[i] == 0
	}
	train := slices.DeleteFunc(s.rows(func(source string) bool { return !k.single || source == cicids }), func(row int32) bool { return held[row] })
	proba, err := s.train(ctx, k.recipe, seed, train)
	if err != nil {
		return 0, err
	}
	n := len(dataset.Classes())
	c := score.NewConfusion(n)
	for _, row := range home {
		if held[row] {
			c[s.all.Y[row]][score.Argmax(proba[int(row)*n:][:n])]++
		}
	}
	return c.MacroF1(), nil
}

// tables prints, for the first seed, each source under the first and the last kind,
// and for all seeds the mean over the repositories and over the lab.
func (s *sources) tables(ctx context.Context, w io.Writer, seeds int) error {
	all := kinds()
	results := make([][]fares, len(all))
	for i, k := range all {
		for seed := range seeds {
			f, err := s.left(ctx, k, uint64(seed+1))
			if err != nil {
				return err
			}
			results[i] = append(results[i], f)
		}
	}
	first, last := 0, len(all)-1
	fmt.Fprintln(w, "| left out | trained on | benign flows | flagged | p >= 0.8 | attack captures | right p >= 0.5 | p >= 0.8 | macro-F1 |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	for _, name := range s.names {
		for _, i := range []int{first, last} {
			if one, judged := results[i][0].of[name]; judged {
				fmt.Fprintf(w, "| %s | %s | %s |\n", name, all[i].name, one.row())
			}
		}
	}
	for _, i := range []int{first, last} {
		fmt.Fprintf(w, "| **all repositories** | %s | %s |\n", all[i].name, results[i][0].all.row())
	}
	for _, on := range []string{"", lab} {
		means(w, on, all, results)
	}
	fmt.Fprintln(w, "\n| trained on | macro-F1 on held-out rows of CICIDS2017 |\n|---|---|")
	for _, k := range all {
		mean := 0.0
		for seed := range seeds {
			f1, err := s.atHome(ctx, k, uint64(seed+1))
			if err != nil {
				return err
			}
			mean += f1 / float64(seeds)
		}
		fmt.Fprintf(w, "| %s | %.3f |\n", strings.Replace(k.name, "all others", "all", 1), mean)
	}
	return nil
}

// means prints the means over the seeds for all repositories, or for the source on.
func means(w io.Writer, on string, all []kind, results [][]fares) {
	fmt.Fprintf(w, "\n| trained on | attack captures%s | right with 0.5 %% of benign flows flagged | 1 %% | 2 %% | 5 %% | AUC |\n|---|---|---|---|---|---|---|\n", prefixed(" of the ", on))
	for i, k := range all {
		var n int
		var right [4]float64
		auc := 0.0
		for _, f := range results[i] {
			t := f.all
			if on != "" {
				t = f.of[on]
			}
			n = t.attacks
			for j, share := range []float64{0.005, 0.01, 0.02, 0.05} {
				right[j] += float64(t.alike(share)) / float64(len(results[i]))
			}
			auc += t.auc() / float64(len(results[i]))
		}
		fmt.Fprintf(w, "| %s | %d | %.1f | %.1f | %.1f | %.1f | %.3f |\n", k.name, n, right[0], right[1], right[2], right[3], auc)
	}
}

func prefixed(with, text string) string {
	if text == "" {
		return ""
	}
	return with + text
}

// tally is how a model fares on a source.
type tally struct {
	benign, attacks  int
	flagged, correct [2]int // flows flagged (any, p >= 0.8); captures right (p >= 0.5, 0.8)
	confusion        score.Confusion
	harmless, right  []float32 // p of each benign flow's attack; the best right p of each attack capture
	flows            []scored
}

// scored is a flow: how much it is taken for an attack, and its share of its capture.
type scored struct {
	p      float32
	attack bool
	share  float64
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
	a.flows = append(a.flows, b.flows...)
}

// auc is how often a flow of an attack is taken for one more than a benign flow, each
// drawn from a capture drawn at random: the area under the ROC curve.
func (a *tally) auc() float64 {
	slices.SortFunc(a.flows, func(x, y scored) int { return cmp.Compare(x.p, y.p) })
	var benign, attacks, area float64
	for i := 0; i < len(a.flows); {
		var b, t float64
		for p := a.flows[i].p; i < len(a.flows) && a.flows[i].p == p; i++ {
			if a.flows[i].attack {
				t += a.flows[i].share
			} else {
				b += a.flows[i].share
			}
		}
		area += t * (benign + b/2)
		benign, attacks = benign+b, attacks+t
	}
	return area / (benign * attacks)
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
	type part struct { // rows of one side in a capture
		group  int32
		attack bool
	}
	size := map[part]float64{}
	for i, g := range s.all.Group {
		size[part{g, s.all.Y[i] != 0}]++
	}
	best := map[int32]float32{} // by attack capture: the most that a flow gave its class
	for i, g := range s.all.Group {
		if s.of[s.all.Groups[g]] != source {
			continue
		}
		p, truth := proba[i*k:(i+1)*k], s.all.Y[i]
		top := uint8(score.Argmax(p))
		a.confusion[truth][top]++
		a.flows = append(a.flows, scored{1 - p[0], truth != 0, 1 / size[part{g, truth != 0}]})
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
