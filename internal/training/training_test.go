package training

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"firetower/internal/dataset"
	"firetower/internal/forest"
)

// features of the little schema that tests use.
var testFeatures = []string{"signal", "copy", "scan", "noise", "constant", "gaps"}

func testSchema() dataset.Schema {
	return dataset.Schema{Profile: "cic-fixed", Hash: "test", Names: testFeatures, Find: func(name string) (int, bool) {
		for i, f := range testFeatures {
			if f == name {
				return i, true
			}
		}
		return 0, false
	}}
}

// testTable makes rows of three classes: signal tells benign from bruteforce, scan
// tells portscan, copy repeats signal, noise tells nothing, gaps has missing values.
func testTable(t testing.TB, rows int) *dataset.Table {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	var b strings.Builder
	b.WriteString(strings.Join(testFeatures, ",") + ",Timestamp,Label\n")
	for i := range rows {
		label, signal, scan := "BENIGN", rng.NormFloat64(), rng.NormFloat64()
		switch {
		case i%10 == 0:
			label, signal = "SSH-Patator", signal+6
		case i%25 == 1:
			label, scan = "PortScan", scan-7
		}
		gap := fmt.Sprint(rng.Float64())
		if i%17 == 0 {
			gap = "Infinity"
		}
		fmt.Fprintf(&b, "%g,%g,%g,%g,5,%s,2026-01-%02d 10:00:%02d,%s\n",
			signal, signal*3+rng.NormFloat64()/100, scan, rng.NormFloat64(), gap, 1+i*20/rows, i%60, label)
	}
	path := filepath.Join(t.TempDir(), "flows.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := dataset.DefaultConfig()
	cfg.Profile = "cic-fixed"
	table, err := dataset.Load(context.Background(), []string{path}, []dataset.Schema{testSchema()}, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// smallPaper is the paper's recipe with sweeps cut short.
func smallPaper() Recipe {
	r := Paper()
	r.Folds = 3
	r.Elimination.Trees, r.Elimination.MaxDepth = 5, 6
	r.Depth.To, r.Trees.To = 5, 8
	return r
}

func TestPaperPipeline(t *testing.T) {
	res, err := Train(context.Background(), testTable(t, 1200), smallPaper(), Watch{})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Constant; len(got) != 1 || got[0] != "constant" {
		t.Errorf("one-valued columns dropped: %v", got)
	}
	if c := res.Correlation; len(c.Dropped) != 1 || c.Dropped[0].Name != "copy" || c.Dropped[0].For != "signal" {
		t.Errorf("correlated columns dropped: %+v", c.Dropped)
	}
	for class, n := range res.After {
		if n != 0 && n != res.Before[0] {
			t.Errorf("after SMOTE class %d has %d rows, the largest %d", class, n, res.Before[0])
		}
	}
	if len(res.Features) < 2 || !strings.Contains("signal scan", res.Features[0]) || !strings.Contains("signal scan", res.Features[1]) {
		t.Errorf("selected %v, want signal and scan first", res.Features)
	}
	if len(res.Ranking) != 4 {
		t.Errorf("ranking of all features that took part: %v", res.Ranking)
	}
	if res.Test.Accuracy < 0.95 {
		t.Errorf("accuracy %v with %v, %+v, %+v", res.Test.Accuracy, res.Features, res.Depth, res.Trees)
	}
	if res.Model.Meta.Profile != "cic-fixed" || len(res.Model.Meta.Medians) != len(res.Features) {
		t.Errorf("model's meta: %+v", res.Model.Meta)
	}
}

// Equal data, recipe and seed give equal bytes, on one core and on several.
func TestModelBytesDoNotDependOnCores(t *testing.T) {
	var models [][]byte
	for _, cores := range []int{1, 2, 4} {
		before := runtime.GOMAXPROCS(cores)
		for _, r := range []Recipe{smallPaper(), Default()} {
			r.LeaveOneOut = false
			res, err := Train(context.Background(), testTable(t, 600), r, Watch{})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := res.Model.Write(&b); err != nil {
				t.Fatal(err)
			}
			models = append(models, b.Bytes())
		}
		runtime.GOMAXPROCS(before)
	}
	for i := 2; i < len(models); i++ {
		if !bytes.Equal(models[i], models[i%2]) {
			t.Errorf("model %d differs from model %d", i, i%2)
		}
	}
}

// What a fold's steps are fitted on must not depend on the rows it is judged by:
// changing every value of the test rows changes nothing that was prepared.
func TestNoLeakFromJudgedRows(t *testing.T) {
	table := testTable(t, 600)
	r := smallPaper()
	rn := &run{table: table, recipe: r, result: &Result{}}
	before, err := rn.folds(context.Background(), table.All())
	if err != nil {
		t.Fatal(err)
	}
	for c := range table.X {
		for _, row := range before[0].test {
			table.X[c][row] = 1e9
		}
	}
	after, err := rn.folds(context.Background(), table.All())
	if err != nil {
		t.Fatal(err)
	}
	a, b := before[0], after[0]
	if fmt.Sprint(a.names, a.medians) != fmt.Sprint(b.names, b.medians) {
		t.Error("medians or selected columns changed with the rows judged by")
	}
	for c := range a.x {
		if fmt.Sprint(a.x[c]) != fmt.Sprint(b.x[c]) {
			t.Errorf("training values of %s, synthetic ones included, changed with the rows judged by", a.names[c])
		}
	}
}

// Nor may the model depend on the rows that were held out, whatever is in them.
func TestHeldOutRowsDoNotChangeTheModel(t *testing.T) {
	var models []*forest.Model
	for _, change := range []bool{false, true} {
		for _, r := range []Recipe{smallPaper(), Default()} {
			r.Deduplicate, r.LeaveOneOut, r.Refit = false, false, false
			table := testTable(t, 600)
			if change {
				parts, err := table.Split(r.Split, r.Seed)
				if err != nil {
					t.Fatal(err)
				}
				for c := range table.X {
					for i, row := range parts.Test {
						table.X[c][row] = float32(i%7) * 1e8
					}
				}
			}
			res, err := Train(context.Background(), table, r, Watch{})
			if err != nil {
				t.Fatal(err)
			}
			models = append(models, res.Model)
		}
	}
	for i, m := range models[:2] {
		n := models[i+2]
		if !slices.Equal(m.Nodes, n.Nodes) || !slices.Equal(m.Dists, n.Dists) || !slices.Equal(m.Features, n.Features) || !slices.Equal(m.Meta.Medians, n.Meta.Medians) {
			t.Errorf("recipe %d: the model changed with the rows held out", i)
		}
	}
}

func TestOneClassOnly(t *testing.T) {
	table := testTable(t, 200)
	var benign []int32
	for i, y := range table.Y {
		if y == 0 {
			benign = append(benign, int32(i))
		}
	}
	table.Take(benign)
	_, err := Train(context.Background(), table, Default(), Watch{})
	if err == nil || !strings.Contains(err.Error(), `class "benign"`) {
		t.Errorf("one class only: %v", err)
	}
}

func TestHonesty(t *testing.T) {
	r := Default()
	r.Forest.Trees = 10
	res, err := Train(context.Background(), testTable(t, 1500), r, Watch{})
	if err != nil {
		t.Fatal(err)
	}
	h := res.Honesty
	if len(h.LeftOut) != 2 || !h.LeftOut[0].Alone {
		t.Errorf("left out: %+v", h.LeftOut)
	}
	if len(h.Splits) != 1 || !strings.Contains(h.Splits[0].About, "2026-01-") {
		t.Errorf("split by time: %+v", h.Splits)
	}
}

func TestPresetsPassTheirOwnCheck(t *testing.T) {
	for name, r := range Presets() {
		if err := r.Check(); err != nil || r.Preset != name {
			t.Errorf("%s: %v", name, err)
		}
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		back := Recipe{}
		if err := back.Read(&b); err != nil || fmt.Sprint(back) != fmt.Sprint(r) {
			t.Errorf("%s does not survive its own file: %v\n%+v\n%+v", name, err, back, r)
		}
	}
	bad := Paper()
	if err := bad.Read(strings.NewReader("smote:\n  neighbors: 3\n")); err == nil || !strings.Contains(err.Error(), "neighbors") {
		t.Errorf("a field that does not exist must be refused by name: %v", err)
	}
	for change, want := range map[string]string{
		"smote:\n  enabled: true\n  neighbours: 5\n": "exclude each other",
		"forest:\n  bootstrap: false\n":              "needs forest.bootstrap",
	} {
		r := Sources()
		if err := r.Read(strings.NewReader(change)); err != nil {
			t.Fatal(err)
		}
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", change, err, want)
		}
	}
	for _, s := range Steps() {
		if !bad.Without(s) {
			t.Errorf("step %s cannot be left out", s)
		}
	}
}
