package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// asks counts, by content, what makes a server work and is answered.
type asks struct {
	names    int // DNS queries
	missing  int // DNS answers that there is no such name
	whatever int // of type ANY
	carriers int // with room for data: a tunnel's
	calls    int // SIP
	declined int
	sip      int // SIP requests of any kind
	replies  int // to them
	undone   int // HTTP/2 requests that their client takes back
	again    int // TLS handshakes within a connection, in records
	babble   int // packets of a connection to a web server on which nothing is asked
}

func (a *asks) plus(b *asks) {
	a.names += b.names
	a.missing += b.missing
	a.whatever += b.whatever
	a.carriers += b.carriers
	a.calls += b.calls
	a.declined += b.declined
	a.sip += b.sip
	a.replies += b.replies
	a.undone += b.undone
	a.again += b.again
	a.babble += b.babble
}

// since is what came after b.
func (a *asks) since(b *asks) asks {
	return asks{
		max(0, a.names-b.names), max(0, a.missing-b.missing), max(0, a.whatever-b.whatever), max(0, a.carriers-b.carriers),
		max(0, a.calls-b.calls), max(0, a.declined-b.declined),
		max(0, a.sip-b.sip), max(0, a.replies-b.replies), max(0, a.undone-b.undone), max(0, a.again-b.again), max(0, a.babble-b.babble),
	}
}

// first is what the first packet of a flow that asked all this has asked.
func (a asks) first() asks {
	return asks{names: min(1, a.names), whatever: min(1, a.whatever), carriers: min(1, a.carriers), calls: min(1, a.calls), sip: min(1, a.sip)}
}

// asksAgain is how many records of its client a connection has behind encryption that
// begins one more handshake, as a server does that wants a certificate for some pages.
const asksAgain = 8

// asksOf counts what a flow has asked so far.
func asksOf(r *flow.Record) (a asks) {
	s := r.Signals
	switch {
	case s == nil:
	case r.Proto == packet.TCP && babbles(r):
		a.babble = int(r.Fwd.DataPackets)
	case r.Proto == packet.TCP && s.Proto == payload.TLS:
		a.again = max(0, int(s.TLS.Again)-asksAgain)
	case r.Proto == packet.UDP && s.Proto == payload.DNS && !s.Reversed:
		a.names, a.missing = int(s.Requests), int(s.DNS.Missing)
		a.whatever, a.carriers = int(s.Anything), int(max(s.DNS.Long, s.DNS.Bulk))
	case r.Proto == packet.UDP && s.Proto == payload.SIP && !s.Reversed:
		a.calls, a.declined, a.sip, a.replies = int(s.Invites), int(s.Declined), int(s.Requests), int(s.Responses)
	case s.Proto == payload.HTTP2:
		a.undone = int(s.TakenBack)
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
	if q.missing*10 >= q.names*8 {
		names /= 2
	}
	hurried := q.names >= b.cfg.Any && o.hurried(q.names, 10*b.cfg.Any)
	if hurried {
		names /= 2
	}
	switch {
	case single && o.named.Count() <= 2 && (q.names >= 2*b.cfg.Names || hurried):
		return "DNS query flood"
	case q.whatever >= b.cfg.Any && 2*q.whatever >= q.names:
		return "DNS query flood"
	case q.names >= names && 2*q.carriers < q.names && o.zones.lead*10 >= q.names*7 && o.named.Count() >= sketchFull/2 && !payload.ReverseZone(o.zones.value):
		return "DNS query flood"
	case q.calls >= b.cfg.Calls && q.declined*10 >= q.calls*8,
		single && q.sip >= 2*b.cfg.Calls && q.replies*2 < q.sip: // each request but an ACK has a reply, calls have several
		return "SIP flood"
	}
	return ""
}
