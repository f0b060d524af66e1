package behaviour

import (
	"fmt"
	"slices"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// SlowDoSConfig holds the limits of the slow denial of service behaviour: how many
// connections one client holds open at one service.
type SlowDoSConfig struct {
	// Waiting is the limit for connections on which the server waits for the rest
	// of a request, Idle that for connections on which nobody said anything,
	// Reading that for connections whose client does not take what it asked for,
	// Dripping that for encrypted connections on which only the client speaks, and
	// Dribbling that for those of Waiting on which it says a little again and again.
	Waiting, Idle, Reading, Dripping, Dribbling int
	// Age is how long, in microseconds, a connection must have lasted to count, Late
	// the same for those that drip or dribble.
	Age, Late int64
	// Opened is the time within which they were opened.
	Opened int64
	// Crowd is the limit of Waiting for all clients of a service together, if they
	// are as many as Waiting; half of it is, if FewClients hold that many each.
	Crowd, FewClients int
	// Holders, Halls and Flows are the most clients, services and connections
	// watched.
	Holders, Halls, Flows int
}

// DefaultSlowDoSConfig is explained in docs/behaviours.md.
func DefaultSlowDoSConfig() SlowDoSConfig {
	return SlowDoSConfig{
		Waiting: 20, Idle: 60, Reading: 20, Dripping: 40, Dribbling: 8, Age: 4e6, Late: 15e6, Opened: 120e6,
		Crowd: 100, FewClients: 5, Holders: 4096, Halls: 1024, Flows: 32768,
	}
}

// slowDoS finds clients that hold many connections of a service open and make the
// server wait on each: for the rest of a request's head or body, or for room to
// send its reply.
type slowDoS struct {
	cfg      SlowDoSConfig
	holders  *table[askerKey, holder]
	halls    *table[endpoint, hall]
	flows    *table[uint64, held]
	now      int64
	swept    int64
	findings uint64
}

// held is one open connection.
type held struct {
	key   askerKey
	since int64
	state holding
	again bool // of a request the client has said a little three times and more
}

// holding is what a connection waits for.
type holding uint8

const (
	nothing  holding = iota // it is at work, or done
	idle                    // the client has said nothing
	waiting                 // the server waits for the client
	reading                 // the client does not take the reply
	dripping                // encrypted, and only the client speaks
)

// holder is one client at one service.
type holder struct {
	conns [5]int // by state
	// ids are the connections open at the service; beyond mostHeld they are only
	// counted in conns.
	ids         []uint64
	first, last int64
	walked      int64 // when they were last looked at one by one
	most        int
	told        int
	kind        holding
	flows       int
	samples     []flow.Tuple
}

// mostHeld is how many connections of one holder are looked at one by one, and
// walkEvery how often, in µs: what counts is seconds, and events come much faster.
const (
	mostHeld  = 512
	walkEvery = 200_000
)

func newSlowDoS(cfg SlowDoSConfig) *slowDoS {
	b := &slowDoS{
		cfg:     cfg,
		holders: newTable[askerKey](cfg.Holders, func(h *holder) float64 { return float64(len(h.ids) + 1000*h.told) }),
		halls:   newTable[endpoint](cfg.Halls, func(h *hall) float64 { return float64(h.waiting) }),
		flows:   newTable[uint64, held](cfg.Flows, nil),
	}
	b.flows.worth = func(f *held) float64 {
		if h := b.holders.get(f.key); h != nil {
			return float64(len(h.ids))
		}
		return 0
	}
	b.flows.evicted = func(id uint64, f *held) { b.release(id, f) }
	return b
}

// Name implements Behaviour.
func (*slowDoS) Name() string { return "slowdos" }

// Stats implements Behaviour.
func (b *slowDoS) Stats() Stats {
	return Stats{
		Entries: b.holders.len() + b.halls.len() + b.flows.len(), Limit: b.cfg.Holders + b.cfg.Halls + b.cfg.Flows,
		Evictions: b.holders.evictions + b.halls.evictions + b.flows.evictions, Findings: b.findings,
	}
}

// Observe implements Behaviour.
func (b *slowDoS) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	if r.Proto != packet.TCP || o.Kind == flow.Started {
		return
	}
	f := b.flows.get(r.ID)
	switch {
	case o.Kind == flow.Ended:
		if f != nil {
			b.release(r.ID, f)
			b.flows.drop(r.ID)
		}
		return
	case f == nil && (!r.Established && !dribbles(r) || r.Src == r.Dst):
		return
	case f == nil:
		f, _ = b.flows.add(r.ID)
		*f = held{key: askerKey{r.Src, r.Dst, r.DstPort}, since: r.Start}
		b.hold(r, f)
	}
	h := b.holders.get(f.key)
	if h == nil {
		return
	}
	state := b.stateOf(r)
	if state != f.state {
		b.wait(f, -1)
		h.conns[f.state]--
		h.conns[state]++
		f.state = state
		b.wait(f, 1)
	}
	f.again = r.Signals != nil && r.Signals.Proto == payload.HTTP && r.Fwd.DataPackets >= 4 && r.Fwd.Payload < 4096
	h.last = b.now
	b.judge(f.key, h, emit)
}

