package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// What tells those who wait, call back or look for their peers from scanners.

// acquaintances remembers which hosts have opened connections to which, so that
// what these do in return is no first contact.
type acquaintances struct{ met contacts }

func pairHash(from, to packet.Addr) uint64 { return mix(hashAddr(from) ^ mix(hashAddr(to)+1)) }

// note books a flow that both sides have taken part in.
func (a *acquaintances) note(r *flow.Record) {
	if r.Proto == packet.TCP && r.Established && !r.Swapped || r.Proto == packet.UDP && r.Bwd.Packets > 0 {
		a.met.add(pairHash(r.Src, r.Dst))
	}
	if r.Proto == packet.TCP && r.Established && r.Fwd.Payload > 0 && r.Bwd.Payload > 0 {
		a.met.add(^pairHash(r.Src, r.Dst))
	}
	if givesLease(r) {
		a.met.add(leaser(r.Src))
	}
	if s := r.Signals; s != nil && s.Proto == payload.DNS {
		for _, given := range s.DNS.Given.Addrs {
			if given != 0 {
				a.met.add(named(given))
			}
		}
	}
}

// givesLease is true for what DHCP servers send.
func givesLease(r *flow.Record) bool {
	return r.Proto == packet.UDP && r.SrcPort == 67 && (r.DstPort == 67 || r.DstPort == 68)
}

func leaser(a packet.Addr) uint64  { return mix(hashAddr(a) + 67) }
func named(addrHash uint32) uint64 { return mix(uint64(addrHash) + 53) }

// leases is whether a host gives out addresses: it pings each before it does
// (RFC 2131, 2.2).
func (a *acquaintances) leases(host packet.Addr) bool { return a.met.holds(leaser(host)) }

// named is whether an answer to a DNS query gave the address: scanners have theirs
// from elsewhere (Whyte, Kranakis, van Oorschot, "DNS-based Detection of Scanning
// Worms in an Enterprise Network", 2005).
func (a *acquaintances) named(host packet.Addr) bool {
	return a.met.holds(named(payload.AddrHash(host)))
}

// know is whether one has had a conversation with the other.
func (a *acquaintances) know(source, target packet.Addr) bool {
	return a.met.holds(^pairHash(source, target))
}

// called is whether a probe is the return of a call: the data connections of active
// FTP (RFC 959, 3.2), a server that asks who called (RFC 1413), Windows' question
// for the caller's name, media.
func (a *acquaintances) called(source packet.Addr, p *probe) bool {
	back := p.proto == packet.TCP && (p.tuple.SrcPort == 20 || p.port == 113) || p.proto == packet.UDP && (p.port == 137 || p.speaks)
	return back && p.so != answered && a.met.holds(pairHash(p.target, source))
}

// peers is whether a program at that port has peers: it talks to some in a protocol
// of its own, or also sends datagrams of its own to the same port (Karagiannis,
// Broido, Faloutsos, claffy, "Transport Layer Identification of P2P Traffic", 2004).
func (s *scanner) peers(v *scannedService) bool {
	if v.proto != packet.TCP || serves(v.port) {
		return false
	}
	if v.own > 0 && 20*v.own >= v.failed {
		return true
	}
	for i := range s.services {
		if u := &s.services[i]; u.proto == packet.UDP && u.port == v.port && u.speaks && u.seen.count() >= 3 {
			return true
		}
	}
	return false
}

// greet takes back what a ping gave from a host with which a conversation follows:
// who tests what is there first, as software distribution does, is no sweeper.
func (b *portScan) greet(source packet.Addr, s *scanner, p *probe) {
	ping := probe{target: p.target, port: 8, proto: packet.ICMP}
	if !b.known.holds(mix(ping.endpoint(source))) {
		return
	}
	for i := range s.services {
		if c := &s.services[i]; c.proto == packet.ICMP && c.port == 8 {
			c.score = max(0, c.score-1.5)
		}
	}
}

// refuse remembers a refused attempt and the port that it came from.
func (b *portScan) refuse(source packet.Addr, p *probe) {
	h := mix(p.endpoint(source))
	b.waits.add(mix(h + 1))
	b.waits.add(mix(h + 2 + uint64(p.tuple.SrcPort)))
}

// tryAgain takes back what a refusal gave if the source tries again: a scanner has
// learned what it wanted to know. The same port is a stack's repetition.
func (b *portScan) tryAgain(s *scanner, p *probe, h uint64) {
	if p.proto != packet.TCP || !b.waits.holds(mix(h+1)) || b.waits.holds(mix(h+2+uint64(p.tuple.SrcPort))) || !b.waits.add(mix(h)) {
		return
	}
	for i := range s.hosts {
		if c := &s.hosts[i]; c.host == p.target {
			c.score = max(0, c.score-1)
		}
	}
	for i := range s.services {
		if c := &s.services[i]; c.port == p.port && c.proto == p.proto {
			c.score = max(0, c.score-1)
		}
	}
}

// enough says whether a score makes a scan. What consists of refused connections, pings
// and datagrams, which ordinary programs send, and is hardly enough waits for a moment;
// a shorter one if it was tried at leisure: most has had its time to be tried again.
func (b *portScan) enough(k *walk, limit float64) bool {
	switch {
	case k.score < limit:
		k.due = 0
		return false
	case k.score >= 2*limit || k.kinds&^(kindSYN|kindEcho|kindUDP) != 0 || 2*k.silent >= k.failed:
		return true
	case k.due == 0 && k.pause >= b.cfg.Soon:
		k.due = b.now + b.cfg.Soon
	case k.due == 0:
		k.due = b.now + b.cfg.Patience
	}
	return b.now >= k.due
}

// reconsider looks again at scores that wait.
func (b *portScan) reconsider(source packet.Addr, s *scanner, emit func(Finding)) {
	for i := range s.hosts {
		if h := &s.hosts[i]; !h.told && h.due != 0 && b.now >= h.due {
			b.decide(source, s, h, nil, emit)
		}
	}
	for i := range s.services {
		if v := &s.services[i]; !v.told && v.due != 0 && b.now >= v.due {
			b.decide(source, s, nil, v, emit)
		}
	}
}
