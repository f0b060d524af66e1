package behaviour

import (
	"fmt"
	"math"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// weigh sums the signs of one contact. The last of the weights is for company.
func (b *bot) weigh(key *contactKey, c *contact, h *botHost) (sum float64, weights []float64, signs []string) {
	weights = b.weights[:0]
	for i := range botSigns {
		g := &botSigns[i]
		w := g.weight(key, c, h)
		weights = append(weights, w)
		if sum += w; w > 0 {
			signs = append(signs, g.words)
		}
	}
	more := c.company(key, h, sum)
	if more > 0 {
		signs = append(signs, "other doubtful contacts of the same host")
	}
	b.weights = append(weights, more)
	return sum + more, b.weights, signs
}

// company is what the host's other doubtful contacts add to a contact whose own
// signs make the sum.
func (c *contact) company(key *contactKey, h *botHost, sum float64) float64 {
	nameless := c.marks.Has(payload.SelfSigned | payload.NoSNI)
	if c.proto == payload.TLS && nameless && c.flows == 1 {
		return 0 // a single call is anybody's: it neither speaks for others nor they for it
	}
	// One odd program of a host may talk to many servers; that is no company.
	alone := sum - when(c.web() && c.marks.Any(payload.OddAgent), oddAgent) - c.homely(key)
	more := h.beside(*key, alone, c.end)
	if c.proto == payload.TLS && (!nameless || h.unnamed.page()) || key.proto == packet.UDP && (c.proto == payload.Unknown || c.proto == payload.QUIC) { // peer-to-peer programs have many such
		more = math.Min(more, 0.4)
	}
	return when(alone > noteworthy, more)
}

// judge reports the contact when its signs are enough, and again when it has gone
// on for twice as long. What is learnt of one contact may settle another's case.
func (b *bot) judge(key contactKey, c *contact, h *botHost, emit func(Finding)) {
	if !c.notable() {
		return
	}
	b.report(key, c, h, emit)
	if worst := h.worst(); worst != nil && worst.key != key {
		if other := b.contacts.get(worst.key); other != nil {
			b.report(worst.key, other, h, emit)
		}
	}
}

// notable is false for contacts that no sign can be of.
func (c *contact) notable() bool {
	return c.marks != 0 || c.bare != 0 || c.dynamic || c.beats.n >= 4 || c.rhythm.Bursts >= 6 ||
		c.proto == payload.Unknown && (c.first[0].Length == 256 || c.greets || c.disguised)
}

func (b *bot) report(key contactKey, c *contact, h *botHost, emit func(Finding)) {
	sum, weights, signs := b.weigh(&key, c, h)
	p := 1 / (1 + math.Exp(b.cfg.Bias-sum))
	if b.cfg.Watch != nil {
		b.cfg.Watch.Weighed(c.weighed(key, weights, p))
	}
	if c.rushed() || p < b.cfg.Enough || p < c.said+0.05 && !(c.saidBeats > 0 && c.beats.n >= 2*c.saidBeats) {
		return
	}
	c.said, c.saidBeats = p, c.beats.n
	b.findings++
	emit(b.finding(key, c, p, signs))
}

// loud is true for contacts whose evidence is not in words of their own.
func (c *contact) loud() bool {
	return !c.marks.Any(payload.RATWords | payload.BotWords | payload.IRCBot | payload.Staged)
}

// rushed is true for contacts that follow each other faster than anybody takes orders: an
// order has to come, be read and done. So come floods, and the probes of scanners.
func (c *contact) rushed() bool {
	const order = 30_000 // µs
	n := max(c.flows, c.requests)
	return c.web() && n >= 3 && c.end-c.start < order*int64(n) && c.loud() && !c.marks.Any(payload.ExeFetched)
}

func (b *bot) finding(key contactKey, c *contact, p float64, words []string) Finding {
	f := Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "control", Start: c.start, End: c.end, Flows: c.flows,
		Confidence: math.Min(0.99, p), // signs are not as independent as their sum takes them to be
		Reason: fmt.Sprintf("%s contacted %s (%s) %s in %s: %s", key.host, key.server, serviceName(key.proto, key.port),
			times(max(c.flows, c.requests, int(c.rhythm.Bursts))), span(c.end-c.start), list(words)),
		Evidence: []Evidence{
			{Name: "connections", Value: float64(c.flows)},
			{Name: "requests", Value: float64(c.requests)},
			{Name: "regularity of connections, 0 to 1", Value: c.beats.regularity()},
			{Name: "median time between connections", Value: c.beats.period(), Unit: "s"},
		},
		Filter:  fmt.Sprintf("ip.addr == %s && ip.addr == %s && %s", key.host, key.server, portFilter(key)),
		Samples: []flow.Tuple{c.sample},
	}
	if !c.web() {
		f.Techniques = []string{"T1571", "T1573"}
	}
	return f
}

func portFilter(key contactKey) string {
	if key.proto == packet.UDP {
		return fmt.Sprintf("udp.port == %d", key.port)
	}
	return fmt.Sprintf("tcp.port == %d", key.port)
}

// times writes a count of occasions.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return words.Count(n) + " times"
}
