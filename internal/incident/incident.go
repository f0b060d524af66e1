// Package incident joins findings and verdicts into incidents: one for each actor
// and activity, growing as the activity does, in words an administrator can act on.
package incident

import (
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
)

// Incident is one activity of one actor, or of many against one target. The JSON
// is what the command line prints and the API serves.
type Incident struct {
	EventType    string               `json:"event_type"` // "incident"
	ID           string               `json:"id"`         // stable for a replay of the same packets
	Class        attack.Class         `json:"class"`
	Title        string               `json:"title"`   // "Port scan of 192.0.2.10 by 203.0.113.7"
	Actors       []string             `json:"actors"`  // at most MaxActors, most active first
	Targets      []string             `json:"targets"` // at most MaxTargets
	Ports        []uint16             `json:"ports"`
	ActorsTotal  int                  `json:"actors_total"`
	TargetsTotal int                  `json:"targets_total"`
	PortsTotal   int                  `json:"ports_total"`
	Start        time.Time            `json:"start"`
	End          time.Time            `json:"end"`
	Detected     time.Time            `json:"detected"` // packet time at which it was first reported
	Flows        int                  `json:"flows"`
	Confidence   float64              `json:"confidence"`
	Severity     int                  `json:"severity"` // 1 most urgent .. 3
	Techniques   []string             `json:"techniques"`
	Reason       string               `json:"reason"`
	Advice       string               `json:"advice"` // what to look at, what to do next
	Evidence     []behaviour.Evidence `json:"evidence"`
	Behaviours   []string             `json:"behaviours"` // which behaviours, or "forest", found it
	Filter       string               `json:"wireshark_filter"`
	CommunityIDs []string             `json:"community_ids"`
	Revision     int                  `json:"revision"` // 1 at first report, rises as it grows
}
