package behaviour

import (
	"slices"

	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// FloodConfig holds the limits of the flood behaviour: packets or connections
// within one window of two seconds. docs/behaviours.md tells where they come from.
type FloodConfig struct {
	Window   int64 // microseconds
	HalfOpen int   // TCP connections accepted by the server and never completed
	Empty    int   // TCP connections of one source completed and closed without use
	Silent   int   // TCP connections that nobody answers
	Refused  int   // TCP connections that are refused
	Strays   int   // TCP packets that belong to no connection
	UDPFlows int   // UDP flows that nobody answers
	UDPHeavy int   // UDP packets of few flows that nobody answers
	UDPSmall int   // the same of small packets
	Crafted  int   // packets that only a program for making packets makes
	Dull     int   // datagrams to nobody that are all the same, or of no shape at all
	ICMP     int   // ICMP packets
	Other    int   // packets of other protocols
	DHCP     int   // DHCP requests, IPv6 router advertisements, giant pings
	Names    int   // DNS queries under one name, each for another
	Any      int   // DNS queries for whatever there is
	Calls    int   // SIP calls that nobody takes
	Undone   int   // HTTP/2 requests that their client takes back
	Again    int   // TLS handshakes within connections, in records of the client
	Babble   int   // small TCP segments to a web server that are no request
	MadeUp   int   // packets of any kind, if some come from addresses that nobody can have
	Mirrored int   // UDP replies that nobody asked for
	Targets  int   // most services and hosts watched
	Flows    int   // most flows whose growth is followed
}

// DefaultFloodConfig is explained in docs/behaviours.md.
func DefaultFloodConfig() FloodConfig {
	return FloodConfig{
		Window: 2e6, HalfOpen: 100, Empty: 60, Silent: 100, Refused: 2000, Strays: 60, UDPFlows: 400, UDPHeavy: 10000,
		UDPSmall: 2000, Crafted: 15, Dull: 80, ICMP: 100, Other: 100, DHCP: 60, Names: 400, Any: 100, Calls: 120, Undone: 100, Again: 40, Babble: 200, MadeUp: 20, Mirrored: 30, Targets: 8192, Flows: 65536,
	}
}

// flood finds floods by what arrives at a place within two seconds: how much, how
// little of it leads to a conversation, and from how many sources. Sources are
// counted by a sketch, so that a million forged ones cost no more than one.
type flood struct {
	cfg      FloodConfig
	places   *table[place, onslaught]
	flows    *table[uint64, booked]
	errors   *table[packet.Addr, int64]    // hosts whose packets really were unreachable, and when last
	spoke    *table[[2]packet.Addr, int64] // pairs with a TCP connection, and when last
	now      int64
	swept    int64
	findings uint64
}

// place is what a flood is aimed at.
type place struct {
	host  packet.Addr
	port  uint16 // ICMP: type
	proto uint8
	kind  uint8
}

// Kinds of place.
const (
	atPort      = iota // one port, or one ICMP type
	atHost             // all ports
	mirrored           // replies of amplifiers, all ports
	mirroredNet        // the same, to any of 256 neighbours
	anywhere           // packets that only packet makers make, to whomever
)

// onslaught is one place and what comes to it.
type onslaught struct {
	from        int64 // start of the window
	window      tide
	before      int // packets in the window before
	total       tide
	first, last int64
	sources     distinct
	nowhere     int // packets from addresses that nobody can have
	loudest     [mostSources]loud
	ports       portSet
	parts       [2]payload.Sketch // of kind anywhere: first bytes of the addresses of sources, and of targets; of mirroredNet: the last of targets
	sizes       majority[uint64]  // of payload, of one-sided connections
	named       payload.Sketch    // DNS names asked for in the window
	zones       majority[uint32]  // that they are in
	said        payload.Said      // in the window, by datagrams of no known protocol
	kind        string            // of flood, once told
	told        int               // packets at the last report
	quiet       int               // windows since the last that was a flood
	samples     []flow.Tuple
}

// loud is one source and its packets, after Metwally's Space-Saving.
type loud struct {
	addr packet.Addr
	n    int
}

const mostSources = 16

func newFlood(cfg FloodConfig) *flood {
	return &flood{
		cfg: cfg,
		places: newTable[place](cfg.Targets, func(o *onslaught) float64 {
			return float64(o.window.in + o.before + 1000*o.told)
		}),
		flows:  newTable[uint64](cfg.Flows, func(g *booked) float64 { return float64(g.fwd) }),
		errors: newTable[packet.Addr, int64](1024, nil),
		spoke:  newTable[[2]packet.Addr, int64](4096, nil),
	}
}

// Name implements Behaviour.
func (*flood) Name() string { return "flood" }

// Stats implements Behaviour.
func (b *flood) Stats() Stats {
	return Stats{
		Entries:   b.places.len() + b.flows.len() + b.errors.len() + b.spoke.len(),
		Limit:     b.cfg.Targets + b.cfg.Flows + 1024 + 4096,
		Evictions: b.places.evictions + b.flows.evictions + b.errors.evictions + b.spoke.evictions,
		Findings:  b.findings,
	}
}

// Observe implements Behaviour.
func (b *flood) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	var t tide
	if o.Kind != flow.Ended || r.Fwd.Packets+r.Bwd.Packets > 1 || r.Fwd.Payload > 0 { // else all was said when it began
		t = b.change(r, o.Kind)
	}
	if r.Unreachable {
		at, _ := b.errors.add(r.Src)
		*at = b.now
	}
	if t == (tide{}) {
		return
	}
	if o.Kind == flow.Started && (r.Tunnelled || r.Proto == packet.TCP && t.crafted > 0) {
		b.book(place{kind: anywhere}, r, &tide{in: 1}, o.Kind, emit)
	}
	k := place{r.Dst, r.DstPort, r.Proto, atPort}
	switch {
	case r.Proto == packet.ICMP || r.Proto == packet.ICMPv6:
		k.port = uint16(r.ICMPType)
		if asked := echoRequest(r); asked != r.ICMPType && t.out > 0 {
			back := flow.Record{Tuple: r.Reverse(), Start: r.Start, ICMPType: asked}
			b.book(place{r.Src, uint16(asked), r.Proto, atPort}, &back, t.turned(), o.Kind, emit)
			return // its first request is not in the capture
		}
		if t.out > 0 {
			b.bookBack(r, &t, o.Kind, emit)
		}
	case r.Proto == packet.UDP && (r.DstPort == 67 && r.SrcPort != 67 || r.DstPort == 547): // a relay (RFC 1542, 4) speaks for many
		k.host = everyServer
	case r.Proto == packet.UDP && amplifies(r.SrcPort) && !amplifies(r.DstPort):
		if discovers(r.SrcPort) && inside(r.Src) {
			return // neighbours answer a question that went to all of them
		}
		k.port, k.kind = 0, mirrored
		if streams(r.SrcPort) {
			k.port = r.SrcPort
		}
		if r.Dst.Is4() {
			network := r.Dst
			network[15] = 0
			b.book(place{network, k.port, r.Proto, mirroredNet}, r, &t, o.Kind, emit)
		}
	case r.Proto == packet.TCP && r.Swapped && looksReply(r):
		b.bookStray(r, &t, o.Kind, emit)
		return
	case r.Proto == packet.TCP && r.Swapped && r.Fwd.Packets == 0:
		b.bookMirrored(r, &t, o.Kind, emit)
		b.book(place{r.Dst, 0, r.Proto, atHost}, r, &t, o.Kind, emit)
	case r.Proto == packet.TCP && t.lone != 0 && looksReply(r):
		b.book(place{r.Dst, 0, r.Proto, mirrored}, r, &t, o.Kind, emit)
		return
	case r.Proto == packet.TCP || r.Proto == packet.UDP:
		if looksReply(r) {
			return
		}
		b.book(place{r.Dst, 0, r.Proto, atHost}, r, &t, o.Kind, emit)
	}
	b.book(k, r, &t, o.Kind, emit)
}

