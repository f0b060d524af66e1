package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// PortScanConfig holds the limits of the port scan behaviour.
type PortScanConfig struct {
	// Vertical is the score at which many ports of one host make a scan, Fewer the
	// score that suffices if three different kinds of probe went to that host.
	Vertical, Fewer float64
	// Horizontal is the score at which one port on many hosts makes a scan, Unusual
	// that for a port at which no known service listens: peer-to-peer programs try
	// such ports on hosts that are long gone.
	// Neighbours is the score that suffices if the hosts are neighbours.
	Horizontal, Unusual, Neighbours float64
	// Both is the score for many ports on many hosts, none of which stands out.
	Both float64
	// Grace is how long an answer may take, in microseconds.
	Grace int64
	// Soon is how long most answers take.
	Soon int64
	// Patience is how long a score that is hardly enough waits, in microseconds: who
	// tries again where it was refused waits for a service, a scanner goes on.
	Patience int64
	// Forget is the silence after which a scanner's next probe is another scan.
	Forget int64
	// Actors is the most sources watched, Newcomers the most of which only one
	// endpoint is known.
	Actors, Newcomers int
}

// DefaultPortScanConfig is explained in docs/behaviours.md.
func DefaultPortScanConfig() PortScanConfig {
	return PortScanConfig{
		Vertical: 5, Fewer: 3, Horizontal: 8, Unusual: 12, Neighbours: 5.5, Both: 40,
		Grace: 3e6, Soon: 1e6, Patience: 25e5, Forget: 30 * 60e6,
		Actors: 4096, Newcomers: 65536,
	}
}

// portScan finds scans by the outcomes of first contacts, a random walk after
// Jung, Paxson, Berger, Balakrishnan, "Fast Portscan Detection Using Sequential
// Hypothesis Testing" (2004): each endpoint that a source tries for the first time
// moves a score up if nothing comes of it and down if a conversation does. The
// score never falls below zero, so that a scan counts from its own beginning,
// however well its source behaved before (Page's CUSUM). Scores are kept for each
// of a source's targets (many ports), services (many hosts), and overall.
type portScan struct {
	cfg       PortScanConfig
	actors    *table[packet.Addr, scanner]
	newcomers *table[packet.Addr, probe]
	crowds    *table[crowdKey, crowd]
	known     contacts
	again     contacts // sources that came while there was a crowd
	pairs     acquaintances
	waits     contacts // refusals, and endpoints tried again after one
	now       int64
	swept     int64
	findings  uint64
}

func newPortScan(cfg PortScanConfig) *portScan {
	return &portScan{
		cfg:       cfg,
		actors:    newTable[packet.Addr](cfg.Actors, (*scanner).worth),
		newcomers: newTable[packet.Addr, probe](cfg.Newcomers, nil),
		crowds:    newTable[crowdKey](crowds, func(c *crowd) float64 { return float64(c.n) }),
	}
}

// Name implements Behaviour.
func (*portScan) Name() string { return "portscan" }

// Stats implements Behaviour.
func (b *portScan) Stats() Stats {
	return Stats{
		Entries:   b.actors.len() + b.newcomers.len() + b.crowds.len(),
		Limit:     b.cfg.Actors + b.cfg.Newcomers + crowds,
		Evictions: b.actors.evictions + b.newcomers.evictions + b.crowds.evictions,
		Findings:  b.findings,
	}
}

// probe is one first contact whose outcome may be open.
type probe struct {
	id     uint64 // of the flow
	at     int64
	target packet.Addr
	port   uint16 // ICMP: type
	proto  uint8
	flags  uint8   // of an illegal TCP probe
	from   uint16  // source port of a bare ACK: a new one each time is not a lost connection
	void   bool    // a ping without payload
	speaks bool    // a datagram of some program's own protocol
	own    bool    // the same over TCP: a conversation in no known protocol, on no usual port
	so     outcome // pending, or what it will be if nothing more comes
	tuple  flow.Tuple
	names  payload.Sketch // DNS: names asked for
}

// sameEndpoint is true where a second probe of a source teaches nothing.
func (p *probe) sameEndpoint(q *probe) bool {
	return p.target == q.target && p.port == q.port && p.proto == q.proto && p.flags == q.flags && p.from == q.from
}

