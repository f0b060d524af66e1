package behaviour

import (
	"fmt"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
	"firetower/internal/words"
)

// WebAttackConfig holds the limits of the web attack behaviour.
type WebAttackConfig struct {
	// Hints is how many requests that might be injections make one.
	Hints int
	// Together is how long after another a request that might be one counts with it, in
	// microseconds: over a day people search for many things.
	Together int64
	// Missing is how many replies that a page does not exist make a search for
	// hidden pages, together with as many different addresses.
	Missing int
	// Pairs is the most clients and servers watched, Flows the most connections.
	Pairs, Flows int
}

// DefaultWebAttackConfig is explained in docs/behaviours.md.
func DefaultWebAttackConfig() WebAttackConfig {
	return WebAttackConfig{Hints: 5, Together: 10 * 60e6, Missing: 30, Pairs: 16384, Flows: 65536}
}

// webAttack finds requests that attack a web application: injections by what they
// hold, scanners by what they ask for in vain. Guessing of passwords at a form is
// brute force and found there, though CICIDS2017 calls it a web attack.
type webAttack struct {
	cfg      WebAttackConfig
	pairs    *table[webPair, webClient]
	flows    *table[uint64, webSeen]
	swept    int64
	findings uint64
}

// webPair is one client of one server.
type webPair struct{ client, server packet.Addr }

// webSeen is what was counted of one flow before; counters only rise.
type webSeen struct {
	requests, responses uint32
	clear, hints        [payload.Kinds]uint8
	notFound, errors    uint16
}

// webClient sums up one client's requests to one server.
type webClient struct {
	start, end, hinted      int64
	flows                   int
	requests, responses     int
	clear, hints            [payload.Kinds]int
	score                   [payload.Kinds]uint8
	notFound, errors        int
	names                   payload.Sketch
	shapes                  payload.Sketch // of the addresses asked for
	sizes                   payload.Sketch // of a connection's replies, on average
	named                   bool           // programs that say who they are
	scanner                 bool
	browser                 bool // has sent what only browsers send
	borrowed                bool // has used a browser's name without that, or none at all
	forged                  bool // the former
	program                 bool // has said or shown that it is no browser
	posted                  bool // forms, whose differences are not in the address
	port                    uint16
	sample                  flow.Tuple
	saidInjection, saidScan int // evidence at the last report
	grew                    bool
}

func newWebAttack(cfg WebAttackConfig) *webAttack {
	return &webAttack{
		cfg:   cfg,
		pairs: newTable[webPair](cfg.Pairs, func(c *webClient) float64 { return float64(c.saidInjection + c.saidScan + c.notFound) }),
		flows: newTable[uint64, webSeen](cfg.Flows, nil),
	}
}

// Name implements Behaviour.
func (*webAttack) Name() string { return "webattack" }

// Advance implements Behaviour: it says how an attack ended that has grown since
// it was reported and is over.
func (b *webAttack) Advance(now int64, emit func(Finding)) {
	if now-b.swept < settled60 {
		return
	}
	b.swept = now
	b.pairs.each(func(pair webPair, c *webClient) bool {
		if !c.grew || now-c.end < settled60 {
			return true
		}
		c.grew = false
		for _, judge := range b.judges() {
			if f, ok := judge(pair, c, true); ok {
				b.findings++
				emit(f)
			}
		}
		return true
	})
}

// settled60 is the silence after which an attack is over for the time being.
const settled60 = 60_000_000

// judges are the questions asked of each pair. The last argument has them repeat
// what they said if there is more of it.
func (b *webAttack) judges() [2]func(webPair, *webClient, bool) (Finding, bool) {
	return [2]func(webPair, *webClient, bool) (Finding, bool){b.injection, b.scan}
}

// Stats implements Behaviour.
func (b *webAttack) Stats() Stats {
	return Stats{
		Entries: b.pairs.len() + b.flows.len(), Limit: b.cfg.Pairs + b.cfg.Flows,
		Evictions: b.pairs.evictions + b.flows.evictions, Findings: b.findings,
	}
}