// everyServer stands for all DHCP servers: starving them is one flood, whichever of
// them is asked.
var everyServer = packet.Addr{10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}

// bookBack books what the responder sends: in ICMP, which has no ports, a flood can
// be the other direction of an older exchange.
func (b *flood) bookBack(r *flow.Record, t *tide, kind flow.Kind, emit func(Finding)) {
	back := flow.Record{Tuple: r.Reverse(), Start: r.Start, ICMPType: anyType}
	b.book(place{r.Src, anyType, r.Proto, atPort}, &back, t.turned(), kind, emit)
}

// echoRequest gives the type that asks for an echo reply, and any other type itself.
func echoRequest(r *flow.Record) uint8 {
	switch {
	case r.Proto == packet.ICMP && r.ICMPType == 0:
		return 8
	case r.Proto == packet.ICMPv6 && r.ICMPType == 129:
		return 128
	}
	return r.ICMPType
}

// bookStray books a SYN+ACK sent to a service by somebody who serves nothing: the
// answer to nothing that can have been asked.
func (b *flood) bookStray(r *flow.Record, t *tide, kind flow.Kind, emit func(Finding)) {
	if kind != flow.Started {
		return
	}
	back := flow.Record{Tuple: r.Reverse(), Start: r.Start}
	b.book(place{r.Src, r.SrcPort, r.Proto, atPort}, &back, &tide{begun: 1, strays: 1, in: max(1, t.out)}, kind, emit)
}

