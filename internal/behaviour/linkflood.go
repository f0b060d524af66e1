package behaviour

import (
	"encoding/binary"
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// linkFlood finds floods below IP. Who makes up link addresses to fill the tables of
// switches, of neighbours or of leases (macof, yersinia) draws them at random, and half
// of what is drawn are addresses of groups, under which no station sends. And who
// throws stations off a wireless network has to do it again and again, as they come
// back (aireplay-ng, mdk).
type linkFlood struct {
	places   *table[linkPlace, linkTide]
	findings uint64
}

// linkPlace is what a flood of frames is told by.
type linkPlace struct {
	sign    packet.Sign
	network packet.Station
}

// linkTide is what came within a window, and in all.
type linkTide struct {
	from, first, last int64
	n, total, told    int
	senders           distinct
}

const (
	linkPlaces = 1024
	linkWindow = 2e6
	// linkMost is how many such frames in a window are no accident: an access point that
	// wants a station to leave says so a few times.
	linkMost = 30
)

func newLinkFlood() *linkFlood {
	return &linkFlood{places: newTable[linkPlace](linkPlaces, func(t *linkTide) float64 { return float64(t.total) })}
}

// Name implements Behaviour.
func (*linkFlood) Name() string { return "linkflood" }

// Observe implements Behaviour.
func (*linkFlood) Observe(*Observation, func(Finding)) {}

// Advance implements Behaviour.
func (b *linkFlood) Advance(now int64, emit func(Finding)) {
	b.places.each(func(k linkPlace, t *linkTide) bool {
		if now-t.from >= linkWindow {
			b.turn(k, t, emit)
		}
		if t.told > 0 && t.total > t.told && now-t.last > 10e6 {
			b.report(k, t, emit)
		}
		if now-t.last > hour/2 {
			b.places.drop(k)
		}
		return true
	})
}

// Stats implements Behaviour.
func (b *linkFlood) Stats() Stats {
	return Stats{Entries: b.places.len(), Limit: linkPlaces, Evictions: b.places.evictions, Findings: b.findings}
}

// Framed implements Watcher.
func (b *linkFlood) Framed(f *flow.Frame, emit func(Finding)) {
	k := linkPlace{f.Sign, f.Network}
	t, fresh := b.places.add(k)
	if !fresh && f.Time-t.from >= linkWindow {
		b.turn(k, t, emit)
	}
	if t.n == 0 {
		t.from = f.Time
	}
	if t.total == 0 {
		t.first = f.Time
	}
	t.n++
	t.total++
	t.last = f.Time
	t.senders.add(mix(uint64(binary.BigEndian.Uint16(f.Sender[:]))<<32 | uint64(binary.BigEndian.Uint32(f.Sender[2:]))))
}

// turn judges a window and ends it. Whoever renamed the stations of a capture at random
// has given each one name, under which it sends many frames.
func (b *linkFlood) turn(k linkPlace, t *linkTide, emit func(Finding)) {
	flood := t.n >= linkMost && (k.sign != packet.Nobodys || t.senders.count()*10 >= t.n*8)
	t.n, t.senders = 0, distinct{}
	switch {
	case flood && doubled(t.total, t.told):
		b.report(k, t, emit)
	case t.told == 0:
		t.total = 0
	}
}

// report says what has come so far. Whoever sends it shows no address of his own.
func (b *linkFlood) report(k linkPlace, t *linkTide, emit func(Finding)) {
	t.told = t.total
	b.findings++
	reason := fmt.Sprintf("%s in %s came under link addresses that no station can have, each under another, as from whoever makes them up to fill the tables of switches and hosts.",
		words.Plural(t.total, "frame"), span(t.last-t.first))
	technique := "T1498.001"
	if k.sign == packet.Parts {
		reason = fmt.Sprintf("%s in %s took stations off the wireless network %s, again and again.", words.Plural(t.total, "frame"), span(t.last-t.first), k.network)
		technique = "T1499"
	}
	emit(Finding{
		Behaviour: b.Name(), Class: attack.DoS, Actor: nowhere, Targets: []packet.Addr{everyServer}, TargetsN: 1,
		Activity: "link flood " + k.network.String(), Start: t.first, End: t.last, Flows: t.total, Confidence: 0.9, Techniques: []string{technique},
		Reason:   reason,
		Evidence: []Evidence{{Name: "frames", Value: float64(t.total)}},
	})
}

// nowhere is the address of who has none, 0.0.0.0.
var nowhere = packet.Addr{10: 0xff, 11: 0xff}
