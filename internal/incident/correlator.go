package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/packet"
)

// Config bounds what the correlator holds and what an incident lists.
type Config struct {
	// Ignore lists hosts whose own doings are never an incident: your vulnerability
	// scanner, your monitoring server.
	Ignore []packet.Addr `yaml:"ignore"`
	// MaxIncidents is the most incidents held; beyond it the one that ended first
	// is let go of.
	MaxIncidents int `yaml:"-"`
	// MaxActors, MaxTargets, MaxPorts and MaxSamples are the longest lists of one
	// incident; the totals go on counting.
	MaxActors, MaxTargets, MaxPorts, MaxSamples int `yaml:"-"`
	// Gap is the silence after which the same actor's same doing is a new incident.
	Gap time.Duration `yaml:"gap"`
}

// DefaultConfig is what Firetower runs with unless told otherwise.
func DefaultConfig() Config {
	return Config{MaxIncidents: 4096, MaxActors: 64, MaxTargets: 64, MaxPorts: 64, MaxSamples: 8, Gap: 30 * time.Minute}
}

// Correlator joins findings into incidents. It is not safe for concurrent use and
// takes its clock from the findings and from Advance.
type Correlator struct {
	cfg       Config
	incidents []*open // in order of first report
	byKey     map[key]*open
	grown     []*open // not handed out yet as they stand now
	now       int64
	evictions uint64
	ignored   uint64
}

// key tells activities apart. A flood from many sources is one, whoever they are.
type key struct {
	class    attack.Class
	actor    packet.Addr
	activity string
}

func keyOf(f *behaviour.Finding) key {
	k := key{f.Class, f.Actor, f.Activity}
	if f.Class == attack.DDoS && f.Activity != "" {
		k.actor = packet.Addr{}
	}
	return k
}

// New makes an empty correlator.
func New(cfg Config) *Correlator {
	return &Correlator{cfg: cfg, byKey: make(map[key]*open)}
}

// Advance tells the packet time and gives the incidents that are new or have grown
// since the last call, each once.
func (c *Correlator) Advance(now int64) []Incident {
	c.now = max(c.now, now)
	return c.Flush()
}

// Flush gives what Advance would.
func (c *Correlator) Flush() []Incident {
	if len(c.grown) == 0 {
		return nil
	}
	out := make([]Incident, 0, len(c.grown))
	for _, o := range c.grown {
		o.revision++
		o.waiting = false
		out = append(out, o.incident(&c.cfg))
	}
	c.grown = c.grown[:0]
	return out
}

// Len is the number of incidents held.
func (c *Correlator) Len() int { return len(c.incidents) }

// Ignored counts the findings about hosts that Config.Ignore lists.
func (c *Correlator) Ignored() uint64 { return c.ignored }

// Evictions counts the incidents let go of because of MaxIncidents.
func (c *Correlator) Evictions() uint64 { return c.evictions }

// Add books a finding.
func (c *Correlator) Add(f behaviour.Finding) {
	c.now = max(c.now, f.End)
	if slices.Contains(c.cfg.Ignore, f.Actor) {
		c.ignored++
		return
	}
	if f.Support {
		c.support(&f)
		return
	}
	k := keyOf(&f)
	o := c.byKey[k]
	if o != nil && f.Start > o.end+c.cfg.Gap.Microseconds() {
		delete(c.byKey, k)
		o = nil
	}
	if o == nil {
		o = c.relative(&f)
		if o != nil && len(c.byKey) < 4*c.cfg.MaxIncidents {
			c.byKey[k] = o
			o.sources += o.stranger(&f)
		}
	}
	if o == nil {
		o = c.begin(&f, k)
	}
	o.join(&f)
	c.handOut(c.crowd(o, &f))
}

// A crowd is so many sources that do the same to one target within a minute of one
// another: so many who do not know each other would not.
const (
	crowdSources = 5
	crowdTime    = time.Minute
)

// crowd makes one incident of those of single sources that do the same to the same
// target as o, when a finding counts them all or when they are a crowd. It goes on
// under the id of the one that was told first.
func (c *Correlator) crowd(o *open, f *behaviour.Finding) *open {
	if o.class != f.Class || f.Class == attack.DoS {
		return o
	}
	gap := crowdTime
	if byMany(f) {
		gap = c.cfg.Gap
	}
	var all []*open
	n := 0
	for _, other := range c.incidents {
		if other == o || other.near(f, gap) && alike(other, f) {
			all = append(all, other)
			n += other.sources
		}
	}
	if !byMany(f) && n < crowdSources {
		return o
	}
	first := all[0]
	first.many, first.class = !isFlood(o.class), o.class
	first.join(f) // before others take the room
	for _, other := range all[1:] {
		c.take(first, other)
	}
	gone := func(other *open) bool { return other != first && slices.Contains(all, other) }
	c.incidents = slices.DeleteFunc(c.incidents, gone)
	c.grown = slices.DeleteFunc(c.grown, gone)
	return first
}

