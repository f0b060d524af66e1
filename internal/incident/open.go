package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// open is an incident that may still grow. It keeps the last finding of each
// behaviour and activity, since each says all that its behaviour knows so far.
type open struct {
	id         string
	class      attack.Class
	detected   int64
	start, end int64
	revision   int  // how often it was handed out
	waiting    bool // to be handed out again
	many       bool // by a crowd
	sources    int  // that have incidents of their own or would have
	parts      map[part]behaviour.Finding
	order      []part
	others     []packet.Addr // actors of findings that found no room
}

type part struct {
	behaviour string
	key       key
}

// mostParts bounds the findings that one incident joins.
const mostParts = 16

// mostOthers bounds the actors that are kept of the findings beyond them.
const mostOthers = 256

func (o *open) join(f *behaviour.Finding) {
	if !f.Support {
		o.start, o.end = min(o.start, f.Start), max(o.end, f.End)
	}
	p := part{f.Behaviour, keyOf(f)}
	if _, ok := o.parts[p]; !ok {
		if len(o.order) >= mostParts {
			o.others = extend(o.others, f.Actor, mostOthers)
			return
		}
		o.order = append(o.order, p)
	}
	o.parts[p] = *f
}

// near says whether a finding is no more than a gap apart from the incident.
func (o *open) near(f *behaviour.Finding, gap time.Duration) bool {
	return f.Start <= o.end+gap.Microseconds() && o.start <= f.End+gap.Microseconds()
}

// hits says whether a finding shares a target with the incident.
func (o *open) hits(f *behaviour.Finding) bool {
	for _, p := range o.order {
		for _, t := range o.parts[p].Targets {
			if slices.Contains(f.Targets, t) {
				return true
			}
		}
	}
	return false
}

// shares says whether a finding is about one of the incident's ports, or neither
// names any.
func (o *open) shares(f *behaviour.Finding) bool {
	for _, p := range o.order {
		ports := o.parts[p].Ports
		if len(ports) == 0 && len(f.Ports) == 0 {
			return true
		}
		for _, port := range ports {
			if slices.Contains(f.Ports, port) {
				return true
			}
		}
	}
	return false
}

// stranger is 1 where the finding's actor is none of the incident's, else 0.
func (o *open) stranger(f *behaviour.Finding) int {
	if o.by(f) {
		return 0
	}
	return 1
}

// by says whether a finding's actor is one of the incident's.
func (o *open) by(f *behaviour.Finding) bool {
	for _, p := range o.order {
		g := o.parts[p]
		if g.Actor == f.Actor || slices.Contains(g.Actors, f.Actor) {
			return true
		}
	}
	return slices.Contains(o.others, f.Actor)
}

// lead is the finding that tells the incident: of its class, one of many sources or
// else the surest.
func (o *open) lead() *behaviour.Finding {
	var best *behaviour.Finding
	for _, p := range o.order {
		f := o.parts[p]
		if f.Support {
			continue
		}
		if best == nil || o.leads(&f, best) {
			best = &f
		}
	}
	return best
}

func (o *open) leads(f, best *behaviour.Finding) bool {
	switch {
	case f.Class != best.Class:
		return f.Class == o.class
	case byMany(f) != byMany(best):
		return byMany(f)
	}
	return f.Confidence > best.Confidence
}

