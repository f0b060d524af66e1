package flowlog

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/evefile"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

func record(port uint16) *flow.Record {
	a, b := packet.Addr{10: 255, 11: 255, 12: 192, 14: 2, 15: 1}, packet.Addr{10: 255, 11: 255, 12: 192, 14: 2, 15: 2}
	return &flow.Record{
		ID: 7, Tuple: flow.Tuple{Src: a, Dst: b, SrcPort: port, DstPort: 22, Proto: packet.TCP},
		Start: 1_700_000_000_000_000, Last: 1_700_000_000_000_000,
		Fwd:    flow.Direction{Packets: 1, Wire: 60, Flags: packet.SYN, FirstFlags: packet.SYN},
		Reason: flow.Idle,
	}
}

// logged runs a log over n records and gives the files it made, oldest first.
func logged(t *testing.T, cfg Config, n int) []string {
	t.Helper()
	l, err := New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Run(context.Background()) }()
	for i := range n {
		l.Write(record(uint16(1000+i)), detect.Verdict{Class: attack.PortScan, Probability: 0.5})
		if i%100 == 99 {
			l.Flush()
			time.Sleep(2 * time.Millisecond) // names hold milliseconds
		}
	}
	l.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Written != uint64(n) || s.Dropped != 0 || s.Failed != 0 {
		t.Errorf("stats %+v for %d records", s, n)
	}
	files, _ := filepath.Glob(filepath.Join(cfg.Dir, "*"))
	slices.Sort(files)
	return files
}

func config(t *testing.T, format string) Config {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Format = t.TempDir(), format
	return cfg
}

func TestCSVHasAHeaderInEachFileAndRotates(t *testing.T) {
	cfg := config(t, "csv")
	cfg.RotateBytes = 1 << 16
	rows := 0
	files := logged(t, cfg, 1000)
	if len(files) < 3 {
		t.Fatalf("%d files; none was rotated", len(files))
	}
	header := string(feature.For(flow.CICFixed).AppendHeader(nil))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		if !strings.HasPrefix(string(text), header) {
			t.Errorf("%s has no header", f)
		}
		rows += bytes.Count(text, []byte{'\n'}) - 1
	}
	if rows != 1000 {
		t.Errorf("%d rows of 1000", rows)
	}
}

func TestOldFilesAreRemoved(t *testing.T) {
	cfg := config(t, "csv")
	cfg.RotateBytes, cfg.Keep = 1<<16, 2
	if files := logged(t, cfg, 1000); len(files) != 2 {
		t.Errorf("%d files stay, want 2", len(files))
	}
}

func TestParquetReadsBack(t *testing.T) {
	files := logged(t, config(t, "parquet"), 300)
	if len(files) != 1 {
		t.Fatalf("files %v", files)
	}
	type row struct {
		SrcPort  float64 `parquet:"Src Port"`
		DstIP    string  `parquet:"Dst IP"`
		Protocol float64 `parquet:"Protocol"`
	}
	rows, err := parquet.ReadFile[row](files[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 300 || rows[299].SrcPort != 1299 || rows[0].DstIP != "192.0.2.2" || rows[0].Protocol != 6 {
		t.Errorf("%d rows, last %+v", len(rows), rows[len(rows)-1])
	}
}

func TestEVE(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	shared := evefile.New(evefile.Config{Path: path})
	l := NewEVE(shared, "sensor", slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- l.Run(context.Background()) }()
	const n = 3000 // several chunks
	for i := range n {
		l.Write(record(uint16(1000+i)), detect.Verdict{Class: attack.PortScan, Probability: 0.5})
		if i%500 == 0 {
			if err := shared.Count(time.Now(), "sensor", evefile.Counters{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	flows, stats, lines := 0, 0, strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if e["event_type"] == "stats" {
			stats++
			continue
		}
		flows++
		for key, want := range map[string]any{
			"event_type": "flow", "src_ip": "192.0.2.1", "dest_port": 22.0, "proto": "TCP", "host": "sensor",
			"timestamp": "2023-11-14T22:13:20.000000+0000",
		} {
			if e[key] != want {
				t.Errorf("%s is %v, want %v", key, e[key], want)
			}
		}
		if f := e["flow"].(map[string]any); f["state"] != "new" || f["reason"] != "timeout" || f["pkts_toserver"] != 1.0 {
			t.Errorf("flow %v", f)
		}
	}
	if flows != n || stats != n/500 || l.Stats().Written != n {
		t.Errorf("%d flows, %d stats, %+v", flows, stats, l.Stats())
	}
}

func TestADiskThatRefusesIsCounted(t *testing.T) {
	cfg := config(t, "csv")
	cfg.Dir = filepath.Join(cfg.Dir, "file")
	if err := os.WriteFile(cfg.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Run(context.Background()) }()
	l.Write(record(1), detect.Verdict{})
	l.Close()
	<-done
	if s := l.Stats(); s.Failed != 1 || s.Written != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestWrongSettings(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"format": func(c *Config) { c.Format = "xml" },
		"bytes":  func(c *Config) { c.RotateBytes = 1 },
		"every":  func(c *Config) { c.RotateEvery = 0 },
	} {
		cfg := config(t, "csv")
		change(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
