package behaviour

import (
	"fmt"

	"firetower/internal/packet"
)

// judge names the flood that a window is, or gives "".
func (b *flood) judge(k place, o *onslaught) string {
	kind := b.judgePlace(k, o)
	if kind == "" && k.kind == atPort && o.window.in >= b.cfg.MadeUp && o.nowhere >= leastNobodys && o.forged() {
		return "flood under made-up addresses"
	}
	return kind
}

// judgePlace judges by what the packets are.
func (b *flood) judgePlace(k place, o *onslaught) string {
	w := &o.window
	switch {
	case k.kind == mirrored && k.proto == packet.TCP:
		return b.judgeMirroredTCP(o)
	case k.kind == mirrored || k.kind == mirroredNet:
		return b.judgeMirrored(k, o)
	case k.kind == anywhere:
		return b.judgeAnywhere(o)
	case toMany(k.host) && (k.proto != packet.UDP || k.port != 67 && k.port != 547) && k.proto != packet.ICMPv6:
		return "" // streams to groups are often one-way and fast
	case w.fatal > 0 && k.kind == atPort:
		return "messages that stop their receiver"
	case k.proto == packet.TCP:
		return b.judgeTCP(k, o)
	case w.broken > 0 && k.kind == atPort:
		return "attack by fragments that cannot be put together"
	case k.proto == packet.UDP:
		return b.judgeUDP(k, o)
	case k.proto == packet.ICMP || k.proto == packet.ICMPv6:
		return b.judgeICMP(k, o)
	}
	limit := b.cfg.Other
	switch k.proto {
	case 50, 51:
		return "" // IPsec: each direction may take its own way
	case 4, 41, 47, 89, 94, 97, 103, 112, 115, packet.SCTP:
		limit *= 10 // tunnels, routing, SCTP: their other half may go elsewhere, too
		if _, single := o.single(); single {
			limit *= 10 // or is none: a switch sends what it mirrors to one collector
		}
	}
	if w.in >= limit && w.out*20 < w.in {
		return fmt.Sprintf("IP protocol %d flood", k.proto)
	}
	return ""
}

func (b *flood) judgeTCP(k place, o *onslaught) string {
	w := &o.window
	_, single := o.single()
	if k.kind == atHost {
		// Many ports of one host from one source is a scan; from forged sources a flood.
		if single || o.ports.n < few || o.sources.count() < 20 {
			return ""
		}
		if o.sources.count() < 100 && w.crafted < b.cfg.Dull {
			return ""
		}
	}
	held := b.cfg.Empty
	if k.port >= 1024 {
		held = 2 * b.cfg.HalfOpen // perhaps a pool of connections that a program keeps
	}
	unused := w.begun + w.syns - w.opened - w.refused - w.strays - w.resets - w.oneSided - w.acked
	started := w.begun + w.syns
	fruitless := w.opened*5 < started
	switch {
	case w.land > 0 && k.kind == atPort:
		return "LAND"
	case w.impossible >= o.few(w.impossible, b.cfg.Crafted):
		return "flood of TCP packets with impossible flags"
	case w.crafted >= o.few(w.crafted, b.cfg.Crafted):
		return "SYN flood"
	case k.kind == atPort && w.empty*2 > w.begun && (w.empty >= b.cfg.Empty && single || w.empty >= 5*b.cfg.Empty),
		k.kind == atPort && w.idle >= held && w.idle*10 >= w.begun*8 && single:
		return "flood of empty connections"
	case k.kind == atPort && b.alone(o),
		k.kind == atPort && w.strays >= b.cfg.Strays && w.opened*10 < w.strays,
		// At no service they are one host's answers to a scan.
		w.resets >= 2*b.cfg.Strays && (o.forged() || k.kind == atPort && serves(k.port)),
		w.resets >= b.cfg.Strays && k.kind == atPort && serves(k.port) && (single || o.forged()):
		return "TCP flood outside any connection"
	case unused >= b.cfg.HalfOpen && fruitless && (w.out >= unused/4 || w.swapped*2 > started):
		return "SYN flood"
	case unused >= b.cfg.Silent && fruitless && (single || unused >= 4*b.cfg.Silent || o.forged()):
		return "SYN flood"
	case fruitless && w.refused >= b.cfg.Refused && single, fruitless && w.refused >= b.cfg.Silent && o.forged():
		return "SYN flood"
	case fruitless && w.oneSided >= 2*b.cfg.Silent && o.sizes.lead*10 > w.oneSided*6:
		return "flood of identical connections"
	case k.kind == atPort && w.asked[http2Back] >= b.cfg.Undone:
		return "flood of HTTP/2 requests taken back"
	case k.kind == atPort && w.asked[tlsAgain] >= b.cfg.Again:
		return "flood of TLS handshakes within connections"
	case k.kind == atPort && w.asked[webBabble] >= b.cfg.Babble:
		return "flood of data that ask for nothing"
	}
	return ""
}