// incident puts it into the form that is printed.
func (o *open) incident(cfg *Config) Incident {
	lead := o.lead()
	doubt := 1.0
	in := Incident{
		EventType: "incident", ID: o.id, Class: o.class, Revision: max(1, o.revision),
		Start: at(o.start), End: at(o.end), Detected: at(o.detected),
		Severity: lead.Severity, Techniques: lead.Techniques, Reason: sentence(lead.Reason),
		Actors: []string{}, Targets: []string{}, Ports: []uint16{}, Evidence: []behaviour.Evidence{},
		Behaviours: []string{}, CommunityIDs: []string{},
	}
	o.list(lead, &in, cfg)
	for _, p := range o.order {
		f := o.parts[p]
		if !slices.Contains(in.Behaviours, f.Behaviour) {
			in.Behaviours = append(in.Behaviours, f.Behaviour)
			doubt *= 1 - f.Confidence
		}
		in.Flows = max(in.Flows, f.Flows)
		if p != (part{lead.Behaviour, keyOf(lead)}) {
			o.list(&f, &in, cfg)
		}
	}
	for _, a := range o.others {
		in.Actors = extend(in.Actors, a.String(), cfg.MaxActors)
	}
	in.Confidence = math.Round(1000*min(0.99, 1-doubt)) / 1000
	if in.Severity == 0 {
		in.Severity = o.class.Severity()
	}
	if len(in.Techniques) == 0 {
		in.Techniques = o.class.Techniques()
	}
	if o.many {
		in.ActorsTotal = max(in.ActorsTotal, o.sources)
		if !byMany(lead) {
			in.Reason = fmt.Sprintf("%d hosts do the same at the same time. One of them: %s", in.ActorsTotal, in.Reason)
		}
	}
	in.Title = title(&in)
	in.Advice = advice[o.class]
	in.Filter = lead.Filter
	if in.Filter == "" {
		in.Filter = filter(&in)
	}
	return in
}

// list adds a finding's addresses, ports, evidence and flows to the incident's.
func (o *open) list(f *behaviour.Finding, in *Incident, cfg *Config) {
	for _, a := range append([]packet.Addr{f.Actor}, f.Actors...) {
		in.Actors = extend(in.Actors, a.String(), cfg.MaxActors)
	}
	for _, a := range f.Targets {
		in.Targets = extend(in.Targets, a.String(), cfg.MaxTargets)
	}
	for _, p := range f.Ports {
		in.Ports = extend(in.Ports, p, cfg.MaxPorts)
	}
	for _, t := range f.Samples {
		in.CommunityIDs = extend(in.CommunityIDs, communityID(t), cfg.MaxSamples)
	}
	for _, e := range f.Evidence {
		if len(in.Evidence) < 24 {
			in.Evidence = append(in.Evidence, e)
		}
	}
	in.ActorsTotal = max(in.ActorsTotal, len(in.Actors), f.ActorsN)
	in.TargetsTotal = max(in.TargetsTotal, len(in.Targets), f.TargetsN)
	in.PortsTotal = max(in.PortsTotal, len(in.Ports), f.PortsN)
}

func extend[T comparable](list []T, v T, most int) []T {
	if len(list) >= most || slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

func at(us int64) time.Time { return time.UnixMicro(us).UTC() }

// identify makes an id from what a replay of the same packets gives again.
func identify(f *behaviour.Finding) string {
	k := keyOf(f)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", k.class, k.actor, k.activity, f.Start))
	return hex.EncodeToString(sum[:8])
}

// sentence ends a reason as one, also where it was put together of parts.
func sentence(reason string) string {
	if reason == "" || strings.ContainsAny(reason[len(reason)-1:], ".!?") {
		return reason
	}
	return reason + "."
}

func title(in *Incident) string {
	var b strings.Builder
	b.WriteString(in.Class.Title())
	if n := in.TargetsTotal; n == 1 {
		b.WriteString(" of " + in.Targets[0])
	} else if n > 1 {
		fmt.Fprintf(&b, " of %d hosts", n)
	}
	switch n := in.ActorsTotal; {
	case n == 1:
		b.WriteString(" by " + in.Actors[0])
	case n > 1:
		fmt.Fprintf(&b, " by %d hosts", n)
	}
	return b.String()
}

// communityID takes a sample as Finding has it: that of ICMP holds type and code
// where others hold ports.
func communityID(t flow.Tuple) string {
	if t.Proto == packet.ICMP || t.Proto == packet.ICMPv6 {
		return t.CommunityID(uint8(t.SrcPort), uint8(t.DstPort))
	}
	return t.CommunityID(0, 0)
}

// Parties says who and whom in one phrase.
func (i *Incident) Parties() string {
	return several(i.Actors, i.ActorsTotal) + " -> " + several(i.Targets, i.TargetsTotal)
}

func several(list []string, total int) string {
	const most = 3
	if total <= most && total == len(list) {
		return strings.Join(list, ",")
	}
	shown := list[:min(most, len(list))]
	return fmt.Sprintf("%s and %d more", strings.Join(shown, ","), total-len(shown))
}
