package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// sweep finds the scan of a network by ARP or IPv6's neighbour discovery: a host that asks for neighbour after
// neighbour, whether they are there or not, in a moment. Routers ask for many neighbours
// too, for those that somebody wants to reach, or for all of them in turn to keep a
// list; they are told by being asked for themselves. Monitors ask for hosts that they
// know, which answer.
type sweep struct {
	blocks   *table[blockKey, swept]
	wanted   *table[packet.Addr, distinct] // who asks for a host
	now      int64
	looked   int64
	findings uint64
}

// blockKey is who asks, and which 256 neighbours it asks for.
type blockKey struct {
	from  packet.Addr
	block [15]byte
}

// swept is what somebody has asked for among them.
type swept struct {
	first, last int64
	asked       [4]uint64
	answered    [4]uint64
	n, steps    int   // neighbours asked for; of them next to the one before
	before      uint8 // the one asked for before
	told        int
}

const (
	sweepers  = 1024
	sweepRun  = 16   // neighbours without a gap
	sweepLong = 64   // the same in any order
	sweepTime = 60e6 // within which they are asked for
	sweepFast = 50e3 // µs that one takes on average
	sweepBy   = 5    // how many hosts ask for a router; a few do for anybody who serves
)

func newSweep() *sweep {
	return &sweep{
		blocks: newTable[blockKey](sweepers, func(s *swept) float64 { return float64(s.n + 1000*s.told) }),
		wanted: newTable[packet.Addr](sweepers, func(d *distinct) float64 { return float64(d.count()) }),
	}
}

// Name implements Behaviour.
func (*sweep) Name() string { return "sweep" }

// Stats implements Behaviour.
func (b *sweep) Stats() Stats {
	return Stats{
		Entries: b.blocks.len() + b.wanted.len(), Limit: 2 * sweepers, Evictions: b.blocks.evictions + b.wanted.evictions, Findings: b.findings,
	}
}

// Observe implements Behaviour. Neighbours of IPv6 are asked for at a group of the last
// three bytes of their address (RFC 4291, 2.7.1), which stands for them here.
func (b *sweep) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	if r.Proto != packet.ICMPv6 || o.Kind != flow.Started {
		return
	}
	switch group := solicited(r.Src); {
	case r.ICMPType == 135 && r.Dst == solicited(r.Dst) && r.Src != (packet.Addr{}): // without a source: is my own address taken?
		b.Asked(&flow.Ask{Time: o.Time, Src: r.Src, Dst: r.Dst}, emit)
	case r.ICMPType == 136:
		b.Asked(&flow.Ask{Time: o.Time, Src: group, Dst: r.Dst, Answer: true}, emit)
	}
}

// solicited is the group at which a neighbour is asked for.
func solicited(a packet.Addr) packet.Addr {
	return packet.Addr{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: a[13], 14: a[14], 15: a[15]}
}

// Asked implements Listener.
func (b *sweep) Asked(a *flow.Ask, emit func(Finding)) {
	b.now = max(b.now, a.Time)
	if a.Answer {
		if s := b.blocks.get(blockKey{a.Dst, [15]byte(a.Src[:15])}); s != nil {
			s.answered[a.Src[15]>>6] |= 1 << (a.Src[15] & 63)
		}
		return
	}
	by, _ := b.wanted.add(a.Dst)
	by.add(hashAddr(a.Src))
	k := blockKey{a.Src, [15]byte(a.Dst[:15])}
	s, fresh := b.blocks.add(k)
	if !fresh && a.Time-s.first > sweepTime && (s.told == 0 || a.Time-s.last > sweepTime) {
		*s, fresh = swept{}, true
	}
	if fresh {
		s.first = a.Time
		if k.block == [15]byte(a.Src[:15]) {
			s.asked[a.Src[15]>>6] |= 1 << (a.Src[15] & 63) // nobody asks for himself
		}
	}
	s.last = a.Time
	last := a.Dst[15]
	if s.asked[last>>6]&(1<<(last&63)) != 0 {
		return
	}
	s.asked[last>>6] |= 1 << (last & 63)
	if step := int8(last - s.before); s.n > 0 && step >= -2 && step <= 2 {
		s.steps++
	}
	s.n++
	s.before = last
	if s.told == 0 && s.sweeping() && !b.routes(a.Src) {
		b.report(k, s, emit)
	}
}

// routes is true for a host that others ask for.
func (b *sweep) routes(a packet.Addr) bool {
	by := b.wanted.get(a)
	return by != nil && by.count() >= sweepBy
}

// sweeping is true for a run of neighbours without a gap, most of which are not there,
// asked for fast: in their order, or very many.
func (s *swept) sweeping() bool {
	if s.n < sweepRun || 2*popcount(s.answered[:]) >= s.n {
		return false
	}
	run := longestRun(&s.asked)
	inOrder := s.steps*10 >= s.n*6
	fast := s.last-s.first <= int64(s.n)*sweepFast
	return fast && (run >= sweepRun && inOrder || run >= sweepLong)
}

// longestRun is the most bits in a row.
func longestRun(bits *[4]uint64) (most int) {
	run := 0
	for i := range 256 {
		if bits[i>>6]&(1<<(i&63)) == 0 {
			run = 0
			continue
		}
		run++
		most = max(most, run)
	}
	return most
}

// Advance implements Behaviour.
func (b *sweep) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.looked < 1e6 {
		return
	}
	b.looked = b.now
	b.blocks.each(func(k blockKey, s *swept) bool {
		if s.told > 0 && s.n > s.told && b.now-s.last > 5e6 {
			b.report(k, s, emit)
		}
		if b.now-s.last > 2*sweepTime {
			b.blocks.drop(k)
		}
		return true
	})
}

// report says what somebody has asked for so far.
func (b *sweep) report(k blockKey, s *swept, emit func(Finding)) {
	s.told = s.n
	b.findings++
	there := popcount(s.answered[:])
	how, filter := "ARP", "arp.src.proto_ipv4 == "
	if !k.from.Is4() {
		how, filter = "neighbour discovery", "icmpv6.type == 135 && ipv6.src == "
	}
	f := Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: k.from, TargetsN: s.n, Start: s.first, End: s.last, Flows: s.n,
		Confidence: 0.95 - 0.2/(1+float64(s.n)/32), Techniques: []string{"T1018"},
		Reason: fmt.Sprintf("%s asked by %s for %s of one network, one after the other, in %s: %s answered.",
			k.from, how, words.Plural(s.n, "neighbour"), span(s.last-s.first), words.Count(there)),
		Evidence: []Evidence{
			{Name: "neighbours asked for", Value: float64(s.n), Normal: 8},
			{Name: "of them answered", Value: float64(there)},
		},
		Filter: filter + k.from.String(),
	}
	for i := range 256 {
		if s.answered[i>>6]&(1<<(i&63)) != 0 || there == 0 && s.asked[i>>6]&(1<<(i&63)) != 0 {
			if a := append(k.block[:], byte(i)); len(f.Targets) < 16 && packet.Addr(a) != k.from {
				f.Targets = append(f.Targets, packet.Addr(a))
			}
		}
	}
	emit(f)
}
