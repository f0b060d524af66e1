package behaviour

import (
	"math"

	"firetower/internal/payload"
)

// rhythmSigns are those of what comes again and again.
var rhythmSigns = []botSign{
	{"regular connections", func(k *contactKey, c *contact, _ *botHost) float64 { return c.regular(k) }},
	{"regular messages within a connection", func(k *contactKey, c *contact, _ *botHost) float64 { return c.pulse(k) }},
	{"an even and quick rhythm of few words to an address that no DNS answer gave", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.calls(k), 0.9)
	}},
	{"answers held back, and the next asked for at once", func(k *contactKey, c *contact, _ *botHost) float64 {
		nameless := c.nameless || c.marks.Any(payload.RawHost|payload.SelfSigned)
		return when(nameless && c.held >= 5 && 3*c.held >= 2*c.flows && !usualRhythm(k), 1.5)
	}},
	{"connections retried at fixed times to a server that does not answer", func(k *contactKey, c *contact, _ *botHost) float64 {
		dead := c.flows >= 4 && c.failed >= c.flows-1 && c.beats.regularity() >= 0.7 && c.beats.period() >= 4
		odd := dead && (!serves(k.port) || k.port == handlers) && !usualRhythm(k)
		return when(dead, 1.6) + when(odd && (c.flows >= 20 || c.flows >= 10 && c.nameless || c.dynamic), 1.8)
	}},
	{"it asked a public service for its own address", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(h.lookedUp && !c.marks.Any(payload.BrowserSeen|payload.AddressLookup), 0.8)
	}},
}

// handlers is the port on which the best known framework waits; that scanners look
// there makes it no service.
const handlers = 4444

// sharp is the regularity of a timer.
const sharp = 0.95

// bulky is how many bytes a connection no order to a bot has.
const bulky = 30_000

// steady is true for a contact of which the times may tell something: several
// connections that came to something, over a protocol that bots use, no device's.
func (c *contact) steady(k *contactKey) bool {
	if c.beats.n < 5 || c.failed > c.flows/2 || usualRhythm(k) || !c.anybodys() || c.beats.period() < 1.5 {
		return false
	}
	if c.unnamed() && c.crowded() || c.device() {
		return false
	}
	if c.proto == payload.TLS && !c.talked { // a client that is not content with the server's certificate
		return false
	}
	return c.got <= bulky*uint64(c.flows) // else pieces of something large, as video comes
}

// regular weighs how evenly connections to the service came.
func (c *contact) regular(k *contactKey) float64 {
	time, size := c.beats.regularity(), c.beats.constancy()
	if time < 0.6 || !c.steady(k) {
		return 0
	}
	weight := c.odd() * 4.4 * evidence(c.beats.n) * math.Min(1, (time-0.2)/0.6) * (0.4 + 0.6*size)
	switch { // in the clear, regularity is one sign among others
	case !c.web():
		return weight
	case c.reports():
		return 0
	case c.introduced(), c.poller():
		return 0.2 * weight
	case c.marks.Any(payload.OddAgent):
		return when(time < sharp, 0.3*weight) + when(time >= sharp, 0.5*weight)
	case c.marks.Any(payload.ForgedBrowser) && time >= sharp: // a person's browser keeps no such time, nor does it hide what it is
		return 0.8 * weight
	}
	return 0.5 * weight
}

// poller is true for a script that only asks.
func (c *contact) poller() bool {
	return c.marks.Any(payload.ScriptAgent) && c.posts == 0 && c.checkIns == 0
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
	weight := c.odd() * 2.4 * evidence(int(r.Bursts)) * (1 - jitter/0.3)
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

// inquires is true for a connection over which the server is the one who looks,
// again and again and in few words, whether the client is there, and it answers.
// Programs of people's look after their server themselves, behind translators of
// addresses.
func (c *contact) inquires() bool {
	const few, fewWords = 6, 120
	r := &c.rhythm
	return r.Bursts >= few && 5*int(r.Started[1]) >= 4*int(r.Bursts) && r.Size <= fewWords && 2*c.sent >= c.got
}

// Over a connection that polls, the handshake and so many bytes for each request
// come back, no pages and no files.
const (
	pollSetUp  = 20_000
	pollAnswer = 2_000
)

// usualRhythm is true for services whose clients are regular by design.
func usualRhythm(k *contactKey) bool {
	switch k.port {
	case 53, 67, 68, 123, 161, 162, 137, 138, 500, 514, 1194, 1883, 1900, 3478, 3479, 4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 5353, 8883, 502, 102,
		44818, 2404, 20000, 47808, 179, 520, 1812, 3544, 19302, 51820, 6881, 9100, 10050, 10051, 5666, 2055, 6343, 4739, 8125:
		return true
	case 1514, 2003, 2004, 4317, 4318, 4505, 4506, 5044, 5665, 6514, 7547, 8086, 8140, 9997, 24224: // agents: logs, metrics, configuration, CWMP
		return true
	case 4840, 5006, 5007, 9600, 18245, 48898: // machines
		return true
	}
	return false
}
