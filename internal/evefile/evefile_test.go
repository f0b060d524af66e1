package evefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// whole gives the events of a file, each of which has to be a JSON object.
func whole(t *testing.T, path string) (out []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		out = append(out, m)
	}
	return out
}

func add(t *testing.T, f *File, line string) {
	t.Helper()
	if err := f.Append([]byte(line + "\n")); err != nil {
		t.Fatal(err)
	}
}

// TestMovedAway is what logrotate does, with and without a signal.
func TestMovedAway(t *testing.T) {
	for name, after := range map[string]func(f *File){
		"SIGHUP":    func(f *File) { f.Reopen() },
		"no signal": func(*File) { time.Sleep(lookEvery + 100*time.Millisecond) },
	} {
		path := filepath.Join(t.TempDir(), "eve.json")
		f := New(Config{Path: path})
		add(t, f, `{"a":1}`)
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
		after(f)
		add(t, f, `{"a":2}`)
		if a, b := whole(t, path+".1"), whole(t, path); len(a) != 1 || len(b) != 1 || b[0]["a"] != 2.0 {
			t.Errorf("%s: %v, %v", name, a, b)
		}
	}
}

func TestRotationBySizeKeepsTheLatest(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "eve.json")
	other := filepath.Join(dir, "eve-archive.json") // somebody else's
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := New(Config{Path: path, RotateBytes: 1 << 16, Keep: 2})
	line := fmt.Sprintf(`{"pad":%q}`, strings.Repeat("x", 1<<14))
	for range 30 {
		add(t, f, line)
		time.Sleep(2 * time.Millisecond) // names hold milliseconds
	}
	aside, _ := filepath.Glob(filepath.Join(dir, "eve-2*.json"))
	if len(aside) != 2 {
		t.Errorf("%d files stay, want 2: %v", len(aside), aside)
	}
	for _, p := range append(aside, path) {
		if n := len(whole(t, p)); n == 0 || n > 5 {
			t.Errorf("%s has %d lines", p, n)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestRotationByTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	f := New(Config{Path: path, RotateEvery: time.Second})
	add(t, f, `{"a":1}`)
	time.Sleep(1100 * time.Millisecond)
	add(t, f, `{"a":2}`)
	if got := whole(t, path); len(got) != 1 || got[0]["a"] != 2.0 {
		t.Errorf("%v", got)
	}
}

// TestWritersDoNotMix has alerts, flows and counters write at once, and another
// process with a file of its own.
func TestWritersDoNotMix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	one, other := New(Config{Path: path}), New(Config{Path: path})
	var wg sync.WaitGroup
	for w := range 4 {
		f := one
		if w == 3 {
			f = other
		}
		wg.Go(func() {
			for i := range 200 {
				line := fmt.Sprintf(`{"w":%d,"i":%d,"pad":%q}`, w, i, strings.Repeat("x", 3000))
				if err := f.Append([]byte(line + "\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(whole(t, path)); n != 800 {
		t.Errorf("%d lines, want 800", n)
	}
}

// TestATornLineIsTakenAway: a process that was killed half-way through a line must
// not spoil the next one.
func TestATornLineIsTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	for _, before := range []string{"{\"a\":1}\n{\"a\":2", "{\"a\":1}\n"} {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		add(t, New(Config{Path: path}), `{"a":3}`)
		if got := whole(t, path); len(got) != 2 || got[1]["a"] != 3.0 {
			t.Errorf("%q becomes %v", before, got)
		}
	}
}

func TestCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	at := time.Date(2026, 11, 23, 6, 24, 0, 251547000, time.FixedZone("", 3600))
	if err := New(Config{Path: path}).Count(at, "sensor", Counters{Uptime: time.Minute, Packets: 90, Drops: 10, Flows: 7, Alerts: 3}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	for _, want := range []string{`"timestamp":"2026-11-23T06:24:00.251547+0100","event_type":"stats"`, `"kernel_packets":100`, `"kernel_drops":10`, `"uptime":60`, `"total":7`, `"alert":3`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestAFullDiskIsAnError(t *testing.T) {
	if err := New(Config{Path: "/dev/full"}).Append([]byte("{}\n")); err == nil {
		t.Error("a line on a full disk counts as written")
	}
}

func TestWrongSettings(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"type":   func(c *Config) { c.Types = []string{"alerts"} },
		"none":   func(c *Config) { c.Types = nil },
		"bytes":  func(c *Config) { c.RotateBytes = 1 },
		"age":    func(c *Config) { c.RotateEvery = 1 },
		"":       func(*Config) {},
		"no eve": func(c *Config) { *c = Config{} },
	} {
		c := DefaultConfig()
		c.Path = "eve.json"
		change(&c)
		if err := c.Validate(); (err != nil) != (name != "" && name != "no eve") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