// bookMirrored books at the client the SYN+ACKs whose SYN is not in the capture.
func (b *flood) bookMirrored(r *flow.Record, t *tide, kind flow.Kind, emit func(Finding)) {
	back := flow.Record{Tuple: r.Reverse(), Start: r.Start}
	b.book(place{r.Src, 0, r.Proto, mirrored}, &back, &tide{in: t.out, swapped: t.swapped, opened: t.opened}, kind, emit)
}

// anyType stands for ICMP messages whose type the flow does not tell.
const anyType = 255

// discovers says whether a service is asked by multicast and answers by itself.
func discovers(port uint16) bool {
	return port == 1900 || port == 5353 || port == 3702 || port == 137 || port == 5683
}

// book adds an event's tide to a place, and looks back on its window when it ends.
func (b *flood) book(k place, r *flow.Record, t *tide, kind flow.Kind, emit func(Finding)) {
	o, fresh := b.places.add(k)
	if fresh {
		o.from = b.now
	}
	if b.now-o.from >= b.cfg.Window {
		b.turn(k, o, emit)
	}
	if o.first == 0 {
		o.first = r.Start
	}
	o.window.plus(t)
	o.last = b.now
	if t.in > 0 || t.swapped > 0 {
		o.sources.add(hashAddr(r.Src))
		o.loud(r.Src, max(1, t.in))
		o.nowhere += bit(nobodys(r.Src))
	}
	if k.kind == atHost && kind == flow.Started && (o.ports.n < few || o.told > 0) {
		o.ports.add(r.DstPort)
	}
	if t.oneSided > 0 || t.lone > 0 {
		o.sizes.add(r.Fwd.Payload, 1)
	}
	if (k.kind == mirrored || k.kind == mirroredNet) && r.Signals != nil {
		o.named |= r.Signals.DNS.Answered
	}
	if k.kind == mirroredNet {
		o.parts[1].Add(uint32(r.Dst[15]))
	}
	if k.kind == anywhere {
		o.parts[0].Add(uint32(r.Src[0]) + uint32(r.Src[12]))
		o.parts[1].Add(uint32(r.Dst[0]) + uint32(r.Dst[12]))
	}
	if n := t.asked[dnsQuery]; n > 0 {
		o.name(r.Signals, n)
	}
	if t.plain > 0 && r.Signals != nil {
		o.said.Join(&r.Signals.Says)
	}
	if kind == flow.Started && len(o.samples) < 8 {
		o.samples = append(o.samples, sample(r))
	}
}

// loud counts a source's packets.
func (o *onslaught) loud(a packet.Addr, n int) {
	lowest := 0
	for i := range o.loudest {
		if o.loudest[i].n > 0 && o.loudest[i].addr == a {
			o.loudest[i].n += n
			return
		}
		if o.loudest[i].n < o.loudest[lowest].n {
			lowest = i
		}
	}
	o.loudest[lowest].addr = a
	o.loudest[lowest].n += n
}

