package flowlog

import (
	"encoding/json"
	"time"
)

// Counters are the running totals of an EVE "stats" event, under Suricata's names
// where it has one.
type Counters struct {
	Uptime  time.Duration
	Packets uint64 // received
	Bytes   uint64
	Drops   uint64 // by the kernel
	IfDrops uint64 // by the interface
	Flows   uint64 // begun
	Active  int    // in the table
}

type statsEvent struct {
	Timestamp string    `json:"timestamp"`
	EventType string    `json:"event_type"`
	Stats     statsBody `json:"stats"`
}

type statsBody struct {
	Uptime  int64 `json:"uptime"`
	Capture struct {
		Packets uint64 `json:"kernel_packets"`
		Drops   uint64 `json:"kernel_drops"`
		IfDrops uint64 `json:"kernel_ifdrops"`
	} `json:"capture"`
	Decoder struct {
		Packets uint64 `json:"pkts"`
		Bytes   uint64 `json:"bytes"`
	} `json:"decoder"`
	Flow struct {
		Total  uint64 `json:"total"`
		Active int    `json:"active"`
	} `json:"flow"`
}

// Count writes a stats event if the format is EVE; others have no place for one. Any
// goroutine may call it.
func (l *Log) Count(at time.Time, c Counters) {
	if _, ok := l.encoder.(eve); !ok {
		return
	}
	e := statsEvent{Timestamp: stamp(at.UnixMicro()), EventType: "stats"}
	e.Stats.Uptime = int64(c.Uptime.Seconds())
	e.Stats.Capture.Packets, e.Stats.Capture.Drops, e.Stats.Capture.IfDrops = c.Packets+c.Drops, c.Drops, c.IfDrops
	e.Stats.Decoder.Packets, e.Stats.Decoder.Bytes = c.Packets, c.Bytes
	e.Stats.Flow.Total, e.Stats.Flow.Active = c.Flows, c.Active
	line, err := json.Marshal(e)
	if err != nil { // no field can make it fail
		return
	}
	select {
	case l.counts <- append(line, '\n'):
	default: // the disk is slow; the next event has the totals
	}
}
