package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"firetower/internal/feature"
	"firetower/internal/flow"
)

// labelledFlows writes a flow CSV of two classes that differ in packets and bytes.
func labelledFlows(t *testing.T, rows int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	names := strings.Split(strings.TrimSpace(string(feature.For(flow.CICFixed).AppendHeader(nil))), ",")
	var b strings.Builder
	b.WriteString(strings.Join(names, ",") + "\n")
	for i := range rows {
		cells := make([]string, len(names))
		for j, name := range names {
			switch {
			case name == "Label":
				cells[j] = []string{"BENIGN", "SSH-Patator"}[i%2]
			case strings.Contains(name, "IP"):
				cells[j] = "192.0.2.7"
			case name == "Timestamp":
				cells[j] = fmt.Sprintf("2026-01-0%d 03:04:05.5", 1+i*5/rows)
			case name == "Flow ID":
				cells[j] = "x"
			default:
				cells[j] = fmt.Sprintf("%.3f", rng.Float64()*100+float64(i%2)*90)
			}
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	path := filepath.Join(t.TempDir(), "flows.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTrainEvaluateExplainExportImport(t *testing.T) {
	data, out := labelledFlows(t, 300), filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "", "train", "--data", data, "--out", out, "--trees", "5")
	if code != 0 || stdout != "" {
		t.Fatalf("train: exit %d, standard output %q\n%s", code, stdout, stderr)
	}
	for _, name := range []string{"model.firetower", "report.html", "metrics.json", "figures/confusion.svg"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := os.ReadFile(filepath.Join(out, "metrics.json"))
	if err != nil {
		t.Fatal(err)
	}
	checkMetrics(t, b)

	model := filepath.Join(out, "model.firetower")
	code, stdout, stderr = call(t, "", "evaluate", "--model", model, "--json", "--data", data)
	if code != 0 {
		t.Fatalf("evaluate: exit %d: %s", code, stderr)
	}
	checkMetrics(t, []byte(stdout))

	code, stdout, stderr = call(t, "", "explain", "--model", model, "--flow", "2", data)
	if code != 0 || !strings.Contains(stdout, "usual if brute force") {
		t.Errorf("explain: exit %d: %s%s", code, stdout, stderr)
	}
	file, back := filepath.Join(out, "m.onnx"), filepath.Join(out, "back.firetower")
	if code, _, stderr = call(t, "", "export", "--model", model, file); code != 0 {
		t.Fatalf("export: exit %d: %s", code, stderr)
	}
	if code, _, stderr = call(t, "", "import", "--out", back, file); code != 0 {
		t.Fatalf("import: exit %d: %s", code, stderr)
	}
	_, again, _ := call(t, "", "evaluate", "--model", back, "--json", "--data", data)
	var a, z map[string]any
	if json.Unmarshal([]byte(stdout), &a); json.Unmarshal([]byte(again), &z) != nil || z["macro_f1"] == nil {
		t.Errorf("the imported model: %s", again)
	}
}

// checkMetrics looks for the keys that checks from outside rely on.
func checkMetrics(t *testing.T, b []byte) {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"macro_f1", "accuracy", "classes", "features", "max_depth", "n_estimators", "seed", "train_seconds", "rows"} {
		if _, ok := m[key]; !ok {
			t.Errorf("metrics lack %q", key)
		}
	}
	for _, c := range m["classes"].([]any) {
		for _, key := range []string{"name", "precision", "recall", "f1", "support"} {
			if _, ok := c.(map[string]any)[key]; !ok {
				t.Errorf("a class lacks %q", key)
			}
		}
	}
}

func TestTrainingCallsThatFail(t *testing.T) {
	data, out := labelledFlows(t, 40), t.TempDir()
	file := filepath.Join(out, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		want int
		say  string
		args []string
	}{
		{2, "--out", []string{"train", "--data", data}},
		{2, "--data", []string{"train", "--out", out}},
		{2, "no preset", []string{"train", "--preset", "best", "--data", data, "--out", out}},
		{2, "no step", []string{"train", "--without", "luck", "--data", data, "--out", out}},
		{2, "attempted", []string{"train", "--attempted", "maybe", "--data", data, "--out", out}},
		{2, "correlation", []string{"train", "--correlation", "7", "--data", data, "--out", out}},
		{1, "none.csv", []string{"train", "--data", "none.csv", "--out", out}},
		{1, "--label-column", []string{"train", "--label-column", "Verdict", "--data", data, "--out", out}},
		{1, "at least two groups", []string{"train", "--split", "group", "--data", data, "--out", out}},
		{1, "output folder", []string{"train", "--data", data, "--out", filepath.Join(file, "below")}},
		{1, "none.firetower", []string{"evaluate", "--model", "none.firetower", "--data", data}},
		{1, "cic2017", []string{"train", "--profile", "cic2018", "--data", data, "--out", out}},
	}
	for _, tt := range tests {
		code, _, stderr := call(t, "", tt.args...)
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		if code != tt.want || !strings.Contains(stderr, tt.say) || strings.Contains(stderr, "goroutine") {
			t.Errorf("%v: exit %d, want %d with %q; said %q", tt.args, code, tt.want, tt.say, lines[len(lines)-1])
		}
	}
	if _, err := os.Stat(filepath.Join(out, "model.firetower")); err == nil {
		t.Error("a failed call left a model behind")
	}
}

func TestRecipeAndLabelsCanBePrinted(t *testing.T) {
	code, recipe, _ := call(t, "", "train", "--preset", "paper", "--dump-recipe", "--seed", "9")
	if code != 0 || !strings.Contains(recipe, "seed: 9") || !strings.Contains(recipe, "correlation: 0.8") {
		t.Errorf("recipe: %s", recipe)
	}
	path := filepath.Join(t.TempDir(), "recipe.yaml")
	if err := os.WriteFile(path, []byte(recipe), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, again, _ := call(t, "", "train", "--recipe", path, "--dump-recipe"); again != recipe {
		t.Errorf("a recipe printed and read is another:\n%s\n%s", recipe, again)
	}
	if err := os.WriteFile(path, []byte("seed: 2\ndeep: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, said := call(t, "", "train", "--recipe", path, "--dump-recipe"); code != 1 || strings.Count(said, "\n") != 1 ||
		!strings.Contains(said, "recipe.yaml: [2:1]") || !strings.Contains(said, `"deep"`) || !strings.Contains(said, "--dump-recipe") {
		t.Errorf("a recipe with a field that is none: exit %d: %s", code, said)
	}
	if _, labels, _ := call(t, "", "train", "--dump-labels"); !strings.Contains(labels, "FTP-Patator") {
		t.Errorf("labels: %s", labels)
	}
}
