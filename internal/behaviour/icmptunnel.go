package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// echoesAltered is how many echo replies must hold something else than was sent. The
// rare one is a late reply that met a later request.
const echoesAltered = 5

// judgeEcho judges whether the pings of a host are a conversation: a reply gives back
// the request's data and nothing else (RFC 792), so replies of their own are orders
// or a tunnel, whoever answers.
func (b *bot) judgeEcho(o *Observation, emit func(Finding)) {
	r, s := &o.Record, o.Record.Signals
	if s == nil || s.Requests == 0 || o.Kind == flow.Started {
		return
	}
	key := contactKey{host: r.Src, server: r.Dst, proto: r.Proto}
	if s.Reversed {
		key.host, key.server = r.Dst, r.Src
	}
	c, fresh := b.contacts.add(key)
	if fresh {
		c.start, c.sample = r.Start, sample(r)
	}
	seen := b.flows.get(r.ID)
	if seen == nil {
		seen, _ = b.flows.add(r.ID)
	}
	c.end = max(c.end, r.Last)
	c.requests += gain(s.Responses, &seen.requests)
	c.altered += gain(uint32(s.Altered), &seen.repeats)
	if o.Kind == flow.Ended {
		b.flows.drop(r.ID)
	}
	if c.altered < echoesAltered || 2*c.altered < c.requests || !doubled(c.altered, c.saidBeats) {
		return
	}
	c.saidBeats = c.altered
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1,
		Activity: "echo", Start: c.start, End: c.end, Flows: c.requests,
		Confidence: min(0.97, 0.8+0.005*float64(c.altered)), Techniques: []string{"T1095"},
		Reason: fmt.Sprintf("%s pinged %s; %d of %d replies in %s held something else than was sent, as in a tunnel or a remote control over ICMP",
			key.host, key.server, c.altered, c.requests, span(c.end-c.start)),
		Evidence: []Evidence{{Name: "echo replies with data of their own", Value: float64(c.altered)}},
		Filter:   fmt.Sprintf("icmp && ip.addr == %s && ip.addr == %s", key.host, key.server),
		Samples:  []flow.Tuple{c.sample},
	})
}
