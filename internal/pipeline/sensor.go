package pipeline

import (
	"time"

	"firetower/internal/capture"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Sensor decodes frames and meters them into flows.
type Sensor struct {
	cfg       flow.Config
	table     *flow.Table
	fragments packet.Fragments
	copies    duplicates
	packets   []packet.Packet // decoded, not yet metered; their number is a matter of cache
	counts    packet.Counts
	closed    capture.Stats // of sources that are done
	past      flow.Stats    // of tables before the clock was set back
	first     int64
	now       int64 // latest packet time, or the clock when nothing comes
	started   bool
	live      bool // the source is an interface, not a file
}

// packetsAhead is how many packets are decoded before they are metered.
const packetsAhead = 64

// NewSensor makes a sensor with an empty table.
func NewSensor(cfg flow.Config) *Sensor {
	return &Sensor{cfg: cfg, table: flow.New(cfg), packets: make([]packet.Packet, 0, packetsAhead)}
}

// Sense meters frames; the events they cause are appended to out.
func (s *Sensor) Sense(frames []capture.Frame, out *flow.Batch) {
	if !s.started && len(frames) > 0 {
		s.first, s.started = frames[0].Time, true
	}
	for i := range frames {
		f := &frames[i]
		n := len(s.packets)
		s.packets = s.packets[:n+1]
		v := packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &s.packets[n])
		if v == packet.OK && s.copies.copied(&s.packets[n]) {
			v = packet.Duplicate
		}
		s.counts[v]++
		s.now = max(s.now, f.Time)
		p := &s.packets[n]
		if p.Ask != packet.NoAsk {
			out.Asks = append(out.Asks, flow.Ask{Time: p.Time, Src: p.Src, Dst: p.Dst, Station: p.Station, Answer: p.Ask == packet.Answered})
		}
		if p.Sign != packet.NoSign && v != packet.Duplicate {
			out.Frames = append(out.Frames, flow.Frame{Time: p.Time, Sign: p.Sign, Sender: p.Sender, Network: p.Network})
		}
		if v != packet.OK {
			s.packets = s.packets[:n]
			continue
		}
		s.fragments.Resolve(&s.packets[n])
		if n+1 == packetsAhead {
			s.meter(out)
		}
	}
	s.meter(out) // payloads lie in the frames, which are gone after this
}

func (s *Sensor) meter(out *flow.Batch) {
	s.table.AddAll(s.packets, out)
	s.packets = s.packets[:0]
}

// Tick moves the clock of a live source on when no packets come.
func (s *Sensor) Tick(out *flow.Batch) {
	s.now = max(s.now, time.Now().UnixMicro())
	s.table.Advance(s.now, out)
}

// Drain ends flows that are still open, about batchEvents of them, and says whether
// there are more.
func (s *Sensor) Drain(out *flow.Batch) (more bool) { return s.table.Drain(out, batchEvents) }

// Now is the packet time up to which everything was metered.
func (s *Sensor) Now() int64 { return s.now }

// stepBack is how far back packet time has to go to be a clock that was set: packets
// of an interface are never that much out of order.
const stepBack = 10_000_000 // µs

// setBack says whether a batch shows that the clock of the machine was set back.
func (s *Sensor) setBack(frames []capture.Frame) (to int64, stepped bool) {
	if !s.live || s.now == 0 {
		return 0, false
	}
	if to = time.Now().UnixMicro(); len(frames) > 0 {
		to = frames[0].Time
	}
	return to, s.now-to > stepBack
}

// restart begins anew at another time, with no flow open. Flows and conduct that lie
// in the future would wait for it.
func (s *Sensor) restart(to int64) {
	done := s.table.Stats()
	done.Entries, done.States, done.Limit = 0, 0, 0
	addFlows(&s.past, &done)
	s.table, s.now = flow.New(s.cfg), to
}

// closeSource keeps the counters of a source that is done.
func (s *Sensor) closeSource(src capture.Source) { addCapture(&s.closed, src.Stats()) }

// sensed copies the counters, those of the source being read included.
func (s *Sensor) sensed(src capture.Source) *Sensed {
	out := &Sensed{Capture: s.closed, Packets: s.counts, Fragments: s.fragments.FragmentCounts, Flows: s.table.Stats(), First: s.first, Last: s.now}
	addFlows(&out.Flows, &s.past)
	if src != nil {
		addCapture(&out.Capture, src.Stats())
	}
	return out
}
