package training

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"firetower/internal/dataset"
)

// columns draws d columns of n rows: some follow another, some are constant, some
// have gaps.
func columns(rng *rand.Rand, d, n int) (names []string, x [][]float32) {
	for c := range d {
		names = append(names, fmt.Sprint("c", c))
		column := make([]float32, n)
		for i := range column {
			switch v := float32(rng.NormFloat64()); {
			case c%5 == 4:
				column[i] = 7
			case c%3 == 2:
				column[i] = x[c-1][i]*2 + v/4
			default:
				column[i] = v * float32(math.Pow(10, float64(c%7)))
			}
			if c%4 == 3 && i%9 == 0 {
				column[i] = float32(math.NaN())
			}
		}
		x = append(x, column)
	}
	return names, x
}

// pearson is the coefficient by its definition; a missing value counts as the mean.
func pearson(a, b []float32) float64 {
	mean := func(x []float32) float64 {
		sum, n := 0.0, 0.0
		for _, v := range x {
			if !dataset.Missing(v) {
				sum, n = sum+float64(v), n+1
			}
		}
		return sum / n
	}
	off := func(v float32, m float64) float64 {
		if dataset.Missing(v) {
			return 0
		}
		return float64(v) - m
	}
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		u, v := off(a[i], ma), off(b[i], mb)
		ab, aa, bb = ab+u*v, aa+u*u, bb+v*v
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func TestCorrelationIsPearsons(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	names, x := columns(rng, 17, 1500)
	c := correlate(names, x)
	for i := range x {
		for j := range x {
			want := pearson(x[i], x[j])
			if i == j {
				want = 1
			}
			if math.Abs(c.R[i][j]-want) > 1e-6 {
				t.Errorf("r(%d, %d) = %v, want %v", i, j, c.R[i][j], want)
			}
		}
	}
}

// A column stays exactly if it correlates with none before it.
func TestWhatCorrelationDrops(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	for _, threshold := range []float64{0.3, 0.8, 0.999} {
		names, x := columns(rng, 17, 400)
		p := &prepared{names: slices.Clone(names), x: slices.Clone(x), columns: make([]int, len(x))}
		p.dropCorrelated(threshold)
		for j, name := range names {
			like := false
			for i := range j {
				like = like || math.Abs(pearson(x[i], x[j])) > threshold
			}
			if slices.Contains(p.names, name) == like {
				t.Errorf("threshold %g: %s is like an earlier column: %v; kept %v", threshold, name, like, p.names)
			}
		}
		if len(p.names)+len(p.correlation.Dropped) != len(names) {
			t.Errorf("threshold %g: %d kept and %d dropped of %d", threshold, len(p.names), len(p.correlation.Dropped), len(names))
		}
		for _, d := range p.correlation.Dropped {
			if math.Abs(d.R) <= threshold {
				t.Errorf("threshold %g: dropped for less: %+v", threshold, d)
			}
		}
	}
}

// Medians fill what is missing and touch nothing else.
func TestMediansFillOnlyGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	names, x := columns(rng, 9, 200)
	before := make([][]float32, len(x))
	for c := range x {
		before[c] = slices.Clone(x[c])
	}
	p := &prepared{names: names, x: x, columns: make([]int, len(x))}
	p.impute()
	filled := 0
	for c := range before {
		present := slices.DeleteFunc(slices.Clone(before[c]), dataset.Missing)
		slices.Sort(present)
		n := len(present)
		want := present[n/2]
		if n%2 == 0 {
			want = (present[n/2-1] + present[n/2]) / 2
		}
		for i, v := range before[c] {
			switch {
			case dataset.Missing(v):
				filled++
				if p.x[c][i] != want {
					t.Fatalf("column %d row %d became %v, the median is %v", c, i, p.x[c][i], want)
				}
			case p.x[c][i] != v:
				t.Fatalf("column %d row %d was %v and is %v", c, i, v, p.x[c][i])
			}
		}
	}
	if p.filled != filled {
		t.Errorf("%d cells said to be filled, %d were", p.filled, filled)
	}
}

