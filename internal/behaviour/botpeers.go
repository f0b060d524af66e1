package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// peerCount watches for the datagrams by which the nodes of a peer-to-peer botnet
// look for each other: few bytes, disguised, out of a list that is mostly stale, and
// never anything more. People's meshes keep lists that are fresh, say what they are,
// find their first peers by name, and are there to carry something.
type peerCount struct {
	of       meeting
	votes    int // for these over all others (Boyer and Moore's majority)
	servers  distinct
	asked    int // flows so begun
	others   int // flows of the same socket that began otherwise
	closed   int // of those asked, in the language of a mesh that was closed
	answered int
	ended    int
	carried  bool // more than words
	begun    int64
	said     int
}

// meeting is what such datagrams have in common: the host's socket, or, where each is
// sent from another, the port that they are sent to and their length.
type meeting struct{ socket, port, length uint16 }

const (
	peersEnough = 40 // hosts that were sent such a datagram
	peersWindow = 15 * 60_000_000
	fewBytes    = 64    // of a datagram that only looks for somebody
	aLoad       = 4_000 // bytes of a flow that carries something
)

// ask books the beginning of a flow of datagrams of no known protocol, and whether it
// is one that only looks for somebody.
func (p *peerCount) ask(of meeting, server packet.Addr, mesh payload.Mesh, looks bool, at int64) {
	if p.of == of && at-p.begun < peersWindow {
		p.votes++
		if !looks {
			p.others++
			return
		}
	} else {
		if !looks {
			return
		}
		if p.votes--; p.votes > 0 && at-p.begun < peersWindow {
			return
		}
		*p = peerCount{of: of, votes: 1, begun: at}
	}
	p.asked++
	if mesh == payload.ClosedOne {
		p.closed++
	}
	p.servers.add(hashAddr(server))
}

// end books what came of such a flow.
func (p *peerCount) end(of meeting, r *flow.Record) {
	if p.of != of {
		return
	}
	p.ended++
	if r.Bwd.Packets > 0 {
		p.answered++
	}
	p.carried = p.carried || r.Fwd.Payload+r.Bwd.Payload > aLoad
}

// swarm says whether that is a botnet's: hardly anybody there, hardly anything else
// said, nothing carried. Of the closed mesh the tenth that still answers is enough.
func (p *peerCount) swarm() bool {
	stale := 10*p.answered <= 3*p.ended || 2*p.closed > p.asked
	return p.servers.count() >= peersEnough && 2*p.ended >= p.asked && stale && 8*p.others <= p.asked && !p.carried
}

// meet books a flow of datagrams among the host's meetings.
func (b *bot) meet(key *contactKey, h *botHost, o *Observation) {
	r := &o.Record
	s := r.Signals
	if s == nil || s.Proto != payload.Unknown || r.Proto != packet.UDP || r.Src != key.host || inside(key.server) || serves(key.port) || usualRhythm(key) {
		return
	}
	first := s.First[0]
	own, there := meeting{socket: r.SrcPort}, meeting{port: key.port, length: first.Length}
	switch o.Kind {
	case flow.Started:
		short := first.Length <= fewBytes && (first.Noise() || first.Digits()) && !b.named.holds(mix(uint64(payload.AddrHash(key.server))))
		if mesh := s.Mesh(); mesh != payload.OpenMesh {
			h.peers[0].ask(own, key.server, mesh, short, r.Start)
			h.peers[1].ask(there, key.server, mesh, short, r.Start)
		}
	case flow.Ended:
		h.peers[0].end(own, r)
		h.peers[1].end(there, r)
	}
}

// judgePeers reports a host that looks for the other nodes of a botnet.
func (b *bot) judgePeers(key contactKey, c *contact, h *botHost, emit func(Finding)) {
	if key.proto != packet.UDP {
		return
	}
	for i := range h.peers {
		p := &h.peers[i]
		n := p.servers.count()
		if p.of.port != 0 && p.of.port != key.port || !doubled(n, p.said) || !p.swarm() {
			continue
		}
		h.peers[0].said, h.peers[1].said = n, n
		b.findings++
		emit(p.finding(key.host, key.server, c.sample, h.end))
		return
	}
}

// finding tells of the swarm; server is one of those asked.
func (p *peerCount) finding(host, server packet.Addr, sample flow.Tuple, now int64) Finding {
	n := p.servers.count()
	f := Finding{
		Behaviour: "bot", Class: attack.Bot,
		Actor: host, Targets: []packet.Addr{server}, TargetsN: n, Activity: "peers",
		Start: p.begun, End: now, Flows: p.asked, Confidence: 0.7, Techniques: []string{"T1090.003"},
		Reason: fmt.Sprintf("%s sent a few bytes of disguised payload to about %s by udp in %s; %d answered, and nothing else was said, as in a peer-to-peer botnet",
			host, words.Plural(n, "host"), span(now-p.begun), p.answered),
		Evidence: []Evidence{{Name: "hosts", Value: float64(n), Normal: 5}, {Name: "answers", Value: float64(p.answered)}},
		Filter:   fmt.Sprintf("udp.port == %d && ip.addr == %s", max(p.of.port, p.of.socket), host),
		Samples:  []flow.Tuple{sample},
	}
	if p.of.port != 0 {
		f.Ports, f.PortsN = []uint16{p.of.port}, 1
	}
	return f
}
