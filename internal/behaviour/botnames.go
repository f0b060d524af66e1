package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// enoughTold is how many answers with addresses a host must have got before one
// that was not among them says something: others have their names from elsewhere.
const enoughTold = 3

// learn keeps the addresses that answers to a DNS query gave.
func (b *bot) learn(h *botHost, s *payload.Signals, seen *botSeen) {
	if gain(uint32(s.DNS.Given.Answers), &seen.given) == 0 {
		return
	}
	h.told++
	for _, a := range s.DNS.Given.Addrs {
		if a != 0 {
			b.named.add(mix(uint64(a)))
			if s.DNS.Given.Dynamic {
				b.dynamic.add(mix(uint64(a)))
			}
		}
	}
}

// origin tells where the host has the server's address from, as far as it was seen,
// and of one inside whether it is asked as a matter of course.
func (b *bot) origin(key contactKey, c *contact, h *botHost) {
	if !inside(key.server) {
		address := mix(uint64(payload.AddrHash(key.server)))
		c.called = b.named.holds(address)
		c.nameless = h.told >= enoughTold && !c.unseen && !c.called
		c.dynamic = b.dynamic.holds(address)
		return
	}
	c.inside = true
	if c.usual || c.beats.n < 5 && c.rhythm.Bursts < 6 {
		return
	}
	h.asks.add(hashAddr(key.server))
	askers, _ := b.askers.add(key.server)
	askers.add(hashAddr(key.host))
	c.usual = h.asks.count() >= several || askers.count() >= several
}

// several hosts asked by one, or one by several, are no chance.
const several = 3

// odd is what a contact's regularity counts. Programs inside have more reasons to be
// regular among themselves than to ask outside.
func (c *contact) odd() float64 {
	switch {
	case c.usual:
		return 0
	case c.inside:
		return 0.7
	}
	return 1
}

const (
	// quick is how many seconds apart orders are asked for at most. Keep-alives
	// outlive the memory of a translator of addresses, and sensors report, at ten or more.
	quick = 9.5
	// oneAnswer is how many bytes a connection holds that brings an order, with the
	// one certificate of a server that nobody vouches for; chains are longer.
	oneAnswer = 2500
)

// calls is true for a host that asks for names and yet calls a server outside by its
// address, at even and short times and with few words. Programs of people's have
// names for the servers that they were made to ask.
func (c *contact) calls(k *contactKey) bool {
	if !c.nameless || k.proto != packet.TCP {
		return false
	}
	if c.proto == payload.Unknown && c.pulse(k) > 0 {
		return c.rhythm.Bursts >= 12 && c.rhythm.Mean < quick && !c.wordy
	}
	return c.regular(k) > 0 && c.beats.n >= 8 && c.beats.period() < quick && c.got <= oneAnswer*uint64(c.flows)
}

// Long polls: how long, in microseconds, an answer is held back at least, and
// how soon after it the next connection begins.
const (
	heldLeast  = 2_000_000
	askedAgain = 1_000_000
)

// wait counts a small connection that began right after another and lasted.
func (c *contact) wait(r *flow.Record) {
	if since := r.Start - c.heldEnd; c.heldEnd > 0 && since >= 0 && since < askedAgain && r.Last-r.Start >= heldLeast && r.Bwd.Payload > 0 && r.Bwd.Payload <= oneAnswer {
		c.held++
	}
	c.heldEnd = r.Last
}
