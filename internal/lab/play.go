package lab

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"firetower/internal/attack"
)

// Stage is where runs are played: what they have in common.
type Stage struct {
	Assets  string // lab of the source tree
	Keep    bool   // leave the programs' logs
	Quiet   bool   // never let the office work beside an attack
	Log     *slog.Logger
	Scratch string // parent of the scratch directories, the system's if empty
}

// Play plays one scenario once in a World of its own. All that is drawn follows
// from the seed and the scenario's name; what tools and kernel do with it differs
// from run to run. watch is called when the network stands and before anything
// moves, and the function it gives when all is over.
func (s Stage) Play(ctx context.Context, sc Scenario, seed uint64, watch func(*World) (func() error, error)) (Truth, error) {
	rng := rand.New(rand.NewPCG(seed, name64(sc.Name)))
	id := fmt.Sprintf("%06x", (seed*0x9e3779b97f4a7c15^name64(sc.Name)^uint64(os.Getpid()))&0xffffff)
	dir, err := os.MkdirTemp(s.Scratch, Prefix+"-"+sc.Name+"-")
	if err != nil {
		return Truth{}, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // servers drop their rights
		return Truth{}, err
	}
	c := Config{ID: id, Dir: dir, Inside: network(rng), Setting: sc.Setting, Assets: s.Assets, Keep: s.Keep, Log: s.Log}
	if !sc.Near {
		c.DelayMin = time.Duration(1+rng.IntN(10)) * time.Millisecond
		c.DelayMax = c.DelayMin + time.Duration(5+rng.IntN(60))*time.Millisecond
	}
	if sc.Setting.Far > 0 {
		c.DelayMin, c.DelayMax = sc.Setting.Far/2, sc.Setting.Far
	}
	w, err := Open(ctx, c)
	if w != nil {
		defer w.Close()
	}
	if err != nil {
		return Truth{}, err
	}
	o, err := OpenOffice(ctx, w, rng, 2+rng.IntN(3))
	if err != nil {
		return Truth{}, err
	}
	busy := sc.Class != attack.Benign && !s.Quiet && rng.Float64() < 0.7
	r := &Run{Office: o, Rand: rng, mu: new(sync.Mutex), made: map[string]*Host{}, ready: map[string]bool{}, Truth: Truth{Class: sc.Class, Also: sc.Also, Kind: sc.Name}}
	stop, err := watch(w)
	if err != nil {
		return Truth{}, err
	}
	err = r.run(ctx, sc, busy, stop)
	return r.Truth, err
}

// run plays with or without the office at work beside, and waits for both.
func (r *Run) run(ctx context.Context, sc Scenario, busy bool, stop func() error) error {
	ctx, cancel := context.WithTimeout(ctx, sc.Limit+20*time.Second)
	defer cancel()
	life, end := context.WithCancel(ctx)
	defer end()
	var wg sync.WaitGroup
	if busy {
		own := r.fork()
		wg.Go(func() { own.Life(life) })
		pause(ctx, r.seconds(2, 8))
	}
	play, ended := context.WithTimeout(ctx, sc.Limit)
	defer ended()
	r.Truth.Start = time.Now()
	err := sc.Play(play, r)
	r.Truth.End = time.Now()
	if busy {
		pause(ctx, r.seconds(1, 5))
	}
	end()
	wg.Wait()
	pause(ctx, 500*time.Millisecond)
	if e := stop(); err == nil {
		err = e
	}
	return err
}

// network draws a private /24.
func network(rng *rand.Rand) netip.Prefix {
	b := [4]byte{192, 168, byte(rng.IntN(255)), 0}
	switch rng.IntN(3) {
	case 0:
		b = [4]byte{10, byte(rng.IntN(90)), byte(rng.IntN(255)), 0}
	case 1:
		b = [4]byte{172, byte(16 + rng.IntN(16)), byte(rng.IntN(255)), 0}
	}
	return netip.PrefixFrom(netip.AddrFrom4(b), 24)
}

func name64(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// RecordTo is a watch for Play that records the bridge into a file.
func RecordTo(ctx context.Context, file string) func(*World) (func() error, error) {
	return func(w *World) (func() error, error) {
		t, err := w.Record(context.WithoutCancel(ctx), file, "")
		if err != nil {
			return nil, err
		}
		return t.Stop, nil
	}
}

// Find gives the scenarios of a class or of a name, which may have the wildcards of
// path.Match, or of several of them between commas; all of them if what is empty.
func Find(what string) []Scenario {
	var found []Scenario
	for _, s := range Scenarios() {
		for _, w := range strings.Split(what, ",") {
			if fits, _ := path.Match(w, s.Name); w == "" || fits || string(s.Class) == w {
				found = append(found, s)
				break
			}
		}
	}
	return found
}

// captureName is where a corpus keeps a run, beside the manifest.
func captureName(sc Scenario, seed uint64) string {
	return filepath.Join("captures", fmt.Sprintf("%s-%s-%d.pcap.gz", sc.Class, sc.Name, seed))
}
