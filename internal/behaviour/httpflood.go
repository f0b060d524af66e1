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

// HTTPFloodConfig holds the limits of the HTTP flood behaviour.
type HTTPFloodConfig struct {
	// Random is how many requests for one path, each with other parameters and
	// under changing names of browsers, make a flood.
	Random int
	// Ranges is how many requests for byte ranges that overlap make one, as the Apache
	// range attack sends.
	Ranges int
	// Rate is how many requests a second are too many if they ask for the same again
	// and again; Fresh the same if each request comes over a connection of its own;
	// Connections the same for new connections that are used, whatever is in them.
	// A flood is Enough times as many in seconds on end.
	Rate, Fresh, Connections, Enough int
	// Forget is the silence in microseconds after which counting begins anew.
	Forget int64
	// Crowd is how many requests within ten seconds, from at least CrowdClients
	// clients and most for one page, make a distributed flood: people
	// fetch what belongs to a page too. FewClients are enough where each asks Often,
	// over fresh connections.
	Crowd, CrowdClients, FewClients, Often int
	// Clients, Servers and Flows are the most of each that are watched.
	Clients, Servers, Flows int
}

// DefaultHTTPFloodConfig is explained in docs/behaviours.md.
func DefaultHTTPFloodConfig() HTTPFloodConfig {
	return HTTPFloodConfig{
		Random: 30, Ranges: 30, Rate: 200, Fresh: 15, Connections: 300, Enough: 4, Forget: 60e6,
		Crowd: 200, CrowdClients: 20, FewClients: 3, Often: 30,
		Clients: 8192, Servers: 1024, Flows: 32768,
	}
}

// httpFlood finds floods of requests that complete: by one client that asks a
// server for the same page far faster than any page needs, or that makes each
// request look new, with random parameters and another browser's name each time,
// so that no cache can answer it.
type httpFlood struct {
	cfg      HTTPFloodConfig
	clients  *table[askerKey, asker]
	flows    *table[uint64, asked]
	servers  *table[endpoint, served]
	now      int64
	swept    int64
	findings uint64
}

type askerKey struct {
	client, server packet.Addr
	port           uint16
}

// asked is how many requests of a connection have been booked.
type asked struct {
	requests uint32
	open     bool
}

// asker is one client of one server.
type asker struct {
	first, last         int64
	requests, conns     int
	uris, paths, agents payload.Sketch
	shapes              payload.Sketch // of URIs: a program fills in values, a flood makes up parameters
	second, before      int64          // the second being counted, and the one counted before
	inSecond, opened    int
	sameSecond          payload.Sketch // URIs of this second
	fast, fastConns     int            // requests and connections of seconds on end, in multiples of the limits
	most                int            // requests in the fastest second
	probing             int            // requests that look like injections: then it is not about load
	ranges              int            // requests for byte ranges that overlap
	forged              int            // requests under browsers' names without what browsers send
	told                int
	random, masked      bool
	samples             []flow.Tuple
}

func newHTTPFlood(cfg HTTPFloodConfig) *httpFlood {
	return &httpFlood{
		cfg:     cfg,
		clients: newTable[askerKey](cfg.Clients, func(a *asker) float64 { return float64(a.requests + 1000*a.told) }),
		flows:   newTable[uint64, asked](cfg.Flows, nil),
		servers: newTable[endpoint](cfg.Servers, func(s *served) float64 { return float64(s.requests) }),
	}
}

// Name implements Behaviour.
func (*httpFlood) Name() string { return "httpflood" }

// Stats implements Behaviour.
func (b *httpFlood) Stats() Stats {
	return Stats{
		Entries: b.clients.len() + b.flows.len() + b.servers.len(), Limit: b.cfg.Clients + b.cfg.Flows + b.cfg.Servers,
		Evictions: b.clients.evictions + b.flows.evictions + b.servers.evictions, Findings: b.findings,
	}
}

