package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// BotConfig holds the limits of the bot behaviour.
type BotConfig struct {
	// Bias is what the weights of a contact's signs must add up to before a bot is
	// as likely as not, in log odds.
	Bias float64
	// Enough is the probability from which a host is reported.
	Enough float64
	// Contacts, Hosts and Flows are the most pairs of host and server, hosts, and
	// connections watched.
	Contacts, Hosts, Flows int
	// Watch, if it is not nil, is told of each contact that has been weighed.
	Watch Weigher
}

// DefaultBotConfig is explained in docs/behaviours.md.
func DefaultBotConfig() BotConfig {
	return BotConfig{Bias: 3.3, Enough: 0.5, Contacts: 16384, Hosts: 8192, Flows: 65536}
}

// bot finds hosts that somebody controls from afar, by what they cannot hide: they
// ask for orders again and again, say who they are, fetch programs, and do it
// without what people's programs send along. No single sign is proof; each has a
// weight (botsigns.go), and a logistic function of their sum is the confidence.
type bot struct {
	cfg      BotConfig
	contacts *table[contactKey, contact]
	hosts    *table[packet.Addr, botHost]
	flows    *table[uint64, botSeen]
	askers   *table[packet.Addr, distinct] // who asks a host inside again and again
	door     contacts                      // pairs that were seen without payload once
	named    contacts                      // addresses that an answer to a DNS query gave
	dynamic  contacts                      // those of names of dynamic DNS
	weights  []float64                     // of the contact weighed last
	findings uint64
}

// contactKey is one service that a host talks to.
type contactKey struct {
	host, server packet.Addr
	port         uint16
	proto        uint8
}

// botSeen is what was booked of a flow before.
type botSeen struct {
	requests, gets, posts, bare uint16
	checkIns, repeats           uint16
	ciphers, falseForms         uint16
	terse, declared             uint16
	missing, missingRandom      uint16
	full, packed                uint16
	bulk, long, vain            uint16
	given                       uint16
	empty, listed               uint16
	booked                      bool
}

func newBot(cfg BotConfig) *bot {
	return &bot{
		cfg:      cfg,
		contacts: newTable[contactKey](cfg.Contacts, func(c *contact) float64 { return 10*c.said + float64(min(c.beats.n, 9)) }),
		hosts:    newTable[packet.Addr](cfg.Hosts, func(h *botHost) float64 { return float64(h.mail.count() + h.missing) }),
		flows:    newTable[uint64, botSeen](cfg.Flows, nil),
		askers:   newTable[packet.Addr](cfg.Hosts, func(d *distinct) float64 { return float64(d.count()) }),
	}
}

// Name implements Behaviour.
func (*bot) Name() string { return "bot" }

// Advance implements Behaviour. Beats are judged as they come.
func (*bot) Advance(int64, func(Finding)) {}

// Stats implements Behaviour.
func (b *bot) Stats() Stats {
	return Stats{
		Entries:   b.contacts.len() + b.hosts.len() + b.flows.len() + b.askers.len(),
		Limit:     b.cfg.Contacts + 2*b.cfg.Hosts + b.cfg.Flows,
		Evictions: b.contacts.evictions + b.hosts.evictions + b.flows.evictions + b.askers.evictions,
		Findings:  b.findings,
	}
}

// Observe implements Behaviour.
func (b *bot) Observe(o *Observation, emit func(Finding)) {
	r := &o.Record
	if r.Proto == packet.ICMP || r.Proto == packet.ICMPv6 {
		b.judgeEcho(o, emit)
		return
	}
	if r.Proto != packet.TCP && r.Proto != packet.UDP || toMany(r.Dst) || toMany(r.Src) || looksReply(r) {
		return
	}
	s := r.Signals
	key := contactKey{r.Src, r.Dst, r.DstPort, r.Proto}
	b.seek(key, o, emit)
	if o.Kind == flow.Started && r.Proto == packet.TCP && s == nil {
		return
	}
	if s != nil && s.Reversed {
		key = contactKey{r.Dst, r.Src, r.SrcPort, r.Proto}
	}
	if s != nil && s.Proto == payload.SMTP {
		server, _ := b.hosts.add(key.server)
		server.takesMail = true
	}
	if inside(key.server) && !inside(key.host) {
		return // controllers are asked, from within
	}
	if s == nil && b.door.add(hashAddr(key.host)^mix(hashAddr(key.server)+uint64(key.port))) {
		return // attempts without payload are remembered from the second on
	}
	h, fresh := b.hosts.add(key.host)
	if fresh || r.Start-h.end > hour {
		*h = botHost{takesMail: h.takesMail, resolves: h.resolves}
	}
	h.end = max(h.end, r.Last)
	seen := b.flows.get(r.ID)
	if seen == nil {
		if seen = new(botSeen); o.Kind != flow.Ended {
			seen, _ = b.flows.add(r.ID)
		}
	}
	if s != nil && s.Proto == payload.DNS {
		if server := b.hosts.get(key.server); server != nil {
			server.resolves = true
		}
		b.learn(h, s, seen)
		b.lookUps(key, h, r, seen, emit)
		b.judgeZone(key, h, r, seen, emit)
	} else {
		c, fresh := b.contacts.add(key)
		if fresh {
			c.start, c.sample = r.Start, r.Tuple
			c.unseen = r.MidStream
		}
		c.book(o, seen)
		b.origin(key, c, h)
		h.book(key, c, o)
		b.meet(&key, h, o)
		b.relay(key, c, h, emit)
		b.mail(key, h, emit)
		b.judgePeers(key, c, h, emit)
		if o.Kind != flow.Started || r.Proto == packet.UDP {
			b.judge(key, c, h, emit)
		}
	}
	if o.Kind == flow.Ended {
		b.flows.drop(r.ID)
	}
}

// gain is what a saturating counter has risen by; it brings the earlier value up.
func gain(now uint32, before *uint16) int {
	n := uint16(min(now, 65535))
	rise := int(n) - int(*before)
	*before = n
	return max(0, rise)
}
