package pipeline

import (
	"time"

	"firetower/internal/capture"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Sensor decodes frames and meters them into flows.
type Sensor struct {
	table   *flow.Table
	packet  packet.Packet
	counts  packet.Counts
	closed  capture.Stats // of sources that are done
	first   int64
	now     int64 // latest packet time, or the clock when nothing comes
	started bool
}

// NewSensor makes a sensor with an empty table.
func NewSensor(cfg flow.Config) *Sensor { return &Sensor{table: flow.New(cfg)} }

// Sense meters frames; the events they cause are appended to out.
func (s *Sensor) Sense(frames []capture.Frame, out *flow.Batch) {
	for i := range frames {
		f := &frames[i]
		v := packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &s.packet)
		s.counts[v]++
		if v == packet.OK {
			s.table.Add(&s.packet, out)
		}
		if !s.started {
			s.first, s.started = f.Time, true
		}
		s.now = max(s.now, f.Time)
	}
}

// Tick moves the clock of a live source on when no packets come.
func (s *Sensor) Tick(out *flow.Batch) {
	s.now = max(s.now, time.Now().UnixMicro())
	s.table.Advance(s.now, out)
}

// closeSource keeps the counters of a source that is done.
func (s *Sensor) closeSource(src capture.Source) { addCapture(&s.closed, src.Stats()) }

// sensed copies the counters, those of the source being read included.
func (s *Sensor) sensed(src capture.Source) *Sensed {
	out := &Sensed{Capture: s.closed, Packets: s.counts, Flows: s.table.Stats(), First: s.first, Last: s.now}
	if src != nil {
		addCapture(&out.Capture, src.Stats())
	}
	return out
}