func (b *flood) judgeUDP(k place, o *onslaught) string {
	w := &o.window
	switch {
	case k.kind == atPort && k.host == everyServer && (w.begun >= b.cfg.DHCP || w.in >= 2*b.cfg.DHCP):
		return "DHCP flood"
	case broadcast(k.host) && (k.port == 7 || k.port == 19) && k.kind == atPort && w.in >= b.cfg.DHCP:
		return "amplification" // each host of the network is to answer (fraggle)
	case toMany(k.host) || broadcast(k.host) && inside(k.host):
		return "" // a network's broadcasts
	case k.kind == atPort && amplifies(k.port) && k.port != 161 && w.in >= 3*b.cfg.Mirrored && w.reply >= 10*w.payload && w.reply > 0:
		return "amplification"
	case k.kind == atPort && b.wasted(o) != "":
		return b.wasted(o)
	case w.in < 20*w.out || k.kind == atPort && collects(k.port):
		return "" // answered; or sent to somebody who does not answer by design
	case k.kind == atHost && (o.ports.n < few || w.payload < 32*uint64(w.in) && !o.forged()):
		return "" // few ports; or as short as what a scan sends
	case w.crafted >= o.few(w.crafted, b.cfg.Crafted) && k.kind == atPort, b.dull(k, o):
		return "UDP flood"
	}
	if k.kind == atPort && w.sip >= b.cfg.Dull {
		return "SIP flood" // a telephone waits half a second before it asks again (RFC 3261, 17.1.1.2)
	}
	limit := b.cfg.UDPFlows
	switch {
	case k.kind == atPort && k.port == 53 && w.payload < 100*uint64(w.in):
		limit *= 10 // a busy resolver, seen one way
	case k.kind == atPort && k.port == 123 && w.payload == 48*uint64(w.in):
		limit *= 10 // requests as clients make them (RFC 5905, 7.3): the same
	case k.kind == atHost && w.payload < 200*uint64(w.in):
		limit *= 5
	}
	if w.begun >= limit {
		return "UDP flood"
	}
	small := w.in >= max(b.cfg.UDPSmall, b.cfg.UDPSmall/10*o.sources.count()) && w.payload < 100*uint64(w.in) // many players are many
	if w.in < b.cfg.UDPHeavy && !small || k.kind == atHost {
		return ""
	}
	if top, single := o.single(); single && len(top) > 0 && b.spoke.get([2]packet.Addr{top[0], k.host}) != nil {
		return "" // two hosts that have agreed on it, as a speed test does
	}
	return "UDP flood"
}

// dull says whether what nobody answers are datagrams that do not differ, or in
// which there is no header: neither media nor measurements look like that.
func (b *flood) dull(k place, o *onslaught) bool {
	w := &o.window
	orphans := k.kind == atPort && k.port == 0 // fragments of nothing
	limit := b.cfg.Dull
	if w.begun*2 < w.in && !o.hurried(w.plain, 3*limit) {
		limit *= 2 // over one socket: lights and machines are told the same fifty times a second, and there are ciphers without a header
	}
	return w.plain >= limit && (o.said.Same() || o.said.Noise() || orphans)
}

