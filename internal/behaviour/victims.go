package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// victim is one server at which many clients guess.
type victim struct {
	score       leaky
	clients     distinct
	sample      []packet.Addr
	first, last int64
	failed      float64
	told        float64
	service     payload.Proto
	samples     []flow.Tuple
}

func (b *bruteForce) bookVictim(c *sides, r *flow.Record, t tries, emit func(Finding)) {
	if t.forms && (t.service != payload.HTTP || t.browser) {
		return // people sign in, and rightly as far as can be seen
	}
	k := endpoint{c.server, c.port, c.proto}
	v := b.victims.get(k)
	if v == nil {
		if t.failed == 0 {
			return
		}
		v, _ = b.victims.add(k)
		v.first = r.Start
	}
	v.score.add(t.failed-3*t.succeeded, b.now, b.cfg.Leak, b.cfg.SlowLeak)
	v.failed += t.failed
	v.last, v.service = max(v.last, r.Last), t.service
	if t.failed > 0 && v.clients.add(hashAddr(c.client)) && len(v.sample) < 32 {
		v.sample = append(v.sample, c.client)
	}
	if len(v.samples) < 8 {
		v.samples = append(v.samples, sample(r))
	}
	if v.told == 0 && !b.besieged(v, t.forms) {
		return
	}
	if v.failed >= 2*v.told {
		b.reportVictim(k, v, emit)
	}
}

// besieged says whether many clients guess together. Where a few make most of the
// attempts, they are told one by one; of a form, each client's first may have been right.
func (b *bruteForce) besieged(v *victim, forms bool) bool {
	n := v.clients.count()
	each := v.failed / float64(max(1, n))
	switch {
	case n < b.cfg.Clients || each > 6:
		return false
	case v.score.score >= b.cfg.Many:
		return !forms || each >= 2
	}
	return !forms && n >= 2*b.cfg.Clients && each <= 4 && v.score.slow >= b.cfg.Many
}

// reportVictim says what many clients have tried at one server.
func (b *bruteForce) reportVictim(k endpoint, v *victim, emit func(Finding)) {
	v.told = v.failed
	b.findings++
	n := v.clients.count()
	emit(Finding{
		Behaviour: b.Name(), Class: attack.BruteForce, Actor: v.sample[0], Actors: slices.Clone(v.sample), ActorsN: n,
		Targets: []packet.Addr{k.host}, TargetsN: 1, Ports: []uint16{k.port}, PortsN: 1, Activity: fmt.Sprintf("many %s %d", k.host, k.port),
		Start: v.first, End: v.last, Flows: int(v.failed), Confidence: 0.85, Techniques: []string{"T1110.001"}, Samples: slices.Clone(v.samples),
		Reason: fmt.Sprintf("%s tried to log in to %s port %d of %s, %s in all within %s, hardly one with success.",
			words.Plural(n, "host"), v.service, k.port, k.host, repeatedly(int(v.failed)), span(v.last-v.first)),
		Evidence: []Evidence{{Name: "log-ins refused or fruitless", Value: v.failed}, {Name: "clients", Value: float64(n)}},
	})
}
