package flow

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// Ask is one host that asks for a neighbour's link address, or answers one that did.
// It is no flow; it tells who looks for whom before a packet of any flow is sent.
type Ask struct {
	Time     int64 // packet time in microseconds
	Src, Dst packet.Addr
	Station  packet.Station // what is said to be the link address of Src
	Answer   bool
}

// Frame is one frame that tells something by its link header alone.
type Frame struct {
	Time            int64 // packet time in microseconds
	Sign            packet.Sign
	Sender, Network packet.Station // Network: of packet.Parts only
}

// Batch collects events. Its caller owns it: hand it to another goroutine, and
// Reset it when that one is done with it, and nothing is allocated once it has
// grown to its usual size. What the records of its events point to lives in it.
type Batch struct {
	Events  []Event
	Asks    []Ask   // in order of time, beside the events
	Frames  []Frame // the same
	details []Detail
	signals []payload.Signals
}

// Reset empties the batch and keeps its memory. Records taken from it before must
// not be read any more through their Detail and Signals.
func (b *Batch) Reset() {
	b.Events = b.Events[:0]
	b.Asks = b.Asks[:0]
	b.Frames = b.Frames[:0]
	b.details = b.details[:0]
	b.signals = b.signals[:0]
}

// Len is the number of events, asks and frames.
func (b *Batch) Len() int { return len(b.Events) + len(b.Asks) + len(b.Frames) }

// next appends an event and returns it, with whatever an earlier use left in it.
func (b *Batch) next() *Event {
	if n := len(b.Events); n < cap(b.Events) {
		b.Events = b.Events[:n+1]
	} else {
		b.Events = append(b.Events, Event{})
	}
	return &b.Events[len(b.Events)-1]
}

// detail keeps a snapshot. Growth leaves earlier snapshots where they are: their
// records hold on to the old memory.
func (b *Batch) detail(d *Detail) *Detail {
	b.details = append(b.details, *d)
	return &b.details[len(b.details)-1]
}

func (b *Batch) signal(s *payload.Signals) *payload.Signals {
	b.signals = append(b.signals, *s)
	return &b.signals[len(b.signals)-1]
}
