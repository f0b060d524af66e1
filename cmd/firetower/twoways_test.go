package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// TestTwoInterfacesLoseNothing watches both ends' interfaces of two networks, ends the
// daemon just behind a scan, and adds up the flow records.
func TestTwoInterfacesLoseNothing(t *testing.T) {
	s := newSegment(t)
	s.ip("link", "add", "w0", "netns", s.attacker, "type", "veth", "peer", "name", "w1", "netns", s.victim)
	s.ip("-n", s.attacker, "addr", "add", "10.78.0.1/24", "dev", "w0")
	s.ip("-n", s.victim, "addr", "add", "10.78.0.2/24", "dev", "w1")
	s.ip("-n", s.attacker, "link", "set", "w0", "up")
	s.ip("-n", s.victim, "link", "set", "w1", "up")
	dir := publicDir(t)
	config := filepath.Join(dir, "firetower.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "capture: {filter: tcp}\nstore: {path: %s/state/f.db}\nflow_log: {dir: %s/flows}\n", dir, dir), 0o644); err != nil {
		t.Fatal(err)
	}
	w := s.watch("-i", "v1", "-i", "w1", "--config", config)
	for _, victim := range []string{"10.77.0.2", "10.78.0.2"} {
		if out, err := s.in(s.attacker, "scanner", victim).CombinedOutput(); err != nil {
			t.Fatalf("scan: %v: %s", err, out)
		}
	}
	w.stop()
	said := regexp.MustCompile(`msg=stopped packets=(\d+) dropped=0`).FindStringSubmatch(w.logged())
	if said == nil {
		t.Fatalf("no last words:\n%s", w.logged())
	}
	want, _ := strconv.Atoi(said[1])
	got := 0
	files, _ := filepath.Glob(filepath.Join(dir, "flows", "*.csv"))
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		fwd, bwd := slices.Index(rows[0], "Total Fwd Packet"), slices.Index(rows[0], "Total Bwd packets")
		if fwd < 0 || bwd < 0 {
			t.Fatalf("header %v", rows[0])
		}
		for _, row := range rows[1:] {
			a, _ := strconv.Atoi(row[fwd])
			b, _ := strconv.Atoi(row[bwd])
			got += a + b
		}
	}
	if got != want || want < 800 {
		t.Errorf("%d packets in flow records, %d captured", got, want)
	}
}
