package evefile

import (
	"encoding/json"
	"time"
)

// Counters are the running totals of a "stats" event, under Suricata's names where
// it has one.
type Counters struct {
	Uptime  time.Duration
	Packets uint64 // received
	Bytes   uint64
	Drops   uint64 // by the kernel
	IfDrops uint64 // by the interface
	Flows   uint64 // begun
	Active  int    // in the table
	Alerts  uint64 // put into the outbox
}

type statsEvent struct {
	Timestamp string    `json:"timestamp"`
	EventType string    `json:"event_type"`
	Host      string    `json:"host,omitempty"`
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
	Detect struct {
		Alert uint64 `json:"alert"`
	} `json:"detect"`
}

// Count appends a "stats" event.
func (f *File) Count(at time.Time, sensor string, c Counters) error {
	e := statsEvent{Timestamp: Time(at), EventType: Stats, Host: sensor}
	e.Stats.Uptime = int64(c.Uptime.Seconds())
	e.Stats.Capture.Packets, e.Stats.Capture.Drops, e.Stats.Capture.IfDrops = c.Packets+c.Drops, c.Drops, c.IfDrops
	e.Stats.Decoder.Packets, e.Stats.Decoder.Bytes = c.Packets, c.Bytes
	e.Stats.Flow.Total, e.Stats.Flow.Active = c.Flows, c.Active
	e.Stats.Detect.Alert = c.Alerts
	line, err := json.Marshal(e)
	if err != nil { // no field can make it fail
		return err
	}
	return f.Append(append(line, '\n'))
}
