package flow

import (
	"math/bits"

	"firetower/internal/packet"
)

// segments is the set of TCP segments that a connection has sent, both ways. A
// segment is known by sender, sequence and acknowledgement number, payload length
// and window, as in the corrected CICFlowMeter; one that comes again counts as a
// retransmission. The set keeps 64-bit fingerprints under a secret key: with a
// million segments one is mistaken for another once in 37 million connections.
type segments struct {
	slots []uint64 // open addressing, 0 is empty
	count int
}

// remember takes note of a TCP segment and says whether it was sent before.
func (t *Table) remember(e *entry, p *packet.Packet, fwd bool) (again bool) {
	if t.cfg.Retransmissions == 0 {
		return false
	}
	print := t.fingerprint(p, fwd)
	if e.print == 0 {
		e.print = print
		return false
	}
	if e.sent == 0 {
		e.sent = t.sent.alloc()
		*t.sent.at(e.sent) = segments{slots: t.spare.take(segmentsMin)}
		t.sent.at(e.sent).add(e.print)
	}
	s := t.sent.at(e.sent)
	switch {
	case s.has(print):
		return true
	case s.count >= t.cfg.Retransmissions:
		t.stats.Forgotten++
		return false
	case (s.count+1)*4 > len(s.slots)*3:
		t.widen(s)
	}
	s.add(print)
	return false
}

const segmentsMin = 16

// place gives the slot of a fingerprint, which is empty if the set lacks it.
func (s *segments) place(print uint64) *uint64 {
	mask := uint64(len(s.slots) - 1)
	i := print & mask
	for s.slots[i] != 0 && s.slots[i] != print {
		i = (i + 1) & mask
	}
	return &s.slots[i]
}

func (s *segments) has(print uint64) bool { return *s.place(print) == print }

// add puts in a fingerprint that the set lacks; there must be room.
func (s *segments) add(print uint64) {
	*s.place(print) = print
	s.count++
}

// fingerprint is never 0.
func (t *Table) fingerprint(p *packet.Packet, fwd bool) uint64 {
	tail := uint64(p.PayloadLen)<<32 | uint64(p.Window)<<8
	if fwd {
		tail |= 1
	}
	hi, lo := bits.Mul64((uint64(p.Seq)<<32|uint64(p.Ack))^t.index.key[0], tail^t.index.key[1])
	hi, lo = bits.Mul64(hi^t.index.key[2], lo^uint64(p.Seq)^t.index.key[3])
	return max(hi^lo, 1)
}

// widen doubles a set.
func (t *Table) widen(s *segments) {
	old := s.slots
	s.slots = t.spare.take(2 * len(old))
	for _, print := range old {
		if print != 0 {
			*s.place(print) = print
		}
	}
	t.spare.give(old)
}

// lose frees the memory of a connection's segments.
func (t *Table) lose(e *entry) {
	e.print = 0
	if e.sent == 0 {
		return
	}
	t.spare.give(t.sent.at(e.sent).slots)
	t.sent.release(e.sent)
	e.sent = 0
}

// spareSlots keeps memory of sets that are done, by the power of two of their size.
type spareSlots [17][][]uint64

func (s *spareSlots) take(n int) []uint64 {
	c := bits.TrailingZeros(uint(n))
	if c < len(s) && len(s[c]) > 0 {
		last := len(s[c]) - 1
		slots := s[c][last]
		s[c] = s[c][:last]
		clear(slots)
		return slots
	}
	return make([]uint64, n)
}

func (s *spareSlots) give(slots []uint64) {
	const most = 1 << 20 // words kept of each size
	if c := bits.TrailingZeros(uint(len(slots))); c < len(s) && len(s[c])*len(slots) < most {
		s[c] = append(s[c], slots)
	}
}
