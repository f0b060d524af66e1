package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// judge names the flood that a window is, or gives "".
func (b *flood) judge(k place, o *onslaught) string {
	w := &o.window
	switch {
	case k.kind == mirrored:
		return b.judgeMirrored(o)
	case toMany(k.host) && (k.proto != packet.UDP || k.port != 67 && k.port != 547) && k.proto != packet.ICMPv6:
		return "" // streams to groups are often one-way and fast
	case k.proto == packet.TCP:
		return b.judgeTCP(k, o)
	case k.proto == packet.UDP:
		return b.judgeUDP(k, o)
	case k.proto == packet.ICMP || k.proto == packet.ICMPv6:
		return b.judgeICMP(k, o)
	case k.proto == 50 || k.proto == 51:
		return "" // IPsec: each direction may take its own way
	case w.in >= b.cfg.Other && w.out*20 < w.in:
		return fmt.Sprintf("IP protocol %d flood", k.proto)
	}
	return ""
}

func (b *flood) judgeTCP(k place, o *onslaught) string {
	w := &o.window
	_, single := o.single()
	if k.kind == atHost {
		// Many ports of one host from one source is a scan; from forged sources a flood.
		if single || o.sources.count() < 100 || o.ports.n < few {
			return ""
		}
	}
	unused := w.begun + w.syns - w.opened - w.refused - w.strays - w.resets - w.oneSided
	started := w.begun + w.syns
	switch {
	case w.land >= 3:
		return "LAND"
	case k.kind == atPort && w.empty >= b.cfg.Empty && w.empty*2 > w.begun:
		return "flood of empty connections"
	case w.strays >= b.cfg.Strays && w.opened*10 < w.strays,
		w.resets >= b.cfg.Strays && (o.sources.count() >= 100 || k.kind == atPort && serves(k.port)): // else they are one host's answers to a scan
		return "TCP flood outside any connection"
	case unused >= b.cfg.HalfOpen && w.opened*5 < started && (w.out >= unused/2 || w.swapped*2 > started):
		return "SYN flood"
	case unused >= b.cfg.Silent && w.opened*5 < started && (single || unused >= 4*b.cfg.Silent):
		return "SYN flood"
	case w.refused >= b.cfg.Refused && w.opened*5 < started && single,
		w.refused >= 4*b.cfg.Silent && w.opened*5 < started && o.sources.count() >= 100:
		return "SYN flood"
	case w.oneSided >= 2*b.cfg.Silent && w.opened*5 < started && o.alike*10 > w.oneSided*6:
		return "flood of identical connections"
	}
	return ""
}

func (b *flood) judgeUDP(k place, o *onslaught) string {
	w := &o.window
	unanswered := w.in >= 20*w.out
	switch {
	case k.kind == atPort && (k.port == 67 || k.port == 547) && (w.begun >= b.cfg.DHCP || w.in >= 2*b.cfg.DHCP):
		return "DHCP flood"
	case toMany(k.host):
		return ""
	case k.kind == atPort && amplifies(k.port) && k.port != 161 && w.in >= b.cfg.Mirrored && w.reply >= 10*w.payload && w.reply > 0:
		return "amplification"
	case !unanswered:
		return ""
	case k.kind == atHost && (o.ports.n < few || w.payload < 32*uint64(w.in)):
		return ""
	}
	limit := b.cfg.UDPFlows
	switch {
	case k.kind == atPort && k.port == 53 && w.payload < 100*uint64(w.in):
		limit *= 10 // a busy resolver, seen one way
	case k.kind == atHost && w.payload < 200*uint64(w.in):
		limit *= 5 // what a scan sends is short
	}
	if w.begun >= limit {
		return "UDP flood"
	}
	small := w.in >= b.cfg.UDPSmall && w.payload < 100*uint64(w.in) && !collects(k.port)
	if w.in < b.cfg.UDPHeavy && !small || k.kind == atHost {
		return ""
	}
	if top, single := o.single(); single && len(top) > 0 && b.spoke.get([2]packet.Addr{top[0], k.host}) != nil {
		return "" // two hosts that have agreed on it, as a speed test does
	}
	return "UDP flood"
}

