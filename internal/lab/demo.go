package lab

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"firetower/internal/attack"
)

// Demo records the capture that `make demo` reads: an office at work, and four
// attackers from outside who come one after the other and overlap a little.
func Demo(ctx context.Context, w *World, seed uint64, file string) ([]Truth, error) {
	rng := rand.New(rand.NewPCG(seed, 0))
	o, err := OpenOffice(ctx, w, rng, 4)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tap, err := w.Record(ctx, file, "")
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var all []Truth
	var mu sync.Mutex
	var life, attacks sync.WaitGroup
	life.Go(func() { o.Life(ctx) })
	for i, a := range o.demoAttacks() {
		h, err := w.Host(ctx, fmt.Sprintf("attacker%d", i+1), netip.MustParseAddr(a.from))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(h.Dir, "words.txt"), []byte(strings.Join(strings.Fields(commonPasswords), "\n")), 0o644); err != nil {
			return nil, err
		}
		attacks.Go(func() {
			pause(ctx, time.Until(began.Add(a.after)))
			t := Truth{Class: a.class, Kind: a.kind, Attackers: []netip.Addr{h.Addr}, Victims: []netip.Addr{a.victim.Addr}, Start: time.Now()}
			c, cancel := context.WithTimeout(ctx, a.limit)
			defer cancel()
			h.Run(c, "sh", "-c", a.kind)
			t.End = time.Now()
			mu.Lock()
			defer mu.Unlock()
			all = append(all, t)
		})
	}
	attacks.Wait()
	pause(ctx, 8*time.Second)
	if err := tap.Stop(); err != nil {
		return nil, err
	}
	stop()
	life.Wait()
	return all, nil
}

type demoAttack struct {
	class  attack.Class
	after  time.Duration
	limit  time.Duration
	from   string
	victim *Host
	kind   string // the command line
}

func (o *Office) demoAttacks() []demoAttack {
	return []demoAttack{
		{attack.PortScan, 10 * time.Second, 40 * time.Second, "203.0.113.66", o.Shop,
			"nmap -n -sS -T4 --top-ports 300 " + o.Shop.Addr.String()},
		{attack.BruteForce, 25 * time.Second, 60 * time.Second, "203.0.113.99", o.Files,
			"hydra -I -t 4 -l alice -P words.txt ssh://" + o.Files.Addr.String()},
		{attack.DoS, 50 * time.Second, 60 * time.Second, "203.0.113.150", o.Shop,
			"slowhttptest -H -c 120 -r 20 -i 8 -l 40 -u http://" + o.Shop.Addr.String() + "/"},
		{attack.WebAttack, 75 * time.Second, 60 * time.Second, "203.0.113.200", o.Shop,
			"sqlmap --batch --flush-session --disable-coloring --technique=BEU --dump -T users -u 'http://" + o.Shop.Addr.String() + "/item?id=7'"},
	}
}
