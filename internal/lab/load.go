package lab

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"firetower/internal/attack"
)

// Load plays a slow scan and a brute force beside a flood from spoofed sources,
// each of whose packets is a new flow, while Firetower watches.
type Load struct {
	Rate   int           // new flows a second
	Length time.Duration // of the flood
	Curve  io.Writer     // seconds, resident megabytes: a line a second
	Live   Live
}

// Loaded is what a Load showed.
type Loaded struct {
	Results []Result // of flood, scan and brute force
	Peak    int      // most that the daemon held, in megabytes
	Daemon  string   // what it said of packets and drops when it ended
}

// Run plays it once.
func (l Load) Run(ctx context.Context) (Loaded, error) {
	var got Loaded
	limit := l.Length + 15*time.Second
	var heard ears
	var truths [3]Truth
	sc := Scenario{Name: "under-load", Class: attack.DDoS, Limit: limit, Near: true, Play: func(ctx context.Context, r *Run) error {
		return l.play(ctx, r, &truths)
	}}
	watch := func(w *World) (func() error, error) {
		stop, err := l.Live.watch(w, &heard)
		if err != nil {
			return nil, err
		}
		c, end := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { got.Peak = l.weigh(c, w.procs[len(w.procs)-1].Process.Pid) })
		return func() error {
			end()
			wg.Wait()
			err := stop()
			got.Daemon = lastWords(w.daemonLog())
			return err
		}, nil
	}
	_, err := l.Live.Stage.Play(ctx, sc, l.Live.Seed, watch)
	for i, name := range []string{"spoofed-flood", "slow-scan", "brute-force"} {
		res := Judge(truths[i], heard.all)
		res.Scenario, res.Note, res.False = name, truths[i].Note, nil
		got.Results = append(got.Results, res)
	}
	return got, err
}

// lastWords is what the daemon logs when it ends: packets, drops, flows.
func lastWords(log string) string {
	b, _ := os.ReadFile(log)
	_, said, _ := strings.Cut(string(b), "msg=stopped ")
	said, _, _ = strings.Cut(said, "\n")
	return said
}

func (l Load) play(ctx context.Context, r *Run, truths *[3]Truth) error {
	victim, err := r.quiet(ctx, 200)
	if err != nil {
		return err
	}
	var hosts [3]*Host
	for i, name := range []string{"flooder", "scanner", "guesser"} {
		if hosts[i], err = r.host(ctx, name, i == 0); err != nil {
			return err
		}
	}
	// The flood enters at the bridge: routing it would cost more than to make it.
	crowd := r.made["crowd"]
	hop, err := r.mac(ctx, crowd)
	if err != nil {
		return err
	}
	// Of a host that never spoke the bridge does not know the port, and copies to all.
	crowd.Run(ctx, "ping", "-c", "1", r.At(1).String())
	words, err := r.words(hosts[2], 60, "")
	if err != nil {
		return err
	}
	began := time.Now()
	*truths = [3]Truth{
		{Class: attack.DDoS, Victims: []netip.Addr{victim}, Start: began},
		{Class: attack.PortScan, Attackers: []netip.Addr{hosts[1].Addr}, Victims: []netip.Addr{r.Shop.Addr}, Start: began.Add(5 * time.Second)},
		{Class: attack.BruteForce, Attackers: []netip.Addr{hosts[2].Addr}, Victims: []netip.Addr{r.Files.Addr}, Start: began.Add(5 * time.Second)},
	}
	var wg sync.WaitGroup
	const senders = 2 // one does not reach the rate on a small machine
	for i := range senders {
		wg.Go(func() {
			hosts[0].Self(ctx, "spoof", "-to", victim.String(), "-mac", hop, "-rate", strconv.Itoa(l.Rate/senders), "-for", l.Length.String(), "-seed", strconv.Itoa(i+1))
		})
	}
	pause(ctx, 5*time.Second)
	wg.Go(func() {
		hosts[1].Shell(ctx, "nmap -n -Pn -sS --scan-delay 1s --max-retries 0 --top-ports 30 %s", r.Shop.Addr)
	})
	wg.Go(func() {
		hosts[2].Shell(ctx, "hydra -I -t 4 -l alice -P %s ssh://%s", words, r.Files.Addr)
	})
	wg.Wait()
	b, _ := os.ReadFile(filepath.Join(hosts[0].Dir, filepath.Base(self())+".log"))
	truths[0].Note = sentLines(string(b))
	return nil
}

// sentLines is what the senders say of themselves.
func sentLines(log string) string {
	var all []string
	for _, l := range strings.Split(log, "\n") {
		if strings.HasPrefix(l, "sent ") {
			all = append(all, l)
		}
	}
	return strings.Join(all, "; ")
}

// weigh writes the resident size of a process and its children once a second.
func (l Load) weigh(ctx context.Context, pid int) (peak int) {
	began := time.Now()
	for ctx.Err() == nil {
		pause(ctx, time.Second)
		if mb := resident(pid); mb > 0 {
			peak = max(peak, mb)
			fmt.Fprintf(l.Curve, "%.0f\t%d\n", time.Since(began).Seconds(), mb)
		}
	}
	return peak
}

// resident is VmRSS of /proc/PID/status in megabytes. `ip netns exec` becomes the
// program it runs, so the process is the daemon itself.
func resident(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(b), "VmRSS:")
	f := strings.Fields(rest)
	if !ok || len(f) == 0 {
		return 0
	}
	kb, _ := strconv.Atoi(f[0])
	return kb / 1024
}

// Day plays daily life in one network for a long time: the office at work, and one
// benign scenario after another in an order that the seed draws.
func (l Live) Day(ctx context.Context, length time.Duration, progress func(scenario string)) (Result, error) {
	var heard ears
	sc := Scenario{Name: "day", Class: attack.Benign, Limit: length, Play: func(ctx context.Context, r *Run) error {
		var wg sync.WaitGroup
		own := r.fork()
		wg.Go(func() { own.Life(ctx) })
		defer wg.Wait()
		for ctx.Err() == nil {
			all := Find(string(attack.Benign))
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, s := range all {
				if ctx.Err() == nil && s.Name != "office" && s.Setting == r.Setting {
					progress(s.Name)
					once(ctx, s, r.fork())
				}
			}
		}
		return nil
	}}
	t, err := l.Stage.Play(ctx, sc, l.Seed, func(w *World) (func() error, error) { return l.watch(w, &heard) })
	res := Judge(t, heard.all)
	res.Scenario, res.Seed = "day", l.Seed
	return res, err
}

// once plays a scenario within its limit. One that starts a server which an earlier
// one has started already does without.
func once(ctx context.Context, s Scenario, r *Run) {
	ctx, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	if err := s.Play(ctx, r); err != nil {
		r.Log.Warn("not played", "scenario", s.Name, "why", err)
	}
	pause(ctx, time.Duration(rand.IntN(3000))*time.Millisecond)
}
