package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// plant finds what is done to the controllers of plants in their own protocols: the
// search for units behind a gateway of Modbus, and the order to stop, given over S7 by
// somebody who has not looked at the controller first. An engineer's program reads what
// the controller is and does, as it must to show it, before it can stop it.
type plant struct {
	searches *table[hostPair, unitSearch]
	findings uint64
}

// unitSearch is what a client has asked a gateway's units.
type unitSearch struct {
	first, last                 int64
	units                       payload.Sketch
	requests, answers, declined int
	flows, told                 int
	samples                     []flow.Tuple
}

const (
	plants = 1024
	// unitsTried is more than a serial line has (RS-485: 32 loads).
	unitsTried = 40
	// looksFirst is how many requests an engineer's program makes at least before it stops
	// a controller: attackers' scripts agree on sizes and stop it.
	looksFirst = 6
)

func newPlant() *plant {
	return &plant{searches: newTable[hostPair](plants, func(s *unitSearch) float64 { return float64(s.declined) })}
}

// Name implements Behaviour.
func (*plant) Name() string { return "plant" }

// Stats implements Behaviour.
func (b *plant) Stats() Stats {
	return Stats{Entries: b.searches.len(), Limit: plants, Evictions: b.searches.evictions, Findings: b.findings}
}

// Advance implements Behaviour. Connections are judged as they end.
func (*plant) Advance(int64, func(Finding)) {}

// Observe implements Behaviour.
func (b *plant) Observe(o *Observation, emit func(Finding)) {
	s := o.Record.Signals
	if o.Kind != flow.Ended || s == nil || s.Declined == 0 {
		return
	}
	switch s.Proto {
	case payload.Modbus:
		b.search(&o.Record, emit)
	case payload.S7:
		if s.Requests < looksFirst {
			b.stop(&o.Record, emit)
		}
	}
}

// search books what was asked of a gateway.
func (b *plant) search(r *flow.Record, emit func(Finding)) {
	c, s := sidesOf(r), r.Signals
	u, fresh := b.searches.add(hostPair{c.client, c.server})
	if fresh || r.Start-u.last > hour/2 {
		*u = unitSearch{first: r.Start}
	}
	u.last = max(u.last, r.Last)
	u.units |= s.Names
	u.requests += int(s.Requests)
	u.answers += int(s.Responses)
	u.declined += int(s.Declined)
	u.flows++
	if len(u.samples) < 8 {
		u.samples = append(u.samples, sample(r))
	}
	// Who polls units asks the same again and again, whether their line is cut or not.
	n := u.units.Count()
	if n < unitsTried || u.requests > 2*n || u.declined*10 < u.answers*8 || u.declined < unitsTried || !doubled(n, u.told) {
		return
	}
	u.told = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: c.client, Targets: []packet.Addr{c.server}, TargetsN: 1,
		Ports: []uint16{c.port}, PortsN: 1, Activity: "scan", Start: u.first, End: u.last, Flows: u.flows,
		Confidence: 0.9, Techniques: []string{"T0846"}, Samples: u.samples,
		Reason: fmt.Sprintf("%s asked %s for about %d units behind it in %s (Modbus), each once or twice: %s not there.",
			c.client, c.server, n, span(u.last-u.first), thousands(u.declined)),
		Evidence: []Evidence{{Name: "units asked for, about", Value: float64(n), Normal: 2}, {Name: "of them not there", Value: float64(u.declined)}},
	})
}

// stop says that a controller was told to stop.
func (b *plant) stop(r *flow.Record, emit func(Finding)) {
	c := sidesOf(r)
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.DoS, Actor: c.client, Targets: []packet.Addr{c.server}, TargetsN: 1,
		Ports: []uint16{c.port}, PortsN: 1, Activity: "flood " + c.server.String(), Start: r.Start, End: r.Last, Flows: 1,
		Confidence: 0.8, Techniques: []string{"T0816", "T0858"}, Samples: []flow.Tuple{sample(r)},
		Reason:   fmt.Sprintf("%s told the controller %s to stop (S7) without having looked at what it is and does.", c.client, c.server),
		Evidence: []Evidence{{Name: "requests on the connection", Value: float64(r.Signals.Requests)}, {Name: "orders to stop", Value: float64(r.Signals.Declined)}},
	})
}
