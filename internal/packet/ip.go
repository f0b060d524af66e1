package packet

import "encoding/binary"

// v4 gives the Addr of four bytes.
func v4(dst *Addr, b []byte) {
	dst[10], dst[11] = 0xff, 0xff
	copy(dst[12:], b[:4])
}

// ipv4 reads an IPv4 header (RFC 791) and what it carries.
func ipv4(f frame, p *Packet, depth int) Verdict {
	b := f.b
	if len(b) < 20 {
		if f.wire < 20 {
			return BadIPHeader
		}
		return TruncatedIP
	}
	if b[0]>>4 != 4 {
		return BadIPVersion
	}
	header := int(b[0]&15) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		total = f.wire // segmentation left to the network card (TSO): longer than 16 bits can say
	}
	switch {
	case header < 20 || header > f.wire:
		return BadIPHeader
	case total < header:
		return BadIPLength
	case header > len(b):
		return TruncatedIP
	}
	total = min(total, f.wire)
	if depth == 0 {
		p.Trailer = uint32(f.wire - total)
	}
	v4(&p.Src, b[12:16])
	v4(&p.Dst, b[16:20])
	p.TTL = b[8]
	rest := frame{b: b[header:min(total, len(b))], wire: total - header}
	if frag := binary.BigEndian.Uint16(b[6:]); frag&0x3fff != 0 {
		p.FragmentID = uint32(binary.BigEndian.Uint16(b[4:]))
		return fragment(rest, b[9], int(frag&0x1fff)*8, frag&0x2000 != 0, p, depth)
	}
	return transport(rest, b[9], p, depth)
}

// ipv6 reads an IPv6 header (RFC 8200), its extension headers and what it carries.
func ipv6(f frame, p *Packet, depth int) Verdict {
	b := f.b
	if len(b) < 40 {
		if f.wire < 40 {
			return BadIPHeader
		}
		return TruncatedIP
	}
	if b[0]>>4 != 6 {
		return BadIPVersion
	}
	total := int(binary.BigEndian.Uint16(b[4:])) + 40
	if total == 40 && b[6] != 59 {
		total = f.wire // a jumbogram, or segmentation left to the network card
	}
	total = min(total, f.wire)
	if depth == 0 {
		p.Trailer = uint32(f.wire - total)
	}
	copy(p.Src[:], b[8:24])
	copy(p.Dst[:], b[24:40])
	p.TTL = b[7]
	return extensions(frame{b: b[40:min(total, len(b))], wire: total - 40}, b[6], p, depth)
}

// extensions walks the headers between an IP header and the transport's.
func extensions(f frame, next uint8, p *Packet, depth int) Verdict {
	for range maxExtensions {
		var size int
		switch next {
		case 0, 43, 60, 135, 139, 140: // hop-by-hop, routing, destination, mobility, HIP, shim6
			if len(f.b) < 2 {
				return cutHeader(f, 2)
			}
			size = int(f.b[1])*8 + 8
		case 51: // authentication header (RFC 4302)
			if len(f.b) < 2 {
				return cutHeader(f, 2)
			}
			size = int(f.b[1])*4 + 8
		case 44:
			if len(f.b) < 8 {
				return cutHeader(f, 8)
			}
			proto, frag := f.b[0], binary.BigEndian.Uint16(f.b[2:])
			if frag&0xfff9 == 0 { // atomic fragment (RFC 6946): the whole packet
				next = proto
				f.skip(8)
				continue
			}
			p.FragmentID = binary.BigEndian.Uint32(f.b[4:])
			f.skip(8)
			return fragment(f, proto, int(frag&0xfff8), frag&1 != 0, p, depth)
		default:
			return transport(f, next, p, depth)
		}
		proto := f.b[0]
		if !f.skip(size) {
			return cutHeader(f, size)
		}
		next = proto
	}
	return BadIPLength
}

// cutHeader tells a header that the capture cut from one that the packet has no
// room for.
func cutHeader(f frame, need int) Verdict {
	if f.wire < need {
		return BadIPLength
	}
	return TruncatedIP
}

// fragment handles a part of a packet that starts at the given offset.
func fragment(f frame, proto uint8, offset int, more bool, p *Packet, depth int) Verdict {
	p.MoreFragments, p.FragmentOffset = more, uint16(offset)
	if offset == 0 {
		return transport(f, proto, p, maxTunnels) // no tunnel can be read from a part
	}
	p.Fragment = true
	p.Proto = proto
	p.PayloadLen = uint32(f.wire)
	p.Payload = f.b
	// Scanners cut the TCP header itself in two, to slip past filters; the flags
	// are then in the second fragment.
	if proto == TCP && offset == 8 && len(f.b) >= 8 {
		p.Flags = f.b[5]
		p.Window = binary.BigEndian.Uint16(f.b[6:])
	}
	return OK
}
