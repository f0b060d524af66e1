package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// peerCount watches for the datagrams by which the nodes of a peer-to-peer botnet
// look for each other: the same few bytes, disguised, to one port of many hosts
// out of a list that is mostly stale. Games that ask for servers get answers;
// file sharing sends longer messages of many lengths.
type peerCount struct {
	port     uint16
	length   uint16
	votes    int // for this port and length over all others (Boyer and Moore's majority)
	servers  distinct
	answered int
	ended    int
	begun    int64
	said     int
}

// peersEnough is how many hosts must have been sent the same message.
const peersEnough = 40

// ask books the beginning of a flow of short datagrams of no known protocol.
func (p *peerCount) ask(key *contactKey, first payload.First, at int64) {
	if inside(key.server) || serves(key.port) || first.Entropy < 3*32 || usualRhythm(key) {
		return
	}
	if p.port == key.port && p.length == first.Length {
		p.votes++
		p.servers.add(hashAddr(key.server))
		return
	}
	if p.votes--; p.votes <= 0 {
		*p = peerCount{port: key.port, length: first.Length, votes: 1, begun: at}
		p.servers.add(hashAddr(key.server))
	}
}

// judgePeers reports a host that looks for the other nodes of a botnet.
func (b *bot) judgePeers(key contactKey, c *contact, h *botHost, emit func(Finding)) {
	p := &h.peers
	n := p.servers.count()
	if key.proto != packet.UDP || key.port != p.port || n < peersEnough || !doubled(n, p.said) || p.ended < n/2 || 4*p.answered > p.ended {
		return
	}
	p.said = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: n, Ports: []uint16{p.port}, PortsN: 1,
		Activity: "peers", Start: p.begun, End: h.end, Flows: n, Confidence: 0.7, Techniques: []string{"T1090.003"},
		Reason: fmt.Sprintf("%s sent the same %s of disguised payload to udp/%d of about %s in %s; few answered, as in a peer-to-peer botnet",
			key.host, plural(int(p.length), "byte"), p.port, plural(n, "host"), span(h.end-p.begun)),
		Evidence: []Evidence{{Name: "hosts", Value: float64(n), Normal: 5}},
		Filter:   fmt.Sprintf("udp.port == %d && ip.addr == %s", p.port, key.host),
		Samples:  []flow.Tuple{c.sample},
	})
}