// Observe implements Behaviour.
func (b *httpFlood) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	s := r.Signals
	if s == nil || r.Proto != packet.TCP || s.Proto != payload.HTTP && s.Proto != payload.TLS {
		return
	}
	f := b.flows.get(r.ID)
	if f == nil {
		if o.Kind == flow.Ended && s.Proto == payload.HTTP && s.Requests == 0 {
			return
		}
		f, _ = b.flows.add(r.ID)
	}
	fresh := !f.open
	f.open = true
	requests := 0
	if s.Proto == payload.HTTP && s.Requests > f.requests {
		requests = int(s.Requests - f.requests)
		f.requests = s.Requests
	}
	c := sidesOf(r)
	if o.Kind == flow.Ended {
		b.flows.drop(r.ID)
		if a := b.clients.get(askerKey{c.client, c.server, c.port}); a != nil && s.Proto == payload.HTTP && s.Marks.Any(payload.ManyRanges) && r.Src != r.Dst {
			a.ranges += int(s.Requests)
		}
	}
	if requests > 0 || fresh {
		b.book(askerKey{c.client, c.server, c.port}, r, requests, fresh, emit)
		if requests > 0 {
			b.serve(&c, r, requests, fresh, emit)
		}
	}
}

// book adds requests, and a connection if it is fresh, to what a client does.
func (b *httpFlood) book(k askerKey, r *flow.Record, requests int, fresh bool, emit func(Finding)) {
	a, isNew := b.clients.add(k)
	if isNew || b.now-a.last > b.cfg.Forget {
		*a = asker{first: b.now}
	}
	a.last = b.now
	if second := b.now / 1e6; second != a.second {
		b.turn(a, second)
	}
	a.requests += requests
	a.inSecond += requests
	if fresh {
		a.conns++
		a.opened++
		if len(a.samples) < 8 {
			a.samples = append(a.samples, sample(r))
		}
	}
	if requests > 0 {
		a.uris |= r.Signals.Names
		a.shapes |= r.Signals.Shapes
		a.sameSecond |= r.Signals.Names
		a.paths.Add(r.Signals.HTTP.Path)
		if name := r.Signals.HTTP.Agent; name != 0 {
			a.agents.Add(name)
		}
		if r.Signals.Marks.Any(payload.ForgedBrowser) {
			a.forged += requests
		}
		if w := &r.Signals.HTTP; w.Clear != [payload.Kinds]uint8{} || w.Hints != [payload.Kinds]uint8{} {
			a.probing += requests
		}
	}
	b.decide(k, a, emit)
}

// turn ends a second and begins the next.
func (b *httpFlood) turn(a *asker, second int64) {
	onEnd := a.second == a.before+1
	different := a.sameSecond.Count()
	same := different*5 <= a.inSecond && different < sketchFull || a.paths.Count() <= 3 && a.inSecond >= 2*b.cfg.Fresh
	// A page is loaded once; who loads its parts four times over loads the server.
	again := a.inSecond >= 4*b.cfg.Fresh && a.uris.Count() < sketchFull && a.requests >= 4*a.uris.Count()
	times := a.inSecond / b.cfg.Rate
	if !same {
		times = 0
	}
	if fresh := a.opened*10 >= a.inSecond*8; fresh && (same || again) {
		times = a.inSecond / b.cfg.Fresh
	}
	if a.probing*10 >= a.requests {
		times = 0
	}
	a.fast = count(a.fast, onEnd, times)
	a.fastConns = count(a.fastConns, onEnd, a.opened/b.cfg.Connections)
	a.most = max(a.most, a.inSecond)
	a.before, a.second, a.inSecond, a.opened, a.sameSecond = a.second, second, 0, 0, 0
}

// sketchFull is where a payload.Sketch ceases to count.
const sketchFull = 200

// count adds a second's excess to that of the seconds before it, or begins anew.
func count(n int, onEnd bool, times int) int {
	if times == 0 || !onEnd {
		return times
	}
	return n + times
}