// hold enters a new connection.
func (b *slowDoS) hold(r *flow.Record, f *held) {
	h, fresh := b.holders.add(f.key)
	if fresh {
		h.first = r.Start
	}
	h.conns[nothing]++
	h.flows++
	if len(h.ids) < mostHeld {
		h.ids = append(h.ids, r.ID)
	}
	if len(h.samples) < 8 {
		h.samples = append(h.samples, sample(r))
	}
}

// hall is one service and the connections on which it waits, whoever holds them.
type hall struct {
	waiting, told int
	clients       distinct
	sample        []packet.Addr
	first, full   int64 // first such connection; when there were half as many as Crowd
}

// wait counts a connection on which its server waits, in or out.
func (b *slowDoS) wait(f *held, by int) {
	if f.state != waiting {
		return
	}
	h, fresh := b.halls.add(endpoint{f.key.server, f.key.port, packet.TCP})
	if fresh {
		h.first = f.since
	}
	h.waiting = max(0, h.waiting+by)
	if by > 0 && h.clients.add(hashAddr(f.key.client)) && len(h.sample) < 32 {
		h.sample = append(h.sample, f.key.client)
	}
	switch {
	case 2*h.waiting < b.cfg.Crowd:
		h.full = 0
	case h.full == 0:
		h.full = b.now
	}
}

// release takes a connection out.
func (b *slowDoS) release(id uint64, f *held) {
	h := b.holders.get(f.key)
	if h == nil {
		return
	}
	h.conns[f.state]--
	b.wait(f, -1)
	if i := slices.Index(h.ids, id); i >= 0 {
		h.ids = slices.Delete(h.ids, i, i+1)
	}
	if len(h.ids) == 0 && h.told == 0 {
		b.holders.drop(f.key)
	}
}

// dribbles is true for a connection to a web server, begun before the capture, on which
// the client goes on saying a little and the server only acknowledges.
func dribbles(r *flow.Record) bool {
	return r.MidStream && (r.DstPort == 80 || r.DstPort == 8080) && r.Bwd.Packets > 0 && r.Bwd.Payload == 0 &&
		r.Fwd.DataPackets >= 3 && r.Fwd.Payload < 1024
}

// stateOf says what a connection waits for, as far as its counters tell.
func (b *slowDoS) stateOf(r *flow.Record) holding {
	s := r.Signals
	switch {
	case s != nil && s.Proto == payload.TLS:
		// The handshake is two flights each way; then replies follow requests.
		drops := handshake + dripRate*uint64((r.Last-r.Start)/1e6)
		if r.Bwd.Payload < 12_000 && r.Fwd.DataPackets >= r.Bwd.DataPackets+2 && r.Fwd.Payload < drops && !collectsTLS(r.DstPort) {
			return dripping
		}
		return nothing
	case r.Fwd.Payload == 0 && r.Bwd.Payload < greeting:
		return idle
	case r.Bwd.Payload == 0 && r.Fwd.Payload > 8192:
		return nothing // an upload that is under way
	case r.Bwd.Payload == 0:
		// A whole GET that waits is the server's own slowness.
		if s != nil && s.Proto == payload.HTTP && s.HTTP.Whole > 0 && s.HTTP.Posts == 0 {
			return nothing
		}
		return waiting
	case r.Detail != nil && r.Fwd.FIN == 0 && r.Bwd.FIN == 0 && r.Fwd.Payload > 0 && r.Fwd.Payload < 8192 && r.Bwd.Payload < firstWindow && r.Detail.Fwd.LastWindow < 64:
		return reading
	}
	return nothing
}

// A client that makes a server wait under TLS says little: a handshake, then a line
// or less a second. firstWindow is what a client takes before it first says that it
// will take no more; who has taken more than that reads, though with pauses.
const (
	handshake   = 2000
	dripRate    = 120
	firstWindow = 64 << 10
)

// collectsTLS says whether only clients speak at a port with TLS, by design: logs
// (RFC 5425), messages without acknowledgement (MQTT).
func collectsTLS(port uint16) bool { return port == 6514 || port == 8883 }

