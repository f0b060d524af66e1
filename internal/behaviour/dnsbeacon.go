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
	packed     int // with a long label that is no word and no hash
	vain       int // long names that do not exist
	names      payload.Sketch
	beats      beats
	said       int
	list       bool // it has answered as block lists do
}

// What a beacon over DNS cannot do without: a name that no cache knows for every
// query, room in it or in the answer, and a rhythm. Virus scanners that ask a cloud
// for hashes lack the rhythm, block lists the long labels, and updaters ask for the
// same name. A tunnel needs no rhythm: it fills name after name as far as they go, or
// sends hundreds at a pace at which no scanner asks. What only listens on the server
// does not answer: then every name does not exist.
const (
	zoneQueries = 12
	zoneEvenTXT = 0.6
	zoneEvenAny = 0.8
	zoneFull    = 50
	zonePacked  = 1   // a second, at least, of names that are not full
	zoneSlow    = 0.9 // seconds that a beacon sleeps at least, unless
	zoneMany    = 100 // it sends this many
	zoneStream  = 500 // names of which many fit into a second, and
	zonePace    = 5   // these many at least do
)

// zoneOf books a query under its registered name, in place of the quietest of four.
func (h *botHost) zoneOf(s *payload.Signals, at int64) *zone {
	least := &h.zones[0]
	for i := range h.zones {
		z := &h.zones[i]
		if z.parent == s.DNS.Parent && z.beats.n > 0 && at-z.begun < hour {
			return z
		}
		if room, most := z.bulk+z.long+z.vain, least.bulk+least.long+least.vain; room < most || room == most && z.begun < least.begun {
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
	packed := gain(uint32(s.DNS.Packed), &seen.packed)
	vain := gain(uint32(s.DNS.Vain), &seen.vain)
	if gain(uint32(s.DNS.Listed), &seen.listed) > 0 {
		h.zoneOf(s, r.Last).list = true
	}
	if vain == 0 && (rise == 0 || bulk+long+full == 0) {
		return
	}
	z := h.zoneOf(s, r.Last)
	z.vain += vain
	if bulk+long+full > 0 {
		z.queries, z.bulk, z.long, z.full, z.packed = z.queries+rise, z.bulk+bulk, z.long+long, z.full+full, z.packed+packed
	}
	z.names |= s.Names
	z.beats.add(r.Last, queriesAtOnce)
	if asked := max(z.queries, z.vain); h.resolves || h.takesMail || z.list || 5*z.names.Count() < 4*min(asked, 100) || !doubled(asked, z.said) || !z.carries(r.Last) {
		return
	}
	even := z.beats.regularity()
	z.said = max(z.queries, z.vain)
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "beacon", Start: z.begun, End: r.Last, Flows: z.said,
		Confidence: min(0.97, 0.6+0.3*even), Techniques: []string{"T1071.004"},
		Reason: fmt.Sprintf("%s asked for %d names under one domain in %s, each time another, %d of them longer than names are, %d of types that carry text and %d that do not exist; half of them came %s or less apart",
			key.host, z.said, span(r.Last-z.begun), z.long, z.bulk, z.vain, span(int64(1e6*z.beats.period()))),
		Evidence: []Evidence{
			{Name: "queries under one domain", Value: float64(z.said)},
			{Name: "regularity of queries, 0 to 1", Value: even},
			{Name: "labels of 30 bytes or more", Value: float64(z.long)},
		},
		Filter:  fmt.Sprintf("dns && ip.addr == %s", key.host),
		Samples: []flow.Tuple{r.Tuple},
	})
}

// carries is true for a zone whose names are a beacon's or a tunnel's.
func (z *zone) carries(now int64) bool {
	even := z.beats.regularity()
	even = when(z.beats.period() >= zoneSlow || z.queries >= zoneMany, even) // who asks lists about a page's names does so at once
	text := 10*z.bulk >= 9*z.queries && 3*z.long >= z.queries
	switch {
	case z.full >= zoneFull && 2*z.full >= z.queries:
		return true
	case z.packed >= zoneFull && 2*z.packed >= z.queries && int64(z.packed) >= zonePacked*(now-z.begun)/1e6:
		return true
	case z.full >= zoneQueries && z.bulk >= zoneQueries: // orders come as text, answers go as names
		return true
	case z.queries >= zoneStream && text && int64(z.queries) >= zonePace*(now-z.begun)/1e6:
		return true
	case z.beats.n < zoneQueries:
		return false
	case z.vain >= zoneQueries && 5*z.vain >= 4*z.queries && even >= zoneEvenTXT:
		return true
	}
	return z.queries > 0 && (text && even >= zoneEvenTXT || 5*z.long >= 4*z.queries && even >= zoneEvenAny)
}
