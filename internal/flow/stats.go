package flow

import (
	"unsafe"

	"firetower/internal/payload"
)

// Stats counts what a table has done. Packets = the packets of all Ended records
// (and of flows not ended yet) + Stragglers.
type Stats struct {
	Packets    uint64 // given to Add
	Stragglers uint64 // swallowed by a flow that had closed and been reported
	Flows      uint64 // flows begun
	Ended      [Evicted + 1]uint64
	Evictions  uint64 // flows ended, or conversations forgotten, because the table was full
	Entries    int    // flows and remembered conversations now in the table
	Limit      int
	States     int    // of those, flows of more than one packet
	Disordered uint64 // packets older than one before them
	Unread     uint64 // packets whose payload was not looked into because of MaxRunning
	Forgotten  uint64 // TCP segments not remembered because of the limit of Retransmissions
}

// Stats gives the counters.
func (t *Table) Stats() Stats {
	s := t.stats
	s.Entries, s.States, s.Limit = t.index.count, t.states.live(), t.cfg.MaxFlows
	return s
}

// Size is the memory of a flow in bytes, its share of the index included.
type Size struct {
	Single  int // of one packet without payload
	Running int // of more than one packet
	Signals int // on top, once payload was seen
}

// Sizes gives the memory that flows take, for documentation and for choosing
// MaxFlows.
func Sizes() Size {
	const slots = 8 * 16 / 5 // at the lowest load of the index
	single := int(unsafe.Sizeof(entry{})) + slots
	return Size{
		Single:  single,
		Running: single + int(unsafe.Sizeof(state{})),
		Signals: int(unsafe.Sizeof(payload.Signals{})),
	}
}