// judge counts the connections that have lasted.
func (b *slowDoS) judge(k askerKey, h *holder, emit func(Finding)) {
	kind := nothing
	switch {
	case h.conns[waiting] >= b.cfg.Dribbling:
		kind = waiting
	case h.conns[reading] >= b.cfg.Reading:
		kind = reading
	case h.conns[idle] >= b.cfg.Idle:
		kind = idle
	case h.conns[dripping] >= b.cfg.Dripping:
		kind = dripping
	default:
		return
	}
	limit := [...]int{waiting: b.cfg.Waiting, reading: b.cfg.Reading, idle: b.cfg.Idle, dripping: b.cfg.Dripping}[kind]
	if kind == idle && inside(k.client) && inside(k.server) && k.port >= 1024 {
		limit *= 4 // a program keeps a pool of connections to a service of its own
	}
	if h.told > 0 && h.conns[kind] < 2*h.told {
		h.most = max(h.most, h.conns[kind])
		return
	}
	age := b.cfg.Age
	if kind == dripping {
		age = b.cfg.Late
	}
	if b.now-h.walked < walkEvery {
		return
	}
	h.walked = b.now
	n, again := 0, 0
	for _, id := range h.ids {
		f := b.flows.get(id)
		if f == nil || f.state != kind || b.now-f.since < age || b.now-f.since > b.cfg.Opened {
			continue
		}
		n++
		if f.again && b.now-f.since >= b.cfg.Late {
			again++
		}
	}
	if n < limit && (kind != waiting || again < b.cfg.Dribbling) {
		return
	}
	h.kind, h.most = kind, max(h.most, n, h.conns[kind])
	b.report(k, h, emit)
}

// Advance implements Behaviour.
func (b *slowDoS) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < 1e6 {
		return
	}
	b.swept = b.now
	b.halls.each(func(k endpoint, h *hall) bool {
		n := h.clients.count()
		switch {
		case h.waiting == 0 && h.told == 0:
			b.halls.drop(k)
		case h.full != 0 && b.now-h.full >= b.cfg.Age && (n >= b.cfg.Waiting && h.waiting >= b.cfg.Crowd || b.gang(k, h)) && h.waiting >= 2*h.told:
			b.reportHall(k, h, n, emit)
		}
		return true
	})
	b.holders.each(func(k askerKey, h *holder) bool {
		switch {
		case h.told > 0 && b.now-h.last > 10e6 && h.most > h.told:
			b.report(k, h, emit)
		case h.told == 0:
			b.judge(k, h, emit)
		}
		if len(h.ids) == 0 && b.now-h.last > 60e6 {
			b.holders.drop(k)
		}
		return true
	})
}

// gang is true where a few clients share the work: where they are fewer than a crowd,
// each has to say a little of a request again and again.
func (b *slowDoS) gang(k endpoint, h *hall) bool {
	n := 0
	for _, client := range h.sample {
		c := b.holders.get(askerKey{client, k.host, k.port})
		if c != nil && c.conns[waiting] >= b.cfg.FewClients && (h.waiting >= b.cfg.Crowd || b.dribbling(c)) {
			n++
		}
	}
	return n >= b.cfg.FewClients
}

// dribbling is true for a client that dribbles over one of its connections.
func (b *slowDoS) dribbling(c *holder) bool {
	return slices.ContainsFunc(c.ids, func(id uint64) bool {
		f := b.flows.get(id)
		return f != nil && f.again
	})
}

// report says what a holder holds.
func (b *slowDoS) report(k askerKey, h *holder, emit func(Finding)) {
	h.told = h.most
	b.findings++
	what := map[holding]string{
		idle:     "on which it says nothing",
		waiting:  "and makes the server wait for the rest of a request on each",
		reading:  "and takes next to nothing of the replies",
		dripping: "on which it alone speaks, a little at a time",
	}[h.kind]
	emit(Finding{
		Behaviour: b.Name(), Class: attack.DoS, Actor: k.client, Targets: []packet.Addr{k.server}, TargetsN: 1,
		Ports: []uint16{k.port}, PortsN: 1, Activity: "flood " + k.server.String(), Start: h.first, End: h.last, Flows: h.flows,
		Confidence: 0.95 - 0.15/(1+float64(h.most)/50), Techniques: []string{"T1499.002"}, Samples: slices.Clone(h.samples),
		Reason: fmt.Sprintf("%s holds %s to %s port %d open %s.", k.client, words.Plural(h.most, "connection"), k.server, k.port, what),
		Evidence: []Evidence{
			{Name: "connections held at once", Value: float64(h.most), Normal: 8},
			{Name: "connections opened", Value: float64(h.flows)},
		},
	})
}

// reportHall says what many clients hold together.
func (b *slowDoS) reportHall(k endpoint, h *hall, n int, emit func(Finding)) {
	h.told = h.waiting
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.DDoS, Actor: h.sample[0], Actors: slices.Clone(h.sample), ActorsN: n,
		Targets: []packet.Addr{k.host}, TargetsN: 1, Ports: []uint16{k.port}, PortsN: 1, Activity: "flood " + k.host.String(),
		Start: h.first, End: b.now, Flows: h.waiting, Confidence: 0.9, Techniques: []string{"T1499.002"},
		Reason: fmt.Sprintf("%s hold %s to %s port %d open and make the server wait for the rest of a request on each.",
			words.Plural(n, "host"), words.Plural(h.waiting, "connection"), k.host, k.port),
		Evidence: []Evidence{{Name: "connections held at once", Value: float64(h.waiting)}, {Name: "clients", Value: float64(n)}},
	})
}
