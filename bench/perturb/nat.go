package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"firetower/internal/capture"
)

// outsideOfNAT tells a capture as a tap sees it outside of a router that hides the
// network, the private /24 of most packets, behind one address: what stays inside is
// not seen, ports of connections from inside are mapped, those that outside calls
// are forwarded. A capture without such a network, of a sweep of it or of an attack
// that stays in it is left as it is.
func outsideOfNAT(t telling, _ []capture.Frame) telling {
	inside := homeOf(t.frames)
	attackers, victims := addresses(t.truth.Attacker), addresses(t.truth.Victim)
	in := func(a netip.Addr) bool { return inside.Contains(a) }
	if !inside.IsValid() || !t.truth.Benign() && (!slices.ContainsFunc(append(attackers, victims...), func(a netip.Addr) bool { return !in(a) }) || sweeps(t.frames, attackers, in)) {
		return t
	}
	outer := netip.AddrFrom4([4]byte{203, 0, 113, 77})
	n := router{inside: inside, outer: outer, ports: map[inner]uint16{}, servers: map[inner]bool{}, next: 20000}
	var out []capture.Frame
	for _, f := range t.frames {
		if n.pass(&f) {
			out = append(out, f)
		}
	}
	rename := func(all []netip.Addr) string {
		var names []string
		for _, a := range all {
			if in(a) {
				a = outer
			}
			names = append(names, a.String())
		}
		return strings.Join(names, " ")
	}
	t.frames, t.truth.Attacker, t.truth.Victim = out, rename(attackers), rename(victims)
	return t
}

// homeOf is the private /24 that has an end of most packets.
func homeOf(frames []capture.Frame) (home netip.Prefix) {
	seen := map[netip.Prefix]int{}
	for i := range frames {
		at := ipv4At(&frames[i])
		if at < 0 {
			continue
		}
		for _, a := range ends(frames[i].Data[at:]) {
			if p, err := a.Prefix(24); err == nil && a.IsPrivate() {
				if seen[p]++; seen[p] > seen[home] {
					home = p
				}
			}
		}
	}
	return home
}

func ends(ip []byte) [2]netip.Addr {
	return [2]netip.Addr{netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))}
}

// sweeps says whether an attacker outside speaks to more than three hosts inside:
// behind one address there is nothing to sweep.
func sweeps(frames []capture.Frame, attackers []netip.Addr, in func(netip.Addr) bool) bool {
	asked := map[netip.Addr]bool{}
	for i := range frames {
		if at := ipv4At(&frames[i]); at >= 0 {
			if e := ends(frames[i].Data[at:]); !in(e[0]) && in(e[1]) && slices.Contains(attackers, e[0]) {
				asked[e[1]] = true
			}
		}
	}
	return len(asked) > 3
}

func addresses(text string) (all []netip.Addr) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
		if a, err := netip.ParseAddr(w); err == nil {
			all = append(all, a)
		}
	}
	return all
}

const protoTCP, protoUDP = 6, 17

type router struct {
	inside  netip.Prefix
	outer   netip.Addr
	ports   map[inner]uint16 // outside, of clients
	servers map[inner]bool   // whose port stays
	next    uint16
}

type inner struct {
	addr  netip.Addr
	port  uint16
	proto byte
}

// pass rewrites a packet that goes through; others are not seen outside.
func (n *router) pass(f *capture.Frame) bool {
	at := ipv4At(f)
	if at < 0 {
		return false
	}
	e := ends(f.Data[at:])
	from, to := n.inside.Contains(e[0]), n.inside.Contains(e[1])
	head := int(f.Data[at]&15) * 4
	if from == to || len(f.Data) < at+head {
		return false
	}
	f.Data = slices.Clone(f.Data)
	ip := f.Data[at:]
	host, address, port := inner{addr: e[1], proto: ip[9]}, 16, 2
	if from {
		host.addr, address, port = e[0], 12, 0
	}
	o := n.outer.As4()
	copy(ip[address:], o[:])
	first := binary.BigEndian.Uint16(ip[6:])&0x1fff == 0
	if first && (ip[9] == protoTCP || ip[9] == protoUDP) && len(ip) >= head+4 {
		p := ip[head+port:]
		host.port = binary.BigEndian.Uint16(p)
		binary.BigEndian.PutUint16(p, n.mapped(host, from, ip[head:]))
	}
	return true
}

// mapped gives the port outside. Whoever speaks first from inside is a client.
func (n *router) mapped(host inner, from bool, segment []byte) uint16 {
	if p, ok := n.ports[host]; ok {
		return p
	}
	answers := host.proto == protoTCP && len(segment) >= 14 && segment[13]&0x12 == 0x12
	if n.servers[host] || !from || answers {
		n.servers[host] = true
		return host.port
	}
	n.next++
	n.ports[host] = n.next
	return n.next
}
