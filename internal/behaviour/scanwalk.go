package behaviour

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// scanner is one source and the scores of what it does.
type scanner struct {
	start, last int64 // first contact; last contact that counted
	open        []probe
	hosts       []column // by target: many ports of one host
	services    []column // by protocol and port: many hosts
	all         column
	targets     distinct
	ports       distinct
	flows       int
	strays      int
	said        int // flows at the last report; 0: never reported
	unsaid      int // endpoints since
	samples     []flow.Tuple
	names       payload.Sketch // asked of name servers
}

// columns is how many targets, and how many services, of one source are scored at
// the same time. Beyond, the one with the lowest score gives way.
const columns = 6

// column is one score.
type column struct {
	host        packet.Addr // of hosts
	port        uint16      // of services
	proto       uint8
	walk        float64
	first, last int64
	seen        distinct // ports, or hosts
	ports       portSet
	sample      []packet.Addr
	kinds       uint16
	failed      int // refused, aborted, silent, illegal and the like
	refused     int
	silent      int
	answered    int
	block       [4]uint64 // IPv4: which of the 256 neighbours of the first host were tried
	served      int       // of hosts: ports of services tried since servedFrom
	servedFrom  int64
	told        bool
	due         int64 // when a score that is hardly enough is taken for one
	own         int   // conversations in a protocol of the program's own
	exact       bool  // ports holds them all, not only the first few
	speaks      bool  // of services: a program's own protocol
}

func (s *scanner) worth() float64 {
	w := s.all.walk
	for i := range s.hosts {
		w = max(w, s.hosts[i].walk)
	}
	for i := range s.services {
		w = max(w, s.services[i].walk)
	}
	if s.said > 0 {
		w += 100
	}
	return w
}

// find gives the column of a key, in place of the lowest if there is no room.
func find(cols *[]column, host packet.Addr, port uint16, proto uint8) *column {
	lowest := -1
	for i := range *cols {
		c := &(*cols)[i]
		if c.host == host && c.port == port && c.proto == proto {
			return c
		}
		if lowest < 0 || c.walk < (*cols)[lowest].walk || c.walk == (*cols)[lowest].walk && c.last < (*cols)[lowest].last {
			lowest = i
		}
	}
	if len(*cols) < columns {
		*cols = append(*cols, column{host: host, port: port, proto: proto})
		return &(*cols)[len(*cols)-1]
	}
	(*cols)[lowest] = column{host: host, port: port, proto: proto}
	return &(*cols)[lowest]
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
	table, ok := weighing[p.proto]
	if !ok {
		table = otherProtocols
	}
	w := table[p.so]
	h := find(&s.hosts, p.target, 0, 0)
	v := find(&s.services, packet.Addr{}, p.port, p.proto)
	s.names |= p.names
	switch {
	case b.pairs.called(source, p), p.proto == packet.ICMP && b.pairs.leases(source):
		w = weights{}
	case p.names != 0 && s.names.Count() > 8 && (p.so != refused || 3*v.answered >= v.failed):
		w = weights{} // a resolver asks many servers for many names, a scanner all for one
	case p.proto == packet.ICMP:
		w.service = pingWeight(p, v, w.service)
	case p.proto == packet.TCP && p.so != answered && s.peers(v):
		w.service *= 0.1
	case p.proto == packet.TCP && p.so != answered && (b.pairs.know(source, p.target) || b.pairs.named(p.target)):
		w.service *= 0.3 // another way in at a host that it is in touch with, or one that it was given the name of
	case p.speaks && p.so != answered:
		// Scanners send nothing to a port of which they know no protocol;
		// peer-to-peer programs speak their own to peers that are gone.
		w.host, w.service = w.host*0.25, w.service*0.1
		v.speaks = true
	}
	if p.so != answered && p.at-h.last > atLeisure && b.pairs.know(source, p.target) {
		w.host *= 0.5
	}
	if p.own {
		v.own++
	}
	switch {
	case p.proto == packet.TCP && (p.so == refused || p.so == aborted):
		b.refuse(source, p)
	case p.proto == packet.TCP && p.so == answered:
		b.greet(source, s, p)
	}
	h.add(p, w.host*scale)
	v.add(p, w.service*scale)
	s.all.add(p, (w.host+w.service)/2*scale)
	if p.so != answered {
		v.kinds |= p.kind()
		s.last = max(s.last, p.at)
	}
	if p.so != answered || p.kind() == kindEcho {
		h.kinds |= p.kind()
	}
	h.seen.add(uint64(p.proto)<<16 | uint64(p.port))
	h.serve(p)
	if p.proto == packet.TCP || p.proto == packet.UDP || p.proto == packet.SCTP {
		if h.exact || h.ports.n < few {
			h.ports.add(p.port)
		}
	}
	v.seen.add(hashAddr(p.target))
	if len(v.sample) < 16 {
		v.sample = append(v.sample, p.target)
	}
	v.mark(p.target)
	s.flows++
	s.targets.add(hashAddr(p.target))
	s.ports.add(mix(uint64(p.proto)<<16 | uint64(p.port)))
	if len(s.samples) < 8 && p.so != answered {
		s.samples = append(s.samples, p.tuple)
	}
	b.decide(source, s, h, v, emit)
}

