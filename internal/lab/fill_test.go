package lab

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// dice gives a run of no network: enough to fill in lines.
func dice(seed uint64) *Run {
	w := &World{Config: Config{Inside: netip.MustParsePrefix("10.1.2.0/24")}}
	return &Run{Office: &Office{World: w}, Rand: rand.New(rand.NewPCG(seed, 0)), mu: new(sync.Mutex), made: map[string]*Host{}, ready: map[string]bool{}}
}

func TestFill(t *testing.T) {
	attacker, victim := &Host{Addr: netip.MustParseAddr("203.0.113.7")}, &Host{Addr: netip.MustParseAddr("10.1.2.10")}
	left := regexp.MustCompile(`[A-Z]{3,}`)
	for seed := range uint64(20) {
		r := dice(seed)
		for _, line := range []string{
			r.fill("nmap TIMING --top-ports PORTS --scan-delay DELAYms -p ONEPORT VICTIM NETWORK SMALL PREFIX.9 CROWD6 -S ATTACKER", attacker, victim),
			r.fillFlood("-c CONNS -r RATE -i GAP -l LENGTH SECSs uGAPU uGENTLE FEW THREADS -d SIZE WORKERS SEED VICTIM", victim),
		} {
			if w := left.FindString(line); w != "" {
				t.Errorf("%s is left of %s", w, line)
			}
			if !strings.Contains(line, "10.1.2.10") {
				t.Errorf("no victim in %s", line)
			}
		}
	}
	line, err := fillGuess(dice(1), "hydra -l USER -P WORDS -t TASKS VICTIM http-post-form /login:user=^USER^", map[string]string{"USER": "bob", "WORDS": "w", "VICTIM": "v"})
	if err != nil || !strings.HasPrefix(line, "hydra -l bob -P w -t ") || !strings.HasSuffix(line, " v http-post-form /login:user=^USER^") {
		t.Errorf("got %s, %v: ^USER^ is hydra's own", line, err)
	}
}

func TestWordsEndWithTheRightOne(t *testing.T) {
	r, h := dice(3), &Host{Dir: t.TempDir()}
	p, err := r.words(h, 120, "letmein")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(b))
	if len(words) != 121 || words[120] != "letmein" {
		t.Errorf("%d words, the last %q", len(words), words[len(words)-1])
	}
	for _, u := range Users {
		for _, w := range words[:120] {
			if w == u.Password {
				t.Errorf("%s's password is in the list by chance", u.Name)
			}
		}
	}
}

func TestDice(t *testing.T) {
	r := dice(1)
	for range 500 {
		if n := r.between(3, 5); n < 3 || n > 5 {
			t.Fatalf("between gives %d", n)
		}
		if d := r.seconds(1, 2); d < time.Second || d > 2*time.Second {
			t.Fatalf("seconds gives %v", d)
		}
	}
	a, b := dice(7), dice(7)
	if a.fork().Uint64() != b.fork().Uint64() || a.Uint64() != b.Uint64() {
		t.Error("the same seed gives other dice")
	}
	r.note("one")
	r.note("two")
	if r.Truth.Note != "one; two" {
		t.Errorf("noted %q", r.Truth.Note)
	}
}
