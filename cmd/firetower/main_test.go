package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// call runs one command line as main does.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// TestProfiles: a command that fails is worth a profile, too.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	cpu, heap := filepath.Join(dir, "cpu"), filepath.Join(dir, "heap")
	code, _, stderr := call(t, "", "detect", "--cpu-profile", cpu, "--heap-profile", heap, filepath.Join(dir, "none.pcap"))
	if code != 1 || !strings.Contains(stderr, "none.pcap") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
	for _, f := range []string{cpu, heap} {
		if s, err := os.Stat(f); err != nil || s.Size() == 0 {
			t.Errorf("no profile: %v", err)
		}
	}
}

// TestBadInput holds each kind of bad input to one line that names the file and what
// to do, and to the exit status of the contract.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0}
	cases := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no such command", []string{"nonsense"}, 2, "nonsense"},
		{"nearly a command", []string{"detekt"}, 2, "did you mean detect?"},
		{"nearly a command of a group", []string{"dashboard", "token", "cretae"}, 2, "did you mean create?"},
		{"an argument too many", []string{"watch", "eth0"}, 2, "\"eth0\""},
		{"an argument too few", []string{"incidents", "show"}, 2, "name one incident"},
		{"no capture", []string{"flows"}, 2, "name captures"},
		{"no such data", []string{"evaluate", filepath.Join(dir, "none.csv")}, 1, "labelled flows"},
		{"no such recipe", []string{"train", "--out", dir, "--recipe", filepath.Join(dir, "none.yaml")}, 1, "--dump-recipe"},
		{"no such network", []string{"suppress", "add", "--reason", "x", "--source", "10.0.0.999"}, 2, "not an address"},
		{"no such configuration", []string{"watch", "--config", filepath.Join(dir, "none.yaml")}, 1, "--dump"},
		{"no store", []string{"incidents", "list", "--store", filepath.Join(dir, "none.db")}, 1, "'firetower watch' makes it"},
		{"no file", []string{"detect"}, 2, "name files"},
		{"no such flag", []string{"detect", "--jason", "x"}, 2, "--jason"},
		{"missing file", []string{"detect", filepath.Join(dir, "none.pcap")}, 1, "none.pcap"},
		{"directory", []string{"flows", dir}, 1, "directory"},
		{"empty file", []string{"flows", file("empty.pcap", nil)}, 1, "empty"},
		{"text file", []string{"flows", file("notes.txt", []byte("Dear diary,\nnothing happened."))}, 1, "notes.txt"},
		{"unknown link type", []string{"detect", file("usb.pcap", append(header, 189, 0, 0, 0))}, 1, "link type"},
		{"not a model", []string{"detect", "--model", file("m", []byte("x")), file("e.pcap", append(header, 1, 0, 0, 0))}, 1, "model"},
		{"no such profile", []string{"flows", "--profile", "cic2018", "x"}, 2, "cic2018"},
		{"bad filter", []string{"detect", "--filter", "tcp porridge", file("e2.pcap", append(header, 1, 0, 0, 0))}, 1, "porridge"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := call(t, "", c.args...)
			if code != c.code {
				t.Errorf("status %d, want %d: %s", code, c.code, stderr)
			}
			if !strings.Contains(stderr, c.want) {
				t.Errorf("%q does not say %q", stderr, c.want)
			}
			if stdout != "" {
				t.Errorf("standard output has %q", stdout)
			}
			lines := strings.Count(stderr, "\n")
			if limit := 1 + c.code/2; lines > limit { // a wrong call is also shown where help is
				t.Errorf("%d lines, want %d: %s", lines, limit, stderr)
			}
			if strings.Contains(stderr, "goroutine") {
				t.Errorf("stack trace: %s", stderr)
			}
		})
	}
}

// TestEveryCommand holds all commands to the same manners: help on standard output, a
// flag that does not exist is a wrong call.
func TestEveryCommand(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		t.Run(strings.Join(path, " "), func(t *testing.T) {
			code, stdout, stderr := call(t, "", append(path, "--help")...)
			if code != 0 || !strings.Contains(stdout, "Usage:") || stderr != "" {
				t.Errorf("--help: status %d, %q, %q", code, stdout, stderr)
			}
			code, stdout, stderr = call(t, "", append(path, "--no-such-flag")...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, "see '"+c.CommandPath()+" --help'") {
				t.Errorf("unknown flag: status %d, %q, %q", code, stdout, stderr)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRootCommand())
}

// TestDemo holds the demo to the truth of its recording: four attackers, each
// reported once under the right name, and nobody else.
func TestDemo(t *testing.T) {
	code, stdout, stderr := call(t, "", "demo", "--json")
	if code != 0 {
		t.Fatalf("status %d: %s", code, stderr)
	}
	want := map[string]attack.Class{
		"203.0.113.66":  attack.PortScan,
		"203.0.113.99":  attack.BruteForce,
		"203.0.113.150": attack.DoS,
		"203.0.113.200": attack.WebAttack,
	}
	for line := range strings.Lines(stdout) {
		var i incident.Incident
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if len(i.Actors) != 1 || want[i.Actors[0]] != i.Class {
			t.Errorf("unexpected incident: %s", line)
			continue
		}
		delete(want, i.Actors[0])
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestMailboxKeepsTheLatestAndTheOrder(t *testing.T) {
	m := newMailbox()
	for _, i := range []incident.Incident{{ID: "a", Revision: 1}, {ID: "b", Revision: 1}, {ID: "a", Revision: 2}} {
		m.put(i)
	}
	var got []string
	for {
		i, ok := m.take()
		if !ok {
			break
		}
		got = append(got, i.ID+string(rune('0'+i.Revision)))
	}
	if strings.Join(got, " ") != "a2 b1" {
		t.Errorf("got %v", got)
	}
}
