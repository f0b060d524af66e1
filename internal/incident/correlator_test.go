package incident

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func ip(s string) packet.Addr { return packet.AddrFrom(netip.MustParseAddr(s)) }

var (
	mallory = ip("203.0.113.66")
	eve     = ip("203.0.113.67")
	server  = ip("192.0.2.80")
	other   = ip("192.0.2.81")
)

const second = 1_000_000

const epoch = int64(1_700_000_000) * second

// finding makes one that began at and ended ten seconds later.
func finding(b string, c attack.Class, actor packet.Addr, at int64, change func(*behaviour.Finding)) behaviour.Finding {
	f := behaviour.Finding{
		Behaviour: b, Class: c, Actor: actor, Targets: []packet.Addr{server}, TargetsN: 1,
		Start: epoch + at*second, End: epoch + (at+10)*second, Flows: 20, Confidence: 0.9, Reason: "It did " + b + ".",
		Evidence: []behaviour.Evidence{{Name: "flows", Value: 20}},
		Samples:  []flow.Tuple{{Src: actor, Dst: server, SrcPort: 40000, DstPort: 80, Proto: packet.TCP}},
	}
	if change != nil {
		change(&f)
	}
	return f
}

func port(p uint16) func(*behaviour.Finding) {
	return func(f *behaviour.Finding) { f.Ports, f.PortsN, f.Activity = []uint16{p}, 1, "p" }
}

// many makes a finding of forty sources at one port.
func many(p uint16) func(*behaviour.Finding) {
	return func(f *behaviour.Finding) {
		port(p)(f)
		f.Activity, f.Actors, f.ActorsN, f.Confidence, f.Reason = "many", []packet.Addr{eve}, 40, 0.8, "40 hosts guessed"
	}
}

// crowd makes findings of n sources that begin some seconds apart.
func crowd(n, apart int, p uint16) (out []behaviour.Finding) {
	for i := range n {
		from := ip(fmt.Sprintf("198.51.%d.%d", i/250, 1+i%250))
		out = append(out, finding("bruteforce", attack.BruteForce, from, int64(i*apart), port(p)))
	}
	return out
}

func TestCrowdIsTold(t *testing.T) {
	c := New(DefaultConfig())
	for _, f := range crowd(300, 1, 80) {
		c.Add(f)
		c.Add(f) // an activity that grows is one source still
	}
	got := c.Incidents()
	if len(got) != 1 || got[0].ActorsTotal != 300 || got[0].Title != "Brute force of 192.0.2.80 by 300 hosts" ||
		got[0].Reason != "300 hosts do the same at the same time. One of them: It did bruteforce." {
		t.Errorf("%+v", got)
	}
	if n := len(got[0].Actors); n != DefaultConfig().MaxActors {
		t.Errorf("%d actors are listed", n)
	}
}

// A flood that is at last seen to be of many sources is told as that, however many were
// told one by one before.
func TestFloodOfManyTold(t *testing.T) {
	c := New(DefaultConfig())
	for _, f := range crowd(40, 1, 80) {
		f.Class = attack.DoS
		c.Add(f)
	}
	c.Add(finding("flood", attack.DDoS, eve, 45, func(f *behaviour.Finding) { many(80)(f); f.Reason = "40 hosts flooded it." }))
	got := c.Incidents()
	if len(got) != 1 || got[0].Class != attack.DDoS || got[0].Reason != "40 hosts flooded it." || got[0].ActorsTotal != 40 {
		t.Errorf("%+v", got)
	}
}

// TestGuessingOfMany holds what was told of single sources to being taken into the
// incident of all, under one id, told by what is known of all.
func TestGuessingOfMany(t *testing.T) {
	c := New(DefaultConfig())
	c.Add(finding("bruteforce", attack.BruteForce, mallory, 0, port(80)))
	c.Add(finding("bruteforce", attack.BruteForce, other, 1, port(80)))
	first := c.Flush()
	c.Add(finding("bruteforce", attack.BruteForce, eve, 2, many(80)))
	c.Add(finding("bruteforce", attack.BruteForce, other, 60, port(80)))
	then := c.Flush()
	if len(first) != 2 || len(then) != 1 || c.Len() != 1 {
		t.Fatalf("%d, then %d, %d held", len(first), len(then), c.Len())
	}
	got := then[0]
	if got.ActorsTotal != 40 || got.Reason != "40 hosts guessed." || !got.Start.Equal(at(epoch)) {
		t.Errorf("%+v", got)
	}
	if got.ID != first[0].ID {
		t.Errorf("it goes on under a new id: %s", got.ID)
	}
}

