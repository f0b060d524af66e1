package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// ChainConfig holds the limits of the chain behaviour.
type ChainConfig struct {
	// Enough is the sum of the stages' weights from which a finding is made.
	Enough float64
	// Within is how long after the way in later stages count, in microseconds.
	Within int64
	// Endpoints is how many neighbours' endpoints must fail a host's first contact,
	// within Burst microseconds, for the contacts to be a look around.
	Endpoints int
	Burst     int64
	// Upload is how many bytes to one outside server, at least four times what came
	// back, are something carried out.
	Upload uint64
	// Queries is how many long or bulky DNS queries are something carried out.
	Queries int
	// Hosts is the most inside hosts watched.
	Hosts int
}

// DefaultChainConfig is explained in docs/behaviours.md.
func DefaultChainConfig() ChainConfig {
	return ChainConfig{Enough: 4, Within: hour, Endpoints: 5, Burst: 120e6, Upload: 1 << 20, Queries: 20, Hosts: 4096}
}

// chain finds an inside host that somebody uses: something came in, then the host
// looks at its neighbours, logs in to some, and much goes out. Each of these is
// daily work, and only their order within one host and one hour is not. So nothing
// is watched before a way in, and two later stages have to follow it.
type chain struct {
	cfg      ChainConfig
	hosts    *table[packet.Addr, intrusion]
	known    contacts // log-in services that inside hosts have used
	readers  *table[packet.Addr, audience]
	now      int64
	findings uint64
}

// audience are the first inside hosts that have asked something of an outside
// server over HTTP. One that several use, or on which somebody's browser looks at
// pages, is a site, and no intruder's own.
type audience struct {
	hosts   [3]packet.Addr
	browsed bool
}

// add notes a reader.
func (a *audience) add(host packet.Addr, s *payload.Signals) {
	a.browsed = a.browsed || s.Marks.Any(payload.BrowserSeen) && s.Names.Count() >= pageAndParts
	for i := range a.hosts {
		if a.hosts[i] == host {
			return
		}
		if a.hosts[i] == (packet.Addr{}) {
			a.hosts[i] = host
			return
		}
	}
}

// pageAndParts is what a browser fetches over one connection at least where it shows
// pages; a program that borrows its name asks for one or two.
const pageAndParts = 4

// site says whether the server is one that people use.
func (a *audience) site() bool {
	return a != nil && (a.browsed || a.hosts[len(a.hosts)-1] != packet.Addr{})
}

// intrusion is one inside host's stages.
type intrusion struct {
	entry     entry
	servers   [4]packet.Addr // of programs that came in
	nServers  int
	guesser   packet.Addr // who from outside was refused last, and how often
	refusals  int
	looked    stage
	tried     distinct
	triedFrom int64
	moved     stage
	targets   [8]movedTo
	carried   stage
	out       [4]carriedTo
	queries   int
	talked    stage // with a server of the way in, beyond the fetching
	said      float64
	saidN     int
	samples   []flow.Tuple
	flows     int
}

// entry is the way in.
type entry struct {
	at     int64
	weight float64
	from   packet.Addr
	words  string
	id     string
}

// stage is one later step and what it weighs.
type stage struct {
	start, end int64
	weight     float64
	words      string
	ids        []string
	server     packet.Addr // of the way in, if it is about that
	otherwise  float64     // what it weighs if people use that server
}

// movedTo is a neighbour that the host has logged in to since the way in.
type movedTo struct {
	host     packet.Addr
	port     uint16
	first    int64
	flow     uint64 // counted last
	sessions int
	fresh    bool // never seen before to use that service
	program  bool // was given a program, or an administrative share used
	refused  bool
}

// carriedTo is an outside server that took bytes since the way in.
type carriedTo struct {
	server   packet.Addr
	up, down uint64
}

func newChain(cfg ChainConfig) *chain {
	return &chain{cfg: cfg, readers: newTable[packet.Addr, audience](cfg.Hosts, nil), hosts: newTable[packet.Addr](cfg.Hosts, func(h *intrusion) float64 {
		return h.said + h.entry.weight + h.looked.weight + h.moved.weight + h.carried.weight
	})}
}

// Name implements Behaviour.
func (*chain) Name() string { return "chain" }

// Advance implements Behaviour.
func (b *chain) Advance(now int64, _ func(Finding)) { b.now = max(b.now, now) }

// Stats implements Behaviour.
func (b *chain) Stats() Stats {
	return Stats{Entries: b.hosts.len() + b.readers.len(), Limit: 2 * b.cfg.Hosts, Evictions: b.hosts.evictions + b.readers.evictions, Findings: b.findings}
}