// probeOf turns a flow's beginning into a probe and its source; ok is false for
// what is no attempt.
func probeOf(r *flow.Record) (source packet.Addr, p probe, ok bool) {
	so := attempt(r)
	p = probe{id: r.ID, at: r.Start, target: r.Dst, port: r.DstPort, proto: r.Proto, so: so, tuple: sample(r)}
	source = r.Src
	if r.Signals != nil && r.Signals.Proto == payload.DNS {
		p.names = r.Signals.Names
	}
	switch so {
	case reply:
		// A SYN+ACK that comes to a service from no service answers nothing.
		p.target, p.port, p.so, p.flags, p.tuple = r.Src, r.SrcPort, illegal, packet.SYN|packet.ACK, r.Reverse()
		return r.Dst, p, r.Proto == packet.TCP && r.Swapped && looksReply(r) && r.DstPort >= 1024 && !toMany(r.Src)
	case reversed:
		source, p.target, p.port, p.so = r.Dst, r.Src, r.SrcPort, refused
		p.tuple = r.Reverse()
		if r.Proto != packet.TCP {
			return source, p, false // see observeErrors
		}
		back := *r
		back.Tuple = p.tuple
		// Of resets between two ports of services the direction is anybody's guess.
		return source, p, !looksReply(&back) && !serves(back.SrcPort) && !toMany(source)
	case illegal:
		p.flags = r.Fwd.FirstFlags & flagsOfInterest
	default:
		if looksReply(r) || tellsTime(r) || givesLease(r) {
			return source, p, false
		}
	}
	switch {
	case so == stray:
		p.from = r.SrcPort
	case r.Proto == packet.ICMP || r.Proto == packet.ICMPv6:
		p.port, p.void = uint16(r.ICMPType), r.Fwd.Payload == 0
	case r.Proto == packet.UDP:
		p.speaks = r.Fwd.Payload > 0 && !serves(r.DstPort) && !amplifies(r.DstPort) && !controls(r.DstPort) && !asksService(r) || opensQUIC(r)
	}
	return source, p, !toMany(r.Dst) && !toMany(r.Src)
}

// tellsTime is true for what comes from the port of NTP to a client's or to the same:
// servers answer there those who ask from it (RFC 5905, 7.1), and peers do.
func tellsTime(r *flow.Record) bool {
	return r.Proto == packet.UDP && r.SrcPort == 123 && (r.DstPort == 123 || r.DstPort >= 1024)
}

// opensQUIC knows the first datagram of a QUIC connection by its size (RFC 9000,
// 14.1). Where a firewall drops QUIC, browsers try it with every server and go on
// over TCP.
func opensQUIC(r *flow.Record) bool { return r.DstPort == 443 && r.Fwd.Payload >= 1200 }

// Observe implements Behaviour.
func (b *portScan) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	b.pairs.note(r)
	if o.Kind == flow.Started {
		if source, p, ok := probeOf(r); ok {
			b.begin(source, p, emit)
		}
		return
	}
	b.observeErrors(r, emit)
	s := b.actors.get(r.Src)
	if s == nil {
		if r.Fwd.Packets+r.Bwd.Packets == 1 && !r.Unreachable {
			return // silence shows by the clock
		}
		if n := b.newcomers.get(r.Src); n != nil && n.id == r.ID {
			n.so = settled(r, n.so, o.Kind == flow.Ended)
		}
		return
	}
	for i := range s.open {
		if s.open[i].id == r.ID {
			p := &s.open[i]
			p.so = settled(r, p.so, o.Kind == flow.Ended)
			if p.so.final() {
				p.own = p.so == answered && r.Proto == packet.TCP && !serves(r.DstPort) && r.Fwd.Payload > 0 && r.Signals != nil && (r.Signals.Proto == payload.Unknown || r.Signals.Proto == payload.Published)
				done, scale := *p, 1.0
				if done.so == silent && r.Reason == flow.Flushed && o.Time-done.at < b.cfg.Soon && r.Fwd.Packets == 1 {
					scale = 0.6 // the answer may lie behind the end of the capture
				}
				s.open = append(s.open[:i], s.open[i+1:]...)
				b.score(r.Src, s, &done, scale, emit)
			}
			return
		}
	}
}

// observeErrors sees a scan of IP protocols in its refusals: nothing else causes
// protocol unreachable errors in number.
func (b *portScan) observeErrors(r *flow.Record, emit func(Finding)) {
	if r.Proto != packet.ICMP || r.ICMPType != 3 || r.ICMPCode != 2 || r.Bwd.Packets > 0 || r.Fwd.Packets < 8 || toMany(r.Dst) {
		return
	}
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: r.Dst, Targets: []packet.Addr{r.Src}, TargetsN: 1,
		Start: r.Start, End: r.Last, Flows: int(r.Fwd.Packets), Confidence: 0.9, Techniques: []string{"T1046"},
		Reason: fmt.Sprintf("%s was told %s times within %s by %s that it does not speak an IP protocol, as after a scan of protocols.",
			r.Dst, words.Count(int(r.Fwd.Packets)), span(r.Duration()), r.Src),
		Evidence: []Evidence{{Name: "protocol unreachable errors", Value: float64(r.Fwd.Packets)}},
		Samples:  []flow.Tuple{r.Tuple},
	})
}

// final says whether nothing more can change an outcome.
func (o outcome) final() bool {
	return o != pending && o != reply && o != halfOpen && o != bare && o != greeted
}

// settled gives the outcome of a probe's flow as it stands. at the flow's end, what
// was open is decided.
func settled(r *flow.Record, before outcome, ended bool) outcome {
	if before == illegal || before == odd {
		return before
	}
	so := attempt(r)
	switch {
	case so == greeted && ended:
		return mute
	case so == pending && ended && r.Bwd.SYN > 0:
		return aborted
	case so == pending && ended:
		return silent
	case so == pending && r.Bwd.SYN > 0:
		return halfOpen
	case so == stray && !ended && r.Bwd.RST == 0:
		return bare
	}
	return so
}

