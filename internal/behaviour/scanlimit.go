package behaviour

import (
	"math/bits"

	"firetower/internal/packet"
)

const (
	// servicesTried is how many services of one host, tried within a minute, are no
	// accident, udpServicesTried the same over UDP: a member of a domain wants eight or
	// nine of its controller, seven over UDP, and finds them.
	servicesTried    = 10
	udpServicesTried = 8
	// neighboursTried is how many hosts of one block of 256 addresses, tried for the
	// same, are no accident.
	neighboursTried = 5
	// oneGo is within what time kinds of probe are one program's: in a quarter of an hour
	// people ping a server, ask it for names and try what is down.
	oneGo = 5 * 60_000_000
)

// decide reports a scan when one of the scores says so, and again whenever it has
// doubled. Either of target and service may be nil.
func (b *portScan) decide(source packet.Addr, s *scanner, h *scannedHost, v *scannedService, emit func(Finding)) {
	if h != nil && !h.told && b.manyPorts(h) {
		h.told, h.exact = true, s.exact() == nil // one has to be enough, they take 8 KB each
	}
	if v != nil && !v.told {
		v.told = b.manyHosts(source, s, v)
	}
	s.all.told = s.all.told || b.manyOfBoth(s)
	if (h == nil || !h.told) && (v == nil || !v.told) && !s.all.told {
		return
	}
	s.unsaid++
	if s.said == 0 || s.unsaid >= s.said {
		b.report(source, s, emit)
	}
}

// manyPorts says whether a host's ports are being scanned.
func (b *portScan) manyPorts(h *scannedHost) bool {
	limit := b.cfg.Vertical
	raw := h.rawSocket()
	if (raw || bits.OnesCount16(h.kinds) >= 3) && h.last-h.first <= oneGo {
		limit = b.cfg.Fewer
	}
	// Where most ports tried answer, the others are accidents: empty files over FTP.
	// And nobody wants ten services of a host, some of which are not there.
	searched := (h.tcp.n >= servicesTried || h.udp.n >= udpServicesTried) && h.failed >= 3
	return (b.enough(&h.walk, limit) || raw && h.score >= limit) && 3*h.failed >= h.answered || searched
}

// rawSocket is true where three ports of a host and more were tried over TCP from one
// and the same: a stack takes another for each connection, programs that make their own
// packets need not.
func (h *scannedHost) rawSocket() bool { return h.sockets >= 3 && h.socket >= 1024 }

// manyHosts says whether hosts are being searched for a service. Name servers die, and
// those who look names up ask them all the same.
func (b *portScan) manyHosts(source packet.Addr, s *scanner, v *scannedService) bool {
	return (b.enough(&v.walk, b.horizontal(s, v)) || !inside(source) && v.inOrder()) && !(v.port == 53 && v.answered > v.failed)
}

// inOrder is true for a service looked for at one neighbour after the other, of which
// two in five do not have it: who takes his addresses in their order has them from
// nowhere. Within a network monitors do so too, and after a power cut half of it is
// down. Pages bring together any hosts of the web.
func (v *scannedService) inOrder() bool {
	const tried, each = 12, 5_000_000
	o := &v.order
	return serves(v.port) && v.port != 80 && v.port != 443 && o.n >= tried && 10*o.rising >= 9*(o.n-1) && 5*(v.refused+v.silent) >= 2*o.n && o.at-o.from <= int64(o.n)*each
}

// horizontal is the score at which a service tried on many hosts makes a scan.
func (b *portScan) horizontal(s *scanner, v *scannedService) float64 {
	switch {
	case v.speaks || s.peers(v):
		return b.cfg.Both
	case v.searchesBlock():
		return b.cfg.Neighbours
	case !serviceProtocol(v.proto) || serves(v.port):
		return b.cfg.Horizontal
	case v.failed*10 < s.all.failed*7: // peer-to-peer programs try all kinds of ports besides the usual one
		return b.cfg.Both
	}
	return b.cfg.Unusual
}

// searchesBlock says whether the hosts are neighbours, and not such as one would know.
// Silence of neighbours far away may be a firewall on the way; and whoever finds a third
// of them listening on no usual port knew that they would: peers of one provider.
func (v *scannedService) searchesBlock() bool {
	return v.block.count() >= neighboursTried && (v.failed >= 2*v.silent || inside(v.sample[0])) &&
		(!serviceProtocol(v.proto) || serves(v.port) || v.failed >= 2*v.answered)
}

// manyOfBoth says whether many ports of many hosts are being scanned, of which none
// stands out. Each peer of a peer-to-peer program has a port of its own, so hosts and
// ports have to be tried more than once, or be neighbours, as peers are not.
func (b *portScan) manyOfBoth(s *scanner) bool {
	least := min(s.hostsTried.count(), s.portsTried.count())
	switch {
	case s.grid():
		return true
	case least < columns || s.all.failed <= 9*s.all.answered: // with fewer, one of the other scores tells it
		return false
	}
	return s.all.score >= b.cfg.Both && s.flows >= 2*least || s.oneNetwork()
}

// oneNetwork is true for a source whose targets are mostly neighbours of each other.
func (s *scanner) oneNetwork() bool {
	n := s.block.count()
	return n >= 32 && 2*n >= s.hostsTried.count()
}

// grid is true where a few services were refused by one host after the other.
func (s *scanner) grid() bool {
	const hosts, refusals, together = 5, 3, 60_000_000
	n := 0
	for i := range s.hosts {
		if h := &s.hosts[i]; h.failed-h.silent >= refusals && s.last-h.last <= together && h.last-h.first <= together {
			n++
		}
	}
	return n >= hosts
}

// exact is the target that keeps an exact set of ports, if there is one.
func (s *scanner) exact() *scannedHost {
	for i := range s.hosts {
		if s.hosts[i].exact {
			return &s.hosts[i]
		}
	}
	return nil
}
