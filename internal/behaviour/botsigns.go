package behaviour

import (
	"math"
	"math/bits"

	"firetower/internal/packet"
	"firetower/internal/payload"
)

// oddAgent is what a user agent of no known program weighs.
const oddAgent = 0.8

// botSign is one sign that a contact is an order given to a bot. The weights are
// log odds, set by hand from what the sign is worth by itself.
type botSign struct {
	words  string
	weight func(key *contactKey, c *contact, h *botHost) float64
}

// when is the weight if the condition holds.
func when(yes bool, weight float64) float64 {
	if yes {
		return weight
	}
	return 0
}

// botSigns in the order in which a reason names them.
var botSigns = []botSign{
	{"the protocol of a known remote-access trojan", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.RATWords), 4.5)
	}},
	{"an unknown protocol in which it introduces itself by its system", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.HostInfo) && c.proto == payload.Unknown, 2.6)
	}},
	{"what it hands over describes the machine or says that it is stolen", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.HostInfo) && (c.proto == payload.SMTP || c.proto == payload.FTP), 3.4)
	}},
	{"a stage of remote control, and then talk", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.Staged) && c.rhythm.Bursts >= 6, 3.4)
	}},
	{"small orders of the server that the client answers at length", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(k.proto == packet.TCP && (c.proto == payload.Unknown && !usualRhythm(k) || c.unnamed()) && c.obeys(), 2.2)
	}},
	{"a first exchange of 256 random bytes each way", func(_ *contactKey, c *contact, _ *botHost) float64 {
		random := c.first[0].Entropy > 208 && c.first[1].Entropy > 208
		return when(c.proto == payload.Unknown && random && c.first[0].Length == 256 && c.first[1].Length >= 256 && c.first[1].Length <= 270, 3)
	}},
	{"an unknown protocol on an unusual port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.Unknown && k.proto == packet.TCP && c.got > 0 && c.sent > 0 && !serves(k.port) && !usualRhythm(k), 0.8)
	}},
	{"a miner's talk with its pool", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.Mines), 3.5)
	}},
	{"an unknown protocol to a service called by a bare address", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.Unknown && c.marks.Any(payload.RawHost) && !inside(k.server), 2.5)
	}},
	{"no protocol of the web, at an address of a name of dynamic DNS", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.dynamic && k.proto == packet.TCP && !serves(k.port) && (c.proto == payload.Unknown || c.unnamed()), 2.5)
	}},
	{"something else than HTTP or TLS on the port of these", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.Unknown && k.proto == packet.TCP && (k.port == 80 || k.port == 443) && c.first[0].Length > 0, 1.2)
	}},
	{"messages in which it calls itself a bot", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.BotWords) && c.proto == payload.Unknown, 3.5) + when(c.marks.Any(payload.BotWords) && c.web(), 1.5) +
			when(c.marks.Any(payload.BotWords) && c.beats.n >= 4, 1)
	}},
	{"IRC under a generated name or with a bot's orders", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.IRCBot), 4.2)
	}},
	{"IRC on a port that is not IRC's", func(k *contactKey, c *contact, _ *botHost) float64 {
		odd := c.proto == payload.IRC && (k.port < 6660 || k.port > 6700) && k.port != 7000 && k.port != 194
		return when(odd, 2.2) + when(odd && c.marks.Any(payload.IRCChannel), 0.6)
	}},
	{"unencrypted HTTP on the port of HTTPS", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && k.port == 443 && k.proto == packet.TCP, 2.7)
	}},
	{"HTTP on an unusual port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && unusualWeb(k.port), 0.9)
	}},
	{"HTTP to a bare address", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.marks.Any(payload.RawHost), 1)
	}},
	{"no user agent", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.marks.Any(payload.NoAgent), 0.6)
	}},
	{"a user agent of no known program", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.marks.Any(payload.OddAgent), oddAgent)
	}},
	{"a browser's name without a browser's headers", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.marks.Any(payload.ForgedBrowser) && !c.person(), 1.5)
	}},
	{"replies without any header", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.marks.Any(payload.BareReply), 0.9)
	}},
	{"posts without a referring page", func(_ *contactKey, c *contact, _ *botHost) float64 {
		honest := c.marks.Any(payload.NamedAgent|payload.ScriptAgent) && !c.marks.Any(payload.ForgedBrowser|payload.NoAgent|payload.OddAgent)
		return when(c.web() && c.bare > 0 && !honest, 0.7) + when(c.web() && c.bare >= 3 && !honest, 0.4) // no program but a browser has one
	}},
	{"posts to a server of which no page was fetched", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.unpaged() && c.marks.Any(payload.BrowserSeen), 1.5) + when(c.web() && c.posts > 0 && c.gets == 0 && c.marks.Any(payload.ForgedBrowser), 0.5)
	}},
	{"the same path asked for again and again", func(_ *contactKey, c *contact, _ *botHost) float64 {
		if c.reports() {
			return 0
		}
		return when(c.web() && c.repeats == 1 && c.requests == 2, 0.2) + when(c.web() && c.repeats >= 2 && 2*c.repeats >= c.requests, 0.6) + when(c.web() && c.repeats >= 5 && 2*c.repeats >= c.requests, 0.4) +
			when(c.web() && c.requests >= 20 && 2*c.repeats < c.requests && c.names.Count() <= 3, 1)
	}},
	{"requests that describe the machine", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.checkIns > 0, 1.3) + when(c.detail >= 9, 0.7)
	}},
	{"the same path under several host names", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.aliases > 0 && c.names.Count() <= 8, 0.8)
	}},
	{"scripts asked for by no browser", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.ServerScript) && !c.person(), 0.5)
	}},
	{"the same path asked of several servers", func(k *contactKey, c *contact, h *botHost) float64 {
		return when(c.web() && !c.person() && h.sharedBy(c.path) >= 3 && !(inside(k.host) && inside(k.server)), 1.6) // else a monitor's
	}},
	{"a host name of random letters", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.RandomHost), 1)
	}},
	{"a domain of a kind that malware favours", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.CheapDomain), 0.5) + when(c.marks.Has(payload.CheapDomain|payload.RandomHost), 0.4)
	}},
	{"a program fetched", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.ExeFetched) && !c.person(), 1.2) + when(c.marks.Has(payload.ExeFetched|payload.ForgedBrowser) && !c.person(), 0.2)
	}},
	{"a program disguised as something else", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.ExeDisguised), 2.4)
	}},
	{"programs fetched from several servers", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(c.marks.Any(payload.ExeFetched) && h.programs.count() >= 3, 1.5)
	}},
	{"a file of noise fetched from a bare address", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Has(payload.NoiseFetched|payload.RawHost) && c.marks.Any(payload.NoAgent|payload.ForgedBrowser|payload.OddAgent), 0.9)
	}},
	{"a page of the server that is noise", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.NoiseReply), 1.6)
	}},
	{"a script that fetches and runs more", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.ScriptFetched) && !c.person(), 1.8)
	}},
	{"an address that attack frameworks ask for", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.StagerURI) && !c.person(), 1.3)
	}},
	{"a cookie that is one long cipher", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.CookieBeacon) && !c.person(), 1.7)
	}},
	{"TLS without a server name", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.unnamed(), 0.5)
	}},
	{"TLS without a name to an address that no DNS answer gave", func(k *contactKey, c *contact, _ *botHost) float64 {
		told := unusualTLS(k.port) && c.marks.Any(payload.SelfSigned) // says as much, whoever is asked
		return when(c.unnamed() && c.nameless && !c.heavy && !told, 0.4)
	}},
	{"TLS without a name under a certificate of no public authority", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.unnamed() && c.nameless && !c.heavy && c.private(), 0.7)
	}},
	{"TLS to several servers without a name or a public authority", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(c.unnamed() && c.nameless && c.marks.Any(payload.PrivateCA) && h.unnamed.count() >= 3, 1.8)
	}},
	{"TLS of the oldest version, without a name or a public authority", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.unnamed() && c.old && c.nameless && c.marks.Any(payload.PrivateCA), 0.5)
	}},
	{"the same few words again and again over TLS without a name", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.unnamed() && c.nameless && !c.heavy && c.flows >= 4 && c.beats.constancy() >= 0.7, 0.8)
	}},
	{"QUIC without a server name", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.QUIC && c.unnamed() && k.port == 443, 1.2)
	}},
	{"a certificate that vouches for itself", func(k *contactKey, c *contact, _ *botHost) float64 {
		own := c.proto == payload.TLS && c.marks.Any(payload.SelfSigned)
		return when(own, 1) + when(own && c.unnamed() && (c.nameless && !c.heavy || unusualTLS(k.port)), 0.6)
	}},
	{"TLS on an unusual port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.TLS && unusualTLS(k.port), 0.7)
	}},
	{"regular connections", func(k *contactKey, c *contact, _ *botHost) float64 { return c.regular(k) }},
	{"regular messages within a connection", func(k *contactKey, c *contact, _ *botHost) float64 { return c.pulse(k) }},
	{"requests at even times over one TLS connection to a server without a name", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.polls(k), 2.6)
	}},
	{"an even and quick rhythm of few words to an address that no DNS answer gave", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.calls(k), 0.9)
	}},
	{"answers held back, and the next asked for at once", func(k *contactKey, c *contact, _ *botHost) float64 {
		nameless := c.nameless || c.marks.Any(payload.RawHost|payload.SelfSigned)
		return when(nameless && c.held >= 5 && 3*c.held >= 2*c.flows && !usualRhythm(k), 1.5)
	}},
	{"connections retried at fixed times to a server that does not answer", func(k *contactKey, c *contact, _ *botHost) float64 {
		dead := c.flows >= 4 && c.failed >= c.flows-1 && c.beats.regularity() >= 0.7 && c.beats.period() >= 4
		odd := dead && !serves(k.port) && !usualRhythm(k)
		return when(dead, 1.6) + when(odd && (c.flows >= 30 || c.flows >= 10 && c.nameless || c.dynamic), 1.8)
	}},
	{"it asked a public service for its own address", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(h.lookedUp && !c.marks.Any(payload.BrowserSeen|payload.AddressLookup), 0.8)
	}},
	// What speaks for a contact has no words of its own: it only takes from the sum.
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.web() && c.person(), -1.5) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.names.Count() > 12, -0.8)
	}},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.introduced(), -0.6) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.marks.Any(payload.Readings), -2) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { // a tester or a scanner
		return when(bits.OnesCount16(c.methods) >= 4, -2)
	}},
	{"", func(k *contactKey, c *contact, _ *botHost) float64 { return c.homely(k) }},
}

