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
		Targets: []packet.Addr{k.host}, TargetsN: 1, Start: o.first, End: o.last, Flows: t.begun,
		Activity: "flood " + k.host.String(), Techniques: []string{"T1498.001"}, Confidence: 0.95,
		Samples: slices.Clone(o.samples),
	}
	if len(top) > 0 {
		f.Actor = top[0]
	}
	if k.host == everyServer || k.kind == anywhere {
		f.Targets = f.Targets[:0]
		for _, s := range o.samples {
			if !slices.Contains(f.Targets, s.Dst) {
				f.Targets = append(f.Targets, s.Dst)
			}
		}
	}
	who := roughly(max(f.ActorsN, len(top)), "host")
	if single {
		f.Class, f.Actors, f.ActorsN = attack.DoS, nil, 1
		who = f.Actor.String()
		if sources > 1 && sources <= 3 {
			f.Actors, f.ActorsN = top, sources
			who = words.Plural(sources, "host")
		}
	}
	switch k.kind {
	case atPort:
		if serviceProtocol(k.proto) {
			f.Ports, f.PortsN = []uint16{k.port}, 1
		}
	case atHost:
		f.Ports, f.PortsN = o.ports.sample(64), o.ports.n
	}
	where := k.host.String()
	switch k.kind {
	case mirroredNet:
		where = "the network of " + where
	case anywhere:
		where = "addresses everywhere"
	}
	if len(f.Ports) == 1 {
		where = fmt.Sprintf("%s of %s", serviceName(k.proto, k.port), where)
	}
	seconds := max(0.001, float64(o.last-o.first)/1e6)
	rate := float64(t.in) / max(seconds, 0.1)
	packets := t.in
	if o.kind == "reflection" || o.kind == "amplification" {
		f.Class, f.Techniques = attack.DDoS, []string{"T1498.002"}
	}
	if o.kind == "amplification" {
		f.Targets, f.Actors, f.ActorsN, f.Actor = top, []packet.Addr{k.host}, 1, k.host
		f.TargetsN = sources
		where, who = who, where
	}
	if t.swapped*2 > t.begun && k.kind != mirrored {
		packets, rate = t.out, float64(t.out)/max(seconds, 0.1)
	}
	f.Reason = fmt.Sprintf("%s from %s at %s: %s in %s (%s a second), %s answered.", upper(o.kind), who, where,
		words.Plural(packets, "packet"), span(o.last-o.first), words.Count(int(rate)), words.Count(t.out))
	f.Evidence = []Evidence{
		{Name: "packets", Value: float64(packets)},
		{Name: "packets a second", Value: rate},
		{Name: "answers", Value: float64(t.out)},
		{Name: "flows begun", Value: float64(t.begun)},
		{Name: "connections completed", Value: float64(t.opened)},
		{Name: "sources", Value: float64(sources)},
	}
	return f
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-32) + s[1:]
}
