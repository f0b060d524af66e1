package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// plant finds what is done to the controllers of plants in their own protocols: the
// search for units behind a gateway (Modbus), the order to stop by somebody who has not
// looked at the controller first (S7), and objects switched one after another (IEC 104).
type plant struct {
	searches *table[hostPair, unitSearch]
	switches *table[hostPair, switching]
	findings uint64
}

// unitSearch is what a client has asked a gateway's units.
type unitSearch struct {
	first, last               int64
	units                     payload.Sketch
	requests, answers, absent int
	flows, told               int
	samples                   []flow.Tuple
}

// switching is when a station's objects were last reported to be switched, and how many.
type switching struct {
	at   int64
	told int
}

const (
	// plants is the most pairs of client and controller watched, for each of both.
	plants = 1024
	// unitsTried is more than a serial line has (RS-485: 32 loads).
	unitsTried = 40
	// looksFirst is how many requests an engineer's program makes at least before it stops
	// a controller: it reads what the controller is and does, as it must to show it.
	// Attackers' scripts agree on sizes and stop it.
	looksFirst = 6
	// switchedMany is how many objects nobody switches within a minute who looks what
	// becomes of one before the next, as an operator does.
	switchedMany = 24
)

func newPlant() *plant {
	return &plant{
		searches: newTable[hostPair](plants, func(s *unitSearch) float64 { return float64(s.absent) }),
		switches: newTable[hostPair, switching](plants, nil),
	}
}

// Name implements Behaviour.
func (*plant) Name() string { return "plant" }

// Stats implements Behaviour.
func (b *plant) Stats() Stats {
	return Stats{
		Entries: b.searches.len() + b.switches.len(), Limit: 2 * plants,
		Evictions: b.searches.evictions + b.switches.evictions, Findings: b.findings,
	}
}

// Advance implements Behaviour. Connections tell by themselves.
func (*plant) Advance(int64, func(Finding)) {}

// Observe implements Behaviour. What is asked, and whether anything was looked at before
// the order to stop, shows when the connection ends.
func (b *plant) Observe(o *Observation, emit func(Finding)) {
	s := o.Record.Signals
	if s == nil || s.Plant == (payload.Plant{}) {
		return
	}
	ended := o.Kind == flow.Ended
	switch {
	case ended && s.Plant.Absent > 0:
		b.search(&o.Record, emit)
	case ended && s.Plant.Stops > 0 && s.Requests < looksFirst:
		b.stop(&o.Record, emit)
	case s.Plant.Switched >= switchedMany:
		b.switched(&o.Record, emit)
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
	u.absent += int(s.Plant.Absent)
	u.flows++
	if len(u.samples) < 8 {
		u.samples = append(u.samples, sample(r))
	}
	// Who polls units asks the same again and again, whether their line is cut or not.
	n := u.units.Count()
	if n < unitsTried || u.requests > 2*n || u.absent*10 < u.answers*8 || u.absent < unitsTried || !doubled(n, u.told) {
		return
	}
	u.told = n
	f := b.finding(r, attack.PortScan, 0.9, "T0846")
	f.Activity, f.Start, f.End, f.Flows, f.Samples = "scan", u.first, u.last, u.flows, u.samples
	f.Reason = fmt.Sprintf("%s asked %s for about %d units behind it in %s (Modbus), each once or twice: %s not there.",
		c.client, c.server, n, span(u.last-u.first), words.Count(u.absent))
	f.Evidence = []Evidence{{Name: "units asked for, about", Value: float64(n), Normal: 2}, {Name: "of them not there", Value: float64(u.absent)}}
	emit(f)
}

// stop says that a controller was told to stop.
func (b *plant) stop(r *flow.Record, emit func(Finding)) {
	f := b.finding(r, attack.DoS, 0.8, "T0816", "T0858")
	f.Activity = "flood " + f.Targets[0].String()
	f.Reason = fmt.Sprintf("%s told the controller %s to stop (S7) without having looked at what it is and does.", f.Actor, f.Targets[0])
	f.Evidence = []Evidence{{Name: "requests on the connection", Value: float64(r.Signals.Requests)}, {Name: "orders to stop", Value: float64(r.Signals.Plant.Stops)}}
	emit(f)
}

// switched says that a station's objects are switched one after another, and again when
// they have become twice as many.
func (b *plant) switched(r *flow.Record, emit func(Finding)) {
	n, c := int(r.Signals.Plant.Switched), sidesOf(r)
	w, fresh := b.switches.add(hostPair{c.client, c.server})
	if !fresh && r.Last-w.at <= hour/2 && !doubled(n, w.told) {
		return
	}
	w.at, w.told = r.Last, n
	f := b.finding(r, attack.Infiltration, 0.75, "T0855")
	f.Reason = fmt.Sprintf("%s switched about %d objects of the plant at %s one after another within a minute (IEC 104), as Industroyer did.", f.Actor, n, f.Targets[0])
	f.Evidence = []Evidence{{Name: "objects switched within a minute, about", Value: float64(n)}}
	emit(f)
}

// finding is what all of them say of a connection.
func (b *plant) finding(r *flow.Record, class attack.Class, confidence float64, techniques ...string) Finding {
	b.findings++
	c := sidesOf(r)
	return Finding{
		Behaviour: b.Name(), Class: class, Actor: c.client, Targets: []packet.Addr{c.server}, TargetsN: 1,
		Ports: []uint16{c.port}, PortsN: 1, Start: r.Start, End: r.Last, Flows: 1,
		Confidence: confidence, Techniques: techniques, Samples: []flow.Tuple{sample(r)},
	}
}
