// Package eve writes alerts as Suricata's EVE JSON, so that what reads Suricata's
// eve.json (EveBox, Filebeat, Logstash, Splunk) reads ours.
package eve

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/evefile"
	"firetower/internal/incident"
)

// Generator is the gid of our alerts. Suricata's own rules have 1, its decoder,
// stream and application events have other small numbers.
const Generator = 7300

// Event is one line: the fields of Suricata's alert event, and the whole
// incident under our own name.
type Event struct {
	Timestamp   string     `json:"timestamp"`
	FlowID      uint64     `json:"flow_id,omitempty"` // that of the first flow; the same for all lines of one incident
	EventType   string     `json:"event_type"`        // "alert"
	SrcIP       string     `json:"src_ip,omitempty"`
	DestIP      string     `json:"dest_ip,omitempty"`
	DestPort    uint16     `json:"dest_port,omitempty"`
	Proto       string     `json:"proto,omitempty"`
	CommunityID string     `json:"community_id,omitempty"`
	Host        string     `json:"host,omitempty"`
	Alert       Alert      `json:"alert"`
	Flow        *Flow      `json:"flow,omitempty"`
	Firetower   alert.Item `json:"firetower"`
}

// Alert is EVE's object of that name.
type Alert struct {
	Action      string              `json:"action"`
	GID         int                 `json:"gid"`
	SignatureID int                 `json:"signature_id"`
	Rev         int                 `json:"rev"`
	Signature   string              `json:"signature"`
	Category    string              `json:"category"`
	Severity    int                 `json:"severity"`
	Metadata    map[string][]string `json:"metadata,omitempty"`
}

// Flow says when it was.
type Flow struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// New gives the event of an item.
func New(it alert.Item, sensor string) Event {
	e := Event{Timestamp: evefile.Time(it.Created), EventType: evefile.Alert, Host: sensor, Firetower: it}
	e.Alert = Alert{Action: "allowed", GID: Generator, SignatureID: 1, Rev: 1, Signature: "Firetower: " + alert.Line(it.Title(), 200),
		Category: "Firetower", Severity: it.Severity()}
	if inc := it.Incident; inc != nil {
		e.describe(inc)
	}
	return e
}

func (e *Event) describe(inc *incident.Incident) {
	e.FlowID = evefile.FlowID(inc.ID)
	if len(inc.Actors) > 0 {
		e.SrcIP = inc.Actors[0]
	}
	if len(inc.Targets) > 0 {
		e.DestIP = inc.Targets[0]
	}
	if len(inc.Ports) > 0 {
		e.DestPort = inc.Ports[0]
	}
	e.Proto = proto(inc)
	if len(inc.CommunityIDs) > 0 {
		e.CommunityID = inc.CommunityIDs[0]
		e.FlowID = evefile.FlowID(e.CommunityID)
	}
	// The name of a rule is the same for every incident that it finds, so that readers
	// can count by it; the incident's own title is under "firetower".
	e.Alert.Signature = "Firetower: " + inc.Class.Title()
	e.Alert.SignatureID = 100 + slices.Index(attack.Classes(), inc.Class)
	e.Alert.Rev = max(inc.Revision, 1)
	e.Alert.Category = inc.Class.Title()
	e.Alert.Metadata = map[string][]string{
		"mitre_technique_id": inc.Techniques,
		"confidence":         {strconv.FormatFloat(inc.Confidence, 'f', 2, 64)},
		"incident_id":        {inc.ID},
	}
	e.Flow = &Flow{Start: evefile.Time(inc.Start), End: evefile.Time(inc.End)}
}

// proto is read off the display filter, for an incident has no protocol of its
// own; most are TCP.
func proto(inc *incident.Incident) string {
	switch f := inc.Filter; {
	case strings.Contains(f, "tcp"):
		return "TCP"
	case strings.Contains(f, "udp"):
		return "UDP"
	case strings.Contains(f, "icmpv6"):
		return "IPv6-ICMP"
	case strings.Contains(f, "icmp"):
		return "ICMP"
	}
	return "TCP"
}

// Sink appends events to the EVE file.
type Sink struct {
	file   *evefile.File
	sensor string
}

var _ alert.Sink = (*Sink)(nil)

// NewSink makes a sink on a file that others may write to as well.
func NewSink(file *evefile.File, sensor string) *Sink { return &Sink{file, sensor} }

// Deliver appends one line for each item, and waits until they are on the disk.
func (s *Sink) Deliver(_ context.Context, m *alert.Message) error {
	var lines []byte
	for _, it := range m.Items {
		line, err := json.Marshal(New(it, s.sensor))
		if err != nil {
			return alert.Permanent(fmt.Errorf("cannot encode an event: %w", err))
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := s.file.Append(lines); err != nil {
		return err
	}
	return s.file.Sync()
}
