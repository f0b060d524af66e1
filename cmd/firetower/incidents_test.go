package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/store/sqlite"
	"firetower/internal/store/storetest"
)

// aStore makes a store with 40 incidents of this week, 37 of them by one scanner.
func aStore(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "f.db")
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n := range 40 {
		inc := storetest.Incident(n)
		inc.Actors = []string{"10.0.0.5"}
		if n >= 37 {
			inc.Actors, inc.Class = []string{"203.0.113.7"}, attack.PortScan
		}
		inc.Start = time.Now().Add(-time.Duration(n) * 2 * time.Hour) // over three days
		inc.End, inc.Detected = inc.Start, inc.Start
		if err := s.Record(ctx, time.Now(), inc, 0, []store.Alert{storetest.AlertFor(inc, "mail", "new", time.Now())}); err != nil {
			t.Fatal(err)
		}
		if err := s.PutEvidence(ctx, time.Now(), inc.ID, store.EvidenceFlows, []byte("Src IP,Label\n"+inc.Actors[0]+",\n")); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// expect runs a command that has to succeed and whose output has to hold all of want.
func expect(t *testing.T, want []string, args ...string) string {
	t.Helper()
	code, stdout, stderr := call(t, "", args...)
	if code != 0 {
		t.Fatalf("%v: status %d: %s", args, code, stderr)
	}
	for _, w := range want {
		if !strings.Contains(stdout+stderr, w) {
			t.Errorf("%v printed\n%s%s\nwithout %q", args, stdout, stderr, w)
		}
	}
	return stdout
}

func TestIncidentsCommand(t *testing.T) {
	db := aStore(t)
	out := expect(t, []string{"Brute force: 10.0.0.5 -> 192.0.2.10 port 22 (sure: 98 %)"}, "incidents", "list", "--store", db)
	if n := strings.Count(out, "\n"); n != 40 {
		t.Errorf("%d lines, want 40", n)
	}
	if out := expect(t, nil, "incidents", "list", "--store", db, "--class", "portscan", "--since", "7d", "--address", "203.0.113.7", "--json"); strings.Count(out, `"event_type":"incident"`) != 3 {
		t.Errorf("got %s", out)
	}
	expect(t, []string{"5 of 40"}, "incidents", "list", "--store", db, "-n", "5")
	expect(t, []string{"40 log-ins failed", "measured", "revision 1", "new to mail: pending"}, "incidents", "show", "--store", db, "i000003")
	expect(t, nil, "incidents", "false-alarm", "--store", db, "i000003", "--note", "the backup")
	expect(t, []string{"false_alarm", "the backup"}, "incidents", "show", "--store", db, "i000003")
	out = expect(t, []string{"1 flows of 1 false alarms"}, "incidents", "export", "--store", db)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "10.0.0.5" || rows[1][1] != "BENIGN" {
		t.Errorf("exported %q, %v", out, err)
	}
}

func TestSuppressCommand(t *testing.T) {
	db := aStore(t)
	expect(t, []string{"would have hidden 37 of 40 incidents in the last week", "Brute force: 10.0.0.5"},
		"suppress", "preview", "--store", db, "--source", "10.0.0.5")
	expect(t, []string{"suppression 1: bruteforce from 10.0.0.5 port 22", "would have hidden 37 of 40"},
		"suppress", "add", "--store", db, "--source", "10.0.0.5", "--class", "bruteforce", "--port", "22", "--reason", "our scanner", "--expires", "90d")
	expect(t, []string{"1  bruteforce from 10.0.0.5 port 22, until ", "our scanner (0 hidden)"}, "suppress", "list", "--store", db)
	expect(t, nil, "suppress", "remove", "--store", db, "1", "--reason", "gone")
	expect(t, []string{"suppression.add", "suppression.remove suppression:1  gone"}, "suppress", "audit", "--store", db)
	if out := expect(t, nil, "suppress", "list", "--store", db); out != "" {
		t.Errorf("still in force: %s", out)
	}
	expect(t, []string{"suppress add --source 10.0.0.5 --class bruteforce --port 22"}, "suppress", "suggest", "--store", db)
}

func TestStoreCommandsSayWhatIsWrong(t *testing.T) {
	db := aStore(t)
	tests := []struct {
		code int
		want string
		args []string
	}{
		{1, "there is no store at", []string{"incidents", "list", "--store", filepath.Join(t.TempDir(), "none.db")}},
		{1, "there is no incident", []string{"incidents", "show", "--store", db, "none"}},
		{2, "--since", []string{"incidents", "list", "--store", db, "--since", "yesterday"}},
		{2, "--class", []string{"incidents", "list", "--store", db, "--class", "scan"}},
		{2, "hide everything", []string{"suppress", "add", "--store", db, "--reason", "x"}},
		{2, "needs a reason", []string{"suppress", "add", "--store", db, "--source", "10.0.0.5"}},
		{2, "not an address", []string{"suppress", "add", "--store", db, "--source", "10.0.0", "--reason", "x"}},
		{2, "--expires", []string{"suppress", "add", "--store", db, "--source", "10.0.0.5", "--reason", "x", "--expires", "2001-01-01"}},
		{1, "not found", []string{"suppress", "remove", "--store", db, "7"}},
		{1, "has no sinks", []string{"alert", "test"}},
	}
	for _, tt := range tests {
		code, _, stderr := call(t, "", tt.args...)
		if code != tt.code || !strings.Contains(stderr, tt.want) {
			t.Errorf("%v: status %d, %q; want %d with %q", tt.args, code, stderr, tt.code, tt.want)
		}
	}
}

func TestAlertCommand(t *testing.T) {
	got := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { got++ }))
	defer server.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "c.yaml")
	text := fmt.Sprintf("alerts:\n  webhook:\n    - {url: %q}\n  syslog:\n    - {network: tcp, address: '127.0.0.1:1'}\neve: {path: %q}\n", server.URL, filepath.Join(dir, "eve.json"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, []string{"webhook: delivered in", "eve: delivered in"}, "alert", "test", "--config", config, "webhook", "eve")
	if b, err := os.ReadFile(filepath.Join(dir, "eve.json")); err != nil || got != 1 || !strings.Contains(string(b), "This is a test") {
		t.Errorf("%d posts, EVE %s, %v", got, b, err)
	}
	code, stdout, stderr := call(t, "", "alert", "test", "--config", config)
	if code != 1 || !strings.Contains(stdout, "syslog: failed:") || !strings.Contains(stderr, "1 of the sinks failed") {
		t.Errorf("status %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := call(t, "", "alert", "test", "--config", config, "nosuch"); code != 2 || !strings.Contains(stderr, "there are webhook, syslog, eve") {
		t.Errorf("status %d: %s", code, stderr)
	}
	db := aStore(t)
	expect(t, []string{"mail: 0 delivered, 40 pending (0 held back, 0 failing), 0 given up"}, "alert", "status", "--store", db)
	expect(t, nil, "alert", "retry", "--store", db, "mail")
}