// Observe implements Behaviour.
func (b *webAttack) Observe(o *Observation, emit func(Finding)) {
	r := &o.Record
	s := r.Signals
	if s == nil || s.Proto != payload.HTTP || r.Proto != packet.TCP {
		return
	}
	pair, port := webPair{r.Src, r.Dst}, r.DstPort
	if s.Reversed {
		pair, port = webPair{r.Dst, r.Src}, r.SrcPort
	}
	c, fresh := b.pairs.add(pair)
	if fresh {
		c.start, c.port, c.sample = r.Start, port, r.Tuple
	}
	c.end = max(c.end, r.Last)
	seen, begun := b.flows.add(r.ID)
	if begun {
		c.flows++
	}
	if w := &s.HTTP; w.Hints != seen.hints {
		if r.Last-c.hinted > b.cfg.Together {
			c.hints = [payload.Kinds]int{}
		}
		c.hinted = r.Last
	}
	c.add(s, seen, r.Tuple)
	if o.Kind == flow.Ended {
		if from := sidesOf(r).fromServer; s.Responses > 0 {
			c.sizes.Add(uint32(from.Payload / uint64(s.Responses)))
		}
		b.flows.drop(r.ID)
	}
	for _, judge := range b.judges() {
		if f, ok := judge(pair, c, false); ok {
			b.findings++
			emit(f)
		}
	}
	c.grew = c.saidInjection > 0 || c.saidScan > 0
}

// add books what a flow's counters have gained.
func (c *webClient) add(s *payload.Signals, seen *webSeen, tuple flow.Tuple) {
	w := &s.HTTP
	errors := w.Status[5]
	for k := range payload.Kinds {
		if w.Clear[k] > seen.clear[k] {
			c.clear[k] += int(w.Clear[k] - seen.clear[k])
			c.sample = tuple
		}
		c.hints[k] += int(w.Hints[k] - min(w.Hints[k], seen.hints[k]))
		c.score[k] = max(c.score[k], w.Score[k])
	}
	c.requests += int(s.Requests - min(s.Requests, seen.requests))
	c.responses += int(s.Responses - min(s.Responses, seen.responses))
	refused := w.NotFound
	if !s.Marks.Any(payload.BrowserSeen) { // some servers forbid what is not there; people meet such by the page
		refused += w.Forbidden
	}
	c.notFound += int(refused - min(refused, seen.notFound))
	c.errors += int(errors - min(errors, seen.errors))
	c.names |= s.Names
	c.shapes |= s.Shapes
	c.named = c.named || s.Marks.Any(payload.NamedAgent)
	c.posted = c.posted || w.Posts > 0
	c.browser = c.browser || s.Marks.Any(payload.BrowserSeen)
	c.borrowed = c.borrowed || s.Marks.Any(payload.ForgedBrowser|payload.NoAgent|payload.OddAgent)
	c.forged = c.forged || s.Marks.Any(payload.ForgedBrowser)
	c.program = c.program || s.Marks.Any(payload.ForgedBrowser|payload.NoAgent|payload.OddAgent|payload.ScriptAgent|payload.NamedAgent|payload.ScannerAgent)
	c.scanner = c.scanner || s.Marks.Any(payload.ScannerAgent)
	*seen = webSeen{s.Requests, s.Responses, w.Clear, w.Hints, refused, errors}
}

// doubled says whether evidence is new or has doubled since it was reported.
func doubled(now, said int) bool { return now > 0 && (said == 0 || now >= 2*said) }

// onceByHand is the confidence in one such request among a browser's: an attacker
// begins so, and so does somebody who looks up what an attack looks like.
const onceByHand = 0.55

// injection judges what requests held.
func (b *webAttack) injection(pair webPair, c *webClient, last bool) (Finding, bool) {
	clear, most, kinds := 0, 0, []string(nil)
	for k, n := range c.clear {
		if n > 0 {
			clear += n
			most = max(most, int(c.score[k]))
			kinds = append(kinds, payload.KindNames[k])
		}
	}
	hints, hinted := 0, -1
	for k, n := range c.hints {
		if n > hints && k != payload.Probe {
			hints, hinted = n, k
		}
	}
	reason := ""
	confidence := 0.0
	switch {
	case clear > 0:
		confidence = min(0.99, 0.75+0.02*float64(most)+0.05*float64(clear))
		if clear == 1 && c.errors == 0 && c.browser && !c.program {
			confidence = onceByHand
		}
		reason = fmt.Sprintf("%s sent %s with patterns of %s to %s", pair.client, words.Plural(clear, "request"), list(kinds), pair.server)
		if c.scanner {
			reason += ", under the name of an attack tool"
		}
		if c.errors > 0 {
			reason += fmt.Sprintf("; %s answered by a server error", verb(c.errors))
		}
	case hints >= b.cfg.Hints && (c.posted || c.names.Count() >= b.cfg.Hints):
		confidence = min(0.9, 0.6+0.02*float64(hints))
		reason = fmt.Sprintf("%s sent %s that look like tries of %s to %s", pair.client, words.Plural(hints, "request"), payload.KindNames[hinted], pair.server)
	default:
		return Finding{}, false
	}
	evidence := clear + hints
	if !doubled(evidence, c.saidInjection) && !(last && evidence > c.saidInjection) {
		return Finding{}, false
	}
	c.saidInjection = evidence
	f := b.finding(pair, c, confidence, reason)
	for k, n := range c.clear {
		if n > 0 {
			f.Evidence = append(f.Evidence, Evidence{Name: "requests with patterns of " + payload.KindNames[k], Value: float64(n)})
		}
	}
	return f, true
}

