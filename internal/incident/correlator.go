package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/packet"
)

// Config says how findings are joined.
type Config struct{}

// DefaultConfig is what Firetower runs with unless told otherwise.
func DefaultConfig() Config { return Config{} }

// Correlator joins findings into incidents. Placeholder: one incident for each
// class, actor and activity, the last finding's numbers.
type Correlator struct {
	all   map[key]*Incident
	dirty []key
}

type key struct {
	class    attack.Class
	actor    packet.Addr
	activity string
}

// New makes a correlator without incidents.
func New(Config) *Correlator { return &Correlator{all: map[key]*Incident{}} }

// Add takes a finding.
func (c *Correlator) Add(f behaviour.Finding) {
	k := key{f.Class, f.Actor, f.Activity}
	i := c.all[k]
	if i == nil {
		i = &Incident{EventType: "incident", ID: fmt.Sprintf("%s-%s-%s-%d", f.Class, f.Actor, f.Activity, f.Start), Class: f.Class,
			Start: time.UnixMicro(f.Start).UTC(), Severity: f.Class.Severity(), Techniques: f.Class.Techniques()}
		c.all[k] = i
	}
	i.Actors = []string{f.Actor.String()}
	for _, a := range f.Actors {
		i.Actors = append(i.Actors, a.String())
	}
	i.Targets = i.Targets[:0]
	for _, a := range f.Targets {
		i.Targets = append(i.Targets, a.String())
	}
	i.Ports, i.Flows, i.Confidence, i.Reason = f.Ports, f.Flows, f.Confidence, f.Reason
	i.End = time.UnixMicro(f.End).UTC()
	i.Behaviours = []string{f.Behaviour}
	i.Evidence = f.Evidence
	i.Revision++
	c.dirty = append(c.dirty, k)
}

// Advance gives the incidents that are new or have grown since the last call.
func (c *Correlator) Advance(int64) []Incident {
	var out []Incident
	for _, k := range c.dirty {
		out = append(out, *c.all[k])
	}
	c.dirty = c.dirty[:0]
	return out
}

// Flush gives what is still waiting.
func (c *Correlator) Flush() []Incident { return c.Advance(0) }

// Len is the number of incidents.
func (c *Correlator) Len() int { return len(c.all) }

// Incidents lists all, in order of start.
func (c *Correlator) Incidents() []Incident {
	var out []Incident
	for _, i := range c.all {
		out = append(out, *i)
	}
	slices.SortFunc(out, func(a, b Incident) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) })
	return out
}

// Parties says who and whom in one phrase.
func (i *Incident) Parties() string {
	return strings.Join(i.Actors, ",") + " -> " + strings.Join(i.Targets, ",")
}
