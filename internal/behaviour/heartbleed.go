package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// heartbleed finds reads of a TLS peer's memory (CVE-2014-0160). A heartbeat
// request in the clear that claims more payload than its record holds is one, by
// the very check that the repaired OpenSSL makes. Behind encryption only sizes are
// left: an honest heartbeat is answered by one of equal size and cannot be shorter
// than its 19 bytes and what the cipher adds.
type heartbleed struct {
	flows    *table[uint64, bleed]
	findings uint64
}

// bleed is what was said of a flow before.
type bleed struct {
	beats    uint16
	reported float64
}

const (
	heartbleedFlows = 4096
	// smallestSealed is the shortest that an honest heartbeat's record can be under
	// any cipher: 19 bytes and a tag of 16.
	smallestSealed = 35
	// unasked is how long a heartbeat in the clear may be without its request seen.
	unasked = 2048
	// unevenSealed is by how much an answer may differ from its request: padding.
	unevenSealed = 64
)

func newHeartbleed() *heartbleed {
	return &heartbleed{flows: newTable[uint64, bleed](heartbleedFlows, nil)}
}

// Name implements Behaviour.
func (*heartbleed) Name() string { return "heartbleed" }

// Advance implements Behaviour. A verdict waits for nothing.
func (*heartbleed) Advance(int64, func(Finding)) {}

// Stats implements Behaviour.
func (b *heartbleed) Stats() Stats {
	return Stats{Entries: b.flows.len(), Limit: heartbleedFlows, Evictions: b.flows.evictions, Findings: b.findings}
}

// Observe implements Behaviour.
func (b *heartbleed) Observe(o *Observation, emit func(Finding)) {
	s := o.Record.Signals
	if s == nil || s.Beats.Count == [2]uint16{} {
		return
	}
	f := b.flows.get(o.Record.ID)
	if f == nil {
		f, _ = b.flows.add(o.Record.ID)
	}
	confidence, from, reason := judgeHeartbeats(s, o.Kind == flow.Ended)
	grown := s.Beats.Count[0]+s.Beats.Count[1] >= 2*f.beats
	if confidence > f.reported || confidence > 0 && grown {
		f.reported = confidence
		f.beats = s.Beats.Count[0] + s.Beats.Count[1]
		b.findings++
		emit(b.finding(o, confidence, from, reason))
	}
	if o.Kind == flow.Ended {
		b.flows.drop(o.Record.ID)
	}
}

// judgeHeartbeats says how sure the counters are of an attack, which direction
// asked, and why. ended: nothing more will come.
func judgeHeartbeats(s *payload.Signals, ended bool) (confidence float64, from int, reason string) {
	h := &s.Beats
	if h.Count[0] == 0 && h.Largest[1] <= unasked || h.Count[0] > 0 && h.Count[1] > 0 && h.Smallest[1] < h.Smallest[0] {
		from = 1
	}
	if h.Count[1] == 0 && h.Requests == 0 && h.Sealed == 0 && h.Largest[0] > unasked { // answers alone, and the answering side was seen first
		from = 1
	}
	answer := 1 - from
	switch {
	case h.Oversized > 0 && h.Bytes[answer] > 1024:
		return 0.99, from, fmt.Sprintf("%s claiming up to %s of payload that they did not carry were answered with %s of memory",
			words.Plural(int(h.Oversized), "TLS heartbeat request"), words.Plural(int(h.Claimed), "byte"), words.Plural(int(h.Bytes[answer]), "byte"))
	case h.Oversized > 0:
		return 0.95, from, fmt.Sprintf("%s claimed up to %s of payload that they did not carry; nothing came back",
			words.Plural(int(h.Oversized), "TLS heartbeat request"), words.Plural(int(h.Claimed), "byte"))
	case h.Count[from] == 0 && int(h.Largest[answer]) > unasked:
		return 0.85, from, fmt.Sprintf("TLS heartbeats of up to %s came back to requests that the capture does not hold; honest ones are small",
			words.Plural(int(h.Largest[answer]), "byte"))
	case h.Sealed == 0:
		return 0, from, ""
	case h.Count[answer] > 0 && int(h.Largest[answer])-int(h.Smallest[from]) > unevenSealed:
		return 0.97, from, fmt.Sprintf("an encrypted TLS heartbeat of %s was answered by one of %s; honest answers are as long as the request",
			words.Plural(int(h.Smallest[from]), "byte"), words.Plural(int(h.Largest[answer]), "byte"))
	case h.Smallest[from] < smallestSealed:
		return 0.85, from, fmt.Sprintf("an encrypted TLS heartbeat of %s is shorter than any honest one can be",
			words.Plural(int(h.Smallest[from]), "byte"))
	case ended && h.Count[answer] == 0:
		return 0.65, from, fmt.Sprintf("%s got no answer, as servers treat requests that claim too much",
			words.Plural(int(h.Count[from]), "encrypted TLS heartbeat"))
	}
	return 0, from, ""
}

func (b *heartbleed) finding(o *Observation, confidence float64, from int, reason string) Finding {
	r := &o.Record
	actor, target := r.Src, r.Dst
	if from == 1 {
		actor, target = r.Dst, r.Src
	}
	h := &r.Signals.Beats
	return Finding{
		Behaviour: b.Name(), Class: attack.Heartbleed,
		Actor: actor, Targets: []packet.Addr{target}, TargetsN: 1,
		Ports: []uint16{r.DstPort}, PortsN: 1,
		Start: r.Start, End: r.Last, Flows: 1,
		Confidence: confidence,
		Reason:     reason,
		Evidence: []Evidence{
			{Name: "heartbeats sent", Value: float64(h.Count[from])},
			{Name: "heartbeats answered", Value: float64(h.Count[1-from])},
			{Name: "bytes in answers", Value: float64(h.Bytes[1-from]), Unit: "B"},
			{Name: "requests that claim too much", Value: float64(h.Oversized)},
		},
		Filter:  fmt.Sprintf("tls.record.content_type == 24 && ip.addr == %s && ip.addr == %s", actor, target),
		Samples: []flow.Tuple{r.Tuple},
	}
}
