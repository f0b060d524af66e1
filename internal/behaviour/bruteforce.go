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

// BruteForceConfig holds the limits of the brute force behaviour. A score is
// failed attempts less successful ones, and leaks with time.
type BruteForceConfig struct {
	// Service is the score at one server that makes brute force, Forms that for
	// web forms, whose refusals cannot be read, and Spray that over several servers.
	Service, Forms, Spray float64
	// Leak is how long, in microseconds, it takes the score to lose one attempt,
	// FormsLeak the same for web forms.
	Leak, FormsLeak int64
	// Slow is the score that leaks one attempt in SlowLeak: guessing with minutes
	// between attempts.
	Slow     float64
	SlowLeak int64
	// Many is the score at one server from at least Clients different clients.
	Many    float64
	Clients int
	// Guessers, Victims and Flows are the most clients, servers and connections
	// watched.
	Guessers, Victims, Flows int
}

// DefaultBruteForceConfig is explained in docs/behaviours.md.
func DefaultBruteForceConfig() BruteForceConfig {
	return BruteForceConfig{
		Service: 8, Forms: 10, Spray: 10, Leak: 60e6, FormsLeak: 10e6,
		Slow: 30, SlowLeak: 20 * 60e6, Many: 40, Clients: 8,
		Guessers: 8192, Victims: 2048, Flows: 16384,
	}
}

// bruteForce finds log-ins tried again and again at one kind of service by one
// client: refusals read from clear text, or sessions that ended where a refused
// one ends. Success speaks against it: a script that logs in a hundred times an
// hour gets in each time.
type bruteForce struct {
	cfg      BruteForceConfig
	guessers *table[guesserKey, guesser]
	victims  *table[endpoint, victim]
	flows    *table[uint64, counted]
	now      int64
	swept    int64
	findings uint64
}

type guesserKey struct {
	client packet.Addr
	port   uint16
	proto  uint8
}

type endpoint struct {
	host  packet.Addr
	port  uint16
	proto uint8
}

func newBruteForce(cfg BruteForceConfig) *bruteForce {
	return &bruteForce{
		cfg:      cfg,
		guessers: newTable[guesserKey](cfg.Guessers, func(g *guesser) float64 { return g.all.score + g.all.slow }),
		victims:  newTable[endpoint](cfg.Victims, func(v *victim) float64 { return v.score.score }),
		flows:    newTable[uint64, counted](cfg.Flows, nil),
	}
}

// Name implements Behaviour.
func (*bruteForce) Name() string { return "bruteforce" }

// Stats implements Behaviour.
func (b *bruteForce) Stats() Stats {
	return Stats{
		Entries:   b.guessers.len() + b.victims.len() + b.flows.len(),
		Limit:     b.cfg.Guessers + b.cfg.Victims + b.cfg.Flows,
		Evictions: b.guessers.evictions + b.victims.evictions + b.flows.evictions,
		Findings:  b.findings,
	}
}

// Observe implements Behaviour.
func (b *bruteForce) Observe(o *Observation, emit func(Finding)) {
	b.now = max(b.now, o.Time)
	r := &o.Record
	if o.Kind == flow.Started && (r.Signals == nil || r.Proto == packet.TCP) {
		return
	}
	if r.Proto != packet.TCP && r.Proto != packet.UDP {
		return
	}
	t, ok := b.newTries(r, o.Kind == flow.Ended)
	if o.Kind == flow.Ended {
		b.flows.drop(r.ID)
	}
	if !ok {
		return
	}
	c := sidesOf(r)
	b.book(&c, r, t, emit)
}

// leaky is a score that loses one attempt every so often.
type leaky struct {
	score, slow float64
	at          int64
}

func (l *leaky) add(by float64, now, leak, slowLeak int64) {
	if l.at != 0 && now > l.at {
		l.score = max(0, l.score-float64(now-l.at)/float64(leak))
		l.slow = max(0, l.slow-float64(now-l.at)/float64(slowLeak))
	}
	l.at = max(l.at, now)
	l.score, l.slow = max(0, l.score+by), max(0, l.slow+by)
}

// guesser is one client at one kind of service.
type guesser struct {
	service     payload.Proto
	first, last int64
	all         leaky
	servers     []target
	seen        distinct
	users       payload.Sketch
	failed      float64
	succeeded   float64
	flows       int
	samples     []flow.Tuple
	after       float64 // successes after it was told: the guess was right
	told        int     // attempts at the last report
	unsaid      bool
	forms       bool
}

// target is one server of a guesser.
type target struct {
	host    packet.Addr
	score   leaky
	failed  float64
	secrets payload.Sketch // credentials that it refused
	users   payload.Sketch // names that were tried
	last    int64          // of its refusals
	gap     int64          // between the last two
	even    int            // gaps that were like the one before, in a row
}

// secrets are the credentials that any of its servers refused.
func (g *guesser) secrets() (all payload.Sketch) {
	for i := range g.servers {
		all |= g.servers[i].secrets
	}
	return all
}

// mostServers is how many servers of one guesser are scored by themselves.
const mostServers = 8

func (g *guesser) server(a packet.Addr) *target {
	lowest := 0
	for i := range g.servers {
		if g.servers[i].host == a {
			return &g.servers[i]
		}
		if g.servers[i].score.score < g.servers[lowest].score.score {
			lowest = i
		}
	}
	if len(g.servers) < mostServers {
		g.servers = append(g.servers, target{host: a})
		return &g.servers[len(g.servers)-1]
	}
	g.servers[lowest] = target{host: a}
	return &g.servers[lowest]
}