// Every synthetic row lies between a row of its class and one of that row's own
// nearest neighbours, and rows that were there stay as they are.
func TestSMOTEGoesTowardsANearestNeighbour(t *testing.T) {
	const k = 3
	rng := rand.New(rand.NewPCG(14, 1))
	p := &prepared{x: make([][]float32, 3)}
	for i := range 140 {
		p.y = append(p.y, uint8(i%7/6*5)) // 120 of class 0, 20 of class 5
		for c := range p.x {
			p.x[c] = append(p.x[c], float32(rng.NormFloat64()*math.Pow(20, float64(c))))
		}
	}
	real := len(p.y)
	row := func(i int) (r [3]float64) {
		for c := range r {
			r[c] = float64(p.x[c][i])
		}
		return r
	}
	squared := func(a, b [3]float64) (d float64) {
		for c := range a {
			d += (a[c] - b[c]) * (a[c] - b[c])
		}
		return d
	}
	p.balance(SMOTE{On: true, Neighbours: k}, 2)
	var minority []int
	for i := range real {
		if p.y[i] == 5 {
			minority = append(minority, i)
		}
	}
	near := map[int][]int{}
	for _, a := range minority {
		others := slices.DeleteFunc(slices.Clone(minority), func(i int) bool { return i == a })
		slices.SortFunc(others, func(i, j int) int { return int(math.Copysign(1, squared(row(a), row(i))-squared(row(a), row(j)))) })
		near[a] = others[:k]
	}
	onSegment := func(p, a, b [3]float64) bool { // |ap| + |pb| = |ab|
		whole := math.Sqrt(squared(a, b))
		return math.Sqrt(squared(a, p))+math.Sqrt(squared(p, b)) <= whole*(1+1e-5)
	}
	for i := real; i < len(p.y); i++ {
		found := false
		for _, a := range minority {
			for _, b := range near[a] {
				found = found || onSegment(row(i), row(a), row(b))
			}
		}
		if !found || p.y[i] != 5 {
			t.Fatalf("row %v of class %d goes from no row towards its neighbour", row(i), p.y[i])
		}
	}
	if len(p.y) != 240 {
		t.Errorf("%d rows, want 120 of each class", len(p.y))
	}
}

// The plateau rule is its formula, tried on random curves.
func TestPlateauIsItsFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for range 500 {
		var trials []Trial
		for v := range 1 + rng.IntN(12) {
			trials = append(trials, Trial{Value: v + 3, Mean: math.Round(rng.Float64()*50) / 50, StdErr: rng.Float64() / 10})
		}
		best := slices.MaxFunc(trials, func(a, b Trial) int { return int(math.Round(100 * (a.Mean - b.Mean))) })
		margin := max(best.StdErr, 0.01)
		limit := best.Mean - margin
		want := best.Value // unless there is a plateau: the end of the sweep may have fallen off
		for i, x := range slices.Backward(trials) {
			stays := !slices.ContainsFunc(trials[i:], func(later Trial) bool { return later.Mean < limit-margin })
			if x.Mean >= limit && stays {
				want = x.Value
			}
		}
		c := plateau(trials, 0.01)
		if c.Chosen != want || c.Best != best.Value || c.Limit != limit {
			t.Fatalf("chose %+v, want %d with limit %g of %+v", c, want, limit, trials)
		}
	}
}

