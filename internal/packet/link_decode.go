package packet

import "encoding/binary"

// otherLink starts at a link type other than Ethernet.
func otherLink(f frame, link LinkType, p *Packet) Verdict {
	switch link {
	case LinkRaw, LinkRaw12, LinkRaw14, LinkIPv4, LinkIPv6:
		return rawIP(f, p)
	case LinkNull, LinkLoop:
		return loopback(f, p)
	case LinkCooked:
		return cooked(f, p, 16, 14)
	case LinkCookedV2:
		return cooked(f, p, 20, 0)
	case LinkPPP, LinkPPPSerial:
		return pppOrCisco(f, p)
	case LinkCiscoHDLC:
		return ciscoHDLC(f, p)
	case LinkPPPDir:
		if !f.skip(1) {
			return TruncatedLink
		}
		return ppp(f, p, 0)
	case LinkPPPoE:
		return pppoe(f, p, 0)
	case LinkWiFi:
		return wifi(f, p)
	case LinkRadiotap:
		return radiotap(f, p)
	case LinkPrism, LinkAVS:
		return prism(f, p)
	case LinkPPI:
		return ppi(f, p)
	case LinkNFLOG:
		return nflog(f, p)
	case LinkPKTAP:
		return pktap(f, p)
	case LinkFDDI:
		return fddi(f, p)
	case LinkTokenRing:
		return tokenRing(f, p)
	}
	return UnknownLink
}

// rawIP tells the version by the first nibble.
func rawIP(f frame, p *Packet) Verdict {
	if len(f.b) == 0 {
		return TruncatedLink
	}
	if f.b[0]>>4 == 6 {
		return ipv6(f, p, 0)
	}
	return ipv4(f, p, 0)
}

// loopback reads the address family of a BSD loopback header. AF_INET is 2
// everywhere, AF_INET6 is 10, 24, 28 or 30; the byte order is the writer's, so the
// value is looked for at either end. Some writers put an EtherType there.
func loopback(f frame, p *Packet) Verdict {
	if len(f.b) < 4 {
		return TruncatedLink
	}
	family := binary.BigEndian.Uint32(f.b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(f.b)
	}
	f.skip(4)
	switch family {
	case 2, etherIPv4:
		return ipv4(f, p, 0)
	case 10, 24, 28, 30, etherIPv6:
		return ipv6(f, p, 0)
	}
	return NonIP
}

// cooked reads a Linux cooked header of the given size, whose EtherType stands at
// the given place.
func cooked(f frame, p *Packet, size, at int) Verdict {
	if len(f.b) < size {
		return TruncatedLink
	}
	etype := binary.BigEndian.Uint16(f.b[at:])
	f.skip(size)
	switch {
	case etype == 4: // 802.2 without a length in front
		return llc(f, p, 0)
	case etype < 0x600:
		return NonIP
	}
	return network(f, etype, p, 0)
}

// pppOrCisco tells PPP from Cisco HDLC by the address byte, as both occur under
// the serial link types.
func pppOrCisco(f frame, p *Packet) Verdict {
	if len(f.b) >= 4 && (f.b[0] == 0x0f || f.b[0] == 0x8f) && f.b[1] == 0 {
		return ciscoHDLC(f, p)
	}
	return ppp(f, p, 0)
}

// ciscoHDLC reads address, control and EtherType.
func ciscoHDLC(f frame, p *Packet) Verdict {
	if len(f.b) < 4 {
		return TruncatedLink
	}
	etype := binary.BigEndian.Uint16(f.b[2:])
	f.skip(4)
	return network(f, etype, p, 0)
}

// radiotap skips the radio header (radiotap.org), whose length is little endian.
func radiotap(f frame, p *Packet) Verdict {
	if len(f.b) < 8 {
		return TruncatedLink
	}
	if n := int(binary.LittleEndian.Uint16(f.b[2:])); n < 8 || !f.skip(n) {
		return TruncatedLink
	}
	return wifi(f, p)
}

// prism skips a Prism header, which is always 144 bytes long, or an AVS header,
// which begins with a version and tells its length; both occur under either type.
func prism(f frame, p *Packet) Verdict {
	if len(f.b) < 8 {
		return TruncatedLink
	}
	size := 144
	if version := binary.BigEndian.Uint32(f.b); version>>12 == 0x80211 {
		size = int(binary.BigEndian.Uint32(f.b[4:]) & 0xffff)
	}
	if !f.skip(size) {
		return TruncatedLink
	}
	return wifi(f, p)
}

