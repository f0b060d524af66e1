package flow

import "firetower/internal/packet"

// segment identifies a TCP segment as the corrected CICFlowMeter does; one that
// comes again is counted as a retransmission.
type segment struct {
	seq, ack, payload uint32
	window            uint16
	fwd               bool
}

// sentSegments is the set of segments of one connection.
type sentSegments struct{ seen map[segment]struct{} }

// remember takes note of a TCP segment and says whether it was sent before.
func (t *Table) remember(e *entry, p *packet.Packet, fwd bool) (again bool) {
	if t.cfg.Retransmissions == 0 {
		return false
	}
	if e.sent == 0 {
		e.sent = t.sent.alloc()
		*t.sent.at(e.sent) = sentSegments{map[segment]struct{}{}}
	}
	seen := t.sent.at(e.sent).seen
	s := segment{p.Seq, p.Ack, p.PayloadLen, p.Window, fwd}
	if _, again = seen[s]; again {
		return true
	}
	if len(seen) >= t.cfg.Retransmissions {
		t.stats.Forgotten++
		return false
	}
	seen[s] = struct{}{}
	return false
}