// homely takes from a contact that stays inside: that is more often somebody's own
// program, unless it says in words what it is.
func (c *contact) homely(k *contactKey) float64 {
	return when(c.loud() && inside(k.host) && inside(k.server), -1.2)
}

// person is true where requests carry what only people's browsers send. A browser
// fetches a page before it posts; what only posts, and to a bare address, has
// copied a browser's headers.
func (c *contact) person() bool { return c.marks.Any(payload.BrowserSeen) && !c.unpaged() }

// unpaged is true for a bare address that was only posted to.
func (c *contact) unpaged() bool {
	return c.web() && c.posts > 0 && c.gets == 0 && c.marks.Any(payload.RawHost)
}

// introduced is true where requests name the program that sends them, as those of
// honest programs other than browsers do.
func (c *contact) introduced() bool {
	const others = payload.NoAgent | payload.OddAgent | payload.ForgedBrowser | payload.ScriptAgent | payload.ScannerAgent
	return c.web() && c.marks.Any(payload.NamedAgent) && !c.marks.Any(others)
}

// reports is true for a program that does not hide what it is, only posts, and is
// never told anything: no order came with a reply that has no body.
func (c *contact) reports() bool {
	return c.web() && c.posts == c.requests && c.empty+1 >= c.posts && c.marks.Any(payload.ScriptAgent|payload.NamedAgent) &&
		!c.marks.Any(payload.ForgedBrowser|payload.OddAgent)
}