// begin takes a source's attempt, if it is the first of that endpoint.
func (b *portScan) begin(source packet.Addr, p probe, emit func(Finding)) {
	s := b.actors.get(source)
	if s == nil {
		n := b.newcomers.get(source)
		switch {
		case n == nil:
			if b.admit(source, &p) {
				n, _ = b.newcomers.add(source)
				*n = p
			}
			return
		case n.sameEndpoint(&p):
			return
		}
		s, _ = b.actors.add(source)
		first := *n
		b.newcomers.drop(source)
		b.take(source, s, first, emit)
	}
	b.take(source, s, p, emit)
}

func (b *portScan) take(source packet.Addr, s *scanner, p probe, emit func(Finding)) {
	b.expire(source, s, emit)
	if p.from != 0 {
		if s.strays >= strays {
			p.from = 0 // further ones count by endpoint alone
		}
		s.strays++
	}
	if s.start == 0 {
		s.start = p.at
	}
	h := mix(p.endpoint(source))
	if !b.known.add(h) {
		b.tryAgain(s, &p, h)
		return
	}
	if p.proto == packet.TCP && !b.pairs.know(source, p.target) && !b.pairs.named(p.target) {
		v := s.service(p.proto, p.port)
		v.order.add(p.target, p.at)
	}
	if p.so == stray {
		p.so = bare
	}
	if p.so.final() {
		b.score(source, s, &p, 1, emit)
		return
	}
	if len(s.open) >= maxOpen {
		first := s.open[0]
		s.open = append(s.open[:0], s.open[1:]...)
		b.close(source, s, &first, 0.5, emit)
	}
	s.open = append(s.open, p)
}

// endpoint is a hash of what a source tries for the first time.
func (p *probe) endpoint(source packet.Addr) uint64 {
	return mix(hashAddr(source)^mix(hashAddr(p.target))) ^ uint64(p.from)<<32 ^ uint64(p.port)<<16 ^ uint64(p.proto)<<8 ^ uint64(p.flags)
}

// strays is how many bare ACKs to one endpoint may count, each from a new port.
const strays = 4

// maxOpen is how many first contacts of one source may be without answer at once.
// What is more is decided early, at half its weight.
const maxOpen = 128

// expire decides the probes whose time is up.
func (b *portScan) expire(source packet.Addr, s *scanner, emit func(Finding)) {
	for len(s.open) > 0 && b.now-s.open[0].at > b.cfg.Grace {
		first := s.open[0]
		s.open = append(s.open[:0], s.open[1:]...)
		b.close(source, s, &first, 1, emit)
	}
}

// close decides a probe for which no answer came.
func (b *portScan) close(source packet.Addr, s *scanner, p *probe, scale float64, emit func(Finding)) {
	switch p.so {
	case pending:
		p.so = silent
	case halfOpen:
		p.so = aborted
	case greeted:
		p.so = mute
	case bare:
		p.so = stray
	case reply:
		return
	}
	b.score(source, s, p, scale, emit)
}

// Advance implements Behaviour.
func (b *portScan) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < 1e6 {
		return
	}
	b.swept = b.now
	b.actors.each(func(source packet.Addr, s *scanner) bool {
		b.expire(source, s, emit)
		b.reconsider(source, s, emit)
		if s.unsaid > 0 && b.now-s.last > 10e6 {
			b.report(source, s, emit)
		}
		if s.last != 0 && b.now-s.last > b.cfg.Forget {
			b.actors.drop(source)
		}
		return true
	})
}

// crowd counts the new sources that come to one place within a second.
type crowd struct {
	second int64
	n      int
}

// crowds is the most places watched for one.
const crowds = 4096

type crowdKey struct {
	target packet.Addr
	port   uint16
	proto  uint8
	any    bool
}

// The sources of a flood come once each, all to one place: where more new sources
// than this come within a second, they teach nothing about any one of them, and
// are not let in to push out those that do.
const (
	crowdAtPort = 200
	crowdAtHost = 2000
)

// Whoever comes back is let in all the same: an address made up at random hardly
// comes twice.
func (b *portScan) admit(source packet.Addr, p *probe) bool {
	at := b.crowd(crowdKey{p.target, p.port, p.proto, false}, p.at)
	all := b.crowd(crowdKey{target: p.target, any: true}, p.at)
	return at <= crowdAtPort && all <= crowdAtHost || !b.again.add(hashAddr(source))
}

func (b *portScan) crowd(k crowdKey, now int64) int {
	c, _ := b.crowds.add(k)
	if second := now / 1e6; c.second < second { // what comes late is of the second being counted
		// A crowd goes on being one until a second has been calm.
		if second == c.second+1 && c.n > crowdAtPort {
			c.n = crowdAtPort
		} else {
			c.n = 0
		}
		c.second = second
	}
	c.n++
	return c.n
}