func TestCorrelation(t *testing.T) {
	type findings = []behaviour.Finding
	for _, c := range []struct {
		name string
		in   findings
		want []attack.Class
	}{
		{"an activity that grows", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("portscan", attack.PortScan, mallory, 10, nil),
		}, []attack.Class{attack.PortScan}},
		{"two actors", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("portscan", attack.PortScan, eve, 0, nil),
		}, []attack.Class{attack.PortScan, attack.PortScan}},
		{"the same again an hour later", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("portscan", attack.PortScan, mallory, 3600, nil),
		}, []attack.Class{attack.PortScan, attack.PortScan}},
		{"two behaviours that agree", findings{
			finding("webattack", attack.BruteForce, mallory, 0, port(80)),
			finding("bruteforce", attack.BruteForce, mallory, 2, func(f *behaviour.Finding) { port(80)(f); f.Activity = "80" }),
		}, []attack.Class{attack.BruteForce}},
		{"a scan and its fingerprinting", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("fingerprint", attack.PortScan, mallory, 9, func(f *behaviour.Finding) { f.Activity = "x"; f.Targets = []packet.Addr{other} }),
		}, []attack.Class{attack.PortScan}},
		{"a scan, then brute force", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("bruteforce", attack.BruteForce, mallory, 20, port(22)),
		}, []attack.Class{attack.PortScan, attack.BruteForce}},
		{"brute force at two services", findings{
			finding("bruteforce", attack.BruteForce, mallory, 0, func(f *behaviour.Finding) { port(22)(f); f.Activity = "22" }),
			finding("bruteforce", attack.BruteForce, mallory, 0, func(f *behaviour.Finding) { port(21)(f); f.Activity = "21" }),
		}, []attack.Class{attack.BruteForce, attack.BruteForce}},
		{"brute force so fast that it looks like a flood", findings{
			finding("flood", attack.DoS, mallory, 0, port(22)),
			finding("bruteforce", attack.BruteForce, mallory, 2, port(22)),
		}, []attack.Class{attack.BruteForce}},
		{"guessing from many sources, each told before", findings{
			finding("bruteforce", attack.BruteForce, mallory, 0, port(80)),
			finding("bruteforce", attack.BruteForce, eve, 1, port(80)),
			finding("bruteforce", attack.BruteForce, eve, 2, many(80)),
			finding("bruteforce", attack.BruteForce, other, 3, port(80)),
		}, []attack.Class{attack.BruteForce}},
		{"guessing from many sources at one service, from one at another", findings{
			finding("bruteforce", attack.BruteForce, mallory, 0, port(22)),
			finding("bruteforce", attack.BruteForce, eve, 2, many(80)),
		}, []attack.Class{attack.BruteForce, attack.BruteForce}},
		{"guessing from many sources an hour after one", findings{
			finding("bruteforce", attack.BruteForce, mallory, 0, port(80)),
			finding("bruteforce", attack.BruteForce, eve, 3600, many(80)),
		}, []attack.Class{attack.BruteForce, attack.BruteForce}},
		{"a web attack among guessing from many sources", findings{
			finding("webattack", attack.WebAttack, mallory, 0, port(80)),
			finding("bruteforce", attack.BruteForce, eve, 2, many(80)),
		}, []attack.Class{attack.WebAttack, attack.BruteForce}},
		{"a crowd that guesses", crowd(5, 2, 80), []attack.Class{attack.BruteForce}},
		{"a crowd that grows", crowd(300, 1, 80), []attack.Class{attack.BruteForce}},
		{"four sources are no crowd", crowd(4, 2, 80), []attack.Class{attack.BruteForce, attack.BruteForce, attack.BruteForce, attack.BruteForce}},
		{"sources that come one after the other are none", crowd(5, 100, 80),
			[]attack.Class{attack.BruteForce, attack.BruteForce, attack.BruteForce, attack.BruteForce, attack.BruteForce}},
		{"two sources that guess, and nothing that says they are many", findings{
			finding("bruteforce", attack.BruteForce, mallory, 0, port(80)),
			finding("bruteforce", attack.BruteForce, eve, 0, port(80)),
		}, []attack.Class{attack.BruteForce, attack.BruteForce}},
		{"a flood to many ports", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("flood", attack.DoS, mallory, 2, nil),
		}, []attack.Class{attack.DoS}},
		{"one source of a flood, then many", findings{
			finding("flood", attack.DoS, mallory, 0, port(80)),
			finding("flood", attack.DDoS, eve, 2, port(80)),
		}, []attack.Class{attack.DDoS}},
		{"two sources of a flood, each told before", findings{
			finding("slowdos", attack.DoS, mallory, 0, port(80)),
			finding("slowdos", attack.DoS, eve, 1, port(80)),
			finding("slowdos", attack.DDoS, other, 2, port(80)),
			finding("slowdos", attack.DoS, mallory, 3, port(80)),
		}, []attack.Class{attack.DDoS}},
		{"a flood whose first source changes", findings{
			finding("flood", attack.DDoS, mallory, 0, port(80)),
			finding("flood", attack.DDoS, eve, 2, port(80)),
		}, []attack.Class{attack.DDoS}},
		{"floods of two hosts", findings{
			finding("flood", attack.DDoS, mallory, 0, func(f *behaviour.Finding) { f.Activity = "a" }),
			finding("flood", attack.DDoS, mallory, 0, func(f *behaviour.Finding) { f.Activity = "b"; f.Targets = []packet.Addr{other} }),
		}, []attack.Class{attack.DDoS, attack.DDoS}},
		{"the forest alone", findings{
			finding("forest", attack.PortScan, mallory, 0, func(f *behaviour.Finding) { f.Support = true }),
		}, nil},
		{"the forest in support", findings{
			finding("portscan", attack.PortScan, mallory, 0, nil),
			finding("forest", attack.PortScan, mallory, 0, func(f *behaviour.Finding) { f.Support = true }),
		}, []attack.Class{attack.PortScan}},
	} {
		t.Run(c.name, func(t *testing.T) {
			corr := New(DefaultConfig())
			for _, f := range c.in {
				corr.Add(f)
			}
			got := corr.Incidents()
			if len(got) != len(c.want) {
				t.Fatalf("%d incidents, want %d: %+v", len(got), len(c.want), got)
			}
			have := map[attack.Class]int{}
			for _, i := range got {
				have[i.Class]++
			}
			for _, w := range c.want {
				have[w]--
			}
			for class, n := range have {
				if n != 0 {
					t.Errorf("%+d incidents of %s", n, class)
				}
			}
		})
	}
}