func (b *httpFlood) decide(k askerKey, a *asker, emit func(Finding)) {
	// Thirty requests that are all different, for hardly more than one page, under
	// three or more names: a page with a counter has one name, an office many pages.
	seconds := float64(a.last-a.first)/1e6 + 1
	a.random = a.random || a.requests >= b.cfg.Random && a.probing*10 < a.requests && a.paths.Count() <= 3 && a.agents.Count() >= 3 &&
		a.shapes.Count()*10 >= min(a.requests, 200)*7 && float64(a.requests) >= seconds
	// Whoever takes one browser's name after the other and is none of them hides.
	a.masked = a.masked || a.requests >= b.cfg.Random && a.probing*10 < a.requests && a.paths.Count() <= 3 && a.agents.Count() >= 3 &&
		a.forged*10 >= a.requests*9 && float64(a.requests) >= 5*seconds
	if !a.random && !a.masked && a.fast < b.cfg.Enough && a.fastConns < b.cfg.Enough && a.ranges < b.cfg.Ranges && a.told == 0 {
		return
	}
	if a.told == 0 || a.requests+a.conns >= 2*a.told {
		b.report(k, a, emit)
	}
}

// Advance implements Behaviour.
func (b *httpFlood) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < 5e6 {
		return
	}
	b.swept = b.now
	b.clients.each(func(k askerKey, a *asker) bool {
		if second := b.now / 1e6; second > a.second && a.inSecond+a.opened > 0 {
			b.turn(a, second)
			b.decide(k, a, emit)
		}
		if a.told > 0 && b.now-a.last > 10e6 && a.requests+a.conns > a.told {
			b.report(k, a, emit)
		}
		if b.now-a.last > b.cfg.Forget {
			b.clients.drop(k)
		}
		return true
	})
}

// report says what a client has done so far.
func (b *httpFlood) report(k askerKey, a *asker, emit func(Finding)) {
	a.told = max(1, a.requests+a.conns)
	b.findings++
	f := Finding{
		Behaviour: b.Name(), Class: attack.DoS, Actor: k.client, Targets: []packet.Addr{k.server}, TargetsN: 1,
		Ports: []uint16{k.port}, PortsN: 1, Activity: "flood " + k.server.String(), Start: a.first, End: a.last, Flows: a.conns,
		Confidence: 0.85, Techniques: []string{"T1499.002"}, Samples: slices.Clone(a.samples),
		Evidence: []Evidence{
			{Name: "requests", Value: float64(a.requests)},
			{Name: "connections", Value: float64(a.conns)},
			{Name: "different URIs, about", Value: float64(a.uris.Count())},
			{Name: "different paths, about", Value: float64(a.paths.Count())},
			{Name: "names of browsers, about", Value: float64(a.agents.Count())},
		},
	}
	took := span(a.last - a.first)
	switch {
	case a.random:
		f.Confidence = 0.95
		f.Reason = fmt.Sprintf("%s asked %s port %d for %s %s in %s, with other parameters almost every time and under about %d names of browsers.",
			k.client, k.server, k.port, words.Plural(a.paths.Count(), "page"), repeatedly(a.requests), took, a.agents.Count())
	case a.masked:
		f.Reason = fmt.Sprintf("%s sent %s to %s port %d for %s in %s, under about %d names of browsers and without what browsers send.",
			k.client, words.Plural(a.requests, "request"), k.server, k.port, words.Plural(a.paths.Count(), "page"), took, a.agents.Count())
	case a.ranges >= b.cfg.Ranges:
		f.Reason = fmt.Sprintf("%s sent %s port %d %s for byte ranges that overlap in %s.", k.client, k.server, k.port, words.Plural(a.ranges, "request"), took)
	case a.fast >= b.cfg.Enough || a.most >= b.cfg.Fresh:
		f.Reason = fmt.Sprintf("%s sent %s to %s port %d in %s, up to %s in a second, almost all for the same.",
			k.client, words.Plural(a.requests, "request"), k.server, k.port, took, words.Count(a.most))
	default:
		f.Reason = fmt.Sprintf("%s opened %s to %s port %d in %s.", k.client, words.Plural(a.conns, "connection"), k.server, k.port, took)
	}
	emit(f)
}