// book adds a connection's new tries to its client's score.
func (b *bruteForce) book(c *sides, r *flow.Record, t tries, emit func(Finding)) {
	k := guesserKey{c.client, c.port, c.proto}
	g := b.guessers.get(k)
	if g == nil {
		if t.failed == 0 {
			return // success alone needs no memory
		}
		g, _ = b.guessers.add(k)
		g.first = r.Start
	}
	g.users |= t.users
	g.service, g.forms = t.service, t.forms
	g.last = max(g.last, r.Last)
	leak := b.cfg.Leak
	if t.forms {
		leak = b.cfg.FormsLeak
	}
	s := g.server(c.server)
	gain := t.failed*s.novelty(&t, r.Last) - 2*t.succeeded - t.forgiven
	g.all.add(gain, b.now, leak, b.cfg.SlowLeak)
	s.score.add(gain, b.now, leak, b.cfg.SlowLeak)
	s.failed += t.failed
	g.seen.add(hashAddr(c.server))
	g.failed += t.failed
	g.succeeded += t.succeeded
	if g.told > 0 {
		g.after += t.succeeded
	}
	if t.connection {
		g.flows++
		if len(g.samples) < 8 {
			g.samples = append(g.samples, sample(r))
		}
	}
	g.unsaid = true
	b.decide(k, g, s, emit)
	t.failed = min(t.failed, max(0, gain)) // what is repeated is no guess, whoever repeats it
	b.bookVictim(c, r, t, emit)
}

func (b *bruteForce) decide(k guesserKey, g *guesser, s *target, emit func(Finding)) {
	service := b.cfg.Service
	if g.forms {
		service = b.cfg.Forms
	}
	guessing := s.score.score >= service || s.score.slow >= b.cfg.Slow && !g.forms
	// Managers ask a whole network for the same few communities.
	spraying := g.all.score >= b.cfg.Spray && g.seen.count() >= 3 && g.service != payload.SNMP
	if g.told == 0 && (guessing || spraying) || g.told > 0 && int(g.failed) >= 2*g.told {
		b.report(k, g, emit)
	}
}

// report says what a guesser has done so far.
func (b *bruteForce) report(k guesserKey, g *guesser, emit func(Finding)) {
	g.told, g.unsaid = max(1, int(g.failed)), false
	b.findings++
	attempts := max(int(g.failed+0.5), g.flows)
	users := g.users.Count()
	name := g.service.String()
	f := Finding{
		Behaviour: b.Name(), Class: attack.BruteForce, Actor: k.client, Activity: fmt.Sprint(k.port),
		Ports: []uint16{k.port}, PortsN: 1, Start: g.first, End: g.last, Flows: g.flows,
		TargetsN: g.seen.count(), Samples: slices.Clone(g.samples),
		Confidence: 0.98 - 0.2/(1+g.failed/b.cfg.Service),
		Techniques: []string{"T1110.001"},
		Evidence: []Evidence{
			{Name: "log-ins refused or fruitless", Value: float64(attempts), Normal: 3},
			{Name: "log-ins that went through", Value: g.succeeded},
			{Name: "connections", Value: float64(g.flows)},
		},
	}
	for _, s := range g.servers {
		f.Targets = append(f.Targets, s.host)
	}
	where := f.Targets[0].String()
	if f.TargetsN > 1 {
		where = words.Plural(f.TargetsN, "host")
		f.Techniques = []string{"T1110.003"}
	}
	f.Reason = fmt.Sprintf("%s tried to log in to %s port %d of %s %s in %s without getting in", k.client, name, k.port, where, repeatedly(attempts), span(g.last-g.first))
	what := "user names"
	if secrets := g.secrets().Count(); users < 2 && secrets > 1 {
		users, what = secrets, "sets of credentials"
	}
	if users > 1 {
		f.Reason += fmt.Sprintf(", with %d %s", users, what)
		f.Evidence = append(f.Evidence, Evidence{Name: what, Value: float64(users)})
	}
	if g.after > 0 {
		f.Reason += "; afterwards a log-in went through"
		f.Severity = 1
		f.Techniques = append(f.Techniques, "T1078")
	}
	f.Reason += "."
	emit(f)
}

// Advance implements Behaviour.
func (b *bruteForce) Advance(now int64, emit func(Finding)) {
	b.now = max(b.now, now)
	if b.now-b.swept < 5e6 {
		return
	}
	b.swept = b.now
	b.guessers.each(func(k guesserKey, g *guesser) bool {
		if g.told > 0 && g.unsaid && b.now-g.last > 15e6 {
			b.report(k, g, emit)
		}
		if b.now-g.last > 6*hour || g.told > 0 && b.now-g.last > hour/2 {
			b.guessers.drop(k)
		}
		return true
	})
	b.victims.each(func(k endpoint, v *victim) bool {
		if v.told > 0 && v.failed > v.told && b.now-v.last > 15e6 {
			b.reportVictim(k, v, emit)
		}
		if b.now-v.last > hour/2 {
			b.victims.drop(k)
		}
		return true
	})
}

// repeatedly writes how often.
func repeatedly(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return words.Count(n) + " times"
}
