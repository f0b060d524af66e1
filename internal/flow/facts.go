package flow

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// observe shows a packet with payload to the flow's signals.
func (t *Table) observe(e *entry, p *packet.Packet, fwd bool) (changed bool) {
	if len(p.Payload) == 0 {
		return false
	}
	if e.signals == 0 {
		if t.signals.live() >= t.cfg.MaxRunning {
			t.stats.Unread++
			return false
		}
		e.signals = t.signals.alloc()
		*t.signals.at(e.signals) = payload.Signals{}
	}
	return t.signals.at(e.signals).Observe(fwd, p)
}

// shake follows the TCP handshake.
func (t *Table) shake(e *entry, p *packet.Packet, fwd bool) {
	if e.has(established) {
		return
	}
	const both = packet.SYN | packet.ACK
	switch {
	case fwd && p.Flags&both == packet.SYN:
		e.bits |= clientSYN
	case !fwd && p.Flags&both == both:
		e.bits |= serverSYN
	case fwd && p.Flags&packet.ACK != 0 && p.Flags&packet.RST == 0 && e.bits&(clientSYN|serverSYN) == clientSYN|serverSYN:
		e.bits |= established
	}
}

// Unreachable marks the flow of a packet that an ICMP error quotes. Add does it for
// the flows of its own table; a meter of several tables calls it for the others.
func (t *Table) Unreachable(q *packet.Quoted, out *Batch) {
	p := packet.Packet{Src: q.Src, Dst: q.Dst, SrcPort: q.SrcPort, DstPort: q.DstPort, Proto: q.Proto}
	i := t.find(t.index.hash(&p.Src, &p.Dst, p.SrcPort, p.DstPort, p.Proto), &p)
	if i == 0 {
		return
	}
	e := t.entries.at(i)
	if e.bits&(ended|unreachable) != 0 {
		return
	}
	e.bits |= unreachable
	if t.cfg.Updates {
		t.emit(Updated, NotEnded, e, out)
	}
}
