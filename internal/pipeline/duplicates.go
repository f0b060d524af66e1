package pipeline

import (
	"encoding/binary"
	"math/bits"

	"firetower/internal/packet"
)

// duplicates finds the second copies of packets that are captured twice: by a mirror
// port that copies both where a packet enters the switch and where it leaves it, or
// by the interface "any" on a bridge. Counted twice, they are twice the traffic,
// retransmissions that nobody sent, and answers to nothing.
//
// One packet twice proves nothing: floods send the same packet again and again. What
// only such a link shows is that many different packets come exactly twice, and
// only then are second copies left out. The zero value is ready for use.
type duplicates struct {
	recent   [recentPackets]sighting
	distinct int // different packets since the last look at the share
	pairs    int // of them came exactly twice so far
	on       bool
}

// sighting is a packet that came lately.
type sighting struct {
	hash   uint64
	time   int64 // of the latest copy
	copies uint8
}

const (
	recentPackets = 1 << 12
	copyWithin    = 1000 // µs; copies are as far apart as a switch's queue is long
	lookAfter     = 256  // different packets
	pairShare     = 4    // one in so many is more than chance
)

// copied says whether p is the second copy of a packet on a link that gives two.
func (d *duplicates) copied(p *packet.Packet) bool {
	h := identity(p)
	s := &d.recent[h%recentPackets]
	if s.hash != h || p.Time-s.time > copyWithin || p.Time < s.time-copyWithin {
		*s = sighting{h, p.Time, 1}
		if d.distinct++; d.distinct >= lookAfter {
			d.on = d.pairs*pairShare >= d.distinct
			d.distinct, d.pairs = 0, 0
		}
		return false
	}
	s.time = p.Time
	switch s.copies++; s.copies {
	case 2:
		d.pairs++
	case 3: // no pair: somebody sends it again and again
		d.pairs--
	case 5:
		s.copies = 3 // only whether it is odd matters from here on
	}
	return d.on && s.copies%2 == 0
}

// identity is a hash of what both copies of a packet share: not the tags and
// headers in front of IP.
func identity(p *packet.Packet) uint64 {
	le := binary.LittleEndian
	h := mix(le.Uint64(p.Src[:]), le.Uint64(p.Src[8:]))
	h = mix(h^le.Uint64(p.Dst[:]), le.Uint64(p.Dst[8:]))
	h = mix(h, uint64(p.SrcPort)<<48|uint64(p.DstPort)<<32|uint64(p.Proto)<<24|uint64(p.Flags)<<16|uint64(p.ICMPType)<<8|uint64(p.ICMPCode))
	h = mix(h, uint64(p.Seq)<<32|uint64(p.Ack))
	h = mix(h, uint64(p.PayloadLen)<<32|uint64(p.Window)<<8|uint64(p.TTL))
	h = mix(h, uint64(p.FragmentID))
	if n := len(p.Payload); n >= 8 {
		h = mix(h^le.Uint64(p.Payload), le.Uint64(p.Payload[n-8:]))
		h = mix(h, le.Uint64(p.Payload[(n-8)/2:]))
	} else {
		for _, b := range p.Payload {
			h = h<<8 ^ h>>56 ^ uint64(b)
		}
	}
	return h
}

// mix is the folded multiplication of wyhash.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return hi ^ lo
}
