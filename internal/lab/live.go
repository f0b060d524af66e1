package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"firetower/internal/attack"
)

// Live says what to play while Firetower watches the bridge.
type Live struct {
	Only      string
	Seed      uint64
	Runs      int // of each class of attack
	Life      int // of benign life
	Jobs      int
	Firetower string // the program
	Model     string // its model, the built-in one if empty
	Stage     Stage
}

// Result is what became of one run.
type Result struct {
	Scenario string       `json:"scenario"`
	Seed     uint64       `json:"seed"`
	Class    attack.Class `json:"class"`
	Detected bool         `json:"detected"` // rightly named
	Seconds  float64      `json:"seconds"`  // from the attack's start to the line printed, if detected
	As       []string     `json:"as"`       // classes said of the attacker
	False    []string     `json:"false"`    // incidents that fit nothing played
	Note     string       `json:"note"`
	Err      string       `json:"error,omitempty"`
}

// said is the part of an incident that the judge reads.
type said struct {
	EventType string   `json:"event_type"`
	ID        string   `json:"id"`
	Class     string   `json:"class"`
	Actors    []string `json:"actors"`
	Targets   []string `json:"targets"`
	Reason    string   `json:"reason"`
	at        time.Time
}

// Run plays and judges; each result is given to report as it comes.
func (l Live) Run(ctx context.Context, report func(Result)) error {
	queue := make(chan job)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range max(1, l.Jobs) {
		wg.Go(func() {
			for j := range queue {
				res := l.one(ctx, j)
				mu.Lock()
				report(res)
				mu.Unlock()
			}
		})
	}
	for _, j := range (Corpus{Only: l.Only, Seed: l.Seed, Runs: l.Runs, Life: l.Life}).plan() {
		if ctx.Err() == nil {
			queue <- j
		}
	}
	close(queue)
	wg.Wait()
	return ctx.Err()
}

func (l Live) one(ctx context.Context, j job) Result {
	var heard ears
	t, err := l.Stage.Play(ctx, j.Scenario, j.seed, func(w *World) (func() error, error) { return l.watch(w, &heard) })
	res := Judge(t, heard.all)
	res.Scenario, res.Seed, res.Note = j.Name, j.seed, t.Note
	if err != nil {
		res.Err = err.Error()
	}
	return res
}

// watch starts the daemon on the bridge and listens to what it prints.
func (l Live) watch(w *World, heard *ears) (func() error, error) {
	conf := filepath.Join(w.Dir, "firetower.yaml")
	text := fmt.Sprintf("store:\n  path: %s/firetower/incidents.db\n", w.Dir)
	if l.Model != "" {
		text += "model: " + l.Model + "\n"
	}
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return nil, err
	}
	c := command(context.Background(), w.ns, w.Dir, l.Firetower, "watch", "-i", "br0", "--json", "--config", conf)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(w.daemonLog())
	if err != nil {
		return nil, err
	}
	c.Stderr = log
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", l.Firetower, err)
	}
	w.track(c)
	done := make(chan struct{})
	go func() { defer close(done); heard.listen(out) }()
	time.Sleep(1500 * time.Millisecond) // the model is read, the interface open
	return func() error {
		time.Sleep(2 * time.Second) // what it still has to say
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			return fmt.Errorf("%s does not end", l.Firetower)
		}
		defer log.Close()
		if err := c.Wait(); err != nil {
			b, _ := os.ReadFile(log.Name())
			return fmt.Errorf("%s: %w: %s", l.Firetower, err, tail(string(b), 300))
		}
		return nil
	}, nil
}

// daemonLog is where the daemon's log goes.
func (w *World) daemonLog() string { return filepath.Join(w.Dir, "firetower.log") }

func tail(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}

type ears struct{ all []said }

func (e *ears) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s said
		if json.Unmarshal(lines.Bytes(), &s) == nil && s.EventType == "incident" {
			s.at = time.Now()
			e.all = append(e.all, s)
		}
	}
}

// Judge compares what was said with what was played. A right incident has a class
// that one could fairly give and, where the attacker is one, names it.
func Judge(t Truth, all []said) Result {
	res := Result{Class: t.Class}
	seen := map[string]bool{}
	for _, s := range all {
		class := attack.Class(s.Class)
		named := class == t.Class || slices.Contains(t.Also, class) || same(class, t.Class)
		about := len(t.Attackers) == 0 || touches(s.Actors, t.Attackers)
		if t.Class == attack.Bot || t.Class == attack.Infiltration {
			about = about || touches(s.Actors, t.Victims)
		}
		if t.Class == attack.DDoS { // many or spoofed: known by its victim
			about = touches(s.Targets, t.Victims)
		}
		switch {
		case t.Class != attack.Benign && about && named:
			if !res.Detected {
				res.Detected, res.Seconds = true, s.at.Sub(t.Start).Seconds()
			}
			fallthrough
		case t.Class != attack.Benign && about:
			if !seen[s.Class] {
				res.As = append(res.As, s.Class)
			}
			seen[s.Class] = true
		case !seen[s.ID]: // an incident that grows is one
			seen[s.ID] = true
			res.False = append(res.False, s.at.Format(time.TimeOnly)+" "+s.Class+" by "+strings.Join(s.Actors[:min(2, len(s.Actors))], ",")+": "+s.Reason)
		}
	}
	return res
}

func same(a, b attack.Class) bool {
	flood := func(c attack.Class) bool { return c == attack.DoS || c == attack.DDoS }
	return flood(a) && flood(b)
}

func touches(names []string, addrs []netip.Addr) bool {
	for _, n := range names {
		if a, err := netip.ParseAddr(n); err == nil && slices.Contains(addrs, a.Unmap()) {
			return true
		}
	}
	return false
}
