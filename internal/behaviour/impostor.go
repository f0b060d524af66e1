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

const (
	impostorNames  = 3
	impostorAsked  = 4096      // askers remembered
	impostorHosts  = 4096      // answering hosts remembered
	impostorMemory = 24 * hour // how long answers of one host count together
)

// impostor finds who answers every question that a machine asks its whole network
// for a name, so that the asker logs in there (T1557.001, as Responder and Inveigh
// do). An honest machine answers for the one name it has.
type impostor struct {
	asked    *table[packet.Addr, payload.Sketch]
	answers  *table[packet.Addr, answerer]
	findings uint64
}

// answerer is a host that said it had names which others had asked everybody for.
type answerer struct {
	since   int64
	flows   int
	names   payload.Sketch
	victims []packet.Addr
	port    uint16
	said    int
	last    uint64 // youngest flow counted
	samples []flow.Tuple
}

func newImpostor() *impostor {
	return &impostor{asked: newTable[packet.Addr, payload.Sketch](impostorAsked, nil),
		answers: newTable[packet.Addr](impostorHosts, func(a *answerer) float64 { return float64(a.names.Count()) })}
}

// Name implements Behaviour.
func (*impostor) Name() string { return "impostor" }

// Advance implements Behaviour.
func (*impostor) Advance(int64, func(Finding)) {}

// Stats implements Behaviour.
func (b *impostor) Stats() Stats {
	return Stats{Entries: b.asked.len() + b.answers.len(), Limit: impostorAsked + impostorHosts,
		Evictions: b.asked.evictions + b.answers.evictions, Findings: b.findings}
}

// Observe implements Behaviour.
func (b *impostor) Observe(o *Observation, emit func(Finding)) {
	r, s := &o.Record, o.Record.Signals
	if r.Proto != packet.UDP || s == nil {
		return
	}
	switch {
	case asksEverybody(r) && !s.Reversed && s.Requests > 0:
		names, _ := b.asked.add(r.Src)
		*names |= s.Names
	case namesFor(r.SrcPort) && s.Reversed && s.Requests == 0 && s.DNS.Given.Answers > 0:
		if names := b.asked.get(r.Dst); names != nil && s.DNS.Given.Addrs[0] == payload.AddrHash(r.Src) {
			b.answered(r, *names&s.DNS.Answered, emit)
		}
	}
}

// answered books the names that a host claimed; it begins a flow of its own to the
// asker, since the question went to everybody.
func (b *impostor) answered(r *flow.Record, names payload.Sketch, emit func(Finding)) {
	a, fresh := b.answers.add(r.Src)
	if fresh || r.Start-a.since > impostorMemory {
		*a = answerer{since: r.Start}
	}
	a.names |= names
	if len(a.victims) < 16 && !slices.Contains(a.victims, r.Dst) {
		a.victims = append(a.victims, r.Dst)
	}
	if r.ID > a.last {
		a.last = r.ID
		a.flows++
		a.port = r.SrcPort
		if len(a.samples) < 4 {
			a.samples = append(a.samples, r.Tuple)
		}
	}
	n := a.names.Count()
	proxy := a.names&payload.AutoProxy == payload.AutoProxy
	if n < impostorNames && !(proxy && n == impostorNames-1) || n <= a.said {
		return
	}
	a.said = n
	b.findings++
	wpad := ""
	if proxy {
		wpad = ", wpad among them"
	}
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Infiltration,
		Actor: r.Src, Targets: slices.Clone(a.victims), TargetsN: len(a.victims), Ports: []uint16{a.port}, PortsN: 1,
		Activity: "names", Start: a.since, End: r.Last, Flows: a.flows,
		Confidence: min(0.97, 0.7+0.06*float64(n)), Techniques: []string{"T1557.001"},
		Reason: fmt.Sprintf("%s answered that it was %d different machines%s, when %s asked the network for them; an honest machine answers for its own name",
			r.Src, n, wpad, words.Plural(len(a.victims), "host")),
		Evidence: []Evidence{{Name: "names claimed", Value: float64(n), Normal: 1}, {Name: "hosts answered", Value: float64(len(a.victims))}},
		Filter:   fmt.Sprintf("(llmnr || nbns) && ip.addr == %s", r.Src),
		Samples:  slices.Clone(a.samples),
	})
}

// namesFor are the ports of LLMNR (RFC 4795) and of NetBIOS names (RFC 1002), where
// each machine answers for itself.
func namesFor(port uint16) bool { return port == 5355 || port == 137 }

// asksEverybody is true for a question to all of a network.
func asksEverybody(r *flow.Record) bool {
	return namesFor(r.DstPort) && (r.Dst.Many() || r.Bwd.Packets == 0)
}