// turn judges the window that ends and begins the next.
func (b *flood) turn(k place, o *onslaught, emit func(Finding)) {
	o.total.plus(&o.window)
	kind := b.judge(k, o)
	switch {
	case kind != "":
		if o.kind == "" {
			o.kind = kind
		}
		o.quiet = 0
		if o.told == 0 || o.total.in+o.total.out >= 2*o.told {
			b.report(k, o, emit)
		}
	default:
		o.quiet++
	}
	next := onslaught{from: b.now, before: o.window.in}
	if b.now-o.from > 10*b.cfg.Window {
		next.before = 0
	}
	if o.kind == "" && o.quiet >= 3 {
		*o = next // nothing that need be remembered
		return
	}
	o.from, o.before, o.window, o.said = next.from, next.before, tide{}, payload.Said{}
	o.named, o.zones, o.parts = 0, majority[uint32]{}, [2]payload.Sketch{}
}

// Advance implements Behaviour.
func (b *flood) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < b.cfg.Window {
		return
	}
	b.swept = b.now
	b.places.each(func(k place, o *onslaught) bool {
		if b.now-o.from >= b.cfg.Window && o.window != (tide{}) {
			b.turn(k, o, emit)
		}
		if o.kind != "" && b.now-o.last > 10e6 && o.total.in+o.total.out > o.told {
			b.report(k, o, emit)
		}
		if b.now-o.last > 60e6 && (o.kind == "" || b.now-o.last > hour/2) {
			b.places.drop(k)
		}
		return true
	})
}

// report says what has come to a place so far.
func (b *flood) report(k place, o *onslaught, emit func(Finding)) {
	o.told = max(1, o.total.in+o.total.out)
	b.findings++
	emit(o.finding(b.Name(), k))
}

// single says whether one source, or a handful, makes the flood.
func (o *onslaught) single() (top []packet.Addr, yes bool) {
	list := slices.Clone(o.loudest[:])
	slices.SortStableFunc(list, func(a, c loud) int { return c.n - a.n })
	sum := 0
	for _, l := range list {
		sum += l.n
	}
	for _, l := range list {
		if l.n > 0 {
			top = append(top, l.addr)
		}
	}
	return top, o.sources.count() <= 3 || list[0].n*2 > sum
}

// crowds says whether many sources each send more than whoever tries whether a host is
// there (ping sends one a second), or is told that it is not.
func (o *onslaught) crowds() bool {
	n := o.sources.count()
	return n >= mostSources && o.window.in >= 3*n
}

// forged says whether each source came but once, as where their addresses are made
// up. What real clients do not get they try again: the first window is not enough,
// unless some of the addresses cannot be anybody's.
func (o *onslaught) forged() bool {
	return (o.total.in > o.window.in || o.nowhere >= leastNobodys) && o.sources.count()*10 >= o.total.in*8
}

// leastNobodys is how many packets from addresses that nobody can have make it sure.
const leastNobodys = 3

// nobodys is true for IPv4 addresses that no host can have: of groups, reserved, and of
// the network 0 but for the one of who has none yet (RFC 6890).
func nobodys(a packet.Addr) bool {
	return a.Is4() && (a[12] >= 224 || a[12] == 0 && a[13]|a[14]|a[15] != 0)
}

// hurried says whether n things came at that rate in the window in which it all began:
// where a capture holds a moment only, its packets must do for all that would have come.
func (o *onslaught) hurried(n, perSecond int) bool {
	const moment = 10_000
	return o.from-o.first < moment && int64(n)*1e6 >= int64(perSecond)*(o.last-o.from)
}

// few is how many of what nobody sends are enough: half the limit if they came at twenty
// a second where the capture begins, and none of them went on as a connection seen one way.
func (o *onslaught) few(n, limit int) int {
	if n > limit/2 && o.hurried(n, 20) && o.window.acked+o.window.oneSided == 0 {
		return limit/2 + 1
	}
	return limit
}
