package lab

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
)

func TestJudge(t *testing.T) {
	began := time.Unix(1000, 0)
	attacker, victim := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("10.1.2.10")
	truth := func(c attack.Class, also ...attack.Class) Truth {
		return Truth{Class: c, Also: also, Attackers: []netip.Addr{attacker}, Victims: []netip.Addr{victim}, Start: began}
	}
	say := func(class, actor, target string, after float64) said {
		return said{ID: class + actor, Class: class, Actors: []string{actor}, Targets: []string{target}, at: began.Add(time.Duration(after * 1e9))}
	}
	for _, c := range []struct {
		name     string
		truth    Truth
		said     []said
		detected bool
		seconds  float64
		as       string
		wrong    int
	}{
		{name: "silence at an attack is a miss", truth: truth(attack.PortScan)},
		{name: "right name, right actor", truth: truth(attack.PortScan), said: []said{say("portscan", "203.0.113.7", "10.1.2.10", 2.5)}, detected: true, seconds: 2.5, as: "portscan"},
		{name: "right name, wrong actor", truth: truth(attack.PortScan), said: []said{say("portscan", "10.1.2.99", "10.1.2.10", 2)}, wrong: 1},
		{name: "wrong name, right actor", truth: truth(attack.PortScan), said: []said{say("bruteforce", "203.0.113.7", "10.1.2.10", 2)}, as: "bruteforce"},
		{name: "a second name is fair", truth: truth(attack.BruteForce, attack.WebAttack), said: []said{say("webattack", "203.0.113.7", "10.1.2.10", 3)}, detected: true, seconds: 3, as: "webattack"},
		{name: "dos and ddos stand for each other", truth: truth(attack.DoS), said: []said{say("ddos", "203.0.113.7", "10.1.2.10", 1)}, detected: true, seconds: 1, as: "ddos"},
		{name: "a bot may be named by its controller", truth: truth(attack.Bot), said: []said{say("bot", "10.1.2.10", "x", 9)}, detected: true, seconds: 9, as: "bot"},
		{name: "ddos is known by its victim", truth: truth(attack.DDoS), said: []said{say("ddos", "1.2.3.4", "10.1.2.10", 1)}, detected: true, seconds: 1, as: "ddos"},
		{name: "ddos of another victim", truth: truth(attack.DDoS), said: []said{say("ddos", "1.2.3.4", "10.1.2.77", 1)}, wrong: 1},
		{name: "the first right word counts", truth: truth(attack.DoS), said: []said{say("portscan", "203.0.113.7", "10.1.2.10", 1), say("dos", "203.0.113.7", "10.1.2.10", 4), say("dos", "203.0.113.7", "10.1.2.10", 8)}, detected: true, seconds: 4, as: "portscan dos"},
		{name: "an incident that grows is false once", truth: Truth{Class: attack.Benign, Start: began}, said: []said{say("bot", "10.1.2.3", "x", 1), say("bot", "10.1.2.3", "x", 2)}, wrong: 1},
		{name: "benign silence", truth: Truth{Class: attack.Benign, Start: began}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(c.truth, c.said)
			if got.Detected != c.detected || got.Seconds != c.seconds || strings.Join(got.As, " ") != c.as || len(got.False) != c.wrong {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTally(t *testing.T) {
	var tally Tally
	for _, r := range []Result{
		{Class: attack.DoS, Detected: true, Seconds: 2}, {Class: attack.DoS, Detected: true, Seconds: 4}, {Class: attack.DoS, As: []string{"portscan"}},
		{Class: attack.DoS, Err: "broke"}, {Class: attack.Benign, False: []string{"x"}},
	} {
		tally.Add(r)
	}
	var b strings.Builder
	if err := tally.Write(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	want := [][]string{{"dos", "3", "2", "0.67", "0", "4.0", "4.0", "4.0", "portscan", "1"}, {"benign", "1", "0", "-", "1", "-"}}
	if len(lines) != 3 {
		t.Fatalf("got %d lines:\n%s", len(lines), b.String())
	}
	for i, w := range want {
		if got := strings.Fields(lines[i+1]); strings.Join(got, " ") != strings.Join(w, " ") {
			t.Errorf("got %q, want %q", got, w)
		}
	}
}

func TestListenTakesIncidentsOnly(t *testing.T) {
	var e ears
	e.listen(strings.NewReader(`{"event_type":"incident","id":"1","class":"dos","actors":["1.2.3.4"]}
not JSON
{"event_type":"stats"}
`))
	if len(e.all) != 1 || e.all[0].Class != "dos" {
		t.Errorf("got %+v", e.all)
	}
}
