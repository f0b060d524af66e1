package behaviour

import (
	"fmt"
	"math"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// within sees what an inside host does to its neighbours.
func (b *chain) within(o *Observation, c *sides, emit func(Finding)) {
	r, s := &o.Record, o.Record.Signals
	if s != nil && s.Proto == payload.DNS {
		if h := b.watched(c.client, r.Start); h != nil {
			b.asked(h, o)
			b.judge(c.client, h, emit)
		}
		return
	}
	if r.Proto != packet.TCP || o.Kind == flow.Started {
		return
	}
	login := s != nil && logsIn(s)
	fresh := login && b.known.add(hashAddr(c.client)^mix(hashAddr(c.server)+uint64(c.port)))
	h := b.watched(c.client, r.Start)
	if h == nil {
		return
	}
	if failedProbe(r, o.Kind == flow.Ended) {
		b.look(h, r, c)
	}
	if login {
		b.move(h, o, c, fresh)
	}
	b.judge(c.client, h, emit)
}

// failedProbe is true for a connection that nothing came of: asked for in vain, or
// accepted and given up without a word.
func failedProbe(r *flow.Record, ended bool) bool {
	switch attempt(r) {
	case refused, aborted, illegal, empty:
		return true
	case pending:
		return ended
	}
	return false
}

// look books an endpoint of a neighbour that was tried in vain.
func (b *chain) look(h *intrusion, r *flow.Record, c *sides) {
	if h.looked.weight > 0 {
		return
	}
	if r.Start-h.triedFrom > b.cfg.Burst {
		h.tried, h.triedFrom = distinct{}, r.Start
	}
	h.tried.add(hashAddr(c.server) ^ mix(uint64(c.port)))
	h.note(r)
	if n := h.tried.count(); n >= b.cfg.Endpoints {
		h.looked = stage{start: h.triedFrom, end: r.Last, weight: 1.5, words: fmt.Sprintf("it tried %d endpoints of its neighbours in vain", n), ids: []string{"T1046"}}
	}
}

// logsIn is true for sessions by which one machine works on another.
func logsIn(s *payload.Signals) bool {
	switch s.Proto {
	case payload.SSH:
		return s.Marks.Any(payload.Sealed)
	case payload.FTP, payload.Telnet:
		return s.LogIns > 0
	case payload.SMB:
		return s.Marks.Any(payload.AdminShare | payload.DataShare | payload.ServicePipe | payload.ExeWritten)
	case payload.RDP, payload.VNC:
		return true
	case payload.HTTP:
		return s.HTTP.Path == remoteManagement
	}
	return false
}

// move books a session of a log-in service with a neighbour. What began before the
// host had looked round counts for less.
func (b *chain) move(h *intrusion, o *Observation, c *sides, fresh bool) {
	r, s := &o.Record, o.Record.Signals
	var t *movedTo
	for i := range h.targets {
		if t = &h.targets[i]; t.sessions == 0 {
			*t = movedTo{host: c.server, port: c.port, first: r.Start, fresh: fresh}
			break
		}
		if t.host == c.server && t.port == c.port {
			break
		}
		t = nil
	}
	if t == nil {
		return
	}
	if t.flow != r.ID {
		t.flow = r.ID
		t.sessions++
		h.note(r)
	}
	t.program = t.program || s.Marks.Any(payload.ExeWritten|payload.ExeNamed|payload.AdminShare|payload.ServicePipe|payload.CreateService)
	t.refused = t.refused || s.Failures > 0
	h.moved = h.movement(r.Last)
}

// movement weighs all that the host did to its neighbours.
func (h *intrusion) movement(now int64) (m stage) {
	for i := range h.targets {
		t := &h.targets[i]
		if t.sessions == 0 {
			break
		}
		after := h.looked.weight > 0
		w := 0.5
		if after || t.fresh && t.first > h.entry.at {
			w = 1
		}
		w += when(after && t.sessions >= 2, 0.5) + when(t.refused, 0.5) + when(t.program, 1)
		if w > m.weight {
			m = stage{start: t.first, end: now, weight: w, words: fmt.Sprintf("it logged in to port %d of %s %s", t.port, t.host, repeatedly(t.sessions)), ids: []string{"T1021"}}
			if t.program {
				m.words += " and put a program there or used an administrative share"
				m.ids = append(m.ids, "T1570")
			}
		}
	}
	return m
}

// asked books DNS queries that may carry something.
func (b *chain) asked(h *intrusion, o *Observation) {
	d := &o.Record.Signals.DNS
	if o.Kind != flow.Ended || d.Long == 0 {
		return
	}
	h.queries += int(d.Long)
	if h.carried.weight == 0 {
		h.carried.start = max(h.carried.start, o.Record.Start)
	}
	if h.queries >= b.cfg.Queries && h.carried.weight == 0 {
		h.carried = stage{start: o.Record.Start, end: o.Record.Last, weight: 1, words: fmt.Sprintf("it asked for %d names too long for look-ups", h.queries), ids: []string{"T1048.003"}}
	}
}

// carry books what went to one outside server and what came back.
func (b *chain) carry(h *intrusion, o *Observation, c *sides) {
	r := &o.Record
	gave := h.gave(c.server) && !b.readers.get(c.server).site()
	if gave && c.fromClient.Payload > 0 && r.Signals.Proto != payload.HTTP && h.talked.weight == 0 && r.Start > h.entry.at {
		h.talked = stage{start: r.Start, end: r.Last, weight: 1, words: "it went on talking with the server that the program came from", ids: []string{"T1095"}, server: c.server}
		h.note(r)
	}
	var t *carriedTo
	for i := range h.out {
		if h.out[i].server == c.server {
			t = &h.out[i]
			break
		}
		if t == nil || h.out[i].up < t.up {
			t = &h.out[i]
		}
	}
	up, down := c.fromClient.Payload, c.fromServer.Payload
	if t.server == c.server {
		up, down = up+t.up, down+t.down
	}
	if o.Kind == flow.Ended && (t.server == c.server || up > t.up) {
		if t.server != c.server {
			*t = carriedTo{server: c.server}
		}
		t.up, t.down = up, down
	}
	if up < b.cfg.Upload || up < 4*(down-min(down, h.download(gave))) {
		return
	}
	w := 1 + when(gave, backToEntry-1) + when(!gave && r.Signals.Marks.Any(payload.RawHost|payload.NoSNI), 0.5)
	if w > h.carried.weight {
		h.note(r)
		what := fmt.Sprintf("it carried %s KB out to %s", words.Count(int(up/1000)), c.server)
		if gave {
			what += ", where the program came from"
		}
		h.carried = stage{start: r.Start, end: r.Last, weight: w, words: what, ids: []string{"T1041"}}
		if gave {
			h.carried.server, h.carried.otherwise = c.server, 1
		}
	}
}

// fetchedOut books what whoever came in fetches from the host that has looked round.
func (b *chain) fetchedOut(h *intrusion, o *Observation, c *sides) {
	r := &o.Record
	up, down := c.fromServer.Payload, c.fromClient.Payload
	if h.looked.weight == 0 || r.Start < h.looked.start || !h.gave(c.client) || up < b.cfg.Upload || up < 4*down || h.carried.weight >= backToEntry {
		return
	}
	h.note(r)
	h.carried = stage{start: r.Start, end: r.Last, weight: backToEntry, words: fmt.Sprintf("%s fetched %s KB from it", c.client, words.Count(int(up/1000))), ids: []string{"T1041"}}
}

// backToEntry weighs something carried out to where the way in came from.
const backToEntry = 2.5

// download is what may have come from a server besides answers: of one that gave a
// program, the program.
func (*intrusion) download(gave bool) uint64 {
	if gave {
		return 32 << 20
	}
	return 0
}

// note counts a flow that belongs to the chain.
func (h *intrusion) note(r *flow.Record) {
	h.flows++
	if len(h.samples) < 8 {
		h.samples = append(h.samples, sample(r))
	}
}

// judge adds up the stages, and reports them when they are enough and again when
// there is one more.
func (b *chain) judge(host packet.Addr, h *intrusion, emit func(Finding)) {
	if h.looked.weight == 0 && h.moved.weight < 2 {
		return // without a look round, only programs put on neighbours tell
	}
	sum, n := h.entry.weight, 0
	if h.entry.id == fetchedIn && b.readers.get(h.entry.from).site() {
		if sum--; sum <= 0 {
			return // people get their programs from the sites that they read
		}
	}
	for _, s := range []*stage{&h.looked, &h.moved, &h.carried, &h.talked} {
		w := s.weight
		if s.server != (packet.Addr{}) && b.readers.get(s.server).site() { // as it has turned out to be since
			w = min(w, s.otherwise)
		}
		sum += w
		n += int(when(w > 0, 1))
	}
	returned := h.looked.weight > 0 && h.carried.weight >= backToEntry && !b.readers.get(h.carried.server).site()
	if n < 2 || h.moved.weight == 0 && !returned || sum < b.cfg.Enough || n <= h.saidN && sum < h.said+1 {
		return
	}
	h.said, h.saidN = sum, n
	b.findings++
	emit(b.finding(host, h, sum))
}

// finding names the host that is used and whoever is behind it.
func (b *chain) finding(host packet.Addr, h *intrusion, sum float64) Finding {
	f := Finding{
		Behaviour: b.Name(), Class: attack.Infiltration, Actor: host, Actors: []packet.Addr{h.entry.from}, Activity: "chain",
		Start: h.entry.at, End: h.entry.at, Flows: h.flows, Samples: append([]flow.Tuple(nil), h.samples...),
		Confidence: math.Min(0.97, 1/(1+math.Exp(3.5-sum))),
		Techniques: []string{h.entry.id},
		Evidence:   []Evidence{{Name: h.entry.words, Value: h.entry.weight}},
	}
	steps := []string{h.entry.words}
	for _, s := range []*stage{&h.talked, &h.looked, &h.moved, &h.carried} {
		if s.weight == 0 {
			continue
		}
		steps = append(steps, s.words)
		f.Techniques = append(f.Techniques, s.ids...)
		f.Evidence = append(f.Evidence, Evidence{Name: s.words, Value: s.weight})
		f.End = max(f.End, s.end)
	}
	for i := range h.targets {
		if t := &h.targets[i]; t.sessions > 0 && !slices.Contains(f.Targets, t.host) {
			f.Targets = append(f.Targets, t.host)
			if !slices.Contains(f.Ports, t.port) {
				f.Ports = append(f.Ports, t.port)
			}
		}
	}
	if len(f.Targets) == 0 {
		f.Targets = []packet.Addr{host}
	}
	f.TargetsN, f.PortsN = len(f.Targets), len(f.Ports)
	f.Reason = fmt.Sprintf("%s seems to be used by %s; in %s: %s.", host, h.entry.from, span(f.End-f.Start), list(steps))
	f.Filter = fmt.Sprintf("ip.addr == %s", host)
	return f
}
