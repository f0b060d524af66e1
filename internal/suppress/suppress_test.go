package suppress

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

var at = time.Date(2026, 11, 23, 6, 24, 0, 0, time.UTC)

func scan(actors, targets string, ports ...uint16) *incident.Incident {
	a, t := strings.Fields(actors), strings.Fields(targets)
	return &incident.Incident{ID: "x", Class: attack.PortScan, Actors: a, Targets: t, Ports: ports,
		ActorsTotal: len(a), TargetsTotal: len(t), PortsTotal: len(ports), Start: at, End: at, Severity: 3}
}

func more(inc *incident.Incident) *incident.Incident {
	inc.ActorsTotal, inc.TargetsTotal, inc.PortsTotal = 1000, 1000, 1000
	return inc
}

func TestMatch(t *testing.T) {
	one := scan("10.0.0.5", "192.0.2.10 192.0.2.11", 22)
	tests := []struct {
		name string
		rule Rule
		inc  *incident.Incident
		want bool
	}{
		{"source", Rule{Source: "10.0.0.5"}, one, true},
		{"another source", Rule{Source: "10.0.0.50"}, one, false},
		{"source network", Rule{Source: "10.0.0.0/24"}, one, true},
		{"host bits do not matter", Rule{Source: "10.0.0.99/24"}, one, true},
		{"all networks", Rule{Source: "0.0.0.0/0"}, one, true},
		{"destination has to hold all targets", Rule{Destination: "192.0.2.10"}, one, false},
		{"destination network", Rule{Destination: "192.0.2.0/24"}, one, true},
		{"network on the source's side", Rule{Network: "10.0.0.0/8"}, one, true},
		{"network on the target's side", Rule{Network: "192.0.2.0/24"}, one, true},
		{"network on neither", Rule{Network: "172.16.0.0/12"}, one, false},
		{"port", Rule{Ports: []uint16{22}}, one, true},
		{"one of the ports", Rule{Ports: []uint16{443, 22}}, one, true},
		{"other port", Rule{Ports: []uint16{443}}, one, false},
		{"not all ports", Rule{Ports: []uint16{22}}, scan("10.0.0.5", "192.0.2.10", 22, 23), false},
		{"an incident without ports", Rule{Ports: []uint16{22}}, scan("10.0.0.5", "192.0.2.10"), false},
		{"class", Rule{Class: attack.PortScan}, one, true},
		{"other class", Rule{Class: attack.Bot}, one, false},
		{"all of it", Rule{Source: "10.0.0.5", Destination: "192.0.2.0/24", Network: "10.0.0.0/8", Ports: []uint16{22}, Class: attack.PortScan}, one, true},
		{"one part wrong", Rule{Source: "10.0.0.5", Destination: "192.0.2.0/24", Ports: []uint16{23}, Class: attack.PortScan}, one, false},
		{"one of many sources", Rule{Source: "10.0.0.5"}, scan("10.0.0.5 203.0.113.7", "192.0.2.10", 22), false},
		{"an address does not stand for those not listed", Rule{Source: "10.0.0.5"}, more(scan("10.0.0.5", "192.0.2.10", 22)), false},
		{"a network does", Rule{Source: "10.0.0.0/8"}, more(scan("10.0.0.5", "192.0.2.10", 22)), true},
		{"ports that are not listed", Rule{Ports: []uint16{22}}, more(scan("10.0.0.5", "192.0.2.10", 22)), false},
		{"IPv6", Rule{Source: "2001:db8::/32"}, scan("2001:db8:0:0::1", "192.0.2.10"), true},
		{"IPv4 in IPv6 in the incident", Rule{Source: "10.0.0.0/8"}, scan("::ffff:10.0.0.5", "192.0.2.10"), true},
		{"IPv4 in IPv6 in the rule", Rule{Source: "::ffff:10.0.0.5"}, one, true},
		{"zone", Rule{Source: "fe80::1"}, scan("fe80::1%eth0", "192.0.2.10"), true},
		{"IPv4 rule, IPv6 actor", Rule{Source: "0.0.0.0/0"}, scan("2001:db8::1", "192.0.2.10"), false},
		{"no actors known", Rule{Source: "0.0.0.0/0"}, scan("", "192.0.2.10"), false},
		{"an actor that is no address", Rule{Source: "0.0.0.0/0"}, scan("x", "192.0.2.10"), false},
		{"a rule that is none hides nothing", Rule{Source: "10.0.0.x"}, one, false},
		{"the empty rule hides nothing", Rule{}, one, false},
		{"before it expires", Rule{Source: "10.0.0.5", Expires: at.Add(time.Second)}, one, true},
		{"when it expires", Rule{Source: "10.0.0.5", Expires: at}, one, false},
	}
	for _, tt := range tests {
		if got := tt.rule.Match(tt.inc, at); got != tt.want {
			t.Errorf("%s: %s matches: %v, want %v", tt.name, tt.rule, got, tt.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("10.0.0.0/8", "10.0.0.5", uint16(22), "portscan")
	f.Add("::/0", "fe80::1%x", uint16(0), "")
	f.Fuzz(func(t *testing.T, network, actor string, port uint16, class string) {
		r := Rule{Source: network, Ports: []uint16{port}, Class: attack.Class(class), Reason: "x"}
		inc := scan("", "192.0.2.1", port)
		inc.Actors = []string{actor}
		if r.Match(inc, at) && r.Validate() != nil {
			t.Errorf("an invalid rule matches: %+v", r)
		}
	})
}

func TestFirst(t *testing.T) {
	rules := []Rule{{ID: 1, Source: "10.0.0.6"}, {ID: 2, Source: "10.0.0.0/8", Expires: at}, {ID: 3, Source: "10.0.0.5"}, {ID: 4, Class: attack.PortScan}}
	if r, ok := First(rules, scan("10.0.0.5", "192.0.2.1"), at); !ok || r.ID != 3 {
		t.Errorf("got %d, %v", r.ID, ok)
	}
	if _, ok := First(nil, scan("10.0.0.5", "192.0.2.1"), at); ok {
		t.Error("no rules hide something")
	}
}

func TestString(t *testing.T) {
	r := Rule{Source: "10.0.0.5", Destination: "192.0.2.0/24", Network: "10.0.0.0/8", Ports: []uint16{22, 23}, Class: attack.PortScan}
	if got, want := r.String(), "portscan from 10.0.0.5 to 192.0.2.0/24 from or to 10.0.0.0/8 port 22, 23"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPreview(t *testing.T) {
	var week []incident.Incident
	for i := range 40 {
		inc := *scan("10.0.0.5", "192.0.2.10", 22)
		inc.ID = fmt.Sprint(i)
		if i >= 37 {
			inc.Actors = []string{"203.0.113.7"}
		}
		if i == 20 {
			inc.Severity = 1
		}
		week = append(week, inc)
	}
	p := Try(Rule{Source: "10.0.0.5", Expires: at.Add(-time.Hour)}, week, 7*24*time.Hour)
	if got, want := p.String(), "would have hidden 37 of 40 incidents in the last week, 1 of them urgent"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if p.ByClass[attack.PortScan] != 37 || len(p.Examples) != maxExamples || p.Examples[0] != "20" {
		t.Errorf("got %+v", p)
	}
}

func TestSuggest(t *testing.T) {
	var seen []Seen
	add := func(actor string, class attack.Class, day, hour int, falseAlarm bool, ports ...uint16) {
		inc := *scan(actor, "192.0.2.10", ports...)
		inc.Class, inc.Start = class, at.Add(time.Duration(day*24+hour)*time.Hour)
		seen = append(seen, Seen{inc, falseAlarm})
	}
	for day := range 5 {
		add("10.0.0.5", attack.PortScan, day, 0, false, 22, 80)     // the nightly scan
		add("10.0.0.6", attack.BruteForce, day, day*4, false, 161)  // monitoring, all day
		add("10.0.0.6", attack.BruteForce, day, day*3, false, 161)  //
		add("203.0.113.7", attack.PortScan, day, 0, false, 22)      // the Internet: never on its own
		add("10.0.0.8", attack.PortScan, 0, day, false, 22)         // one bad day inside
		add("10.0.0.9 10.0.0.10", attack.DDoS, day, 0, false, 80)   // several
		add("198.51.100.1", attack.WebAttack, day, 0, day < 3, 443) // people said so
		add("10.0.0.11", attack.PortScan, day, 0, false, 22)        // suppressed already
	}
	got := Suggest(seen, []Rule{{Source: "10.0.0.11"}}, at, 7*24*time.Hour)
	var lines []string
	for _, s := range got {
		lines = append(lines, fmt.Sprintf("%s: %s: %d", s.Rule, s.Rule.Reason, s.Preview.Hidden))
	}
	want := `bruteforce from 10.0.0.6 port 161: an inside address with 10 such incidents on 5 days: monitoring?: 10
portscan from 10.0.0.5: an inside address that does this at the same time of day, on 5 days: a scheduled scan?: 5
webattack from 198.51.100.1 port 443: 3 of its 5 incidents were marked as false alarms: 5`
	if strings.Join(lines, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), want)
	}
}

type zone map[string][]string

func (z zone) LookupAddr(_ context.Context, a string) ([]string, error) { return z.look(a) }
func (z zone) LookupHost(_ context.Context, h string) ([]string, error) { return z.look(h) }
func (z zone) look(s string) ([]string, error) {
	if v, ok := z[s]; ok {
		return v, nil
	}
	return nil, errors.New("no such name")
}

func TestKnown(t *testing.T) {
	z := zone{
		"198.51.100.1": {"a.census.shodan.io."}, "a.census.shodan.io": {"198.51.100.1"},
		"198.51.100.2": {"b.shodan.io."}, "b.shodan.io": {"192.0.2.9"}, // claims a name that is not its own
		"198.51.100.3": {"notshodan.io."}, "notshodan.io": {"198.51.100.3"},
	}
	for address, want := range map[string]string{"198.51.100.1": "Shodan", "198.51.100.2": "", "198.51.100.3": ""} {
		if got, err := Known(context.Background(), z, address); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", address, got, err, want)
		}
	}
	if _, err := Known(context.Background(), z, "192.0.2.1"); err == nil {
		t.Error("a failed look-up is no error")
	}
}