// unnamed is true for a handshake of TLS or QUIC that names no server.
func (c *contact) unnamed() bool {
	return (c.proto == payload.TLS || c.proto == payload.QUIC) && c.marks.Any(payload.NoSNI) && !c.sni
}

// private is true where the certificate is of no public authority, but of another
// than the server.
func (c *contact) private() bool {
	return c.marks.Any(payload.PrivateCA) && !c.marks.Any(payload.SelfSigned)
}

// web is true where the contact is HTTP.
func (c *contact) web() bool { return c.proto == payload.HTTP }

// unusualWeb is true for ports on which few web servers listen.
func unusualWeb(port uint16) bool {
	switch port {
	case 80, 8080, 8000, 8008, 8081, 8088, 3128, 8888, 443, 5985, 7547, 2869, 5000, 3000, 1900, 49152, 631:
		return false
	}
	return true
}

// unusualTLS is true for ports that no common service with TLS uses.
func unusualTLS(port uint16) bool {
	switch port {
	case 443, 465, 563, 587, 636, 853, 989, 990, 992, 993, 995, 25, 110, 143, 21, 389, 3389, 5061, 5222, 5223, 5228, 5269, 5432,
		6697, 8443, 8883, 9001, 9030, 9443, 1194, 2083, 2087, 2096, 4433, 4443, 5349, 3269:
		return false
	}
	return true
}

// bulky is how many bytes a connection no order to a bot has.
const bulky = 30_000

