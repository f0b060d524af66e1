package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// echoesAltered is how many echo replies must hold something else than was sent. The
// rare one is a late reply that met a later request.
const echoesAltered = 5

// A system's pings hold one pattern, behind the time. Some monitors fill them with
// noise; text that is each time another, or large pings that are, carry something.
const (
	echoTexts = 5
	echoMany  = 50
	echoLarge = 500 // bytes a ping
)

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
	c.names |= s.Names
	if o.Kind == flow.Ended {
		c.sent += r.Fwd.Payload
		c.flows++
	}
	carried := c.carries(s)
	if carried == "" || !doubled(c.requests, c.saidBeats) {
		return
	}
	c.saidBeats = c.requests
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1,
		Activity: "echo", Start: c.start, End: c.end, Flows: c.requests,
		Confidence: min(0.97, 0.75+0.005*float64(max(c.altered, c.names.Count()))), Techniques: []string{"T1095"},
		Reason: fmt.Sprintf("%s pinged %s; in %s %s, as in a tunnel or a remote control over ICMP", key.host, key.server, span(c.end-c.start), carried),
		Evidence: []Evidence{
			{Name: "echo replies with data of their own", Value: float64(c.altered)},
			{Name: "different data sent", Value: float64(c.names.Count()), Normal: 1},
		},
		Filter:  fmt.Sprintf("icmp && ip.addr == %s && ip.addr == %s", key.host, key.server),
		Samples: []flow.Tuple{c.sample},
	})
}

// carries says in words what the contact's pings carry, "" if nothing.
func (c *contact) carries(s *payload.Signals) string {
	different := c.names.Count()
	changing := 5*different >= 4*min(c.requests, 100)
	switch {
	case c.altered >= echoesAltered && 2*c.altered >= c.requests, c.altered >= 2*echoesAltered && 4*c.altered >= c.requests: // a host's own replies may come besides
		return fmt.Sprintf("%d of %d replies held something else than was sent", c.altered, c.requests)
	case different >= echoTexts && (changing || c.requests >= 4*different) && s.First[0].Printable == 100:
		return fmt.Sprintf("%d requests held ever different text", c.requests)
	case changing && different >= echoMany && c.sent >= echoLarge*uint64(c.requests):
		return fmt.Sprintf("%d requests held %s bytes of ever different data", c.requests, words.Count(int(c.sent)))
	}
	return ""
}
