package dataset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Split says how rows are divided into a part to train on and a part to test on.
type Split struct {
	By   string  `yaml:"by"`   // random, time or group
	Test float64 `yaml:"test"` // share of rows to test on
	// TestGroups names the groups to test on; empty draws groups until Test is
	// reached.
	TestGroups []string `yaml:"test_groups"`
}

// The ways to split.
const (
	ByRandom = "random" // within each class
	ByTime   = "time"   // train on what came before, test on what came after
	ByGroup  = "group"  // no group on both sides
)

// Parts are row numbers, rising.
type Parts struct {
	Train, Test []int32
	About       string // how it was done, in a sentence
}

// Split divides the rows. The same seed gives the same parts.
func (t *Table) Split(s Split, seed uint64) (Parts, error) {
	if s.Test < 0 || s.Test >= 1 {
		return Parts{}, fmt.Errorf("the share to test on must be from 0 to below 1, not %g", s.Test)
	}
	if s.Test == 0 && len(s.TestGroups) == 0 {
		return Parts{Train: t.All(), About: "all rows were trained on, nothing was held out"}, nil
	}
	switch s.By {
	case ByRandom, "":
		return t.splitRandom(s.Test, seed), nil
	case ByTime:
		return t.splitTime(s.Test)
	case ByGroup:
		return t.splitGroup(s, seed)
	}
	return Parts{}, fmt.Errorf("rows can be split by random, time or group, not by %q", s.By)
}

func (t *Table) splitRandom(share float64, seed uint64) Parts {
	p := Parts{About: fmt.Sprintf("%.0f %% of each class, drawn at random, were held out", 100*share)}
	folds := Stratify(t.Y, t.All(), 1, seed)
	for _, rows := range folds.byClass {
		n := int(share*float64(len(rows)) + 0.5)
		p.Test = append(p.Test, rows[:n]...)
		p.Train = append(p.Train, rows[n:]...)
	}
	slices.Sort(p.Train)
	slices.Sort(p.Test)
	return p
}

func (t *Table) splitTime(share float64) (Parts, error) {
	order := t.All()
	for _, r := range order {
		if t.Time[r] == NoTime {
			return Parts{}, fmt.Errorf("a split by time needs a time on every row; %d rows have none that can be read", t.untimed())
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case t.Time[a] < t.Time[b]:
			return -1
		case t.Time[a] > t.Time[b]:
			return 1
		}
		return 0
	})
	cut := len(order) - int(share*float64(len(order))+0.5)
	for cut < len(order) && cut > 0 && t.Time[order[cut]] == t.Time[order[cut-1]] {
		cut++
	}
	if cut == len(order) {
		return Parts{}, fmt.Errorf("all late rows carry one time: there is nothing after it to test on")
	}
	p := Parts{Train: order[:cut:cut], Test: order[cut:]}
	p.About = fmt.Sprintf("trained on flows until %s, tested on those after", stamp(t.Time[order[cut-1]]))
	slices.Sort(p.Train)
	slices.Sort(p.Test)
	return p, nil
}

func (t *Table) untimed() int {
	n := 0
	for _, at := range t.Time {
		if at == NoTime {
			n++
		}
	}
	return n
}

func (t *Table) splitGroup(s Split, seed uint64) (Parts, error) {
	if len(t.Groups) < 2 {
		return Parts{}, fmt.Errorf("a split by group needs at least two groups, there is only %q; choose what a group is with --group file, day or a column", strings.Join(t.Groups, ""))
	}
	test := make([]bool, len(t.Groups))
	for _, name := range s.TestGroups {
		i := slices.Index(t.Groups, name)
		if i < 0 {
			return Parts{}, fmt.Errorf("there is no group %q; there are %s", name, list(t.Groups))
		}
		test[i] = true
	}
	if len(s.TestGroups) == 0 {
		t.drawGroups(test, s.Test, seed)
	}
	var p Parts
	for i, g := range t.Group {
		if test[g] {
			p.Test = append(p.Test, int32(i))
		} else {
			p.Train = append(p.Train, int32(i))
		}
	}
	if len(p.Train) == 0 || len(p.Test) == 0 {
		return Parts{}, fmt.Errorf("the groups leave nothing to train or nothing to test on")
	}
	var held []string
	for g, name := range t.Groups {
		if test[g] {
			held = append(held, name)
		}
	}
	p.About = fmt.Sprintf("%d of %d groups were held out whole: %s", len(held), len(t.Groups), list(held))
	return p, nil
}

// drawGroups marks groups, in random order, until they hold the share of rows; the
// last of them is left out where that comes nearer.
func (t *Table) drawGroups(test []bool, share float64, seed uint64) {
	size := make([]int, len(t.Groups))
	for _, g := range t.Group {
		size[g]++
	}
	want, have := share*float64(t.Rows()), 0.0
	for i, g := range rand.New(rand.NewPCG(seed, 0x67726f7570)).Perm(len(t.Groups)) {
		n := float64(size[g])
		if i > 0 && have+n-want > want-have {
			continue
		}
		test[g] = true
		have += n
	}
}

// Folds assigns rows to folds such that each has its share of every class.
type Folds struct {
	Of      []int // fold of each given row
	byClass [][]int32
}

// Stratify shuffles the given rows of each class and deals them to k folds.
func Stratify(y []uint8, rows []int32, k int, seed uint64) Folds {
	f := Folds{Of: make([]int, len(rows)), byClass: make([][]int32, len(Classes()))}
	rng := rand.New(rand.NewPCG(seed, 0x666f6c6473))
	at := make([][]int, len(f.byClass))
	for i, r := range rows {
		at[y[r]] = append(at[y[r]], i)
	}
	next := 0
	for class, places := range at {
		rng.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		for _, i := range places {
			f.Of[i] = next % k
			next++
			f.byClass[class] = append(f.byClass[class], rows[i])
		}
	}
	return f
}

// Sample draws at most n of the given rows, keeping each class's share but at least
// floor rows of each, or all it has. It returns them rising.
func Sample(y []uint8, rows []int32, n, floor int, seed uint64) []int32 {
	if n <= 0 || len(rows) <= n {
		return rows
	}
	f := Stratify(y, rows, 1, seed)
	var out []int32
	for _, of := range f.byClass {
		want := max(len(of)*n/len(rows), min(floor, len(of)))
		out = append(out, of[:want]...)
	}
	slices.Sort(out)
	return out
}

// Arrange moves the training rows to the front of every column and the others
// behind them, each in their order, so that both parts are plain slices. It returns
// the parts by their new numbers. One column at a time is held twice.
func (t *Table) Arrange(p Parts) Parts {
	order := append(slices.Clone(p.Train), p.Test...)
	for c := range t.X {
		t.X[c] = arrange(t.X[c], order)
	}
	t.Y, t.Label, t.Time = arrange(t.Y, order), arrange(t.Label, order), arrange(t.Time, order)
	t.Group, t.hash = arrange(t.Group, order), arrange(t.hash, order)
	all := t.All()
	return Parts{Train: all[:len(p.Train):len(p.Train)], Test: all[len(p.Train):], About: p.About}
}

func arrange[T any](values []T, order []int32) []T {
	out := make([]T, len(order))
	for i, r := range order {
		out[i] = values[r]
	}
	return out
}
