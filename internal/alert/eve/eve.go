// Package eve writes alerts as Suricata's EVE JSON, one object a line, so that
// what reads Suricata's eve.json (EveBox, Filebeat, Logstash, Splunk) reads ours.
package eve

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Config is the file.
type Config struct {
	Name   string       `yaml:"name" json:"name"`
	Path   string       `yaml:"path" json:"path"`
	Policy alert.Policy `yaml:"policy" json:"policy"`

	Sensor string `yaml:"-" json:"-"`
}

// DefaultConfig needs a path.
func DefaultConfig() Config { return Config{Name: "eve", Policy: alert.MachinePolicy()} }

// UnmarshalYAML starts each entry of a list from the defaults. The signature is
// the one that the YAML libraries share, so none is imported.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	p := plain(DefaultConfig())
	if err := unmarshal(&p); err != nil {
		return err
	}
	*c = Config(p)
	return nil
}

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	if c.Path == "" {
		return errors.New("path is missing")
	}
	return c.Policy.Validate()
}

// Generator is the gid of our alerts. Suricata's own rules have 1, its decoder,
// stream and application events have other small numbers.
const Generator = 7300

// TimeFormat is EVE's: ISO 8601 with microseconds and zone.
const TimeFormat = "2006-01-02T15:04:05.000000-0700"

// Event is one line: the fields of Suricata's alert event, and the whole
// incident under our own name.
type Event struct {
	Timestamp   string     `json:"timestamp"`
	FlowID      int64      `json:"flow_id,omitempty"` // the same for all lines of one incident
	EventType   string     `json:"event_type"`        // "alert"
	SrcIP       string     `json:"src_ip,omitempty"`
	SrcPort     uint16     `json:"src_port,omitempty"`
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
	e := Event{Timestamp: it.Created.Format(TimeFormat), EventType: "alert", Host: sensor, Firetower: it}
	e.Alert = Alert{Action: "allowed", GID: Generator, SignatureID: 1, Rev: 1, Signature: "Firetower " + alert.Line(it.Title(), 200),
		Category: "Firetower", Severity: it.Severity()}
	if inc := it.Incident; inc != nil {
		e.describe(inc)
	}
	return e
}

func (e *Event) describe(inc *incident.Incident) {
	sum := sha256.Sum256([]byte(inc.ID))
	e.FlowID = int64(binary.BigEndian.Uint64(sum[:]) >> 11) // 53 bits, exact in JavaScript
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
	}
	e.Alert.SignatureID = 100 + slices.Index(attack.Classes(), inc.Class)
	e.Alert.Rev = max(inc.Revision, 1)
	e.Alert.Category = inc.Class.Title()
	e.Alert.Metadata = map[string][]string{
		"mitre_technique_id": inc.Techniques,
		"confidence":         {strconv.FormatFloat(inc.Confidence, 'f', 2, 64)},
		"incident_id":        {inc.ID},
	}
	e.Flow = &Flow{Start: inc.Start.Format(TimeFormat), End: inc.End.Format(TimeFormat)}
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

// Sink appends events to a file.
type Sink struct {
	config Config
	file   *File
}

var _ alert.Sink = (*Sink)(nil)

// NewSink makes a sink. It opens nothing yet.
func NewSink(c Config) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("eve %s: %w", c.Name, err)
	}
	return &Sink{config: c, file: NewFile(c.Path)}, nil
}

// Deliver appends and syncs one line for each item.
func (s *Sink) Deliver(_ context.Context, m *alert.Message) error {
	for _, it := range m.Items {
		line, err := json.Marshal(New(it, s.config.Sensor))
		if err != nil {
			return alert.Permanent(fmt.Errorf("cannot encode an event: %w", err))
		}
		if err := s.file.Append(line); err != nil {
			return err
		}
	}
	return s.file.Sync()
}

// File appends whole lines to a file that logrotate may move away: it is opened
// again when the path no longer leads to it. Lines of several writers, also of
// other processes, do not mix. It may be used by many goroutines.
type File struct {
	path string
	mu   sync.Mutex
	f    *os.File
	look time.Time // when the path was last compared
}

// NewFile makes a File. It is opened at the first line.
func NewFile(path string) *File { return &File{path: path} }

// Append writes one line and its line break in one call. A line that could be
// written in part only, on a full disk, is taken back.
func (f *File) Append(line []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(); err != nil {
		return err
	}
	n, err := f.f.Write(append(line, '\n'))
	if err == nil {
		return nil
	}
	if st, serr := f.f.Stat(); n > 0 && serr == nil {
		_ = f.f.Truncate(st.Size() - int64(n))
	}
	return fmt.Errorf("cannot write %s: %w", f.path, err)
}

// Sync waits until the lines are on the disk.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return nil
	}
	return f.f.Sync()
}

// Close closes the file. A later line opens it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.close()
}

func (f *File) close() error {
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	return err
}

// lookEvery bounds how often the path is compared with the open file.
const lookEvery = time.Second

func (f *File) open() error {
	if f.f != nil && time.Since(f.look) < lookEvery {
		return nil
	}
	f.look = time.Now()
	if f.f != nil {
		now, err1 := os.Stat(f.path)
		ours, err2 := f.f.Stat()
		if err1 == nil && err2 == nil && os.SameFile(now, ours) {
			return nil
		}
		_ = f.close()
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("cannot open the EVE file: %w", err)
	}
	f.f = file
	return nil
}
