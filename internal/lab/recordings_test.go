package lab

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/pipeline"
)

// TestRecordings judges what Firetower says of the lab's small recordings by the
// rules of the live runs.
func TestRecordings(t *testing.T) {
	dir := filepath.Join("..", "..", "lab", "recordings")
	rows, err := readManifest(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := detect.Open("")
	if err != nil {
		t.Skipf("no model is built in: %v", err)
	}
	for _, row := range rows {
		t.Run(strings.TrimSuffix(row.file, ".pcap.gz"), func(t *testing.T) {
			judge, err := detect.NewJudge(model, flow.CICFixed)
			if err != nil {
				t.Fatal(err)
			}
			p := pipeline.New(pipeline.DefaultConfig(), judge, pipeline.Outputs{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
			if err := p.Read(t.Context(), pipeline.File(filepath.Join(dir, row.file))); err != nil {
				t.Fatal(err)
			}
			res := Judge(Truth{Class: row.class, Attackers: row.attackers, Victims: row.victims}, heard(t, p))
			if row.class != attack.Benign && !res.Detected {
				t.Errorf("missed; said of the attacker: %v", res.As)
			}
			if len(res.False) > 0 {
				t.Errorf("false: %v", res.False)
			}
		})
	}
}

// heard gives a finished pipeline's incidents as the outside reads them.
func heard(t *testing.T, p *pipeline.Pipeline) (all []said) {
	for _, i := range p.Incidents() {
		b, err := json.Marshal(i)
		if err != nil {
			t.Fatal(err)
		}
		var s said
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestDemo holds the bundled capture to its own truth: four incidents, each of its
// attacker and class, and no other.
func TestDemo(t *testing.T) {
	dir := filepath.Join("..", "..", "demo")
	model, err := detect.Open("")
	if err != nil {
		t.Skipf("no model is built in: %v", err)
	}
	judge, err := detect.NewJudge(model, flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	p := pipeline.New(pipeline.DefaultConfig(), judge, pipeline.Outputs{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err := p.Read(t.Context(), pipeline.File(filepath.Join(dir, "demo.pcap.gz"))); err != nil {
		t.Fatal(err)
	}
	said := heard(t, p)
	text, err := os.ReadFile(filepath.Join(dir, "truth.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	if len(said) != len(lines) {
		t.Errorf("%d incidents, want %d", len(said), len(lines))
	}
	for _, l := range lines {
		c := strings.Split(l, "\t")
		found := false
		for _, s := range said {
			found = found || s.Class == c[2] && touches(s.Actors, addrs(c[3])) && touches(s.Targets, addrs(c[4]))
		}
		if !found {
			t.Errorf("no incident for %s", l)
		}
	}
}
