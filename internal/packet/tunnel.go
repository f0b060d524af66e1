package packet

import "encoding/binary"

// within decodes what a tunnel carries, announced by its EtherType, and if that is
// a readable packet puts it in the place of p, the packet that carries it.
func within(f frame, etype uint16, p *Packet, depth int) {
	inner := Packet{Time: p.Time, WireLen: p.WireLen, Trailer: p.Trailer, VLAN: p.VLAN, Tunnelled: true}
	if network(f, etype, &inner, depth+1) == OK {
		*p = inner
	}
}

// tunnel looks into IP in IP (RFC 2003), IPv6 in IP (RFC 4213) and GRE.
func tunnel(f frame, proto uint8, p *Packet, depth int) {
	switch proto {
	case protoIPIP:
		within(f, etherIPv4, p, depth)
	case protoIPv6:
		within(f, etherIPv6, p, depth)
	case protoGRE:
		gre(f, p, depth)
	}
}

// gre looks into GRE (RFC 2784, RFC 2890), NVGRE (RFC 7637), PPTP's version 1
// (RFC 2637) and ERSPAN of types I to III.
func gre(f frame, p *Packet, depth int) {
	if len(f.b) < 4 {
		return
	}
	flags, etype := binary.BigEndian.Uint16(f.b), binary.BigEndian.Uint16(f.b[2:])
	if flags&0x4000 != 0 || flags&7 > 1 {
		return // source routing (RFC 1701) is long gone
	}
	size := 4
	for _, bit := range [...]uint16{0x8000, 0x2000, 0x1000} { // checksum, key, sequence number
		if flags&bit != 0 {
			size += 4
		}
	}
	if flags&7 == 1 && flags&0x80 != 0 {
		size += 4 // acknowledgement number
	}
	switch {
	case etype == etherERSPAN && flags&0x1000 != 0:
		size += 8
	case etype == etherERSPAN3:
		if len(f.b) < size+12 {
			return
		}
		if f.b[size+11]&1 != 0 {
			size += 8 // platform specific subheader
		}
		size += 12
	}
	if !f.skip(size) {
		return
	}
	if etype == etherERSPAN || etype == etherERSPAN3 {
		etype = etherTEB
	}
	within(f, etype, p, depth)
}

// vxlan looks into VXLAN (RFC 7348) if its header is what the RFC demands.
func vxlan(f frame, p *Packet, depth int) {
	if len(f.b) < 8 || f.b[0]&0x08 == 0 || f.b[7] != 0 {
		return
	}
	f.skip(8)
	within(f, etherTEB, p, depth)
}

// gtp looks into the user plane of mobile networks (3GPP TS 29.281): its data messages
// hold an IP packet, whose version tells itself.
func gtp(f frame, p *Packet, depth int) {
	const version1, extended, data = 0x30, 0x04, 0xff
	if len(f.b) < 8 || f.b[0]&0xf0 != version1 || f.b[1] != data {
		return
	}
	next := f.b[0] & extended
	optional := f.b[0]&7 != 0 // sequence number, number of the PDU, kind of the extension
	f.skip(8)
	if optional {
		if len(f.b) < 4 {
			return
		}
		next = min(next, 1) * f.b[3]
		f.skip(4)
	}
	for range maxExtensions {
		if next == 0 {
			break
		}
		if len(f.b) < 4 {
			return
		}
		size := 4 * int(f.b[0])
		if size == 0 || size > len(f.b) {
			return
		}
		next = f.b[size-1]
		f.skip(size)
	}
	switch {
	case next != 0 || len(f.b) == 0:
	case f.b[0]>>4 == 4:
		within(f, etherIPv4, p, depth)
	case f.b[0]>>4 == 6:
		within(f, etherIPv6, p, depth)
	}
}

// geneve looks into Geneve (RFC 8926).
func geneve(f frame, p *Packet, depth int) {
	if len(f.b) < 8 || f.b[0]>>6 != 0 || f.b[7] != 0 {
		return
	}
	etype := binary.BigEndian.Uint16(f.b[2:])
	if !f.skip(8 + int(f.b[0]&0x3f)*4) {
		return
	}
	within(f, etype, p, depth)
}
