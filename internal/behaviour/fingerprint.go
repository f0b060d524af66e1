package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// fingerprint finds the scan of a single port: a client that first drops a
// connection to it and then, over short connections, sends it first messages of
// several shapes, some too bare to come from a program that wants something.
type fingerprint struct {
	probers  *table[askerKey, prober]
	now      int64
	findings uint64
}

// prober is one client of one server's port.
type prober struct {
	first, last int64
	dropped     int            // connections begun and reset without a byte
	bare        int            // HTTP requests with neither host nor user agent
	shapes      payload.Sketch // lengths of first messages
	conns       int
	told        bool
	samples     []flow.Tuple
}

const (
	probers      = 4096
	probeShapes  = 4
	probeBare    = 2
	probeTime    = 60e6
	probeMessage = 700 // bytes; a browser's request is rarely the client's whole say
)

func newFingerprint() *fingerprint {
	return &fingerprint{probers: newTable[askerKey](probers, func(p *prober) float64 { return float64(p.dropped * p.conns) })}
}

// Name implements Behaviour.
func (*fingerprint) Name() string { return "fingerprint" }

// Stats implements Behaviour.
func (b *fingerprint) Stats() Stats {
	return Stats{Entries: b.probers.len(), Limit: probers, Evictions: b.probers.evictions, Findings: b.findings}
}

// Advance implements Behaviour.
func (b *fingerprint) Advance(now int64, _ func(Finding)) { b.now = max(b.now, now) }

// Observe implements Behaviour.
func (b *fingerprint) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	if o.Kind != flow.Ended || r.Proto != packet.TCP || r.MidStream || looksReply(r) {
		return
	}
	k := askerKey{r.Src, r.Dst, r.DstPort}
	p := b.probers.get(k)
	if p != nil && r.Start-p.first > probeTime && !p.told {
		b.probers.drop(k)
		p = nil
	}
	dropped := r.Fwd.Payload+r.Bwd.Payload == 0 && r.Bwd.SYN > 0 && r.Fwd.RST > 0 && r.Duration() < 1e6
	if p == nil {
		if !dropped {
			return
		}
		p, _ = b.probers.add(k)
		p.first = r.Start
	}
	p.last = max(p.last, r.Last)
	p.conns++
	if len(p.samples) < 8 {
		p.samples = append(p.samples, sample(r))
	}
	if dropped {
		p.dropped++
		return
	}
	s := r.Signals
	if s == nil || r.Fwd.Payload == 0 || r.Fwd.Payload > probeMessage {
		return
	}
	p.shapes.Add(uint32(s.First[0].Length))
	if s.Proto != payload.HTTP || s.Marks.Has(payload.RawHost|payload.NoAgent) {
		p.bare++
	}
	if !p.told && p.bare >= probeBare && p.shapes.Count() >= probeShapes {
		p.told = true
		b.findings++
		emit(b.finding(k, p))
	}
}

func (b *fingerprint) finding(k askerKey, p *prober) Finding {
	return Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: k.client, Targets: []packet.Addr{k.server}, TargetsN: 1,
		Ports: []uint16{k.port}, PortsN: 1, Activity: "", Start: p.first, End: p.last, Flows: p.conns, Confidence: 0.75,
		Techniques: []string{"T1046"}, Samples: p.samples,
		Reason: fmt.Sprintf("%s opened %s to %s port %d in %s: %d dropped at once, then first messages of %d shapes, as a program does that finds out what listens there.",
			k.client, words.Plural(p.conns, "connection"), k.server, k.port, span(p.last-p.first), p.dropped, p.shapes.Count()),
		Evidence: []Evidence{
			{Name: "connections dropped unused", Value: float64(p.dropped)},
			{Name: "shapes of first messages", Value: float64(p.shapes.Count()), Normal: 1},
			{Name: "bare requests", Value: float64(p.bare)},
		},
	}
}
