package packet

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// The functions here build frames layer by layer: each takes what it carries.

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func zeros(n int) []byte { return make([]byte, n) }

// unhex reads bytes written in hexadecimal with spaces.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

func eth(etype int, inner []byte) []byte {
	return join(unhex("020000000002 020000000001"), u16(etype), inner)
}

// tag is a VLAN tag behind another header that announced it.
func tag(id, etype int, inner []byte) []byte { return join(u16(id), u16(etype), inner) }

func label(bottom bool, inner []byte) []byte {
	b := unhex("00010040")
	if bottom {
		b[2] |= 1
	}
	return join(b, inner)
}

func llcSNAP(etype int, inner []byte) []byte { return join(unhex("aaaa03000000"), u16(etype), inner) }

// ip4 is an IPv4 packet from 10.0.0.1 to 10.0.0.2 with a given field of flags and
// fragment offset.
func ip4frag(proto uint8, id, frag int, inner []byte) []byte {
	b := join(unhex("4500"), u16(20+len(inner)), u16(id), u16(frag), []byte{64, proto, 0, 0}, unhex("0a000001 0a000002"))
	return join(b, inner)
}

func ip4(proto uint8, inner []byte) []byte { return ip4frag(proto, 1, 0, inner) }

// lan is an IPv4 packet between other addresses, to be carried in a tunnel.
func lan(proto uint8, inner []byte) []byte {
	b := ip4(proto, inner)
	copy(b[12:], unhex("c0a80001 c0a80002"))
	return b
}

// ip6 is an IPv6 packet from 2001:db8::1 to 2001:db8::2.
func ip6(next uint8, inner []byte) []byte {
	b := join(unhex("60000000"), u16(len(inner)), []byte{next, 63})
	return join(b, unhex("20010db8000000000000000000000001 20010db8000000000000000000000002"), inner)
}

// ext is an IPv6 extension header of 8 bytes and the given number of units of 8.
func ext(next uint8, units int, inner []byte) []byte {
	return join([]byte{next, byte(units)}, zeros(6+8*units), inner)
}

func ip6frag(next uint8, id, frag int, inner []byte) []byte {
	return join([]byte{next, 0}, u16(frag), u16(0), u16(id), inner)
}

func tcp20(flags uint8, payload []byte) []byte {
	return join(u16(1000), u16(80), unhex("00000007 00000009"), []byte{0x50, flags}, u16(512), zeros(4), payload)
}

func udp8(src, dst int, payload []byte) []byte {
	return join(u16(src), u16(dst), u16(8+len(payload)), zeros(2), payload)
}

func icmp8(kind, code uint8, payload []byte) []byte {
	return join([]byte{kind, code}, zeros(6), payload)
}

// describe writes a packet as a line; fields that are zero are left out.
func describe(p *Packet) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%v:%d > %v:%d proto %d ttl %d wire %d", p.Src, p.SrcPort, p.Dst, p.DstPort, p.Proto, p.TTL, p.WireLen)
	for _, f := range []struct {
		name  string
		value int
	}{
		{"hdr", int(p.HeaderLen)}, {"pay", int(p.PayloadLen)}, {"cap", len(p.Payload)}, {"trailer", int(p.Trailer)},
		{"flags", int(p.Flags)}, {"win", int(p.Window)}, {"seq", int(p.Seq)}, {"ack", int(p.Ack)},
		{"vlan", int(p.VLAN)}, {"icmp", int(p.ICMPType)}, {"code", int(p.ICMPCode)}, {"id", int(p.FragmentID)},
	} {
		if f.value != 0 {
			fmt.Fprintf(&s, " %s %d", f.name, f.value)
		}
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"tunnelled", p.Tunnelled}, {"fragment", p.Fragment}, {"more", p.MoreFragments}} {
		if f.set {
			s.WriteString(" " + f.name)
		}
	}
	if q := &p.Unreachable; p.HasUnreachable {
		fmt.Fprintf(&s, " quotes %v:%d > %v:%d proto %d", q.Src, q.SrcPort, q.Dst, q.DstPort, q.Proto)
	}
	return s.String()
}
