package behaviour

import (
	"fmt"
	"slices"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// report says what a scanner has done so far.
func (b *portScan) report(source packet.Addr, s *scanner, emit func(Finding)) {
	f := Finding{
		Behaviour: b.Name(), Class: attack.PortScan, Actor: source, End: s.last,
		Flows: s.flows, Samples: append([]flow.Tuple(nil), s.samples...), Techniques: []string{"T1046"},
	}
	k := s.describe(&f)
	f.Start, f.Confidence = k.first, 0.99-0.25/(1+k.score/b.cfg.Vertical)
	f.Evidence = []Evidence{
		{Name: "endpoints tried for the first time", Value: float64(k.failed + k.answered)},
		{Name: "of them failed", Value: float64(k.failed)},
		{Name: "answered", Value: float64(k.answered)},
		{Name: "scan score", Value: k.score},
	}
	s.others(&f)
	if from := source.Netip(); len(f.Targets) > 0 && !from.IsPrivate() && !from.IsLoopback() && f.Targets[0].Netip().IsPrivate() {
		f.Techniques = []string{"T1595.001", "T1046"} // from outside the network
	}
	s.said, s.unsaid = s.flows, 0
	b.findings++
	emit(f)
}

// describe tells of the target or service that shows the scan best, or else of all,
// and gives the score that it tells of.
func (s *scanner) describe(f *Finding) *walk {
	var h *scannedHost
	var v *scannedService
	most := -1
	for i := range s.hosts {
		if c := &s.hosts[i]; c.told && c.seen.count() > most {
			h, most = c, c.seen.count()
		}
	}
	for i := range s.services {
		if c := &s.services[i]; c.told && c.seen.count() > most {
			v, most = c, c.seen.count()
		}
	}
	switch {
	case v != nil:
		v.describe(f)
		return &v.walk
	case h != nil:
		h.describe(f)
		return &h.walk
	}
	f.Targets = slices.Clone(s.sample)
	f.Reason = fmt.Sprintf("%s tried %s on %s in %s: %s.", f.Actor, words.Plural(s.portsTried.count(), "port"),
		words.Plural(s.hostsTried.count(), "host"), span(s.all.last-s.all.first), s.all.results())
	return &s.all
}

func (h *scannedHost) describe(f *Finding) {
	f.Targets, f.Ports, f.PortsN = []packet.Addr{h.host}, h.ports.sample(64), h.ports.n
	if !h.exact {
		f.PortsN = max(h.ports.n, h.seen.count())
	}
	what := words.Plural(f.PortsN, "port")
	if h.kinds&kindProtocol != 0 && h.ports.n <= 3 {
		what, f.PortsN = words.Plural(h.seen.count(), "IP protocol"), 0
	}
	f.Reason = fmt.Sprintf("%s tried %s of %s in %s by %s: %s.", f.Actor, what, h.host, span(h.last-h.first), methods(h.kinds), h.results())
}

func (v *scannedService) describe(f *Finding) {
	f.Targets = v.sample
	if serviceProtocol(v.proto) {
		f.Ports, f.PortsN = []uint16{v.port}, 1
	} else {
		f.Techniques = []string{"T1018"} // hosts, not services
	}
	f.Reason = fmt.Sprintf("%s tried %s on %s in %s by %s: %s.", f.Actor, serviceName(v.proto, v.port), words.Plural(v.seen.count(), "host"),
		span(v.last-v.first), methods(v.kinds), v.results())
}

// others adds the further targets and ports of a scan that has several.
func (s *scanner) others(f *Finding) {
	for i := range s.hosts {
		if h := &s.hosts[i]; h.told && !slices.Contains(f.Targets, h.host) {
			f.Targets = append(f.Targets, h.host)
		}
	}
	for i := range s.services {
		v := &s.services[i]
		if !v.told {
			continue
		}
		if serviceProtocol(v.proto) && len(f.Ports) < 16 && !slices.Contains(f.Ports, v.port) {
			f.Ports, f.PortsN = append(f.Ports, v.port), f.PortsN+1
		}
		for _, a := range v.sample {
			if !slices.Contains(f.Targets, a) && len(f.Targets) < 16 {
				f.Targets = append(f.Targets, a)
			}
		}
		f.TargetsN = max(f.TargetsN, v.seen.count())
	}
	if s.all.told {
		f.TargetsN = max(f.TargetsN, s.hostsTried.count())
		if h := s.exact(); h == nil || h.ports.n < s.portsTried.count()*9/10 {
			f.PortsN = max(f.PortsN, s.portsTried.count())
		}
	}
	f.TargetsN = max(f.TargetsN, len(f.Targets))
	f.PortsN = max(f.PortsN, len(f.Ports))
}

// results puts a score's outcomes into words.
func (k *walk) results() string {
	var parts []string
	for _, r := range []struct {
		n    int
		what string
	}{
		{k.refused, "refused"}, {k.silent, "unanswered"},
		{k.failed - k.refused - k.silent, "probed without a conversation"}, {k.answered, "answered"},
	} {
		if r.n > 0 {
			parts = append(parts, words.Count(r.n)+" "+r.what)
		}
	}
	return strings.Join(parts, ", ")
}

var kindNames = []string{"TCP connections", "UDP", "ping", "ICMP timestamp or mask requests", "bare TCP ACK", "illegal TCP flags", "SCTP", "IP protocols"}

func methods(kinds uint16) string {
	var names []string
	for i, name := range kindNames {
		if kinds&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
