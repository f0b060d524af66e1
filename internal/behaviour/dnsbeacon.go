package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// zone is one registered name under which a host asks for other names.
type zone struct {
	parent     uint32 // hash of the registered name
	begun      int64
	queries    int
	bulk, long int // of types, and with labels, that carry more than a look-up needs
	full       int // as good as filled up
	names      payload.Sketch
	beats      beats
	said       int
}

// What a beacon over DNS cannot do without: a name that no cache knows for every
// query, room in it or in the answer, and a rhythm. Virus scanners that ask a cloud
// for hashes lack the rhythm, block lists the long labels, and updaters ask for the
// same name. A tunnel needs no rhythm: it fills name after name as far as they go.
const (
	zoneQueries = 12
	zoneEvenTXT = 0.6
	zoneEvenAny = 0.8
	zoneFull    = 50
)

// zoneOf books a query under its registered name, in place of the quietest of four.
func (h *botHost) zoneOf(s *payload.Signals, at int64) *zone {
	least := &h.zones[0]
	for i := range h.zones {
		z := &h.zones[i]
		if z.parent == s.DNS.Parent && z.queries > 0 && at-z.begun < hour {
			return z
		}
		if z.bulk+z.long < least.bulk+least.long || z.bulk+z.long == least.bulk+least.long && z.begun < least.begun {
			least = z
		}
	}
	*least = zone{parent: s.DNS.Parent, begun: at}
	return least
}

// judgeZone judges whether the names asked for under one registered name are a
// beacon's. A host that others ask only passes on.
func (b *bot) judgeZone(key contactKey, h *botHost, r *flow.Record, seen *botSeen, emit func(Finding)) {
	s := r.Signals
	rise := gain(s.Requests, &seen.requests)
	bulk, long, full := gain(uint32(s.DNS.Bulk), &seen.bulk), gain(uint32(s.DNS.Long), &seen.long), gain(uint32(s.DNS.Full), &seen.full)
	if rise == 0 || bulk == 0 && long == 0 {
		return
	}
	z := h.zoneOf(s, r.Last)
	z.queries, z.bulk, z.long = z.queries+rise, z.bulk+bulk, z.long+long
	z.full += full
	z.names |= s.Names
	z.beats.add(r.Last)
	if h.resolves || h.takesMail || z.beats.n < zoneQueries && z.full < zoneFull || 5*z.names.Count() < 4*min(z.queries, 100) || !doubled(z.queries, z.said) {
		return
	}
	even := z.beats.regularity()
	tunnel := z.full >= zoneFull && 2*z.full >= z.queries
	carries := 10*z.bulk >= 9*z.queries && 3*z.long >= z.queries && even >= zoneEvenTXT
	if !tunnel && !carries && (5*z.long < 4*z.queries || even < zoneEvenAny) {
		return
	}
	z.said = z.queries
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "beacon", Start: z.begun, End: r.Last, Flows: z.queries,
		Confidence: min(0.97, 0.6+0.3*even), Techniques: []string{"T1071.004"},
		Reason: fmt.Sprintf("%s asked for %d names under one domain in %s, each time another, %d of them longer than names are and %d of types that carry text; half of them came %.0f seconds or less apart",
			key.host, z.queries, span(r.Last-z.begun), z.long, z.bulk, z.beats.period()),
		Evidence: []Evidence{
			{Name: "queries under one domain", Value: float64(z.queries)},
			{Name: "regularity of queries, 0 to 1", Value: even},
			{Name: "labels of 30 bytes or more", Value: float64(z.long)},
		},
		Filter:  fmt.Sprintf("dns && ip.addr == %s", key.host),
		Samples: []flow.Tuple{r.Tuple},
	})
}