// Observe implements Behaviour.
func (b *chain) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	if r.Proto != packet.TCP && r.Proto != packet.UDP || toMany(r.Dst) {
		return
	}
	c := sidesOf(r)
	from, to := inside(c.client), inside(c.server)
	switch {
	case from && to:
		b.within(o, &c, emit)
	case from:
		b.outward(o, &c, emit)
	case to:
		b.inward(o, &c, emit)
	}
}

// watched gives a host's state if a way in was seen within the hour.
func (b *chain) watched(host packet.Addr, start int64) *intrusion {
	h := b.hosts.get(host)
	if h == nil || h.entry.weight == 0 || start < h.entry.at || start-h.entry.at > b.cfg.Within {
		return nil
	}
	return h
}

// enter books a way in. A weaker one does not take the place of a stronger one
// whose hour has not passed.
func (b *chain) enter(host packet.Addr, e entry) {
	h, _ := b.hosts.add(host)
	switch {
	case h.entry.weight == 0 || e.at-h.entry.at > b.cfg.Within:
		*h = intrusion{entry: e}
	case e.weight > h.entry.weight && h.said == 0:
		h.entry.weight, h.entry.words, h.entry.from, h.entry.id = e.weight, e.words, e.from, e.id
	}
	for _, have := range h.servers[:h.nServers] {
		if have == e.from {
			return
		}
	}
	if h.nServers < len(h.servers) {
		h.servers[h.nServers] = e.from
		h.nServers++
	}
}

// gave says whether a server is one of the way in.
func (h *intrusion) gave(server packet.Addr) bool {
	for _, have := range h.servers[:h.nServers] {
		if have == server {
			return true
		}
	}
	return false
}

// inward sees who comes from outside: a log-in that goes through after others were
// refused is a way in.
func (b *chain) inward(o *Observation, c *sides, emit func(Finding)) {
	r, s := &o.Record, o.Record.Signals
	if s == nil || r.Proto != packet.TCP {
		return
	}
	if s.Proto == payload.SSH && s.Marks.Any(payload.LoggedIn) {
		b.enter(c.server, entry{r.Start, 0.5, c.client, "somebody from outside logged in", "T1078"})
	}
	if o.Kind != flow.Ended {
		return
	}
	if h := b.watched(c.server, r.Start); h != nil {
		b.fetchedOut(h, o, c)
		b.judge(c.server, h, emit)
	}
	got := counted{failed: s.Failures, succeeded: s.Successes}
	if s.Proto == payload.SSH {
		got = countSSH(r, true)
	}
	if s.Proto == payload.HTTP || got == (counted{}) {
		return
	}
	h := b.hosts.get(c.server)
	if got.failed > 0 {
		if h == nil {
			h, _ = b.hosts.add(c.server)
		}
		if h.guesser != c.client {
			h.guesser, h.refusals = c.client, 0
		}
		h.refusals = min(1000, h.refusals+int(got.failed))
	}
	if got.succeeded > 0 && h != nil && h.guesser == c.client && h.refusals >= refusedBefore {
		b.enter(c.server, entry{r.Start, 2, c.client, "a log-in from outside went through after others were refused", "T1110"})
		h.refusals = 0
	}
}

// refusedBefore is after how many refusals a log-in from outside is no longer
// somebody who mistyped.
const refusedBefore = 8

// outward sees what an inside host fetches and what it carries out.
func (b *chain) outward(o *Observation, c *sides, emit func(Finding)) {
	r, s := &o.Record, o.Record.Signals
	if s != nil && s.Proto == payload.HTTP {
		a, _ := b.readers.add(c.server)
		a.add(c.client, s)
		if e, ok := fetched(s); ok {
			e.at, e.from = r.Start, c.server
			b.enter(c.client, e)
		}
	}
	h := b.watched(c.client, r.Start)
	if h == nil || s == nil {
		return
	}
	if s.Proto == payload.DNS {
		b.asked(h, o)
	} else {
		b.carry(h, o, c)
	}
	b.judge(c.client, h, emit)
}

// fetchedIn is the technique of a way in that is a program fetched.
const fetchedIn = "T1105"

// fetched weighs a program that came over HTTP: who names itself, as package
// managers do, and asks a server that has a name, fetches programs daily.
func fetched(s *payload.Signals) (e entry, ok bool) {
	const programs = payload.ExeFetched | payload.ScriptFetched
	if !s.Marks.Any(programs) || s.Marks.Any(payload.BrowserSeen) {
		return e, false
	}
	e = entry{weight: 1, words: "a program was fetched by something that is no browser", id: fetchedIn}
	if s.Marks.Any(payload.RawHost | payload.ExeDisguised | payload.StagerURI | payload.ScriptFetched | payload.ForgedBrowser) {
		e.weight, e.words = 2, "a program was fetched from a server without a name, under disguise, or by a script"
	}
	return e, true
}
