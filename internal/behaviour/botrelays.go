package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// relays are the servers outside that a host has posted something to, each by its bare
// address and once or twice. Bots whose controllers hide behind others' machines
// (Waledac, Kelihos) report to one after the other, under names of pages that they make
// up; a program that posts to many servers has one path for all of them.
type relays struct {
	servers, paths distinct
	begun          int64
	said           int
}

const (
	relaysEnough = 6
	relaysWindow = 15 * 60_000_000
)

// relay books a contact that may be one of them and reports the host that has enough.
func (b *bot) relay(key contactKey, c *contact, h *botHost, emit func(Finding)) {
	const honest = payload.NamedAgent | payload.ScriptAgent
	if !c.unpaged() || inside(key.server) || c.requests > 3 || c.path == rootPath || c.marks.Any(honest) && !c.marks.Any(payload.OddAgent|payload.ForgedBrowser) {
		return
	}
	r := &h.relays
	if c.start-r.begun > relaysWindow {
		*r = relays{begun: c.start}
	}
	r.servers.add(hashAddr(key.server))
	r.paths.add(mix(uint64(c.path)))
	n := r.servers.count()
	if n < relaysEnough || r.paths.count() < n || !doubled(n, r.said) {
		return
	}
	r.said = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: n, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "relays", Start: r.begun, End: h.end, Flows: n, Confidence: 0.75, Techniques: []string{"T1090.003", "T1071.001"},
		Reason: fmt.Sprintf("%s posted something to %s in %s, each by its bare address and at a path of its own, as bots do whose controllers hide behind others",
			key.host, words.Plural(n, "server"), span(h.end-r.begun)),
		Evidence: []Evidence{{Name: "servers", Value: float64(n), Normal: 1}},
		Filter:   fmt.Sprintf("http.request.method == POST && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{c.sample},
	})
}
