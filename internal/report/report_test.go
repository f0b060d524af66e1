package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"firetower/internal/forest"
	"firetower/internal/score"
	"firetower/internal/training"
)

// result is a run with something to show in every section.
func result() *training.Result {
	c := &training.Choice{Chosen: 3, Best: 4, Limit: 0.98, Rule: training.PlateauRule}
	for i, v := range []float64{0.6, 0.9, 0.985, 0.99, 0.989} {
		c.Trials = append(c.Trials, training.Trial{Value: i + 1, Mean: v, StdErr: 0.01})
	}
	evaluation := &training.Evaluation{
		Rows: 100, MacroF1: 0.91, Accuracy: 0.95, FalseRate: 0.02, Recall: 0.9,
		Classes: []training.ClassScore{
			{Name: "benign", F1: 0.97, Support: 80, Claim: true}, {Name: "portscan", F1: 0.85, Support: 20},
		},
		Confusion:   score.Confusion{{78, 2}, {3, 17}},
		Curves:      []score.Curve{score.PrecisionRecall([]bool{true, false, true}, []float32{0.9, 0.5, 0.4}), {}},
		Reliability: score.Calibrate([]uint8{0, 1}, []float32{0.9, 0.1, 0.4, 0.6}, 2, 10),
		Operations:  []score.Operation{score.Operate(0.9, 0.02, 0.01, 1e6)},
		Warnings:    []string{"portscan has 20 rows to test on: too few to claim anything"},
	}
	r := &training.Result{
		Recipe: training.Paper(), Profile: "cic-fixed", Labels: map[string]int{"<script>": 1},
		Before: make([]int, 9), After: make([]int, 9), FeatureCount: c, Depth: c, Trees: c,
		Correlation: &training.Correlation{
			Names: []string{"a", "b & c"}, R: [][]float64{{1, -0.9}, {-0.9, 1}},
			Dropped: []training.Twin{{Name: "b & c", For: "a", R: -0.9}},
		},
		Ranking:     []string{"Dst Port", "a"},
		Features:    []string{"Dst Port"},
		Importances: []training.Important{{Name: "Dst Port", Impurity: 1, Permutation: 0.3}},
		Test:        evaluation, SplitAbout: "drawn at random", Rows: 300, Model: &forest.Model{},
		Honesty: training.Honesty{LeftOut: []training.LeftOut{{Label: "PortScan", Class: "portscan", Rows: 20, Alone: true}}},
	}
	r.Before[0], r.After[0], r.Before[1], r.After[1] = 280, 280, 20, 280
	return r
}

func TestTrainingFiles(t *testing.T) {
	r := result()
	m := r.Metrics()
	m.Command = "firetower train --data '<x>'"
	files, err := Training(r, m)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, f := range files[1:] {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		pages[f.Name] = b.String()
	}
	page := pages["report.html"]
	for _, want := range []string{
		"How far to trust this", "0.9100", "too few", "&lt;script&gt;", "data &#39;&lt;x&gt;&#39;", "b &amp; c",
		"chosen 3, best 4", "var(--ink)", "selected here too",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "#1B1F24"} {
		if strings.Contains(strings.ReplaceAll(page, "http://www.w3.org", ""), never) {
			t.Errorf("the page holds %q: it must work without a network, without scripts, and in dark", never)
		}
	}
	for _, name := range []string{"features", "max-depth", "n-estimators", "correlation", "class-balance", "importance", "confusion", "precision-recall", "calibration"} {
		svg, ok := pages["figures/"+name+".svg"]
		if !ok {
			t.Errorf("there is no figure %s", name)
		}
		if err := wellFormed(svg); err != nil {
			t.Errorf("figure %s: %v", name, err)
		}
	}
}

// A figure's text has its width, whatever font draws it, and in the page every colour
// is the page's own, half transparent ones too.
func TestFiguresFitAndFollowTheTheme(t *testing.T) {
	f, err := correlationFigure(&training.Correlation{Names: []string{"Flow Duration", "<b> & c"}, R: [][]float64{{1, -0.37}, {0.52, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	inline := string(f.Inline())
	for _, want := range []string{`textLength="`, `lengthAdjust="spacingAndGlyphs"`, `role="img"`, "var(--s1)", "var(--accent)", "&lt;b&gt; &amp; c"} {
		if !strings.Contains(inline, want) {
			t.Errorf("the figure lacks %s", want)
		}
	}
	if at := colour.FindString(inline); at != "" {
		t.Errorf("colour %s is not the page's", at)
	}
	if err := wellFormed(string(f.svg)); err != nil {
		t.Error(err)
	}
	if strings.Contains(string(f.svg), "var(") || strings.Contains(string(f.svg), "#-") {
		t.Error("the file for a paper must hold its colours itself")
	}
}

// The links at the top lead to sections that are there.
func TestSectionsAreThere(t *testing.T) {
	little := result()
	little.Test, little.FeatureCount, little.Depth, little.Trees, little.Correlation = nil, nil, nil, nil, nil
	for _, r := range []*training.Result{result(), little} {
		files, err := Training(r, r.Metrics())
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := files[1].Write(&b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		links := regexp.MustCompile(`<a href="#([a-z]+)">`).FindAllStringSubmatch(page, -1)
		if len(links) != strings.Count(page, "<h2") {
			t.Errorf("%d links to %d sections", len(links), strings.Count(page, "<h2"))
		}
		for _, l := range links {
			if !strings.Contains(page, `id="`+l[1]+`"`) {
				t.Errorf("there is no section %s", l[1])
			}
		}
	}
}

func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// A run without a test part or sweeps has a page, too.
func TestTrainingPageOfLittle(t *testing.T) {
	r := result()
	r.Test, r.FeatureCount, r.Depth, r.Trees, r.Correlation, r.Ranking = nil, nil, nil, nil, nil, nil
	files, err := Training(r, r.Metrics())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := files[1].Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Nothing was held out") {
		t.Error("the page must say that nothing was measured")
	}
}

func TestWriteAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	say := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	full := errors.New("no space left on device")
	err := WriteAll(dir, []File{{"a.txt", say("new")}, {"b.txt", func(io.Writer) error { return full }}})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "b.txt") {
		t.Errorf("error %v must name the file and the cause", err)
	}
	if got, _ := os.ReadFile(old); string(got) != "old" {
		t.Errorf("a failed run changed a.txt to %q", got)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("a failed run left files behind: %v", left)
	}
	if err := WriteAll(dir, []File{{"a.txt", say("new")}, {"figures/b.svg", say("b")}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(old); string(got) != "new" {
		t.Errorf("a.txt is %q", got)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for in, want := range map[float64]string{0: "0 %", 1: "100 %", 0.00013: "0.013 %", 0.0123: "1.23 %", 0.456: "45.6 %", 0.9999: "99.990 %"} {
		if got := percent(in); got != want {
			t.Errorf("percent(%v) = %s, want %s", in, got, want)
		}
	}
}
