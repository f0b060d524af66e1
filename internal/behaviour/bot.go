package behaviour

import (
	"fmt"
	"math"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// BotConfig holds the limits of the bot behaviour.
type BotConfig struct {
	// Enough is the probability from which a host is reported.
	Enough float64
	// Contacts, Hosts and Flows are the most pairs of host and server, hosts, and
	// connections watched.
	Contacts, Hosts, Flows int
}

// DefaultBotConfig is explained in docs/behaviours.md.
func DefaultBotConfig() BotConfig {
	return BotConfig{Enough: 0.5, Contacts: 16384, Hosts: 8192, Flows: 65536}
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
	door     contacts // pairs that were seen without payload once
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
	checkIns, repeats, small    uint16
	missing, missingRandom      uint16
	booked                      bool
}

// contact sums up what a host had to do with one service.
type contact struct {
	start, end  int64
	flows       int
	failed      int // attempts that nobody answered
	sent, got   uint64
	beats       beats // beginnings of connections
	rhythm      payload.Rhythm
	bursts      int // of flows that have ended, at the rhythm's pace
	lastPort    uint16
	proto       payload.Proto
	marks       payload.Marks
	first       [2]payload.First
	requests    int
	gets        int
	posts, bare int
	checkIns    int
	repeats     int
	small       int
	path, named uint32 // of the last request
	aliases     int    // requests for the same path under another host name
	detail      uint8  // how closely a request described the machine
	methods     uint16
	names       payload.Sketch
	sni         bool
	lastFlow    uint64
	said        float64
	saidBeats   int
	sample      flow.Tuple
}

// botHost sums up one host.
type botHost struct {
	missing       int // names that do not exist
	missingRandom payload.Sketch
	lookedUp      bool // asked what its own address is
	programs      distinct
	mail          distinct // servers that mail was taken to
	mailSent      int
	takesMail     bool // others bring it mail: a relay
	refused       int  // by mail servers, as spam
	peers         peerCount
	paths         [4]sharedPath
	start, end    int64
	saidMail      int
	saidNames     int
	doubtful      [8]doubt // contacts with a score of note
	mailSample    flow.Tuple
}

// doubt is a contact that is not enough by itself.
type doubt struct {
	key   contactKey
	score float64
}

// beside is what a host's other doubtful contacts add to one's score.
func (h *botHost) beside(key contactKey, score float64) (more float64) {
	least, mine := 0, -1
	for i := range h.doubtful {
		d := &h.doubtful[i]
		switch {
		case d.key == key:
			mine = i
		case d.key.server != key.server && d.score > noteworthy:
			more += math.Min(0.8, 0.45*(d.score-noteworthy))
		}
		if d.score < h.doubtful[least].score {
			least = i
		}
	}
	if mine < 0 {
		mine = least
	}
	if score > noteworthy && (h.doubtful[mine].key == key || score > h.doubtful[mine].score) {
		h.doubtful[mine] = doubt{key, score}
	}
	return math.Min(1.5, more)
}

// worst is the host's most doubtful contact, nil if there is none.
func (h *botHost) worst() *doubt {
	most := &h.doubtful[0]
	for i := range h.doubtful {
		if h.doubtful[i].score > most.score {
			most = &h.doubtful[i]
		}
	}
	if most.score == 0 {
		return nil
	}
	return most
}

// noteworthy is the score from which a contact speaks against its host's others.
const noteworthy = 1.4

// sharedPath is a path asked of several servers.
type sharedPath struct {
	path    uint32
	servers [4]packet.Addr
	n       int
}

func newBot(cfg BotConfig) *bot {
	return &bot{
		cfg:      cfg,
		contacts: newTable[contactKey](cfg.Contacts, func(c *contact) float64 { return 10*c.said + float64(min(c.beats.n, 9)) }),
		hosts:    newTable[packet.Addr](cfg.Hosts, func(h *botHost) float64 { return float64(h.mail.count() + h.missing) }),
		flows:    newTable[uint64, botSeen](cfg.Flows, nil),
	}
}

// Name implements Behaviour.
func (*bot) Name() string { return "bot" }

// Advance implements Behaviour. Beats are judged as they come.
func (*bot) Advance(int64, func(Finding)) {}

// Stats implements Behaviour.
func (b *bot) Stats() Stats {
	return Stats{
		Entries:   b.contacts.len() + b.hosts.len() + b.flows.len(),
		Limit:     b.cfg.Contacts + b.cfg.Hosts + b.cfg.Flows,
		Evictions: b.contacts.evictions + b.hosts.evictions + b.flows.evictions,
		Findings:  b.findings,
	}
}

// Observe implements Behaviour.
func (b *bot) Observe(o *Observation, emit func(Finding)) {
	r := &o.Record
	if r.Proto != packet.TCP && r.Proto != packet.UDP || toMany(r.Dst) || toMany(r.Src) || looksReply(r) {
		return
	}
	if o.Kind == flow.Started && r.Proto == packet.TCP && r.Signals == nil {
		return
	}
	s := r.Signals
	key := contactKey{r.Src, r.Dst, r.DstPort, r.Proto}
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
	if fresh {
		h.start = r.Start
	}
	h.end = max(h.end, r.Last)
	seen := b.flows.get(r.ID)
	if seen == nil {
		if seen = new(botSeen); o.Kind != flow.Ended {
			seen, _ = b.flows.add(r.ID)
		}
	}
	if s != nil && s.Proto == payload.DNS {
		b.lookUps(key, h, r, seen, emit)
	} else {
		c, fresh := b.contacts.add(key)
		if fresh {
			c.start, c.sample = r.Start, r.Tuple
		}
		c.book(o, seen)
		h.book(key, c, o)
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

// book adds one event of a flow to the contact.
func (c *contact) book(o *Observation, seen *botSeen) {
	r, s := &o.Record, o.Record.Signals
	c.end = max(c.end, r.Last)
	if !seen.booked && (s != nil || o.Kind == flow.Ended) {
		seen.booked = true
		if c.flows == 0 || r.SrcPort != c.lastPort { // else the same connection, parted by the meter
			c.flows++
			c.beats.add(r.Start)
		}
		c.lastPort = r.SrcPort
	}
	if o.Kind == flow.Ended {
		c.beats.sizes.add(float64(r.Fwd.Payload))
		c.sent += r.Fwd.Payload
		c.got += r.Bwd.Payload
		if r.Bwd.Payload == 0 && (r.Proto == packet.TCP && r.Fwd.Payload == 0 || r.Unreachable) {
			c.failed++
		}
	}
	if s == nil {
		return
	}
	c.marks |= s.Marks
	c.proto = s.Proto
	c.keep(&s.Rhythm, o.Kind == flow.Ended)
	c.first = s.First
	c.names |= s.Names
	c.sni = c.sni || s.TLS.SNI != 0
	w := &s.HTTP
	rise := gain(s.Requests, &seen.requests)
	c.requests += rise
	c.posts += gain(uint32(w.Posts), &seen.posts)
	c.gets += gain(uint32(w.Gets), &seen.gets)
	c.bare += gain(uint32(w.BarePosts), &seen.bare)
	c.checkIns += gain(uint32(w.CheckIns), &seen.checkIns)
	c.repeats += gain(uint32(w.Repeats), &seen.repeats)
	c.small += gain(uint32(w.SmallReplies), &seen.small)
	c.methods |= w.Methods
	c.detail = max(c.detail, w.Detail)
	if s.Proto == payload.HTTP && rise > 0 {
		if c.path == w.Path && c.lastFlow != r.ID {
			c.repeats++
			if c.named != w.Host {
				c.aliases++
			}
		}
		c.path, c.named, c.lastFlow = w.Path, w.Host, r.ID
	}
}

// keep holds on to the longest rhythm of the contact's flows, and to how many
// bursts those before it had at the same pace.
func (c *contact) keep(r *payload.Rhythm, ended bool) {
	if r.Bursts >= c.rhythm.Bursts {
		c.rhythm = *r
	}
	if ended && r.Bursts >= 4 && near(float64(r.Mean), float64(c.rhythm.Mean), 0.2) {
		c.bursts += int(r.Bursts)
	}
}

// book adds what a contact tells about its host.
func (h *botHost) book(key contactKey, c *contact, o *Observation) {
	s := o.Record.Signals
	if s == nil {
		return
	}
	h.lookedUp = h.lookedUp || s.Marks.Any(payload.AddressLookup)
	if r := &o.Record; s.Proto == payload.Unknown && r.Proto == packet.UDP && s.First[0].Length <= 64 {
		switch {
		case o.Kind == flow.Started:
			h.peers.ask(&key, s.First[0], r.Start)
		case o.Kind == flow.Ended && r.Bwd.Packets > 0 && h.peers.port == key.port:
			h.peers.answered++
		}
	}
	if s.Marks.Any(payload.ExeFetched) {
		h.programs.add(hashAddr(key.server))
	}
	if s.Proto == payload.SMTP || key.port == 25 && key.proto == packet.TCP {
		if h.mail.add(hashAddr(key.server)) {
			h.mailSample = o.Record.Tuple
		}
		if o.Kind == flow.Ended {
			if s.Marks.Any(payload.MailSent) {
				h.mailSent++
			}
			if s.Marks.Any(payload.SpamWords) {
				h.refused++
			}
		}
	}
	bare := s.HTTP.BarePosts > 0 || s.Marks.Any(payload.NoAgent|payload.ForgedBrowser) && s.HTTP.Path != rootPath
	if s.Proto == payload.HTTP && bare && !c.person() || c.unpaged() {
		h.share(s.HTTP.Path, key.server)
	}
}

// rootPath is the hash of the path /, which everybody asks for everywhere.
const rootPath = 0x2a0c975e

// share notes that a path was asked of a server.
func (h *botHost) share(path uint32, server packet.Addr) {
	slot := &h.paths[path%uint32(len(h.paths))]
	if slot.path != path {
		*slot = sharedPath{path: path}
	}
	for _, have := range slot.servers[:slot.n] {
		if have == server {
			return
		}
	}
	if slot.n < len(slot.servers) {
		slot.servers[slot.n] = server
		slot.n++
	}
}

// sharedBy is of how many servers the contact's path was asked.
func (h *botHost) sharedBy(path uint32) int {
	if slot := &h.paths[path%uint32(len(h.paths))]; slot.path == path {
		return slot.n
	}
	return 0
}

// lookUps books names that do not exist and judges whether they were generated.
func (b *bot) lookUps(key contactKey, h *botHost, r *flow.Record, seen *botSeen, emit func(Finding)) {
	s := r.Signals
	h.lookedUp = h.lookedUp || s.Marks.Any(payload.AddressLookup)
	h.missing += gain(uint32(s.DNS.Missing), &seen.missing)
	if gain(uint32(s.DNS.MissingRandom), &seen.missingRandom) > 0 {
		h.missingRandom |= s.Names
	}
	n := h.missingRandom.Count()
	if n < 10 || 2*n < h.missing || !doubled(n, h.saidNames) {
		return
	}
	h.saidNames = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: 1, Ports: []uint16{key.port}, PortsN: 1,
		Activity: "names", Start: h.start, End: h.end, Flows: h.missing,
		Confidence: min(0.97, 0.7+0.01*float64(n)), Techniques: []string{"T1568.002"},
		Reason: fmt.Sprintf("%s asked for about %d names of random letters that do not exist in %s, as programs do that generate the names of their controllers",
			key.host, n, span(h.end-h.start)),
		Evidence: []Evidence{{Name: "random names that do not exist", Value: float64(n), Normal: 2}},
		Filter:   fmt.Sprintf("dns.flags.rcode == 3 && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{r.Tuple},
	})
}

// spamServers is to how many mail servers a host must bring mail itself to be a
// spam bot; a mail relay is asked for mail by others, which a bot is not.
const spamServers = 15

// mail judges whether a host floods the world with mail.
func (b *bot) mail(key contactKey, h *botHost, emit func(Finding)) {
	n := h.mail.count()
	if key.port != 25 || n < spamServers || h.takesMail || 2*h.mailSent > n || !doubled(n, h.saidMail) {
		return // a relay takes mail as well, and gets rid of it
	}
	if minutes := float64(h.end-h.start) / 60e6; float64(n) < 3*minutes {
		return
	}
	h.saidMail = n
	b.findings++
	emit(Finding{
		Behaviour: b.Name(), Class: attack.Bot,
		Actor: key.host, Targets: []packet.Addr{key.server}, TargetsN: n, Ports: []uint16{25}, PortsN: 1,
		Activity: "mail", Start: h.start, End: h.end, Flows: n,
		Confidence: min(0.97, 0.75+0.005*float64(n)), Techniques: []string{"T1071.003", "T1496"},
		Reason: fmt.Sprintf("%s connected to %s itself in %s; %s taken and %s refused as spam",
			key.host, plural(n, "mail server"), span(h.end-h.start), plural(h.mailSent, "message"), plural(h.refused, "connection")),
		Evidence: []Evidence{{Name: "mail servers", Value: float64(n), Normal: 2}},
		Filter:   fmt.Sprintf("tcp.port == 25 && ip.addr == %s", key.host),
		Samples:  []flow.Tuple{h.mailSample},
	})
}