// served is one server and what all its clients ask for within ten seconds.
type served struct {
	from, first, last int64
	requests, all     int
	conns, pingbacks  int // fresh in those ten seconds; requests of blogs for pingback
	forged            int // under browsers' names without what browsers send
	clients           distinct
	sample            []packet.Addr
	paths             majority[uint32] // hashes
	told              int
	samples           []flow.Tuple
}

// often counts the clients of a server that ask it often for hardly more than a page.
func (b *httpFlood) often(k endpoint, s *served) (n int) {
	for _, client := range s.sample {
		if a := b.clients.get(askerKey{client, k.host, k.port}); a != nil && a.requests >= b.cfg.Often && a.paths.Count() <= 3 && a.probing*10 < a.requests && b.now-a.last < 10e6 {
			n++
		}
	}
	return n
}

// serve looks for a crowd that wants one page and nothing that belongs to it.
func (b *httpFlood) serve(c *sides, r *flow.Record, requests int, fresh bool, emit func(Finding)) {
	k := endpoint{c.server, c.port, c.proto}
	s, unseen := b.servers.add(k)
	switch {
	case unseen:
		s.from, s.first = b.now, b.now
	case b.now-s.from > 10e6 && s.told > 0:
		s.from, s.requests, s.conns, s.pingbacks, s.forged, s.paths = b.now, 0, 0, 0, 0, majority[uint32]{}
	case b.now-s.from > 10e6:
		*s = served{from: b.now, first: b.now}
	}
	if fresh {
		s.conns++
	}
	if r.Signals.Marks.Any(payload.Pingback) {
		s.pingbacks += requests
	}
	if r.Signals.Marks.Any(payload.ForgedBrowser) {
		s.forged += requests
	}
	s.requests += requests
	s.all += requests
	s.last = b.now
	s.paths.add(r.Signals.HTTP.Path, requests)
	if s.clients.add(hashAddr(c.client)) && len(s.sample) < 32 {
		s.sample = append(s.sample, c.client)
	}
	if len(s.samples) < 8 {
		s.samples = append(s.samples, sample(r))
	}
	n := s.clients.count()
	seconds := int((b.now - s.from) / 1e6)
	// People do not ask twice; their pages ask each second or two over a connection
	// kept, and their programs every few seconds.
	fast := s.requests >= n*seconds || 2*s.requests >= n*seconds && s.conns*10 >= s.requests*8 || s.requests >= b.cfg.Crowd/2*seconds
	crowd := n >= b.cfg.CrowdClients && s.requests*10 >= n*18 && fast
	enough := b.cfg.Crowd
	if s.conns*10 >= s.requests*8 && s.requests >= 8*n {
		enough /= 2 // each again and again, and each time anew
	}
	gang := s.conns*10 >= s.requests*8 && b.often(k, s) >= b.cfg.FewClients
	masked := s.forged*10 >= s.requests*9 && n >= b.cfg.FewClients && s.requests >= 8*n && fast
	blogs := s.pingbacks >= b.cfg.CrowdClients && n >= b.cfg.CrowdClients/2
	if !blogs && (s.requests < enough || s.paths.lead*10 < s.requests*6 || !crowd && !gang && !masked) || s.all < 2*s.told {
		return
	}
	s.told = s.all
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.DDoS, Actor: s.sample[0], Actors: slices.Clone(s.sample), ActorsN: s.clients.count(),
		Targets: []packet.Addr{k.host}, TargetsN: 1, Ports: []uint16{k.port}, PortsN: 1, Activity: "flood " + k.host.String(),
		Start: s.first, End: s.last, Flows: s.all, Confidence: 0.8, Techniques: []string{"T1499.002"}, Samples: slices.Clone(s.samples),
		Reason: fmt.Sprintf("%s sent %s to %s port %d in %s, almost all for one page and nothing that belongs to it.",
			words.Plural(s.clients.count(), "host"), words.Plural(s.all, "request"), k.host, k.port, span(s.last-s.first)),
		Evidence: []Evidence{{Name: "requests", Value: float64(s.all)}, {Name: "clients", Value: float64(s.clients.count())}},
	})
}