// alike says whether a finding of another source is of the same deed as the incident:
// of the same class, at the same target and service. Those who scan together share out
// the ports, and a flood is known by what it hits.
func alike(o *open, f *behaviour.Finding) bool {
	switch {
	case !o.hits(f):
		return false
	case isFlood(o.class) && isFlood(f.Class):
		return true
	}
	return o.class == f.Class && (f.Class == attack.PortScan || o.shares(f))
}

// take makes other a part of o.
func (c *Correlator) take(o, other *open) {
	o.sources += other.sources
	for _, p := range other.order {
		f := other.parts[p]
		o.join(&f)
	}
	for k, held := range c.byKey {
		if held == other {
			c.byKey[k] = o
		}
	}
}

// support adds a finding to the incidents of its class and actor, if there are any.
func (c *Correlator) support(f *behaviour.Finding) {
	for _, o := range c.incidents {
		same := o.class == f.Class || isFlood(o.class) && isFlood(f.Class)
		if same && o.by(f) && o.near(f, c.cfg.Gap) {
			o.join(f)
		}
	}
}

// handOut notes that an incident has changed.
func (c *Correlator) handOut(o *open) {
	if !o.waiting {
		o.waiting = true
		c.grown = append(c.grown, o)
	}
}

// byMany says whether a finding is of many sources that do the same to one target.
func byMany(f *behaviour.Finding) bool {
	return f.Class == attack.DDoS || f.Class == attack.BruteForce && f.ActorsN > 1
}

func isFlood(c attack.Class) bool { return c == attack.DoS || c == attack.DDoS }

// Incidents lists all incidents in order of start.
func (c *Correlator) Incidents() []Incident {
	out := make([]Incident, len(c.incidents))
	for i, o := range c.incidents {
		out[i] = o.incident(&c.cfg)
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) })
	return out
}

func (c *Correlator) begin(f *behaviour.Finding, k key) *open {
	if len(c.incidents) >= c.cfg.MaxIncidents {
		c.evict()
	}
	o := &open{id: identify(f), class: f.Class, detected: c.now, start: f.Start, end: f.End, sources: 1, parts: map[part]behaviour.Finding{}}
	c.incidents = append(c.incidents, o)
	c.byKey[k] = o
	return o
}

// evict lets go of the incident that ended first.
func (c *Correlator) evict() {
	oldest := 0
	for i, o := range c.incidents {
		if o.end < c.incidents[oldest].end {
			oldest = i
		}
	}
	gone := c.incidents[oldest]
	c.grown = slices.DeleteFunc(c.grown, func(o *open) bool { return o == gone })
	c.incidents = slices.Delete(c.incidents, oldest, oldest+1)
	for k, o := range c.byKey {
		if o == gone {
			delete(c.byKey, k)
		}
	}
	c.evictions++
}

// relative finds the incident that a finding is part of though its key is another:
// the same deed, seen by two behaviours.
func (c *Correlator) relative(f *behaviour.Finding) *open {
	for i := len(c.incidents) - 1; i >= 0; i-- {
		o := c.incidents[i]
		if !o.near(f, c.cfg.Gap) {
			continue
		}
		if class, same := oneDeed(o, f); same {
			o.class = class
			return o
		}
	}
	return nil
}

// oneDeed decides whether a finding belongs to an incident, and which class the two
// have together.
//
//   - Two behaviours that say the same of the same actor, target and port agree;
//     all that one actor scans within the gap is one scan.
//   - A flood stays a flood, whether its behaviour first counted one source or many.
//   - A flood that also reaches many ports is a flood: the flood behaviour does not
//     call a scan one (see docs/behaviours.md).
//   - What a crowd does is one, whoever joins it.
//   - Log-ins tried again and again over one service are brute force, though they
//     are many connections to one port.
func oneDeed(o *open, f *behaviour.Finding) (attack.Class, bool) {
	if o.class == f.Class && o.by(f) && (o.hits(f) && o.shares(f) || f.Class == attack.PortScan) {
		return f.Class, true
	}
	if !o.hits(f) {
		return "", false
	}
	switch {
	case o.many && o.near(f, crowdTime) && alike(o, f):
		return f.Class, true
	case o.class == attack.DDoS && isFlood(f.Class), isFlood(o.class) && f.Class == attack.DDoS:
		return attack.DDoS, true
	case !o.by(f):
		return "", false
	case isFlood(o.class) && f.Class == attack.PortScan, o.class == attack.PortScan && isFlood(f.Class):
		if o.class == attack.PortScan {
			return f.Class, true
		}
		return o.class, true
	case o.class == attack.BruteForce && f.Class == attack.DoS, o.class == attack.DoS && f.Class == attack.BruteForce:
		return attack.BruteForce, true
	}
	return "", false
}
