package behaviour

import (
	"bytes"
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// poison finds whoever puts himself between two hosts by ARP: he tells each of them,
// again and again and unasked, that the other is at his own link address (arpspoof,
// Ettercap, Bettercap). Routers that answer for others do so when asked (RFC 1027),
// and a pair of servers that hands an address over announces it to everybody.
type poison struct {
	asked    *table[asking, int64] // when
	owners   *table[packet.Addr, owner]
	claims   *table[claim, claimed]
	findings uint64
}

// asking is who asks for whom.
type asking struct{ by, of packet.Addr }

// owner is who was last seen to have an address, by his own questions and by answers
// that were asked for.
type owner struct {
	station packet.Station
	at      int64
}

// claim is a link address of which somebody is told that it is another host's.
type claim struct {
	station packet.Station
	of, to  packet.Addr
}

// claimed is how often that was told.
type claimed struct {
	n           int
	first, last int64
	told        int
}

const (
	poisonHosts  = 4096
	askedFor     = 5e6       // µs after a question in which an answer is one
	claimsBoth   = 4         // told to both sides, each
	claimsOne    = 10        // told to one, of a host that has another link address
	claimsMemory = 120e6     // between two that belong together
	ownerMemory  = 15 * 60e6 // for which an address is where it was last seen
)

func newPoison() *poison {
	return &poison{
		asked:  newTable[asking, int64](poisonHosts, nil),
		owners: newTable[packet.Addr, owner](poisonHosts, nil),
		claims: newTable[claim](poisonHosts, func(c *claimed) float64 { return float64(c.n) }),
	}
}

// Name implements Behaviour.
func (*poison) Name() string { return "poison" }

// Observe implements Behaviour.
func (*poison) Observe(*Observation, func(Finding)) {}

// Advance implements Behaviour.
func (*poison) Advance(int64, func(Finding)) {}

// Stats implements Behaviour.
func (b *poison) Stats() Stats {
	return Stats{
		Entries: b.asked.len() + b.owners.len() + b.claims.len(), Limit: 3 * poisonHosts,
		Evictions: b.asked.evictions + b.owners.evictions + b.claims.evictions, Findings: b.findings,
	}
}

// Asked implements Listener.
func (b *poison) Asked(a *flow.Ask, emit func(Finding)) {
	if !a.Answer {
		at, _ := b.asked.add(asking{a.Src, a.Dst})
		*at = a.Time
		b.owns(a)
		return
	}
	if at := b.asked.get(asking{a.Dst, a.Src}); at != nil && a.Time-*at < askedFor {
		b.owns(a)
		return
	}
	k := claim{a.Station, a.Src, a.Dst}
	c, fresh := b.claims.add(k)
	if fresh || a.Time-c.last > claimsMemory {
		*c = claimed{first: a.Time}
	}
	c.n++
	c.last = a.Time
	if c.n < claimsBoth || !doubled(c.n, c.told) {
		return
	}
	other := b.claims.get(claim{a.Station, a.Dst, a.Src})
	both := other != nil && other.n >= claimsBoth && a.Time-other.last < claimsMemory
	own := b.owners.get(a.Src)
	stolen := own != nil && own.station != a.Station && a.Time-own.at < ownerMemory
	if both || stolen && c.n >= claimsOne {
		c.told = c.n
		if other != nil {
			other.told = c.n
		}
		b.report(k, c, both, emit)
	}
}

// owns notes where a host is. Whoever claims to be others is not believed about them.
func (b *poison) owns(a *flow.Ask) {
	if c := b.claims.get(claim{a.Station, a.Src, a.Dst}); c != nil && a.Time-c.last < claimsMemory {
		return
	}
	o, _ := b.owners.add(a.Src)
	*o = owner{a.Station, a.Time}
}

// address finds which host a link address belongs to, besides the two; the zero
// address if it has not spoken for itself.
func (b *poison) address(k claim) (found packet.Addr) {
	b.owners.each(func(a packet.Addr, o *owner) bool {
		if o.station == k.station && a != k.of && a != k.to {
			found = a
		}
		return found == packet.Addr{}
	})
	return found
}

// report names whoever does it by his own address if he has used it, else by one that
// he claims, of two always the same.
func (b *poison) report(k claim, c *claimed, both bool, emit func(Finding)) {
	b.findings++
	if both && bytes.Compare(k.of[:], k.to[:]) > 0 {
		k.of, k.to = k.to, k.of
	}
	actor, also := b.address(k), ""
	who := fmt.Sprintf("%s, at %s,", actor, k.station)
	if actor == (packet.Addr{}) {
		actor, who = k.of, fmt.Sprintf("the machine at %s, under no address of its own,", k.station)
	}
	if both {
		also = fmt.Sprintf(", and %s that %s was", k.of, k.to)
	}
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Infiltration,
		Actor: actor, Targets: []packet.Addr{k.to, k.of}, TargetsN: 2,
		Activity: "poison", Start: c.first, End: c.last, Flows: c.n,
		Confidence: 0.8 + when(both, 0.12), Techniques: []string{"T1557.002"},
		Reason: fmt.Sprintf("%s told %s %s without having been asked that %s was there%s: it wants to see what they send one another",
			who, k.to, repeatedly(c.n), k.of, also),
		Evidence: []Evidence{{Name: "false answers by ARP", Value: float64(c.n)}},
		Filter:   fmt.Sprintf("arp.src.hw_mac == %s", k.station),
	})
}