// pingWeight: the ping commands of all systems send payload, scanners save it; and
// who pings one after the other of a block of addresses sweeps it, answer or not,
// unless most answer: then they were known.
func pingWeight(p *probe, v *column, w float64) float64 {
	switch {
	case p.void && p.so == silent:
		return 1
	case p.so == answered && (p.void || v.neighbours(p.target) >= 8 && 2*v.failed >= v.answered):
		return 0.4
	}
	return w
}

func (c *column) add(p *probe, w float64) {
	if c.walk == 0 && !c.told {
		c.first = p.at
	}
	c.walk = min(1000, max(0, c.walk+w))
	c.last = max(c.last, p.at)
	switch p.so {
	case answered:
		c.answered++
	case silent:
		c.silent++
		c.failed++
	case refused:
		c.refused++
		c.failed++
	default:
		c.failed++
	}
}

// serve counts the services of a host that were tried within a minute.
func (c *column) serve(p *probe) {
	if p.proto != packet.TCP || !serves(p.port) {
		return
	}
	if p.at-c.servedFrom > 60e6 {
		c.served, c.servedFrom = 0, p.at
	}
	c.served++
}

// mark notes a neighbour; neighbours counts those of the column's first IPv4 host.
func (c *column) mark(a packet.Addr) {
	if len(c.sample) > 0 && a.Is4() && sameBlock(a, c.sample[0]) {
		c.block[a[15]>>6] |= 1 << (a[15] & 63)
	}
}

func (c *column) neighbours(a packet.Addr) int {
	if len(c.sample) == 0 || !a.Is4() || !sameBlock(a, c.sample[0]) {
		return 0
	}
	return popcount(c.block[:])
}

// services is how many services of one host, tried within a minute, are no accident: a
// member of a domain wants eight or nine of its controller, and finds them.
const services = 10

// neighbours is how many hosts of one block of 256 addresses, tried for the same,
// are no accident.
const neighbours = 5

func sameBlock(a, b packet.Addr) bool { return [15]byte(a[:15]) == [15]byte(b[:15]) }

// oneGo is within what time kinds of probe are one program's: in a quarter of an hour
// people ping a server, ask it for names and try what is down.
const oneGo = 5 * 60_000_000

// atLeisure is after what time another failure at a host that a source also has
// conversations with speaks less for a scan: whoever uses a server tries in the course
// of a day what is down there, or not for him; a scanner goes on.
const atLeisure = 60_000_000