func (b *flood) judgeICMP(k place, o *onslaught) string {
	w := &o.window
	limit := b.cfg.ICMP
	reply := k.proto == packet.ICMP && k.port == 0 || k.proto == packet.ICMPv6 && k.port == 129
	echo := k.proto == packet.ICMP && (k.port == 0 || k.port == 8) || k.proto == packet.ICMPv6 && (k.port == 128 || k.port == 129)
	_, single := o.single()
	crowd := o.crowds()
	switch {
	case k.proto == packet.ICMPv6 && k.port == 134:
		limit = b.cfg.DHCP
	case k.proto == packet.ICMP && (k.port >= 3 && k.port <= 5 || k.port == 11 || k.port == 12):
		if k.port == 3 && b.errors.get(k.host) != nil {
			return "" // errors that its own packets earned
		}
		if limit = 4 * b.cfg.ICMP; o.hurried(w.in, limit) || k.port == 3 && crowd { // one router sends tens a second for a loop or a lost host
			limit = b.cfg.ICMP
		}
	case reply && !single && w.in >= b.cfg.DHCP && w.in >= 8*o.sources.count() && w.out == 0:
		return "reflection" // of pings to a network's broadcast address (smurf): each answers again and again
	case echo && broadcast(k.host):
		if w.in >= b.cfg.DHCP {
			return "amplification"
		}
		return ""
	case echo && w.crafted >= b.cfg.Crafted:
		limit = b.cfg.Crafted
	case echo && w.crafted >= o.few(w.crafted, b.cfg.Crafted) && 2*w.out < w.in: // who is answered may only ask
		limit = o.few(w.crafted, b.cfg.Crafted)
	case echo && w.payload >= 1000*uint64(w.in) && o.hurried(w.in, b.cfg.ICMP):
		limit = b.cfg.Mirrored
	case echo && single && o.hurried(w.in, b.cfg.DHCP):
		limit = b.cfg.DHCP // ping, told to flood, sends a hundred a second
	case k.proto == packet.ICMP && k.port >= 13 && k.port < anyType:
		limit = b.cfg.DHCP // questions that hardly anybody asks any more, or that mean nothing (RFC 6918)
	case echo && w.payload >= 1000*uint64(w.in):
		limit = b.cfg.DHCP // giant pings, perhaps in fragments
	case !single && !o.forged() && !(echo && !reply && crowd):
		limit = 4 * b.cfg.ICMP // many hosts test whether one is there
	case !echo:
		limit = 2 * b.cfg.ICMP
	}
	if w.in < limit || k.port == anyType && w.in < 20*w.out {
		return ""
	}
	switch {
	case k.proto == packet.ICMP && k.port == 3:
		return "ICMP unreachable flood"
	case k.proto == packet.ICMPv6 && k.port == 134:
		return "IPv6 router advertisement flood"
	case k.port == anyType:
		return "ICMP flood"
	}
	return serviceName(k.proto, k.port) + " flood"
}

// broadcast is true for addresses that stand for all hosts of an IPv4 network.
func broadcast(a packet.Addr) bool { return a.Is4() && a[15] == 255 }

// collects says whether small datagrams stream to a UDP port without an answer by
// design: logs, metrics, flow records, traps, what is mirrored in tunnels, lights; and
// for BFD, where each direction is a stream of its own (RFC 5881, 4); and for the speed
// tests of iperf.
func collects(port uint16) bool {
	switch port {
	case 162, 514, 2055, 3784, 3785, 4739, 4784, 4789, 5001, 5201, 5568, 6343, 6454, 6784, 6831, 8089, 8125, 9995, 9996, 12201, 25826, 37008:
		return true
	}
	return false
}
