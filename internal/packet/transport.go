package packet

import "encoding/binary"

// Protocols that Decode sees through.
const (
	protoIPIP  uint8 = 4
	protoIPv6  uint8 = 41
	protoGRE   uint8 = 47
	protoAH    uint8 = 51
	portVXLAN        = 4789
	portVXLAN2       = 8472 // Linux before the port was assigned, and flannel
	portGeneve       = 6081
	portGTP          = 2152
)

// transport reads a transport header and looks into tunnels.
func transport(f frame, proto uint8, p *Packet, depth int) Verdict {
	p.Proto = proto
	switch proto {
	case TCP:
		return tcp(f, p)
	case UDP:
		return udp(f, p, depth)
	case ICMP, ICMPv6:
		return icmp(f, p)
	case SCTP:
		return sctp(f, p)
	case protoIPIP, protoIPv6, protoGRE:
		p.setPayload(f)
		if depth < maxTunnels {
			tunnel(f, proto, p, depth)
		}
	case protoAH:
		if depth < maxTunnels {
			return extensions(f, proto, p, depth)
		}
		p.setPayload(f)
	default:
		p.setPayload(f)
	}
	return OK
}

func (p *Packet) setPayload(f frame) {
	p.PayloadLen = uint32(f.wire)
	p.Payload = f.b
}

// short tells a transport header that the capture cut from one that the packet on
// the wire has no room for.
func short(f frame, need int) Verdict {
	if f.wire < need {
		return BadTransport
	}
	return TruncatedPorts
}

// tcp reads a TCP header (RFC 9293). A wrong data offset does not make the packet
// unreadable, because floods and scans send such packets on purpose.
func tcp(f frame, p *Packet) Verdict {
	b := f.b
	if len(b) < 20 {
		return tcpCut(f, p)
	}
	p.SrcPort = binary.BigEndian.Uint16(b)
	p.DstPort = binary.BigEndian.Uint16(b[2:])
	p.Seq = binary.BigEndian.Uint32(b[4:])
	p.Ack = binary.BigEndian.Uint32(b[8:])
	p.Flags = b[13]
	p.Window = binary.BigEndian.Uint16(b[14:])
	header := min(max(int(b[12]>>4)*4, 20), f.wire)
	p.HeaderLen = uint16(header)
	p.PayloadLen = uint32(f.wire - header)
	p.Payload = b[min(header, len(b)):]
	return OK
}

// tcpCut reads what there is of a TCP header that is not all there: a capture that
// kept the flags is enough, and of a first fragment the ports are.
func tcpCut(f frame, p *Packet) Verdict {
	b := f.b
	need := 20
	if p.MoreFragments {
		need = 8
	}
	if f.wire < need || len(b) < min(14, f.wire) {
		return short(f, need)
	}
	p.SrcPort = binary.BigEndian.Uint16(b)
	p.DstPort = binary.BigEndian.Uint16(b[2:])
	p.Seq = binary.BigEndian.Uint32(b[4:])
	header := min(20, f.wire)
	if len(b) >= 14 {
		p.Ack = binary.BigEndian.Uint32(b[8:])
		p.Flags = b[13]
		header = min(max(int(b[12]>>4)*4, 20), f.wire)
	}
	if len(b) >= 16 {
		p.Window = binary.BigEndian.Uint16(b[14:])
	}
	p.HeaderLen = uint16(header)
	p.PayloadLen = uint32(f.wire - header)
	return OK
}

// udp reads a UDP header (RFC 768) and looks into the tunnels that run over it.
func udp(f frame, p *Packet, depth int) Verdict {
	b := f.b
	if f.wire < 8 || len(b) < 4 {
		return short(f, 8)
	}
	p.SrcPort = binary.BigEndian.Uint16(b)
	p.DstPort = binary.BigEndian.Uint16(b[2:])
	p.HeaderLen = 8
	f.b, f.wire = b[min(8, len(b)):], f.wire-8
	p.setPayload(f)
	switch p.DstPort {
	case portVXLAN, portVXLAN2:
		if depth < maxTunnels {
			vxlan(f, p, depth)
		}
	case portGeneve:
		if depth < maxTunnels {
			geneve(f, p, depth)
		}
	case portGTP:
		if depth < maxTunnels {
			gtp(f, p, depth)
		}
	}
	return OK
}

// sctp reads the ports of the SCTP common header (RFC 9260).
func sctp(f frame, p *Packet) Verdict {
	if f.wire < 12 || len(f.b) < 4 {
		return short(f, 12)
	}
	p.SrcPort = binary.BigEndian.Uint16(f.b)
	p.DstPort = binary.BigEndian.Uint16(f.b[2:])
	f.b, f.wire = f.b[min(12, len(f.b)):], f.wire-12
	p.setPayload(f)
	return OK
}

// icmp reads an ICMP (RFC 792) or ICMPv6 (RFC 4443) header and, of an error, the
// packet that it quotes.
func icmp(f frame, p *Packet) Verdict {
	if f.wire < 4 || len(f.b) < 2 {
		return short(f, 4)
	}
	p.ICMPType, p.ICMPCode = f.b[0], f.b[1]
	size := min(8, f.wire)
	f.b, f.wire = f.b[min(size, len(f.b)):], f.wire-size
	p.setPayload(f)
	if p.Proto == ICMP {
		switch p.ICMPType {
		case 3, 4, 11, 12: // unreachable, source quench, time exceeded, parameter problem
			p.HasUnreachable = quoted(f.b, &p.Unreachable)
		}
	} else if p.ICMPType < 128 {
		p.HasUnreachable = quoted(f.b, &p.Unreachable)
	}
	return OK
}

// quoted reads the addresses and ports of the packet inside an ICMP error, of
// which often no more than 8 bytes behind the IP header are there.
func quoted(b []byte, q *Quoted) bool {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		header := int(b[0]&15) * 4
		if header < 20 || header > len(b) {
			return false
		}
		v4(&q.Src, b[12:16])
		v4(&q.Dst, b[16:20])
		q.Proto = b[9]
		if binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
			return true // a later fragment: no ports
		}
		b = b[header:]
	case len(b) >= 40 && b[0]>>4 == 6:
		copy(q.Src[:], b[8:24])
		copy(q.Dst[:], b[24:40])
		q.Proto = b[6]
		b = b[40:]
	default:
		return false
	}
	if len(b) >= 4 && (q.Proto == TCP || q.Proto == UDP || q.Proto == SCTP) {
		q.SrcPort = binary.BigEndian.Uint16(b)
		q.DstPort = binary.BigEndian.Uint16(b[2:])
	}
	return true
}