// Elimination ranks every feature once, and puts what tells the classes first.
func TestEliminationRanksAPermutation(t *testing.T) {
	table := testTable(t, 600)
	rn := &run{table: table, recipe: smallPaper(), result: &Result{}}
	b, err := prepare(table, table.All(), &rn.recipe).bin(context.Background(), rn.recipe.Forest.config(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	order, err := rn.eliminate(context.Background(), b, func(n int, f *fitted) {
		sizes = append(sizes, n)
		if len(f.columns) != n {
			t.Errorf("a forest of %d features where %d are left", len(f.columns), n)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(slices.Values(order)); !slices.Equal(got, []int{0, 1, 2, 3}) || !slices.Equal(sizes, []int{4, 3, 2, 1}) {
		t.Errorf("ranked %v with forests of %v features", order, sizes)
	}
	if first := b.names[order[0]]; first != "signal" && first != "scan" {
		t.Errorf("%s is ranked first", first)
	}
}

// Folds share no row, leave none out, and have their share of every class.
func TestFoldsAreStratified(t *testing.T) {
	table := testTable(t, 600)
	rn := &run{table: table, recipe: smallPaper(), result: &Result{}}
	folds, err := rn.folds(context.Background(), table.All())
	if err != nil {
		t.Fatal(err)
	}
	var all []int32
	for _, f := range folds {
		all = append(all, f.test...)
		for c, n := range countClasses(f.truth) {
			if want := float64(table.ClassCounts()[c]) / float64(len(folds)); math.Abs(float64(n)-want) > 1 {
				t.Errorf("%d rows of class %d in a fold, want %.1f", n, c, want)
			}
		}
	}
	slices.Sort(all)
	if !slices.Equal(all, table.All()) {
		t.Error("folds overlap or leave rows out")
	}
}

// Shuffling a feature costs what the forest learnt from it, and the table is left as
// it was.
func TestPermutationImportance(t *testing.T) {
	table := testTable(t, 800)
	r := Default()
	r.Exclude, r.Forest.Trees, r.Correlation = nil, 10, 0.8
	before := make([][]float32, len(table.X))
	for c := range table.X {
		before[c] = slices.Clone(table.X[c])
	}
	b, err := prepare(table, table.All(), &r).bin(context.Background(), r.Forest.config(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	f, err := b.grow(context.Background(), r.Forest.config(1, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	loss := map[string]float64{}
	for i, l := range f.permute(table, table.All(), 3) {
		loss[f.model.Features[i]] = l
	}
	if loss["signal"] < 0.1 || loss["scan"] < 0.1 || math.Abs(loss["noise"]) > 0.1 {
		t.Errorf("losses %v", loss)
	}
	same := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(u, v float32) bool { return u == v || u != u && v != v })
	}
	for c := range before {
		if !same(before[c], table.X[c]) {
			t.Errorf("column %s was changed", table.Names[c])
		}
	}
}

// What an evaluation says agrees with itself, for perfect and for useless verdicts.
func TestEvaluationAgreesWithItself(t *testing.T) {
	k := len(dataset.Classes())
	rng := rand.New(rand.NewPCG(16, 1))
	for _, skill := range []float32{0, 0.5, 1} {
		truth := make([]uint8, 600)
		proba := make([]float32, len(truth)*k)
		for i := range truth {
			truth[i] = uint8(rng.IntN(3)) // benign, portscan, bruteforce
			said := uint8(rng.IntN(3))
			if rng.Float32() < skill {
				said = truth[i]
			}
			proba[i*k+int(said)] = 1
		}
		e, err := evaluate(truth, proba, 1)
		if err != nil {
			t.Fatal(err)
		}
		sum, support := 0.0, 0
		for _, c := range e.Classes {
			sum += c.F1 / float64(len(e.Classes))
			support += c.Support
			if c.Precision+c.Recall > 0 && math.Abs(c.F1-2*c.Precision*c.Recall/(c.Precision+c.Recall)) > 1e-9 {
				t.Errorf("F1 of %+v", c)
			}
			if c.F1 < c.F1CI.Low || c.F1 > c.F1CI.High {
				t.Errorf("F1 outside of its interval: %+v", c)
			}
		}
		if math.Abs(sum-e.MacroF1) > 1e-9 || support != len(truth) {
			t.Errorf("macro-F1 %v, mean %v; support %d of %d", e.MacroF1, sum, support, len(truth))
		}
		if skill == 1 && (e.MacroF1 != 1 || e.FalseRate != 0 || e.Recall != 1 || math.Abs(e.MCC-1) > 1e-12) {
			t.Errorf("perfect verdicts: %+v", e)
		}
		if skill == 0 && math.Abs(e.MCC) > 0.15 {
			t.Errorf("drawn verdicts have a correlation of %v", e.MCC)
		}
	}
}

// A seed changes the model, and nothing else that is equal does.
func TestSeedDecides(t *testing.T) {
	models := map[uint64][]byte{}
	for _, seed := range []uint64{1, 2, 1} {
		r := Default()
		r.Seed, r.LeaveOneOut, r.Forest.Trees = seed, false, 3
		res, err := Train(context.Background(), testTable(t, 300), r, Watch{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := res.Model.Write(&b); err != nil {
			t.Fatal(err)
		}
		if known := models[seed]; known != nil && !bytes.Equal(known, b.Bytes()) {
			t.Errorf("seed %d gave two models", seed)
		}
		models[seed] = b.Bytes()
	}
	if bytes.Equal(models[1], models[2]) {
		t.Error("two seeds gave one model")
	}
}

func TestUnusableTables(t *testing.T) {
	table := testTable(t, 200)
	table.Account.Files = []string{"a.csv", "b.csv", "c.csv", "d.csv", "e.csv"}
	if err := usable(table); err != nil {
		t.Errorf("a good table: %v", err)
	}
	for c := range table.X {
		for i := range table.X[c] {
			table.X[c][i] = float32(math.NaN())
		}
	}
	if err := usable(table); err == nil || !bytes.Contains([]byte(err.Error()), []byte("c.csv and 2 more files: every value")) {
		t.Errorf("nothing but gaps: %v", err)
	}
}
