package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// asks counts, by content, what makes a server work and is answered.
type asks [askKinds]int

const (
	dnsQuery    = iota
	dnsMissing  // answers that there is no such name
	dnsAnything // queries for whatever there is
	dnsCarrier  // queries with room for data: a tunnel's
	sipCall     // calls
	sipDeclined // replies that say no
	sipRequest  // of any kind
	sipReply    // of any kind
	http2Back   // requests that their client takes back
	tlsAgain    // handshakes within a connection, in records
	webBabble   // packets of a connection to a web server on which nothing is asked
	askKinds    = iota
)

func (a *asks) plus(b *asks) {
	for kind, n := range b {
		a[kind] += n
	}
}

// since is what came after b.
func (a asks) since(b *asks) asks {
	for kind, n := range b {
		a[kind] = max(0, a[kind]-n)
	}
	return a
}

// first is what the first packet of a flow that asked all this has asked.
func (a asks) first() (one asks) {
	for _, kind := range [...]int{dnsQuery, dnsAnything, dnsCarrier, sipCall, sipRequest} {
		one[kind] = min(1, a[kind])
	}
	return one
}

// asksAgain is how many handshake records its client has in a connection that begins one
// more handshake, as it does where a server wants a certificate for some pages.
const asksAgain = 12

// asksOf counts what a flow has asked so far.
func asksOf(r *flow.Record) (a asks) {
	s := r.Signals
	switch {
	case s == nil:
	case r.Proto == packet.TCP && babbles(r):
		a[webBabble] = int(r.Fwd.DataPackets)
	case r.Proto == packet.TCP && s.Proto == payload.TLS:
		a[tlsAgain] = max(0, int(s.TLS.Again)-asksAgain)
	case r.Proto == packet.UDP && s.Proto == payload.DNS && !s.Reversed:
		a[dnsQuery], a[dnsMissing] = int(s.Requests), int(s.DNS.Missing)
		a[dnsAnything], a[dnsCarrier] = int(s.Anything), int(max(s.DNS.Long, s.DNS.Bulk))
	case r.Proto == packet.UDP && s.Proto == payload.SIP && !s.Reversed:
		a[sipCall], a[sipDeclined], a[sipRequest], a[sipReply] = int(s.Invites), int(s.Declined), int(s.Requests), int(s.Responses)
	case s.Proto == payload.HTTP2:
		a[http2Back] = int(s.TakenBack)
	}
	return a
}

// babbles is true where a client goes on writing in small pieces what a web server
// does not understand: it says so once, or not at all. Who uploads asked first.
func babbles(r *flow.Record) bool {
	s := r.Signals
	if !r.Established || r.MidStream || s.Requests > 0 || r.Fwd.DataPackets < 10 || r.Fwd.Payload > 100*uint64(r.Fwd.DataPackets) {
		return false
	}
	return s.Proto == payload.HTTP && !s.Reversed && r.Bwd.DataPackets <= 2 ||
		s.Proto == payload.Unknown && r.Bwd.Payload == 0 && (r.DstPort == 80 || r.DstPort == 8080)
}

// name books the names of queries.
func (o *onslaught) name(s *payload.Signals, n int) {
	o.named |= s.Names
	o.zones.add(s.DNS.Parent, n)
}

// wasted names a flood of questions that a server answers. Nobody asks a hundred
// times for whatever there is, or hundreds of times a second for the same; and of
// names under one domain nobody wants hundreds a second, each another, but who wants
// no cache to know them: block lists, which work like that, are asked tens of times.
// Of names that are not there fewer do. Calls that are all declined are none.
func (b *flood) wasted(o *onslaught) string {
	q := &o.window.asked
	_, single := o.single()
	names := b.cfg.Names
	if q[dnsMissing]*10 >= q[dnsQuery]*8 {
		names /= 2
	}
	hurried := q[dnsQuery] >= b.cfg.Any && o.hurried(q[dnsQuery], 10*b.cfg.Any)
	if hurried {
		names /= 2
	}
	switch {
	case single && o.named.Count() <= 2 && (q[dnsQuery] >= 2*b.cfg.Names || hurried):
		return "DNS query flood"
	case q[dnsAnything] >= b.cfg.Any && 2*q[dnsAnything] >= q[dnsQuery]:
		return "DNS query flood"
	case q[dnsQuery] >= names && 2*q[dnsCarrier] < q[dnsQuery] && o.zones.lead*10 >= q[dnsQuery]*7 && o.named.Count() >= sketchFull/2 && !payload.ReverseZone(o.zones.value):
		return "DNS query flood"
	case q[sipCall] >= b.cfg.Calls && q[sipDeclined]*10 >= q[sipCall]*8,
		single && q[sipRequest] >= 2*b.cfg.Calls && q[sipReply]*2 < q[sipRequest]: // each request but an ACK has a reply, calls have several
		return "SIP flood"
	}
	return ""
}