// regular weighs how evenly connections to the service came.
func (c *contact) regular(k *contactKey) float64 {
	n := c.beats.n
	if n < 5 || c.failed > c.flows/2 || usualRhythm(k) || !c.anybodys() {
		return 0
	}
	if c.got > bulky*uint64(c.flows) { // pieces of something large, as video comes
		return 0
	}
	time, size := c.beats.regularity(), c.beats.constancy()
	if time < 0.6 || c.beats.period() < 1.5 {
		return 0
	}
	evidence := math.Min(1, math.Log2(float64(n)/4)/2) // 5: 0.2, 6: 0.3, 12: 0.8, 16: 1
	weight := c.odd() * 4.4 * evidence * math.Min(1, (time-0.2)/0.6) * (0.4 + 0.6*size)
	switch { // in the clear, regularity is one sign among others
	case !c.web():
		return weight
	case c.introduced(), c.marks.Any(payload.ScriptAgent) && c.posts == 0 && c.checkIns == 0: // a poller
		return 0.2 * weight
	case c.marks.Any(payload.OddAgent):
		return 0.3 * weight
	}
	return 0.5 * weight
}

// anybodys is true for protocols that bots use besides people. Clients of the others
// (mail, directories, data bases) ask at fixed times by design.
func (c *contact) anybodys() bool {
	switch c.proto {
	case payload.Unknown, payload.HTTP, payload.TLS, payload.IRC:
		return true
	}
	return false
}

// pulse weighs how evenly messages came within a connection.
func (c *contact) pulse(k *contactKey) float64 {
	r := &c.rhythm
	if r.Bursts < 6 || r.Mean < 2 || usualRhythm(k) {
		return 0
	}
	jitter := r.Jitter()
	if jitter > 0.3 {
		return 0
	}
	evidence := math.Min(1, math.Log2(float64(r.Bursts)/4)/2)
	weight := c.odd() * 2.4 * evidence * (1 - jitter/0.3)
	switch c.proto {
	case payload.HTTP:
		return when(!c.marks.Any(payload.Switched), weight) // a web socket is there to be kept open
	case payload.IRC:
		return weight
	case payload.TLS: // keep-alives of honest programs, unless the server hides who it is
		return when(c.marks.Any(payload.SelfSigned|payload.NoSNI), 0.4*weight)
	case payload.QUIC:
		return when(c.unnamed(), 0.7*weight)
	case payload.Unknown:
		return weight // with the port alone it is what messengers and remote desktops do too
	}
	return 0
}

// obeys is true for a connection over which the server speaks up, in few words, and
// the client answers in many, as in a remote control. Where news are pushed it is the
// other way round.
func (c *contact) obeys() bool {
	const orders, fewWords, handshake = 4, 120, 600
	r := &c.rhythm
	return int(r.Started[1]) >= orders && 5*int(r.Started[1]) >= 4*int(r.Bursts) && r.Size <= fewWords &&
		float64(c.sent) >= handshake+3*float64(r.Size)*float64(r.Bursts)
}

// Over a connection that polls, the handshake and so many bytes for each request
// come back, no pages and no files.
const (
	pollSetUp  = 20_000
	pollAnswer = 2_000
)

// polls is true for a TLS connection to an outside server without a name that holds
// requests at even times and little else. Keep-alives are smaller than a request of
// HTTP can be, and programs of people's ask servers that have names.
func (c *contact) polls(k *contactKey) bool {
	r := &c.rhythm
	return c.proto == payload.TLS && c.marks.Any(payload.NoSNI) && !c.sni && !c.heavy && !usualRhythm(k) &&
		(k.port == 443 || k.port == 8443 || unusualTLS(k.port)) &&
		r.Bursts >= 20 && 10*uint32(r.Started[0]) >= 9*uint32(r.Bursts) && r.Mean >= 1.5 && r.Size >= 150 && r.Jitter() <= 0.3
}

// usualRhythm is true for services whose clients are regular by design.
func usualRhythm(k *contactKey) bool {
	switch k.port {
	case 53, 67, 68, 123, 161, 162, 137, 138, 500, 514, 1194, 1883, 1900, 3478, 3479, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 5353, 8883, 502, 102,
		44818, 2404, 20000, 47808, 179, 520, 1812, 3544, 19302, 51820, 6881, 9100, 10050, 10051, 5666, 2055, 6343, 4739, 8125:
		return true
	}
	return false
}

// inside is true for addresses that are not routed between networks.
func inside(a packet.Addr) bool { return a.Local() }