// scan judges what was asked for in vain.
func (b *webAttack) scan(pair webPair, c *webClient, last bool) (Finding, bool) {
	if c.saidInjection > 0 {
		return Finding{}, false // the more exact word stands
	}
	probes := c.hints[payload.Probe]
	missing := b.cfg.Missing
	if c.borrowed && !c.browser && 5*c.notFound >= 4*c.responses { // a program under a browser's name that finds next to nothing
		missing /= 2
	}
	if c.named && !c.borrowed && !c.browser {
		missing *= 4 // mirrors, caches and builders ask one place after the other for what each may have
	}
	if (c.browser || !c.program) && 2*c.notFound < c.responses && c.score[payload.Probe] < 8 {
		probes = 0 // a person at an administrator's pages, which are there
	}
	confidence, reason := 0.0, ""
	switch {
	case c.scanner && c.requests >= 2:
		confidence = min(0.9, 0.6+0.06*float64(c.requests))
		reason = fmt.Sprintf("%s sent %s to %s under the name of an attack tool", pair.client, words.Plural(c.requests, "request"), pair.server)
	case c.notFound >= missing && c.shapes.Count() >= missing && 2*c.notFound > c.responses:
		confidence = min(0.97, 0.8+float64(c.notFound)/1000)
		reason = fmt.Sprintf("%s asked %s for %s that do not exist or are forbidden, of %s", pair.client, pair.server, words.Plural(c.notFound, "page"), words.Plural(c.requests, "request"))
	case c.requests == 0 && c.notFound >= 100 && 10*c.notFound >= 9*c.responses && int64(c.notFound)*1e6 >= 20*(c.end-c.start):
		confidence = 0.8 // one side only: what was asked for is not seen, but nobody reads so fast
		reason = fmt.Sprintf("%s was told by %s %s that a page does not exist or is forbidden", pair.client, pair.server, repeatedly(c.notFound))
	case c.answeredAlike():
		confidence = 0.85
		reason = fmt.Sprintf("%s asked %s for %s under a browser's name, and was given the same whatever it asked for", pair.client, pair.server, words.Plural(c.requests, "page"))
	case probes >= 4 && c.names.Count() >= 4, c.score[payload.Probe] >= 8:
		confidence = min(0.95, 0.75+0.03*float64(probes))
		reason = fmt.Sprintf("%s asked %s %s for what vulnerability scanners look for", pair.client, pair.server, repeatedly(probes))
	default:
		return Finding{}, false
	}
	evidence := max(c.requests, c.notFound)
	if !doubled(evidence, c.saidScan) && !(last && evidence > c.saidScan) {
		return Finding{}, false
	}
	c.saidScan = evidence
	return b.finding(pair, c, confidence, reason), true
}

// answeredAlike says whether a program under a browser's name asked in haste for page after
// page, and a server that says of none that it is missing had one answer for all of them.
func (c *webClient) answeredAlike() bool {
	const many, connections, other, hasty = 100, 20, 60, 5
	return c.forged && !c.browser && c.requests >= many && c.flows >= connections && c.shapes.Count() >= other &&
		c.sizes.Count() <= 3 && int64(c.requests)*1e6 >= hasty*(c.end-c.start)
}

func (b *webAttack) finding(pair webPair, c *webClient, confidence float64, reason string) Finding {
	return Finding{
		Behaviour: b.Name(), Class: attack.WebAttack,
		Actor: pair.client, Targets: []packet.Addr{pair.server}, TargetsN: 1,
		Ports: []uint16{c.port}, PortsN: 1,
		Start: c.start, End: c.end, Flows: c.flows,
		Confidence: confidence,
		Reason:     reason,
		Evidence: []Evidence{
			{Name: "requests", Value: float64(c.requests)},
			{Name: "different addresses", Value: float64(c.names.Count())},
			{Name: "replies that a page does not exist or is forbidden", Value: float64(c.notFound)},
			{Name: "server errors", Value: float64(c.errors)},
		},
		Filter:  fmt.Sprintf("http && ip.addr == %s && ip.addr == %s", pair.client, pair.server),
		Samples: []flow.Tuple{c.sample},
	}
}
