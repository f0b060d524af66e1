package pipeline

import (
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/capture"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Stats are the counters of a pipeline.
type Stats struct {
	Sensed
	Analysed
}

// Sensed are the counters of capture, decoding and metering.
type Sensed struct {
	Capture     capture.Stats
	Packets     packet.Counts // frames by what became of them
	Fragments   packet.FragmentCounts
	Flows       flow.Stats
	Rows        uint64 // of flow records that something else has metered
	First, Last int64  // packet times in microseconds
}

// Analysed are the counters behind the meter.
type Analysed struct {
	Verdicts   map[attack.Class]uint64 // ended flows by the forest's class
	Behaviours map[string]behaviour.Stats
	Incidents  int
	Released   uint64 // incidents let go of because there were too many
	Ignored    uint64 // findings about hosts that are to be ignored
}

func (s *Sensed) add(o *Sensed) {
	addCapture(&s.Capture, o.Capture)
	s.Packets.Add(&o.Packets)
	s.Fragments.Add(&o.Fragments)
	addFlows(&s.Flows, &o.Flows)
	s.Rows += o.Rows
	if s.First == 0 || (o.First != 0 && o.First < s.First) {
		s.First = o.First
	}
	s.Last = max(s.Last, o.Last)
}

func addCapture(s *capture.Stats, o capture.Stats) {
	s.Received += o.Received
	s.Delivered += o.Delivered
	s.Filtered += o.Filtered
	s.Unreadable += o.Unreadable
	s.DroppedKernel += o.DroppedKernel
	s.DroppedInterface += o.DroppedInterface
	s.Bytes += o.Bytes
	if o.Cut != nil {
		s.Cut = o.Cut
	}
}

func addFlows(s, o *flow.Stats) {
	s.Packets += o.Packets
	s.Stragglers += o.Stragglers
	s.Flows += o.Flows
	for i := range s.Ended {
		s.Ended[i] += o.Ended[i]
	}
	s.Evictions += o.Evictions
	s.Entries += o.Entries
	s.Limit += o.Limit
	s.States += o.States
	s.Disordered += o.Disordered
	s.Unread += o.Unread
	s.Forgotten += o.Forgotten
}
