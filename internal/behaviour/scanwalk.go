package behaviour

import (
	"math/bits"
	"slices"

	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// scanner is one source and the scores of what it does.
type scanner struct {
	start, last int64 // first contact; last contact that counted
	open        []probe
	hosts       []scannedHost
	services    []scannedService
	all         walk // many ports on many hosts
	sample      []packet.Addr
	block       block
	hostsTried  distinct
	portsTried  distinct
	flows       int
	strays      int
	said        int // flows at the last report; 0: never reported
	unsaid      int // endpoints since
	samples     []flow.Tuple
	names       payload.Sketch // asked of name servers
}

// walk is one score, and what it was made of.
type walk struct {
	score       float64
	first, last int64
	seen        distinct // ports, or hosts
	kinds       uint16   // of probes, as bits
	answered    int
	refused     int
	silent      int
	failed      int // refused, silent, aborted, illegal and the like
	told        bool
	pause       int64 // between the last two
	due         int64 // when a score that is hardly enough is taken for one
}

// scannedHost is one of which a source tries many ports.
type scannedHost struct {
	walk
	host     packet.Addr
	ports    portSet
	exact    bool // ports holds them all, not only the first few
	tcp, udp tried
	socket   uint16 // the port from which the last ones were tried over TCP in vain,
	sockets  int    // and how many of them
}

// tried counts ports of services within a minute.
type tried struct {
	n    int
	from int64
}

func (t *tried) add(at int64) {
	if at-t.from > 60e6 {
		t.n, t.from = 0, at
	}
	t.n++
}

// block is which of 256 neighbours were tried: those of the first IPv4 host.
type block struct {
	first packet.Addr
	tried [4]uint64
}

func (n *block) add(a packet.Addr) {
	if n.first == (packet.Addr{}) {
		n.first = a
	}
	if n.holds(a) {
		n.tried[a[15]>>6] |= 1 << (a[15] & 63)
	}
}

func (n *block) holds(a packet.Addr) bool { return a.Is4() && sameBlock(a, n.first) }

func (n *block) count() int { return popcount(n.tried[:]) }

// scannedService is a protocol and port that a source tries on many hosts.
type scannedService struct {
	walk
	proto  uint8
	port   uint16
	sample []packet.Addr
	block  block
	own    int  // conversations in a protocol of the program's own
	speaks bool // datagrams of a program's own protocol
	order  order
}

// order is how far neighbours that the source knew nothing of were tried one after the other.
type order struct {
	first     packet.Addr
	from, at  int64
	n, rising int
	latest    byte
}

func (o *order) add(a packet.Addr, at int64) {
	switch {
	case !a.Is4() || o.n > 0 && !sameBlock(a, o.first):
		return
	case o.n == 0:
		o.first, o.from = a, at
	case a[15] > o.latest:
		o.rising++
	}
	o.n++
	o.latest, o.at = a[15], at
}

// columns is how many targets, and how many services, of one source are scored at
// the same time. Beyond, the one with the lowest score gives way.
const columns = 6

func (s *scanner) worth() float64 {
	w := s.all.score
	for i := range s.hosts {
		w = max(w, s.hosts[i].score)
	}
	for i := range s.services {
		w = max(w, s.services[i].score)
	}
	if s.said > 0 {
		w += 100
	}
	return w
}

// target gives the scores of a host's ports, service those of a service's hosts.
func (s *scanner) target(host packet.Addr) *scannedHost {
	for i := range s.hosts {
		if h := &s.hosts[i]; h.host == host {
			return h
		}
	}
	return replace(&s.hosts, scannedHost{host: host}, func(h *scannedHost) *walk { return &h.walk })
}

func (s *scanner) service(proto uint8, port uint16) *scannedService {
	for i := range s.services {
		if v := &s.services[i]; v.proto == proto && v.port == port {
			return v
		}
	}
	return replace(&s.services, scannedService{proto: proto, port: port}, func(v *scannedService) *walk { return &v.walk })
}

// replace puts a new one into a list, in place of the lowest if there is no room.
func replace[T any](list *[]T, fresh T, walkOf func(*T) *walk) *T {
	if len(*list) < columns {
		*list = append(*list, fresh)
		return &(*list)[len(*list)-1]
	}
	lowest := &(*list)[0]
	for i := range *list {
		w, least := walkOf(&(*list)[i]), walkOf(lowest)
		if w.score < least.score || w.score == least.score && w.last < least.last {
			lowest = &(*list)[i]
		}
	}
	*lowest = fresh
	return lowest
}

// weights is what an outcome adds to the score of a host whose ports are tried and
// to that of a service tried on many hosts.
type weights struct{ host, service float64 }

// A conversation takes back what two failures gave. A refusal says more than
// silence, which may be the capture's or the network's; silence says least in UDP,
// where many services never answer a stranger. An open port that nobody then used
// is as telling as a closed one, except that health checks and monitors do it too,
// with hosts that they know (empty, mute).
var weighing = map[uint8]map[outcome]weights{
	packet.TCP: {
		refused: {1, 1}, aborted: {1, 1}, illegal: {1.5, 1.5}, empty: {0.6, 0.1}, mute: {0.6, -0.5}, stray: {0.6, 0.5},
		silent: {0.7, 0.7}, answered: {-1.5, -1.5},
	},
	packet.UDP:    {refused: {1, 0.7}, silent: {0.4, 0.25}, answered: {-1.5, -1.5}},
	packet.SCTP:   {refused: {1, 1}, silent: {1, 1}, answered: {-1.5, -1.5}},
	packet.ICMP:   {refused: {0, 0.7}, silent: {0, 0.7}, odd: {1.5, 1}, answered: {0, -0.5}},
	packet.ICMPv6: {refused: {0, 0.7}, silent: {0, 0.7}, answered: {0, -0.5}},
}

// otherProtocols weighs what is neither of the above: few hosts speak more than two
// of them, a scan of IP protocols tries hundreds.
var otherProtocols = map[outcome]weights{refused: {1, 0.7}, silent: {0.7, 0.5}, answered: {-1.5, -1.5}}

// Kinds of probe, as bits.
const (
	kindSYN = 1 << iota
	kindUDP
	kindEcho
	kindOddICMP
	kindACK
	kindIllegal
	kindSCTP
	kindProtocol
)

func (p *probe) kind() uint16 {
	switch {
	case p.proto == packet.UDP:
		return kindUDP
	case p.so == odd:
		return kindOddICMP
	case p.proto == packet.ICMP || p.proto == packet.ICMPv6:
		return kindEcho
	case p.proto == packet.SCTP:
		return kindSCTP
	case p.proto != packet.TCP:
		return kindProtocol
	case p.so == illegal:
		return kindIllegal
	case p.so == stray:
		return kindACK
	}
	return kindSYN
}

// score books the outcome of a first contact.
func (b *portScan) score(source packet.Addr, s *scanner, p *probe, scale float64, emit func(Finding)) {
	h, v := s.target(p.target), s.service(p.proto, p.port)
	s.names |= p.names
	w := b.weigh(source, s, h, v, p)
	switch {
	case p.proto == packet.TCP && (p.so == refused || p.so == aborted):
		b.refuse(source, p)
	case p.proto == packet.TCP && p.so == answered:
		b.greet(source, s, p)
	}
	h.step(p, w.host*scale)
	v.step(p, w.service*scale)
	s.all.step(p, (w.host+w.service)/2*scale)
	h.note(p)
	v.note(p)
	s.note(p)
	b.decide(source, s, h, v, emit)
}

// weigh gives the weights of an outcome, less where something else than a scan
// explains it.
func (b *portScan) weigh(source packet.Addr, s *scanner, h *scannedHost, v *scannedService, p *probe) weights {
	table, ok := weighing[p.proto]
	if !ok {
		table = otherProtocols
	}
	w, failed := table[p.so], p.so != answered
	switch {
	case b.pairs.called(source, p), p.proto == packet.ICMP && b.pairs.leases(source):
		w = weights{}
	case p.names != 0 && s.names.Count() > 8 && (p.so != refused || 3*v.answered >= v.failed):
		w = weights{} // a resolver asks many servers for many names, a scanner all for one
	case p.proto == packet.ICMP:
		w.service = pingWeight(p, v, w.service)
	case p.proto == packet.TCP && failed && s.peers(v):
		w.service *= 0.1
	case p.proto == packet.TCP && failed && (b.pairs.know(source, p.target) || b.pairs.named(p.target)):
		w.service *= 0.3 // another way in at a host that it is in touch with, or one that it was given the name of
	case p.speaks && failed:
		// Scanners send nothing to a port of which they know no protocol;
		// peer-to-peer programs speak their own to peers that are gone.
		w.host, w.service = w.host*0.25, w.service*0.1
		v.speaks = true
	}
	if failed && p.at-h.last > atLeisure && b.pairs.know(source, p.target) {
		w.host *= 0.5
	}
	return w
}

// atLeisure is after what time another failure at a host that a source also has
// conversations with speaks less for a scan: whoever uses a server tries in the course
// of a day what is down there, or not for him; a scanner goes on.
const atLeisure = 60_000_000

// pingWeight: the ping commands of all systems send payload, scanners save it; and
// who pings one after the other of a block of addresses sweeps it, answer or not,
// unless most answer: then they were known.
func pingWeight(p *probe, v *scannedService, w float64) float64 {
	switch {
	case p.void && p.so == silent:
		return 1
	case p.so == answered && (p.void || v.block.holds(p.target) && v.block.count() >= 8 && 2*v.failed >= v.answered):
		return 0.4
	}
	return w
}

// step moves the score.
func (k *walk) step(p *probe, w float64) {
	if k.score == 0 && !k.told {
		k.first = p.at
	}
	k.score = min(1000, max(0, k.score+w))
	k.pause = p.at - k.last
	k.last = max(k.last, p.at)
	switch p.so {
	case answered:
		k.answered++
		return
	case silent:
		k.silent++
	case refused:
		k.refused++
	}
	k.failed++
}

// note keeps what a probe shows of the host.
func (h *scannedHost) note(p *probe) {
	if p.so != answered || p.kind() == kindEcho {
		h.kinds |= p.kind()
	}
	h.seen.add(uint64(p.proto)<<16 | uint64(p.port))
	if serviceProtocol(p.proto) && (h.exact || h.ports.n < few) {
		h.ports.add(p.port)
	}
	switch {
	case p.proto == packet.TCP && serves(p.port):
		h.tcp.add(p.at)
	case p.proto == packet.UDP && (serves(p.port) || amplifies(p.port)):
		h.udp.add(p.at)
	}
	if p.proto != packet.TCP || p.so == answered {
		return
	}
	if p.tuple.SrcPort != h.socket {
		h.socket, h.sockets = p.tuple.SrcPort, 0
	}
	h.sockets++
}

// note keeps what a probe shows of the service.
func (v *scannedService) note(p *probe) {
	if p.own {
		v.own++
	}
	if p.so != answered {
		v.kinds |= p.kind()
	}
	v.seen.add(hashAddr(p.target))
	if len(v.sample) < 16 {
		v.sample = append(v.sample, p.target)
	}
	v.block.add(p.target)
}

// note keeps what a probe shows of its source.
func (s *scanner) note(p *probe) {
	s.flows++
	if len(s.sample) < 16 && !slices.Contains(s.sample, p.target) {
		s.sample = append(s.sample, p.target)
	}
	if !p.speaks {
		s.block.add(p.target)
	}
	s.hostsTried.add(hashAddr(p.target))
	s.portsTried.add(mix(uint64(p.proto)<<16 | uint64(p.port)))
	if p.so == answered {
		return
	}
	s.last = max(s.last, p.at)
	if len(s.samples) < 8 {
		s.samples = append(s.samples, p.tuple)
	}
}

func sameBlock(a, b packet.Addr) bool { return [15]byte(a[:15]) == [15]byte(b[:15]) }

func serviceProtocol(proto uint8) bool {
	return proto == packet.TCP || proto == packet.UDP || proto == packet.SCTP
}

func popcount(words []uint64) (n int) {
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}
