package flow

import "firetower/internal/packet"

// nextFixed applies the rules of the corrected CICFlowMeter to a packet of a
// conversation that the table knows.
func (t *Table) nextFixed(i uint32, p *packet.Packet, out *Batch) {
	e := t.entries.at(i)
	reopened := e.close == ready && p.Flags&packet.SYN != 0
	switch {
	case reopened:
		t.finish(e, e.reasonOf(Closed), out)
		t.forget(e)
		t.reopen(i, p, t.orient(p), out)
	case p.Time-e.start > t.active:
		t.finish(e, Active, out)
		t.reopen(i, p, t.resume(e, p), out)
	case e.has(ended):
		t.stats.Stragglers++
		return
	case (p.Proto == packet.ICMP || p.Proto == packet.ICMPv6) && p.ICMPType != e.icmpType &&
		(p.ICMPCode != e.icmpCode || echoes(p.Proto, p.ICMPType) != echoes(p.Proto, e.icmpType)):
		t.finish(e, Active, out)
		t.reopen(i, p, t.orient(p), out)
	default:
		t.close(e, p)
		t.grow(i, p, true, out)
	}
}

// echoes says whether an ICMPv6 message belongs to a ping: what hosts have to tell
// each other besides, errors and neighbour discovery, is no part of it. CICFlowMeter,
// whose rule for ICMP is kept, does not read IPv6.
func echoes(proto, kind uint8) bool {
	return proto == packet.ICMPv6 && (kind == 128 || kind == 129)
}

// resume orients the flow that follows one ended by the active timeout.
func (t *Table) resume(e *entry, p *packet.Packet) orientation {
	same := orientation{tuple: e.tuple}
	switch p.Proto {
	case packet.TCP:
		return same
	case packet.UDP:
		if p.Time-e.last <= t.active {
			return same
		}
	}
	t.forget(e)
	return t.orient(p)
}

// close moves a TCP flow towards its end.
func (t *Table) close(e *entry, p *packet.Packet) {
	if p.Proto != packet.TCP {
		return
	}
	switch {
	case p.Flags&packet.FIN != 0:
		if e.forward(p) {
			e.bits |= finForward
		} else {
			e.bits |= finBackward
		}
		if e.close == open {
			e.close = oneFIN
		} else if e.close == oneFIN && e.has(finForward) && e.has(finBackward) {
			e.close = twoFIN
		}
	case p.Flags&packet.RST != 0:
		e.close = ready
	case p.Flags&packet.ACK != 0 && e.close == twoFIN:
		e.close = ready
	}
}

// next2017 applies the rules of the 2017 build: any FIN ends a flow, RST does not.
func (t *Table) next2017(i uint32, p *packet.Packet, out *Batch) {
	e := t.entries.at(i)
	switch {
	case p.Time-e.start > t.active:
		t.finish(e, Active, out)
		t.reopen(i, p, orientation{tuple: e.tuple}, out)
	case p.Flags&packet.FIN != 0:
		t.grow(i, p, false, out)
		t.finish(e, Closed, out)
		t.drop(i)
	default:
		t.grow(i, p, true, out)
	}
}

// nextV4 applies the rules of the current CICFlowMeter: RST ends a flow, and so does
// the responder's FIN; the initiator's does not, and is left out when it comes again.
func (t *Table) nextV4(i uint32, p *packet.Packet, out *Batch) {
	e := t.entries.at(i)
	fin := p.Proto == packet.TCP && p.Flags&packet.FIN != 0
	switch {
	case p.Time-e.start > t.active:
		t.finish(e, Active, out)
		t.reopen(i, p, orientation{tuple: e.tuple}, out)
	case fin && e.forward(p) && e.has(finForward):
		t.stats.Stragglers++
	case fin && e.forward(p):
		e.bits |= finForward
		t.grow(i, p, true, out)
	case fin, p.Proto == packet.TCP && p.Flags&packet.RST != 0:
		t.grow(i, p, true, out)
		t.finish(e, Closed, out)
		t.drop(i)
	default:
		t.grow(i, p, true, out)
	}
}

// oneWay says whether the two directions of k are two flows: the 2017 build told
// them apart by address only.
func (t *Table) oneWay(k *Tuple) bool { return t.cfg.Profile == CIC2017 && k.Src == k.Dst }
