package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/incident"
	"firetower/internal/pipeline"
)

func shown() *incident.Incident {
	return &incident.Incident{
		Class: attack.PortScan, Actors: []string{"2001:db8::7"}, Targets: []string{"192.0.2.10"}, ActorsTotal: 1, TargetsTotal: 1,
		Start: time.Date(2026, 11, 23, 10, 55, 39, 0, time.UTC), Confidence: 0.99, Severity: 3, Flows: 1302, Techniques: []string{"T1046", "T1595.001"},
		Reason: "2001:db8::7 tried 300 ports of 192.0.2.10 in 0.21 s by TCP connections, ping, bare TCP ACK: 297 refused, 4 probed without a conversation.",
		Advice: "Find out who runs the scanning host. If it is yours and not a scanner you know of, treat it as infected.", Filter: "ip.addr == 192.0.2.10",
		Evidence: []behaviour.Evidence{{Name: "ports tried", Value: 1300, Normal: 12}, {Name: "rate", Value: 23.84, Unit: "/s", Normal: 0.5}, {Name: "answered", Value: 1}},
	}
}

// What goes into a file or a pipe is one line for each incident; a terminal gets
// lines that fit it, and colours only if it wants them.
func TestIncidentsFitTheTerminal(t *testing.T) {
	var piped bytes.Buffer
	if err := (terminal{}).printPlain(&piped, shown()); err != nil || strings.Count(piped.String(), "\n") != 1 || strings.Contains(piped.String(), "\x1b") {
		t.Errorf("into a pipe: %q, %v", piped.String(), err)
	}
	for _, width := range []int{40, 80, 120} {
		var b bytes.Buffer
		for _, print := range []printer{(terminal{width: width}).printPlain, (terminal{width: width}).printVerbose} {
			b.Reset()
			if err := print(&b, shown()); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > max(width, 100) { // the facts in a line stay together
					t.Errorf("%d columns: a line of %d: %q", width, n, line)
				}
			}
		}
		for _, want := range []string{"ports tried: 1,300 (normally 12)\n", "rate: 23.84 /s (normally 0.5 /s)\n", "answered: 1\n", "1,302 flows", "ATT&CK T1046 T1595.001"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%d columns, in full: no %q in\n%s", width, want, b.String())
			}
		}
	}
	var wide, coloured bytes.Buffer
	_ = (terminal{width: 300}).printPlain(&wide, shown())
	if wide.String() != piped.String() {
		t.Errorf("a terminal that is wide enough gets %q", wide.String())
	}
	_ = (terminal{width: 300, colour: true}).printPlain(&coloured, shown())
	if !strings.Contains(coloured.String(), "\x1b[1;36mPort scan") {
		t.Errorf("no colour: %q", coloured.String())
	}
}

func TestWrap(t *testing.T) {
	t40 := terminal{width: 40}
	for text, want := range map[string]string{
		"":                        "",
		"short":                   "short",
		strings.Repeat("ab ", 13): strings.TrimSpace(strings.Repeat("ab ", 12)) + "\n    ab",
		strings.Repeat("x", 60):   strings.Repeat("x", 60),
	} {
		if got := t40.wrap(indent, text); got != want {
			t.Errorf("wrap(%q) = %q, want %q", text, got, want)
		}
	}
}

// The line of life makes room for what is printed, and is cut to the terminal.
func TestLineOfLife(t *testing.T) {
	var none *life
	none.run(t.Context(), nil)
	var b bytes.Buffer
	if none.over(&b) != &b {
		t.Error("without a terminal something is between")
	}
	l := &life{out: &b, width: 10}
	l.show("watching eth0")
	fmt.Fprintln(l.over(&b), "found")
	fmt.Fprintln(l.over(&b), "again")
	if got, want := b.String(), "\r\x1b[Kwatching \r\x1b[Kfound\nagain\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	var b bytes.Buffer
	var s pipeline.Stats
	printSummary(&b, s, nil, time.Second)
	s.Flows.Flows = 5
	printSummary(&b, s, nil, time.Second)
	for _, want := range []string{"no incidents: there was no flow to look at, in 1.00 s\n", "no incidents: nobody behaved like an attacker, in 1.00 s\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
	for in, want := range map[float64]string{0: "0 b", 1250: "10.0 kb", 1.5e6: "12.0 Mb"} {
		if got := bits(in); got != want {
			t.Errorf("bits(%v) = %q, want %q", in, got, want)
		}
	}
}
