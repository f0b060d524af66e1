package packet

import "encoding/binary"

// Limits on what may stand in front of the innermost packet, so that a frame made
// of tags or tunnels costs no more than a real one.
const (
	maxTags       = 8  // VLAN tags, MPLS labels and the like, in all
	maxTunnels    = 4  // tunnels within one another
	maxExtensions = 10 // IPv6 extension headers of one packet
)

// EtherTypes (IEEE 802 numbers at IANA).
const (
	etherIPv4      = 0x0800
	etherARP       = 0x0806
	etherTEB       = 0x6558 // transparent Ethernet bridging
	etherRARP      = 0x8035
	etherVLAN      = 0x8100
	etherPPP       = 0x880b
	etherIPv6      = 0x86dd
	etherMPLS      = 0x8847
	etherMPLSMulti = 0x8848
	etherPPPoE     = 0x8864
	etherQinQ      = 0x88a8
	etherERSPAN    = 0x88be
	etherERSPAN3   = 0x22eb
	etherQinQ9100  = 0x9100
	etherQinQ9200  = 0x9200
)

// frame is a place within a frame: the captured bytes from there on, and how many
// bytes there were on the wire, which are never fewer.
type frame struct {
	b    []byte
	wire int
	tags int // tags passed so far
}

// skip moves n bytes on; it reports whether that many were captured.
func (f *frame) skip(n int) bool {
	if n > len(f.b) {
		return false
	}
	f.b = f.b[n:]
	f.wire -= n
	return true
}

// Decode reads one frame of the given link type into p, overwriting all of it.
// wireLen is the frame's length on the wire, time its microseconds since the Unix
// epoch. It keeps frame only as p.Payload.
//
// Where tunnels are nested, p is the innermost packet that can be read; where a
// tunnel holds nothing readable, p is the packet that carries it.
func Decode(data []byte, link LinkType, wireLen uint32, time int64, p *Packet) Verdict {
	*p = Packet{Time: time, WireLen: max(wireLen, uint32(len(data)))}
	f := frame{b: data, wire: int(p.WireLen)}
	if link == LinkEthernet {
		return ethernet(f, p, 0)
	}
	return otherLink(f, link, p)
}

// ethernet reads an Ethernet II or 802.3 header and what follows.
func ethernet(f frame, p *Packet, depth int) Verdict {
	if len(f.b) < 14 {
		return TruncatedLink
	}
	if depth == 0 && f.b[6]&1 != 0 {
		p.Sign, p.Sender = Nobodys, Station(f.b[6:12])
	}
	etype := binary.BigEndian.Uint16(f.b[12:])
	f.b, f.wire = f.b[14:], f.wire-14
	if etype < 0x600 {
		return llc(f, p, depth)
	}
	return network(f, etype, p, depth)
}

// llc reads an 802.2 header: SNAP carries an EtherType, everything else is not IP.
func llc(f frame, p *Packet, depth int) Verdict {
	if len(f.b) < 8 {
		if len(f.b) < f.wire {
			return TruncatedLink
		}
		return NonIP
	}
	if f.b[0] != 0xaa || f.b[1] != 0xaa || f.b[2] != 3 || f.b[3] != 0 || f.b[4] != 0 {
		return NonIP
	}
	etype := binary.BigEndian.Uint16(f.b[6:])
	f.skip(8)
	return network(f, etype, p, depth)
}

// network follows an EtherType through tags to the IP packet.
func network(f frame, etype uint16, p *Packet, depth int) Verdict {
	for {
		switch etype {
		case etherIPv4:
			return ipv4(f, p, depth)
		case etherIPv6:
			return ipv6(f, p, depth)
		case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
			if len(f.b) < 4 {
				return TruncatedLink
			}
			if p.VLAN == 0 && depth == 0 {
				p.VLAN = binary.BigEndian.Uint16(f.b) & 0xfff
			}
			etype = binary.BigEndian.Uint16(f.b[2:])
			f.skip(4)
			if etype < 0x600 {
				return llc(f, p, depth)
			}
		case etherMPLS, etherMPLSMulti:
			return mpls(f, p, depth)
		case etherPPPoE:
			return pppoe(f, p, depth)
		case etherTEB:
			return ethernet(f, p, depth)
		case etherPPP:
			return ppp(f, p, depth)
		case etherARP:
			return arp(f, p)
		case etherRARP:
			return ARP
		default:
			return NonIP
		}
		if f.tags++; f.tags > maxTags {
			return TooDeep
		}
	}
}

// arp reads who asks for whom, where the addresses are IPv4's and there to be read.
func arp(f frame, p *Packet) Verdict {
	const length = 28
	if len(f.b) < length || binary.BigEndian.Uint16(f.b[2:]) != etherIPv4 || f.b[4] != 6 || f.b[5] != 4 {
		return ARP
	}
	v4(&p.Src, f.b[14:18])
	v4(&p.Dst, f.b[24:28])
	p.Station = Station(f.b[8:14])
	switch binary.BigEndian.Uint16(f.b[6:]) {
	case 1:
		p.Ask = Asks
	case 2:
		p.Ask = Answered
	}
	if p.Src == p.Dst || p.Src.Netip().IsUnspecified() {
		p.Ask = NoAsk // an announcement, or a look whether an address is free (RFC 5227)
	}
	return ARP
}

// mpls pops labels (RFC 3032) until the bottom of the stack. What is there is not
// announced: IP shows by its version, a pseudowire (RFC 4385) by a zero nibble.
func mpls(f frame, p *Packet, depth int) Verdict {
	for bottom := false; !bottom; {
		if len(f.b) < 4 {
			return TruncatedLink
		}
		if f.tags++; f.tags > maxTags {
			return TooDeep
		}
		bottom = f.b[2]&1 != 0
		f.skip(4)
	}
	if len(f.b) == 0 {
		return TruncatedLink
	}
	switch f.b[0] >> 4 {
	case 4:
		return ipv4(f, p, depth)
	case 6:
		return ipv6(f, p, depth)
	case 0:
		if !f.skip(4) {
			return TruncatedLink
		}
		return ethernet(f, p, depth)
	}
	return NonIP
}

// pppoe reads a PPPoE session header (RFC 2516) and the PPP behind it.
func pppoe(f frame, p *Packet, depth int) Verdict {
	if len(f.b) < 6 {
		return TruncatedLink
	}
	if f.b[1] != 0 { // session data has code 0
		return NonIP
	}
	f.skip(6)
	return ppp(f, p, depth)
}

// ppp reads a PPP protocol field (RFC 1661), in full or compressed to one byte,
// behind HDLC address and control bytes if they are there.
func ppp(f frame, p *Packet, depth int) Verdict {
	if len(f.b) >= 2 && f.b[0] == 0xff && f.b[1] == 3 {
		f.skip(2)
	}
	if len(f.b) < 2 {
		return TruncatedLink
	}
	proto, size := uint16(f.b[0]), 1
	if proto&1 == 0 {
		proto, size = binary.BigEndian.Uint16(f.b), 2
	}
	f.skip(size)
	switch proto {
	case 0x21:
		return ipv4(f, p, depth)
	case 0x57:
		return ipv6(f, p, depth)
	case 0x281, 0x283:
		return mpls(f, p, depth)
	}
	return NonIP
}