// decide reports a scan when one of the scores says so, and again whenever it has
// doubled.
func (b *portScan) decide(source packet.Addr, s *scanner, h, v *column, emit func(Finding)) {
	vertical := b.cfg.Vertical
	if bits.OnesCount16(h.kinds) >= 3 && h.last-h.first <= oneGo {
		vertical = b.cfg.Fewer
	}
	horizontal := b.cfg.Horizontal
	switch {
	case v.speaks || s.peers(v):
		horizontal = b.cfg.Both
	case popcount(v.block[:]) >= neighbours && (v.failed >= 2*v.silent || len(v.sample) > 0 && inside(v.sample[0])) &&
		(!serviceProtocol(v.proto) || serves(v.port) || v.failed >= 2*v.answered):
		// Silence of neighbours far away may be a firewall on the way; and whoever
		// finds a third of them listening on no usual port knew that they would:
		// peers of one provider.
		horizontal = b.cfg.Neighbours
	case serviceProtocol(v.proto) && !serves(v.port):
		horizontal = b.cfg.Unusual
		// Peer-to-peer programs try all kinds of ports besides the usual one.
		if v.failed*10 < s.all.failed*7 {
			horizontal = b.cfg.Both
		}
	}
	// Where most ports tried answer, the others are accidents: empty files over FTP.
	// And nobody wants ten services of a host, some of which are not there.
	searched := h.served >= services && h.failed >= 3
	if !h.told && (b.enough(h, vertical) && 3*h.failed >= h.answered || searched) {
		h.told, h.exact = true, !s.hasExact()
	}
	// Name servers die, and those who look names up ask them all the same.
	recursive := v.port == 53 && v.answered > v.failed
	v.told = v.told || b.enough(v, horizontal) && !recursive
	s.all.told = s.all.told || s.all.walk >= b.cfg.Both && s.all.failed > 9*s.all.answered &&
		min(s.targets.count(), s.ports.count()) >= columns && // else one of the others tells it
		s.flows >= 2*min(s.targets.count(), s.ports.count()) // each peer has a port of its own
	if !h.told && !v.told && !s.all.told {
		return
	}
	s.unsaid++
	if s.said == 0 || s.unsaid >= s.said {
		b.report(source, s, emit)
	}
}

// hasExact is true if one of a scanner's targets keeps an exact set of ports; one
// has to be enough, they take 8 KB each.
func (s *scanner) hasExact() bool { return s.exactly() != nil }

func (s *scanner) exactly() *column {
	for i := range s.hosts {
		if s.hosts[i].exact {
			return &s.hosts[i]
		}
	}
	return nil
}

// report says what a scanner has done so far.
func (b *portScan) report(source packet.Addr, s *scanner, emit func(Finding)) {
	best, vertical := s.loudest()
	f := Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: source, Start: best.first, End: s.last,
		Flows: s.flows, Samples: append([]flow.Tuple(nil), s.samples...),
		Confidence: 0.99 - 0.25/(1+best.walk/b.cfg.Vertical),
	}
	s.describe(&f, best, vertical)
	s.said, s.unsaid = s.flows, 0
	b.findings++
	emit(f)
}

// loudest is the column that tells the scan best.
func (s *scanner) loudest() (best *column, vertical bool) {
	for i := range s.hosts {
		if c := &s.hosts[i]; c.told && (best == nil || c.seen.count() > best.seen.count()) {
			best, vertical = c, true
		}
	}
	for i := range s.services {
		if c := &s.services[i]; c.told && (best == nil || c.seen.count() > best.seen.count()) {
			best, vertical = c, false
		}
	}
	if best == nil {
		best = &s.all
	}
	return best, vertical
}