func TestRevisions(t *testing.T) {
	c := New(DefaultConfig())
	c.Add(finding("portscan", attack.PortScan, mallory, 0, nil))
	c.Add(finding("portscan", attack.PortScan, mallory, 5, nil))
	first := c.Advance(epoch + 15*second)
	if len(first) != 1 || first[0].Revision != 1 {
		t.Fatalf("first report %+v, want one of revision 1", first)
	}
	if again := c.Advance(epoch + 16*second); len(again) != 0 {
		t.Errorf("reported again though nothing happened: %+v", again)
	}
	c.Add(finding("portscan", attack.PortScan, mallory, 20, nil))
	second := c.Flush()
	if len(second) != 1 || second[0].Revision != 2 || second[0].ID != first[0].ID {
		t.Errorf("second report %+v, want revision 2 of %s", second, first[0].ID)
	}
	if !second[0].Detected.Equal(first[0].Detected) || !second[0].End.After(first[0].End) {
		t.Errorf("detected %s, end %s", second[0].Detected, second[0].End)
	}
}

func TestIDsAreStable(t *testing.T) {
	id := func() string {
		c := New(DefaultConfig())
		c.Add(finding("portscan", attack.PortScan, mallory, 0, nil))
		return c.Incidents()[0].ID
	}
	if a, b := id(), id(); a != b || a == "" {
		t.Errorf("ids %q and %q", a, b)
	}
}

func TestLimits(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxIncidents, cfg.MaxActors, cfg.MaxTargets = 10, 4, 3
	c := New(cfg)
	for i := range 50 {
		a := mallory
		a[15] = byte(i)
		c.Add(finding("portscan", attack.PortScan, a, int64(200*i), func(f *behaviour.Finding) {
			for j := range 20 {
				b := server
				b[15] = byte(j)
				f.Actors, f.Targets = append(f.Actors, b), append(f.Targets, b)
			}
			f.ActorsN, f.TargetsN = 900, 800
			f.Targets = []packet.Addr{{15: byte(i), 10: 0xff, 11: 0xff}, server, other, mallory}
		}))
	}
	if c.Len() > 10 || c.Evictions() == 0 {
		t.Errorf("%d incidents, %d evictions", c.Len(), c.Evictions())
	}
	for _, i := range c.Incidents() {
		if len(i.Actors) > 4 || len(i.Targets) > 3 || i.ActorsTotal != 900 || i.TargetsTotal != 800 {
			t.Fatalf("lists of %d and %d, totals %d and %d", len(i.Actors), len(i.Targets), i.ActorsTotal, i.TargetsTotal)
		}
	}
}

// TestGolden pins the JSON of one incident of each class. The classes' findings are
// made up; go test -update rewrites the files.
func TestGolden(t *testing.T) {
	for _, class := range attack.Classes() {
		t.Run(string(class), func(t *testing.T) {
			c := New(DefaultConfig())
			c.Add(finding(string(class), class, mallory, 0, port(443)))
			c.Add(finding("forest", class, mallory, 0, func(f *behaviour.Finding) { f.Support, f.Confidence = true, 0.3 }))
			got, err := json.MarshalIndent(c.Flush()[0], "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", string(class)+".json")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
