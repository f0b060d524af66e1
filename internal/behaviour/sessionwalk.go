package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// sessionWalk is a host that asks others who is logged in there. A console asks the
// file server that it looks at; who asks one machine after another looks for the one
// where an administrator is (BloodHound, PowerView's user hunter).
type sessionWalk struct {
	since   int64
	hosts   []packet.Addr
	told    bool
	samples []flow.Tuple
}

// walkHosts is how many hosts are asked so within walkTime, in microseconds.
const (
	walkHosts = 12
	walkTime  = 120e6
)

// walked books that somebody asked a host who is logged in there.
func (b *infiltration) walked(r *flow.Record, emit func(Finding)) {
	c := sidesOf(r)
	w, fresh := b.walks.add(c.client)
	if fresh || r.Last-w.since > walkTime && !w.told || r.Last-w.since > b.cfg.Together {
		*w = sessionWalk{since: r.Last}
	}
	if w.told || slices.Contains(w.hosts, c.server) {
		return
	}
	w.hosts = append(w.hosts, c.server)
	if len(w.samples) < 5 {
		w.samples = append(w.samples, r.Tuple)
	}
	if len(w.hosts) < walkHosts {
		return
	}
	w.told = true
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Infiltration,
		Actor: c.client, Targets: slices.Clone(w.hosts), TargetsN: len(w.hosts), Ports: []uint16{c.port}, PortsN: 1,
		Start: w.since, End: r.Last, Flows: len(w.hosts),
		Confidence: 0.85, Techniques: []string{"T1033", "T1049"},
		Reason: fmt.Sprintf("%s asked %d hosts within %s who is logged in there, as one does who looks for the machine where an administrator works (BloodHound)",
			c.client, len(w.hosts), span(r.Last-w.since)),
		Evidence: []Evidence{{Name: "hosts asked for their sessions", Value: float64(len(w.hosts)), Normal: 1}},
		Filter:   fmt.Sprintf("ip.addr == %s && (srvsvc || wkssvc)", c.client),
		Samples:  slices.Clone(w.samples),
	})
}
