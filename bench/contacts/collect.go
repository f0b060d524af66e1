package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"

	"firetower/bench/truth"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/packet"
	"firetower/internal/pipeline"
)

// capture is one capture and what was weighed in it.
type capture struct {
	truth.Capture
	attackers, victims []netip.Addr
	contacts           []*contact // those that have a label
	err                error
}

// bot is true for a capture of a bot.
func (c *capture) bot() bool { return c.Class == string(attack.Bot) }

// contact is one contact and how it looked at each of its judgements.
type contact struct {
	bot   bool
	views []view // the last is how it ended
}

// view is a contact at one moment.
type view struct{ weights, facts []float64 }

// mostViews bounds what is kept of one contact; the latest always is.
const mostViews = 40

// collect reads a manifest and runs its captures through the pipeline.
func collect(ctx context.Context, manifest string) (all []*capture, err error) {
	rows, err := truth.Read(manifest)
	if err != nil {
		return nil, err
	}
	next := make(chan *capture)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for c := range next {
				c.err = c.weigh(ctx)
			}
		})
	}
	for _, r := range rows {
		c := &capture{Capture: r, attackers: addresses(r.Attacker), victims: addresses(r.Victim)}
		all = append(all, c)
		next <- c
	}
	close(next)
	wg.Wait()
	for _, c := range all {
		err = errors.Join(err, c.err)
	}
	return all, err
}

func addresses(text string) (all []netip.Addr) {
	for _, w := range strings.Split(text, ",") {
		if a, err := netip.ParseAddr(strings.TrimSpace(w)); err == nil {
			all = append(all, a)
		}
	}
	return all
}

// label says whether a contact is a bot's, and whether that is known. In captures of
// other attacks, who has no part in them is harmless; what else a bot's host does is
// anybody's guess.
func (c *capture) label(host, server packet.Addr) (bot, known bool) {
	from, to := host.Netip(), server.Netip()
	ours := func(all []netip.Addr, a netip.Addr) bool { return len(all) == 0 || slices.Contains(all, a) }
	switch {
	case c.Benign():
		return false, true
	case c.bot():
		pair := ours(c.attackers, from) && ours(c.victims, to) || ours(c.attackers, to) && ours(c.victims, from)
		return pair, pair
	}
	actors := append(slices.Clone(c.attackers), c.victims...)
	return false, len(actors) > 0 && !slices.Contains(actors, from) && !slices.Contains(actors, to)
}

// key tells contacts apart.
type key struct {
	host, server packet.Addr
	port         uint16
	proto        uint8
}

// watch keeps the contacts of a capture as they are weighed.
type watch struct {
	c  *capture
	of map[key]*contact
}

// Weighed implements behaviour.Weigher.
func (o watch) Weighed(w behaviour.Weighed) {
	bot, known := o.c.label(w.Host, w.Server)
	if !known {
		return
	}
	k := key{w.Host, w.Server, w.Port, w.Proto}
	one := o.of[k]
	if one == nil {
		one = &contact{bot: bot}
		o.of[k] = one
		o.c.contacts = append(o.c.contacts, one)
	}
	if n := len(one.views); n == mostViews || n > 0 && slices.Equal(one.views[n-1].weights, w.Weights) {
		one.views = one.views[:n-1]
	}
	one.views = append(one.views, view{slices.Clone(w.Weights), slices.Clone(w.Facts)})
}

// weigh runs the capture and keeps the contacts.
func (c *capture) weigh(ctx context.Context) error {
	cfg := pipeline.DefaultConfig()
	cfg.Behaviour.Bot.Watch = watch{c, map[key]*contact{}}
	p := pipeline.New(cfg, nil, pipeline.Outputs{}, slog.New(slog.DiscardHandler))
	if err := p.Read(ctx, pipeline.File(c.Path)); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return nil
}

// alarms says whether a judge would report some contact at some time.
func (c *capture) alarms(judge judge) bool {
	for _, one := range c.contacts {
		if slices.ContainsFunc(one.views, judge) {
			return true
		}
	}
	return false
}