// ppi skips per-packet information (CACE), which names the link type behind it.
func ppi(f frame, p *Packet) Verdict {
	if len(f.b) < 8 {
		return TruncatedLink
	}
	link := LinkType(binary.LittleEndian.Uint32(f.b[4:]))
	if !f.skip(max(int(binary.LittleEndian.Uint16(f.b[2:])), 8)) {
		return TruncatedLink
	}
	return announced(f, link, p)
}

// pktap skips what macOS writes in front of packets of several interfaces (XNU's
// pktap.h): its length, what follows, and the link type.
func pktap(f frame, p *Packet) Verdict {
	if len(f.b) < 12 {
		return TruncatedLink
	}
	link := LinkType(binary.LittleEndian.Uint32(f.b[8:]))
	if !f.skip(max(int(binary.LittleEndian.Uint32(f.b)&0xffff), 12)) {
		return TruncatedLink
	}
	return announced(f, link, p)
}

// announced starts at a link type that a header in front names.
func announced(f frame, link LinkType, p *Packet) Verdict {
	switch link {
	case LinkPPI, LinkPKTAP: // within one another: made up
		return UnknownLink
	case LinkEthernet:
		return ethernet(f, p, 0)
	}
	return otherLink(f, link, p)
}

// fddi reads frame control and addresses, of frames of the logical link control.
func fddi(f frame, p *Packet) Verdict {
	if len(f.b) < 13 {
		return TruncatedLink
	}
	if f.b[0]&0x78 != 0x50 {
		return NonIP
	}
	f.skip(13)
	return llc(f, p, 0)
}

// tokenRing reads access and frame control, addresses, and the route if there is one.
func tokenRing(f frame, p *Packet) Verdict {
	if len(f.b) < 15 {
		return TruncatedLink
	}
	if f.b[1]&0xc0 != 0x40 {
		return NonIP
	}
	size := 14
	if f.b[8]&0x80 != 0 {
		size += int(f.b[14] & 0x1f)
	}
	if !f.skip(size) {
		return TruncatedLink
	}
	return llc(f, p, 0)
}

// nflog finds the packet among the values of a netfilter log message, which are
// aligned to four bytes and in the byte order of the machine that captured: taken
// for little endian.
func nflog(f frame, p *Packet) Verdict {
	const payload = 9
	if !f.skip(4) { // family, version, group
		return TruncatedLink
	}
	for range 32 {
		if len(f.b) < 4 {
			return TruncatedLink
		}
		size, kind := int(binary.LittleEndian.Uint16(f.b)), binary.LittleEndian.Uint16(f.b[2:])
		if kind == payload && size >= 4 {
			f.skip(4)
			f.wire = min(f.wire, max(size-4, len(f.b)))
			return rawIP(f, p)
		}
		if !f.skip(max((size+3)&^3, 4)) {
			return TruncatedLink
		}
	}
	return TruncatedLink
}

// wifi reads an 802.11 data frame's header (IEEE 802.11-2020, 9.2 and 9.3.2) and
// the LLC behind it. An A-MSDU is read up to its first subframe.
func wifi(f frame, p *Packet) Verdict {
	if len(f.b) < 2 {
		return TruncatedLink
	}
	fc0, fc1 := f.b[0], f.b[1]
	kind, sub := fc0>>2&3, fc0>>4
	const disassociation, deauthentication, again = 10, 12, 8
	if kind == 0 && (sub == disassociation || sub == deauthentication) && fc1&again == 0 && len(f.b) >= 22 {
		p.Sign, p.Sender, p.Network = Parts, Station(f.b[10:16]), Station(f.b[16:22])
	}
	if kind != 2 || sub&4 != 0 { // not data, or data without a body
		return NotData
	}
	if fc1&0x40 != 0 {
		return Encrypted
	}
	size := 24
	if fc1&3 == 3 {
		size += 6 // fourth address
	}
	aggregate := false
	if sub&8 != 0 { // QoS
		if len(f.b) < size+2 {
			return TruncatedLink
		}
		aggregate = f.b[size]&0x80 != 0
		size += 2
		if fc1&0x80 != 0 {
			size += 4 // HT control
		}
	}
	if aggregate {
		size += 14 // subframe header: two addresses and a length
	}
	if !f.skip(size) {
		return TruncatedLink
	}
	// Drivers align the body to four bytes and leave the padding in the frame.
	if size%4 == 2 && len(f.b) >= 4 && f.b[0] == 0 && f.b[1] == 0 && f.b[2] == 0xaa && f.b[3] == 0xaa {
		f.skip(2)
	}
	return llc(f, p, 0)
}