func (b *flood) judgeICMP(k place, o *onslaught) string {
	w := &o.window
	limit := b.cfg.ICMP
	switch {
	case k.proto == packet.ICMPv6 && k.port == 134:
		if w.in >= b.cfg.DHCP {
			return "IPv6 router advertisement flood"
		}
		return ""
	case k.proto == packet.ICMP && k.port == 3:
		if b.errors.get(k.host) != nil {
			return "" // errors that its own packets earned
		}
	case k.proto == packet.ICMP && (k.port == 0 || k.port == 8), k.proto == packet.ICMPv6 && k.port >= 128 && k.port <= 143:
		if w.in >= b.cfg.DHCP && w.payload >= 100_000 && w.payload >= 1000*uint64(w.in) {
			limit = b.cfg.DHCP // giant pings, in fragments
		}
	default:
		limit = 5 * b.cfg.ICMP
	}
	if w.in < limit || k.port == anyType && w.in < 20*w.out {
		return ""
	}
	if k.proto == packet.ICMP && k.port == 3 {
		return "ICMP unreachable flood"
	}
	if k.port == anyType {
		return "ICMP flood"
	}
	return serviceName(k.proto, k.port) + " flood"
}

// judgeMirrored looks for replies of amplifiers that nobody asked for.
func (b *flood) judgeMirrored(o *onslaught) string {
	w := &o.window
	switch {
	case w.in < b.cfg.Mirrored || w.out*20 > w.in || w.payload < 200*uint64(w.in):
		return ""
	case o.sources.count() >= 10, w.in >= 10*b.cfg.Mirrored:
		return "reflection"
	}
	return ""
}

// amplifies says whether a UDP port is one of the services that amplify, after
// US-CERT TA14-017A and its additions.
func amplifies(port uint16) bool {
	switch port {
	case 17, 19, 53, 69, 111, 123, 137, 161, 389, 427, 520, 1434, 1900, 3283, 3702, 5093, 5353, 5683, 10001, 11211,
		27015, 30120, 32414, 37810, 64738:
		return true
	}
	return false
}

// collects says whether small datagrams stream to a UDP port without an answer by
// design: logs, metrics, flow records, traps.
func collects(port uint16) bool {
	switch port {
	case 162, 514, 2055, 4739, 6343, 6831, 8089, 8125, 9995, 9996, 12201, 25826:
		return true
	}
	return false
}

// finding puts an onslaught into words.
func (o *onslaught) finding(name string, k place) Finding {
	t := o.total
	top, single := o.single()
	f := Finding{
		Behaviour: name, Class: attack.DDoS, Actors: top, ActorsN: o.sources.count(),
		Targets: []packet.Addr{k.host}, TargetsN: 1, Start: o.first, End: o.last, Flows: t.begun,
		Activity: "flood " + k.host.String(), Techniques: []string{"T1498.001"}, Confidence: 0.95,
		Samples: slices.Clone(o.samples),
	}
	if len(top) > 0 {
		f.Actor = top[0]
	}
	if k.host == everyServer {
		f.Targets = f.Targets[:0]
		for _, s := range o.samples {
			if !containsAddr(f.Targets, s.Dst) {
				f.Targets = append(f.Targets, s.Dst)
			}
		}
	}
	who := plural(max(f.ActorsN, len(top)), "host")
	if single {
		f.Class, f.Actors, f.ActorsN = attack.DoS, nil, 1
		who = f.Actor.String()
		if n := o.sources.count(); n > 1 && n <= 3 {
			f.Actors, f.ActorsN = top, n
			who = plural(n, "host")
		}
	}
	switch k.kind {
	case atPort:
		if serviceProtocol(k.proto) {
			f.Ports, f.PortsN = []uint16{k.port}, 1
		}
	case atHost:
		f.Ports, f.PortsN = o.ports.sample(64), o.ports.n
	}
	where := k.host.String()
	if len(f.Ports) == 1 {
		where = fmt.Sprintf("%s of %s", serviceName(k.proto, k.port), where)
	}
	seconds := max(0.001, float64(o.last-o.first)/1e6)
	rate := float64(t.in) / max(seconds, 0.1)
	packets := t.in
	if o.kind == "reflection" || o.kind == "amplification" {
		f.Class, f.Techniques = attack.DDoS, []string{"T1498.002"}
	}
	if o.kind == "amplification" {
		f.Targets, f.Actors, f.ActorsN, f.Actor = top, []packet.Addr{k.host}, 1, k.host
		f.TargetsN = o.sources.count()
		where, who = who, where
	}
	if t.swapped*2 > t.begun {
		packets, rate = t.out, float64(t.out)/max(seconds, 0.1)
	}
	f.Reason = fmt.Sprintf("%s from %s at %s: %s in %s (%s a second), %s answered.", upper(o.kind), who, where,
		plural(packets, "packet"), span(o.last-o.first), thousands(int(rate)), thousands(t.out))
	f.Evidence = []Evidence{
		{Name: "packets", Value: float64(packets)},
		{Name: "packets a second", Value: rate},
		{Name: "answers", Value: float64(t.out)},
		{Name: "flows begun", Value: float64(t.begun)},
		{Name: "connections completed", Value: float64(t.opened)},
		{Name: "sources", Value: float64(o.sources.count())},
	}
	return f
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-32) + s[1:]
}
