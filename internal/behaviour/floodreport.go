package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// finding puts an onslaught into words.
func (o *onslaught) finding(name string, k place) Finding {
	t := o.total
	top, single := o.single()
	sources := o.sources.estimate(max(t.in, t.swapped))
	f := Finding{
		Behaviour: name, Class: attack.DDoS, Actors: top, ActorsN: sources,
		Targets: o.targets(k), TargetsN: 1, Start: o.first, End: o.last, Flows: t.begun,
		Activity: "flood " + k.host.String(), Techniques: []string{"T1498.001"}, Confidence: 0.95,
		Samples: slices.Clone(o.samples),
	}
	if len(top) > 0 {
		f.Actor = top[0]
	}
	who, where := roughly(max(f.ActorsN, len(top)), "host"), k.String()
	if single {
		f.Class, f.Actors, f.ActorsN = attack.DoS, nil, 1
		who = f.Actor.String()
		if sources > 1 && sources <= 3 {
			f.Actors, f.ActorsN = top, sources
			who = words.Plural(sources, "host")
		}
	}
	switch {
	case k.kind == atPort && serviceProtocol(k.proto):
		f.Ports, f.PortsN = []uint16{k.port}, 1
	case k.kind == atHost:
		f.Ports, f.PortsN = o.ports.sample(64), o.ports.n
	}
	if len(f.Ports) == 1 {
		where = fmt.Sprintf("%s of %s", serviceName(k.proto, k.port), where)
	}
	if o.kind == "reflection" || o.kind == "amplification" {
		f.Class, f.Techniques = attack.DDoS, []string{"T1498.002"}
	}
	if o.kind == "amplification" {
		f.Targets, f.Actors, f.ActorsN, f.Actor = top, []packet.Addr{k.host}, 1, k.host
		f.TargetsN = sources
		where, who = who, where
	}
	o.measure(&f, k, sources)
	f.Reason = fmt.Sprintf("%s from %s at %s: %s", upper(o.kind), who, where, f.Reason)
	return f
}

// measure adds the numbers, in evidence and in words.
func (o *onslaught) measure(f *Finding, k place, sources int) {
	t := o.total
	packets := t.in
	if t.swapped*2 > t.begun && k.kind != mirrored {
		packets = t.out
	}
	rate := float64(packets) / max(0.1, float64(o.last-o.first)/1e6)
	f.Reason = fmt.Sprintf("%s in %s (%s a second), %s answered.", words.Plural(packets, "packet"), span(o.last-o.first), words.Count(int(rate)), words.Count(t.out))
	f.Evidence = []Evidence{
		{Name: "packets", Value: float64(packets)},
		{Name: "packets a second", Value: rate},
		{Name: "answers", Value: float64(t.out)},
		{Name: "flows begun", Value: float64(t.begun)},
		{Name: "connections completed", Value: float64(t.opened)},
		{Name: "sources", Value: float64(sources)},
	}
}

// targets is whom it is aimed at; of one without a place of its own, those of the
// samples.
func (o *onslaught) targets(k place) (targets []packet.Addr) {
	if k.host != everyServer && k.kind != anywhere {
		return []packet.Addr{k.host}
	}
	for _, s := range o.samples {
		if !slices.Contains(targets, s.Dst) {
			targets = append(targets, s.Dst)
		}
	}
	return targets
}

// String names the place without its port.
func (k place) String() string {
	switch k.kind {
	case mirroredNet:
		return "the network of " + k.host.String()
	case anywhere:
		return "addresses everywhere"
	}
	return k.host.String()
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-32) + s[1:]
}
