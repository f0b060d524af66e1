package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"firetower/internal/attack"
)

// Scenario is something to play. Its parameters are drawn when it is played.
type Scenario struct {
	Name  string // "nmap-syn"
	Class attack.Class
	Also  []attack.Class // second names one could fairly give it
	Limit time.Duration  // it is ended then
	Near  bool           // hosts outside are at no distance: floods
	Setting
	Play func(ctx context.Context, r *Run) error
}

// family is what scenarios have in common that are each a line, played in one way.
type family struct {
	class attack.Class
	also  []attack.Class
	limit time.Duration
	near  bool
	play  func(ctx context.Context, r *Run, line string) error
}

// row makes a scenario of a line; also are its further names.
func (f family) row(name, line string, also ...attack.Class) Scenario {
	return Scenario{Name: name, Class: f.class, Also: slices.Concat(f.also, also), Limit: f.limit, Near: f.near,
		Play: func(ctx context.Context, r *Run) error { return f.play(ctx, r, line) }}
}

// within gives the family another limit.
func (f family) within(limit time.Duration) family {
	f.limit = limit
	return f
}

// nearby puts its hosts at no distance.
func (f family) nearby() family {
	f.near = true
	return f
}

// by gives it another way to be played.
func (f family) by(play func(ctx context.Context, r *Run, line string) error) family {
	f.play = play
	return f
}

// Scenarios is the table of all, in the order of the classes, benign life last.
func Scenarios() []Scenario {
	var all []Scenario
	for _, some := range [][]Scenario{scans(), otherScans(), bruteForces(), otherGuesses(), floods(), otherFloods(), distributed(),
		otherDistributed(), bots(), otherBots(), webAttacks(), otherWebAttacks(), infiltrations(),
		otherInfiltrations(), heartbleeds(),
		webLife(), workLife(), serverLife(), machineLife(), habits(), crowds()} {
		all = append(all, some...)
	}
	return append(all, elsewhere(all)...)
}

// Run is one playing of a scenario: the office it plays in, its dice, and the truth
// that it leaves.
type Run struct {
	*Office
	*rand.Rand
	Truth Truth
	mu    *sync.Mutex // of all forks
	made  map[string]*Host
	ready map[string]bool // what lines of daily life need, see prepare
}

// pick draws one of the words.
func (r *Run) pick(words ...string) string { return words[r.IntN(len(words))] }

// between draws a whole number of [low, high].
func (r *Run) between(low, high int) int { return low + r.IntN(high-low+1) }

func (r *Run) chance(p float64) bool { return r.Float64() < p }

// seconds draws a duration of [low, high] seconds.
func (r *Run) seconds(low, high float64) time.Duration {
	return time.Duration((low + r.Float64()*(high-low)) * float64(time.Second))
}

// outside draws an address of the Internet, never a router's.
func (r *Run) outside() netip.Addr {
	p := Outside[r.IntN(len(Outside))]
	b := p.Masked().Addr().As4()
	if p.Bits() < 24 {
		b[2] = byte(r.IntN(256))
	}
	b[3] = byte(r.between(2, 250))
	return netip.AddrFrom4(b)
}

// host makes a host of that name; outside or at a free address inside.
func (r *Run) host(ctx context.Context, name string, inside bool) (*Host, error) {
	r.mu.Lock()
	h, ok := r.made[name]
	n := len(r.made)
	r.mu.Unlock()
	if ok {
		return h, nil
	}
	addr := r.outside()
	if inside {
		addr = r.At(byte(110 + n)) // between the people and the crowd
	}
	h, err := r.Host(ctx, name, addr)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[name] = h
	return h, nil
}

// attacker makes the attacking host, mostly outside, and enters it into the truth.
func (r *Run) attacker(ctx context.Context) (*Host, error) {
	h, err := r.host(ctx, fmt.Sprintf("attacker%d", len(r.Truth.Attackers)+1), r.chance(0.3))
	if err == nil {
		r.Truth.Attackers = append(r.Truth.Attackers, r.at(h))
	}
	return h, err
}

// against enters victims into the truth.
func (r *Run) against(victims ...*Host) {
	for _, v := range victims {
		r.Truth.Victims = append(r.Truth.Victims, r.at(v))
	}
}

// play runs a command line of shell as the attack, and notes it.
func (r *Run) play(ctx context.Context, h *Host, format string, args ...any) {
	line := r.bracket(fmt.Sprintf(format, args...))
	r.note(line)
	if name, rest, _ := strings.Cut(line, " "); scripts[name] != "" {
		program, err := h.script(scripts[name])
		if err != nil {
			r.Log.Error("not played", "line", line, "why", err)
			return
		}
		line = program + " " + rest
	}
	h.Run(ctx, "sh", "-c", line)
}

// actor runs one of the lab's own programs as the attack, and notes it.
func (r *Run) actor(ctx context.Context, h *Host, format string, args ...any) {
	line := r.bracket(fmt.Sprintf(format, args...))
	r.note(line)
	h.Self(ctx, strings.Fields(line)...)
}

func (r *Run) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Truth.Note != "" {
		r.Truth.Note += "; "
	}
	r.Truth.Note += line
}

// words writes a list of passwords, n of the common ones in random order, and gives
// its path. found puts a right one at its end.
func (r *Run) words(h *Host, n int, found string) (string, error) {
	all := strings.Fields(commonPasswords)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := 0; len(all) < n; i++ {
		all = append(all, all[i]+fmt.Sprint(r.IntN(100)))
	}
	all = all[:n]
	if found != "" {
		all = append(all, found)
	}
	p := filepath.Join(h.Dir, "words.txt")
	return p, os.WriteFile(p, []byte(strings.Join(all, "\n")+"\n"), 0o644)
}

// repeat runs f until ctx ends, with pauses drawn around mean.
func (r *Run) repeat(ctx context.Context, mean time.Duration, f func()) {
	for ctx.Err() == nil {
		f()
		pause(ctx, time.Duration(r.ExpFloat64()*float64(mean)))
	}
}

// fork gives the same run dice of its own, for a goroutine.
func (r *Run) fork() *Run {
	return &Run{Office: r.Office, Rand: rand.New(rand.NewPCG(r.Uint64(), 0)), mu: r.mu, made: r.made, ready: r.ready}
}
