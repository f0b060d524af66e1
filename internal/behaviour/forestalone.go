package behaviour

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// forestAlone takes the forest's word where there is nothing else to go by: flow
// records that another program has metered tell no payload, no order of packets and
// often not all flows, so most behaviours are blind. This is the seed paper's daemon:
// records in, verdicts out. On packets it does not run; there the forest only supports
// (forest.go), because on networks it was not trained on it takes too many benign
// flows for attacks.
type forestAlone struct {
	pairs    *table[suspicion, suspects]
	findings uint64
}

// suspicion is what is counted together: one actor's flows to one target, or for
// attacks by many, all flows to one target.
type suspicion struct {
	actor, target packet.Addr
	class         attack.Class
}

type suspects struct {
	first, last int64
	flows       int
	said        int
	probability float64 // sum
	ports       map[uint16]struct{}
	actors      map[packet.Addr]struct{}
	samples     []flow.Tuple
}

const (
	suspicions   = 4096
	aloneSure    = 0.8 // probability at which a verdict counts
	aloneLeast   = 10  // flows
	aloneRare    = 3   // flows, for classes whose attacks are a few flows in all
	alonePorts   = 64  // remembered of one suspicion
	aloneActors  = 64
	aloneSamples = 4
)

func newForestAlone() *forestAlone {
	return &forestAlone{pairs: newTable[suspicion](suspicions, func(s *suspects) float64 { return float64(s.flows) })}
}

// Name implements Behaviour.
func (*forestAlone) Name() string { return "forest-alone" }

// Stats implements Behaviour.
func (b *forestAlone) Stats() Stats {
	return Stats{Entries: b.pairs.len(), Limit: suspicions, Evictions: b.pairs.evictions, Findings: b.findings}
}

// Observe implements Behaviour.
func (b *forestAlone) Observe(o *Observation, emit func(Finding)) {
	class := o.Verdict.Class
	if o.Kind != flow.Ended || class == "" || class == attack.Benign || o.Verdict.Probability < aloneSure {
		return
	}
	k := suspicion{o.Record.Src, o.Record.Dst, class}
	if class == attack.DDoS {
		k.actor = packet.Addr{}
	}
	s, fresh := b.pairs.add(k)
	if fresh {
		*s = suspects{first: o.Record.Start, ports: map[uint16]struct{}{}, actors: map[packet.Addr]struct{}{}}
	}
	s.flows++
	s.last = max(s.last, o.Record.Last)
	s.probability += o.Verdict.Probability
	if len(s.ports) < alonePorts {
		s.ports[o.Record.DstPort] = struct{}{}
	}
	if len(s.actors) < aloneActors {
		s.actors[o.Record.Src] = struct{}{}
	}
	if len(s.samples) < aloneSamples {
		s.samples = append(s.samples, o.Record.Tuple)
	}
	least := aloneLeast
	if class == attack.Infiltration || class == attack.Heartbleed || class == attack.WebAttack {
		least = aloneRare
	}
	if s.flows >= max(least, 2*s.said) {
		b.say(k, s, emit)
	}
}

// Advance implements Behaviour.
func (b *forestAlone) Advance(now int64, emit func(Finding)) {
	b.pairs.each(func(k suspicion, s *suspects) bool {
		if s.said > 0 && s.flows > s.said && now-s.last > 60e6 {
			b.say(k, s, emit)
		}
		if now-s.last > hour/2 {
			b.pairs.drop(k)
		}
		return true
	})
}

func (b *forestAlone) say(k suspicion, s *suspects, emit func(Finding)) {
	s.said = s.flows
	b.findings++
	f := Finding{
		Behaviour: b.Name(), Class: k.class, Actor: k.actor, Targets: []packet.Addr{k.target}, TargetsN: 1,
		Start: s.first, End: s.last, Flows: s.flows, Confidence: 0.8 * s.probability / float64(s.flows),
		Ports: slices.Sorted(maps.Keys(s.ports)), PortsN: len(s.ports), Samples: s.samples, Activity: k.target.String(),
		Evidence: []Evidence{
			{Name: "flows that the forest takes for it", Value: float64(s.flows)},
			{Name: "its mean probability", Value: s.probability / float64(s.flows)},
		},
	}
	who := k.actor.String()
	if k.class == attack.DDoS {
		f.Actors = slices.SortedFunc(maps.Keys(s.actors), func(a, b packet.Addr) int { return bytes.Compare(a[:], b[:]) })
		f.Actor = f.Actors[0]
		who = words.Plural(len(f.Actors), "source")
	}
	f.Reason = fmt.Sprintf("By the numbers of its flows alone: the forest takes %s from %s to %s for %s.",
		words.Plural(s.flows, "flow"), who, k.target, strings.ToLower(k.class.Title()))
	emit(f)
}
