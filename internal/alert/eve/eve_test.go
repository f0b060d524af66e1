package eve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/alert/eve"
	"firetower/internal/attack"
	"firetower/internal/evefile"
	"firetower/internal/incident"
)

func item(text string) alert.Item {
	at := time.Date(2026, 11, 23, 6, 24, 0, 251547000, time.FixedZone("", 3600))
	return alert.Item{Kind: alert.New, Created: at, Incident: &incident.Incident{ID: "bf-1", Class: attack.BruteForce, Title: text,
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22}, ActorsTotal: 1, TargetsTotal: 1,
		Start: at, End: at, Flows: 312, Confidence: 0.984, Severity: 2, Techniques: []string{"T1110.001"}, Reason: text,
		CommunityIDs: []string{"1:LQU9qZlK+B5F3KDmev6m5PMibrg="}, Filter: "tcp.port == 22", Revision: 3}}
}

func lines(t *testing.T, path string) (out []map[string]any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var m map[string]any
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatalf("%v: %q", err, s.Text())
		}
		out = append(out, m)
	}
	return out
}

// TestFormat holds the event to the fields and types of Suricata's JSON schema
// for alerts.
func TestFormat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "eve.json")
	s := eve.NewSink(evefile.New(evefile.Config{Path: path}), "sensor-1")
	evil := "Brute force \r\n{\"event_type\":\"alert\"}\n\xff\x00\u2028"
	notice := alert.Item{Kind: alert.Notice, Created: time.Now(), Notice: &alert.NoticeText{Title: evil, Text: evil, Severity: 1}}
	if err := s.Deliver(context.Background(), &alert.Message{Items: []alert.Item{item(evil), notice}}); err != nil {
		t.Fatal(err)
	}
	got := lines(t, path)
	if len(got) != 2 {
		t.Fatalf("%d lines, want 2", len(got))
	}
	e := got[0]
	if ts := e["timestamp"].(string); !regexp.MustCompile(`^2026-11-23T06:24:00\.251547\+0100$`).MatchString(ts) {
		t.Errorf("timestamp %q", ts)
	}
	for name, want := range map[string]any{"event_type": "alert", "src_ip": "203.0.113.7", "dest_ip": "192.0.2.10", "dest_port": 22.0, "proto": "TCP",
		"community_id": "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "host": "sensor-1"} {
		if e[name] != want {
			t.Errorf("%s is %v, want %v", name, e[name], want)
		}
	}
	if id := e["flow_id"].(float64); uint64(id) != evefile.FlowID("1:LQU9qZlK+B5F3KDmev6m5PMibrg=") || id >= 1<<53 {
		t.Errorf("flow_id %g is not that of the flow, or not exact in JavaScript", id)
	}
	a := e["alert"].(map[string]any)
	if a["action"] != "allowed" || a["gid"] != 7300.0 || a["signature_id"] != 101.0 || a["rev"] != 3.0 || a["severity"] != 2.0 || a["category"] != "Brute force" || a["signature"] != "Firetower: Brute force" {
		t.Errorf("alert %v", a)
	}
	if m := a["metadata"].(map[string]any); m["mitre_technique_id"].([]any)[0] != "T1110.001" || m["confidence"].([]any)[0] != "0.98" {
		t.Errorf("metadata %v", m)
	}
	if inc := e["firetower"].(map[string]any)["incident"].(map[string]any); inc["id"] != "bf-1" {
		t.Errorf("incident %v", inc)
	}
}

func TestFullDisk(t *testing.T) {
	s := eve.NewSink(evefile.New(evefile.Config{Path: "/dev/full"}), "")
	if err := s.Deliver(context.Background(), &alert.Message{Items: []alert.Item{item("x")}}); err == nil {
		t.Error("an alert on a full disk counts as delivered")
	}
}