// describe fills in targets, ports, reason and evidence.
func (s *scanner) describe(f *Finding, c *column, vertical bool) {
	tried := c.failed + c.answered
	results := tally(c)
	switch {
	case vertical:
		f.Targets, f.Ports, f.PortsN = []packet.Addr{c.host}, c.ports.sample(64), c.ports.n
		if !c.exact {
			f.PortsN = max(c.ports.n, c.seen.count())
		}
		what := plural(f.PortsN, "port")
		if c.kinds&kindProtocol != 0 && c.ports.n <= 3 {
			what, f.PortsN = plural(c.seen.count(), "IP protocol"), 0
		}
		f.Reason = fmt.Sprintf("%s tried %s of %s in %s by %s: %s.", f.Actor, what, c.host, span(c.last-c.first), methods(c.kinds), results)
	case c != &s.all:
		f.Targets = c.sample
		if serviceProtocol(c.proto) {
			f.Ports, f.PortsN = []uint16{c.port}, 1
		}
		f.Reason = fmt.Sprintf("%s tried %s on %s in %s by %s: %s.", f.Actor, serviceName(c.proto, c.port), plural(c.seen.count(), "host"), span(c.last-c.first), methods(c.kinds), results)
	default:
		f.Reason = fmt.Sprintf("%s tried %s on %s in %s: %s.", f.Actor, plural(s.ports.count(), "port"), plural(s.targets.count(), "host"), span(c.last-c.first), results)
	}
	s.others(f)
	f.Techniques = scanTechniques(f, c, vertical)
	f.Evidence = []Evidence{
		{Name: "endpoints tried for the first time", Value: float64(tried)},
		{Name: "of them failed", Value: float64(c.failed)},
		{Name: "answered", Value: float64(c.answered)},
		{Name: "scan score", Value: c.walk, Normal: 0},
	}
}

// others adds the further targets and ports of a scan that has several.
func (s *scanner) others(f *Finding) {
	for i := range s.hosts {
		if c := &s.hosts[i]; c.told && !slices.Contains(f.Targets, c.host) {
			f.Targets = append(f.Targets, c.host)
		}
	}
	for i := range s.services {
		c := &s.services[i]
		if !c.told {
			continue
		}
		if serviceProtocol(c.proto) && len(f.Ports) < 16 && !slices.Contains(f.Ports, c.port) {
			f.Ports, f.PortsN = append(f.Ports, c.port), f.PortsN+1
		}
		for _, a := range c.sample {
			if !slices.Contains(f.Targets, a) && len(f.Targets) < 16 {
				f.Targets = append(f.Targets, a)
			}
		}
		f.TargetsN = max(f.TargetsN, c.seen.count())
	}
	if s.all.told {
		f.TargetsN = max(f.TargetsN, s.targets.count())
		if best := s.exactly(); best == nil || best.ports.n < s.ports.count()*9/10 {
			f.PortsN = max(f.PortsN, s.ports.count())
		}
	}
	f.TargetsN = max(f.TargetsN, len(f.Targets))
	f.PortsN = max(f.PortsN, len(f.Ports))
}

func serviceProtocol(proto uint8) bool {
	return proto == packet.TCP || proto == packet.UDP || proto == packet.SCTP
}

// tally puts a column's outcomes into words.
func tally(c *column) string {
	parts := []string{}
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+what)
		}
	}
	add(c.refused, "refused")
	add(c.silent, "unanswered")
	add(c.failed-c.refused-c.silent, "probed without a conversation")
	add(c.answered, "answered")
	return strings.Join(parts, ", ")
}

var kindNames = []string{"TCP connections", "UDP", "ping", "ICMP timestamp or mask requests", "bare TCP ACK", "illegal TCP flags", "SCTP", "IP protocols"}

func methods(kinds uint16) string {
	var names []string
	for i, name := range kindNames {
		if kinds&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// scanTechniques: services are T1046, hosts T1018; from outside the network both
// are T1595.001.
func scanTechniques(f *Finding, c *column, vertical bool) []string {
	from := f.Actor.Netip()
	if len(f.Targets) > 0 && !from.IsPrivate() && !from.IsLoopback() && f.Targets[0].Netip().IsPrivate() {
		return []string{"T1595.001", "T1046"}
	}
	if !vertical && !serviceProtocol(c.proto) {
		return []string{"T1018"}
	}
	return []string{"T1046"}
}

func popcount(words []uint64) (n int) {
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}
