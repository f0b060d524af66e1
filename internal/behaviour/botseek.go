package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// seeking is a host's way through a list of addresses. Bots that come with a list of
// controllers (Emotet, Qakbot, Dridex) try one after another at ports of services until
// one answers, most being gone by then, and speak TLS to it that names no server. What
// looks for peers tries many at once, and at ports of its own; a scan stays with a
// port, and what has names for its servers asks for them.
type seeking struct {
	servers       distinct
	ports         [4]uint16
	apart, beside int
	dead, sealed  int // of those asked: nobody was there; TLS that named no server
	talked        int // anything else
	begun, last   int64
	said          int
}

const (
	seekEnough = 5 // servers, of which two are dead
	seekWindow = 15 * 60_000_000
	seekAtOnce = 2_000_000 // µs between what is tried at once
)

// seek books a connection to an outside address that no DNS answer gave, and judges the
// host's list.
func (b *bot) seek(key contactKey, o *Observation, emit func(Finding)) {
	r := &o.Record
	if key.proto != packet.TCP || inside(key.server) || !serves(key.port) || key.port == 25 || b.named.holds(mix(uint64(payload.AddrHash(key.server)))) {
		return
	}
	h := b.hosts.get(key.host)
	if h == nil || r.Src != key.host {
		return
	}
	s := &h.seeks
	switch o.Kind {
	case flow.Started:
		s.start(key, r.Start)
	case flow.Ended:
		s.end(r)
		b.judgeSeeking(key, r, h, emit)
	}
}

func (s *seeking) start(key contactKey, at int64) {
	if at-s.begun > seekWindow {
		*s = seeking{begun: at}
	}
	if !s.servers.add(hashAddr(key.server)) {
		return
	}
	if at-s.last < seekAtOnce {
		s.beside++
	} else {
		s.apart++
	}
	s.last = at
	for i, have := range s.ports {
		if have == key.port {
			return
		}
		if have == 0 {
			s.ports[i] = key.port
			return
		}
	}
}

func (s *seeking) end(r *flow.Record) {
	switch g := r.Signals; {
	case r.Bwd.Payload == 0 && r.Fwd.Payload == 0 && (r.Bwd.Packets == 0 || r.Bwd.Flags&packet.RST != 0):
		s.dead++
	case g != nil && g.Proto == payload.TLS && g.Marks.Any(payload.NoSNI) && g.TLS.SNI == 0:
		s.sealed++
	default:
		s.talked++
	}
}

// list is true for a way through one: several ports of services, one after another,
// some of them dead, and the rest TLS without a name.
func (s *seeking) list() bool {
	return s.apart >= seekEnough && 4*s.beside <= s.apart && s.ports[1] != 0 && s.sealed > 0 && s.dead >= 2 && 8*s.talked <= s.apart
}

func (b *bot) judgeSeeking(key contactKey, r *flow.Record, h *botHost, emit func(Finding)) {
	s := &h.seeks
	n := s.servers.count()
	if !s.list() || !doubled(n, s.said) {
		return
	}
	s.said = n
	b.findings++
	ports := slices.DeleteFunc(slices.Clone(s.ports[:]), func(p uint16) bool { return p == 0 })
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: n, Ports: ports, PortsN: len(ports),
		Activity: "list", Start: s.begun, End: max(s.last, r.Last), Flows: n, Confidence: 0.75, Techniques: []string{"T1008", "T1571"},
		Reason: fmt.Sprintf("%s tried %s one after another in %s, at ports of services and by addresses that no DNS answer gave: nobody was there %s, and the others were asked for TLS without a name, as by bots that come with a list of controllers",
			key.host, words.Plural(n, "server"), span(s.last-s.begun), times(s.dead)),
		Evidence: []Evidence{{Name: "servers", Value: float64(n), Normal: 1}, {Name: "nobody there", Value: float64(s.dead), Normal: 0}},
		Filter:   fmt.Sprintf("tls.handshake.type == 1 && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{r.Tuple},
	})
}
