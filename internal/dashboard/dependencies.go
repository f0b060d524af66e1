package dashboard

import (
	"context"
	"net/http"
	"time"

	"firetower/internal/alert"
	"firetower/internal/store"
)

// Dependencies are what the dashboard shows. Store is required; what else is nil is
// left out of the pages.
type Dependencies struct {
	Store store.Store
	// Counters gives the running totals; it is called every second.
	Counters func() Counters
	// Alerts gives the state of the outbox.
	Alerts func(context.Context) alert.Status
	// Health gives what the daemon knows of its own health beyond what the
	// dashboard finds out itself from Counters, Alerts, Store and Disks.
	Health func(context.Context) []HealthItem
	// Talkers gives the hosts with the most traffic of late, the first n.
	Talkers func(n int) []Talker
	// Model describes the model in use.
	Model func() Model
	// Metrics serves /metrics.
	Metrics http.Handler
	// Disks are folders whose free space matters.
	Disks []string
	// FirstPassword shows a person the password made at the first start. It is kept
	// nowhere else in clear.
	FirstPassword func(password string)
	Version       string
}

// Counters are running totals since the start.
type Counters struct {
	Packets, Bits, Flows, Drops uint64
	Verdicts                    map[string]uint64 // ended flows by the forest's class
	Active, Limit               int               // flows in the table, and the most it holds
	LastPacket                  time.Time
	Interfaces                  []string
}

// Condition is how one part of the daemon fares.
type Condition string

// The conditions.
const (
	Good    Condition = "ok"
	Warning Condition = "warning"
	Failing Condition = "failing"
)

// HealthItem is the condition of one part in words.
type HealthItem struct {
	Name      string    `json:"name"` // "Capture"
	Condition Condition `json:"condition"`
	Detail    string    `json:"detail"` // "3 of 120,000 packets dropped in the last minute"
}

// Talker is a host and its traffic of the last minutes.
type Talker struct {
	Address string  `json:"address"`
	Bits    float64 `json:"bits"`  // a second
	Flows   float64 `json:"flows"` // a second
}

// Model describes the model in use.
type Model struct {
	Name   string            // file, or that it is the one built in
	Facts  []Fact            // profile, rows, trees
	Card   map[string]string // free text by heading
	Report []byte            // a whole HTML page, or nil
}

// Fact is a short statement with its name.
type Fact struct{ Name, Value string }
