package lab

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"time"
)

// tagged puts each frame into a VLAN.
func tagged(id int) Lens {
	return func(f Frame) []byte {
		if len(f.Data) < 14 {
			return nil
		}
		b := append(f.Data[:12:12], 0x81, 0, byte(id>>8), byte(id))
		return append(b, f.Data[12:]...)
	}
}

func chain(all ...Lens) Lens {
	return func(f Frame) []byte {
		for _, l := range all {
			if f.Data = l(f); f.Data == nil {
				return nil
			}
		}
		return f.Data
	}
}

// cut keeps the first bytes of each frame, as a tap with a short snap length does.
func cut(n int) Lens {
	return func(f Frame) []byte { return f.Data[:min(n, len(f.Data))] }
}

// only is a tap on one fibre of two, between the network and the router.
func (v *Viewed) only(keep func(fromInside, toInside bool) bool) Lens {
	return func(f Frame) []byte {
		src, dst, ok := endsOf(f.Data)
		if !ok || !keep(v.Inside.Contains(src), v.Inside.Contains(dst)) {
			return nil
		}
		return f.Data
	}
}

// late begins to record when a part of the attack, up to a half, is over.
func (v *Viewed) late() Lens {
	from := v.Start.Add(time.Duration((0.1 + 0.4*v.Rand.Float64()) * float64(v.End.Sub(v.Start))))
	return func(f Frame) []byte {
		if f.At.Before(from) {
			return nil
		}
		return f.Data
	}
}

// drops is a tap that cannot keep up.
func (v *Viewed) drops(share float64) Lens {
	return func(f Frame) []byte {
		if v.Rand.Float64() < share {
			return nil
		}
		return f.Data
	}
}

// nat is a tap outside a router that hides the network behind one address. What
// stays inside is not seen there. Ports of connections from inside are mapped, those
// that outside calls are forwarded.
type nat struct {
	inside  netip.Prefix
	outer   netip.Addr
	ports   map[natKey]uint16
	next    uint16
	servers map[natKey]bool
}

type natKey struct {
	addr  netip.Addr
	port  uint16
	proto byte
}

func newNAT(v *Viewed) *nat {
	outer := netip.AddrFrom4([4]byte{203, 0, 113, byte(2 + v.Rand.IntN(250))})
	n := &nat{inside: v.Inside, outer: outer, ports: map[natKey]uint16{}, next: uint16(20000 + v.Rand.IntN(9000)), servers: map[natKey]bool{}}
	for _, col := range []int{3, 4} { // the truth is seen from outside as well
		for _, a := range addrs(v.row[col]) {
			if v.Inside.Contains(a) {
				v.row[col] = replaceAddr(v.row[col], a, outer)
			}
		}
	}
	return n
}

func (n *nat) pass(f Frame) []byte {
	src, dst, ok := endsOf(f.Data)
	from, to := n.inside.Contains(src), n.inside.Contains(dst)
	if !ok || from == to {
		return nil
	}
	ip := ipv4(f.Data)
	at, port := 16, 2
	host := natKey{addr: dst, proto: ip[9]}
	if from {
		at, port, host.addr = 12, 0, src
	}
	head := int(ip[0]&15) * 4
	if len(ip) < head {
		return nil
	}
	before := ^sum16(ip[at : at+4])
	o := n.outer.As4()
	copy(ip[at:], o[:])
	change := uint32(before) + uint32(sum16(ip[at:at+4]))
	mend(ip[10:], change)
	first := binary.BigEndian.Uint16(ip[6:])&0x1fff == 0
	if first && (ip[9] == 6 || ip[9] == 17) && len(ip) >= head+4 {
		p := ip[head+port:]
		host.port = binary.BigEndian.Uint16(p)
		now := n.mapped(host, from, ip, head)
		binary.BigEndian.PutUint16(p, now)
		change += uint32(^host.port) + uint32(now)
		if sum := head + map[byte]int{6: 16, 17: 6}[ip[9]]; len(ip) >= sum+2 {
			mend(ip[sum:], change)
		}
	}
	return f.Data
}

// mend adds a change to a checksum, as RFC 1624 has it.
func mend(sum []byte, change uint32) {
	s := uint32(^binary.BigEndian.Uint16(sum)) + change
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	binary.BigEndian.PutUint16(sum, ^uint16(s))
}

// mapped gives the port outside. Whoever speaks first from inside is a client.
func (n *nat) mapped(k natKey, from bool, ip []byte, head int) uint16 {
	if p, ok := n.ports[k]; ok {
		return p
	}
	if n.servers[k] {
		return k.port
	}
	answers := k.proto == 6 && len(ip) >= head+14 && ip[head+13]&0x12 == 0x12
	if !from || answers {
		n.servers[k] = true
		return k.port
	}
	n.next++
	n.ports[k] = n.next
	return n.next
}

func sum16(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

func replaceAddr(list string, old, now netip.Addr) string {
	all := strings.Split(list, ",")
	for i, a := range all {
		if a == old.String() {
			all[i] = now.String()
		}
	}
	return strings.Join(all, ",")
}
