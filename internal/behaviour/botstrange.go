package behaviour

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// datagrams is the port of NetBIOS, at which Windows tells everybody what it is.
const datagrams = 138

// strangeSigns are those of protocols that are no known one, or are abused.
var strangeSigns = []botSign{
	{"the protocol of a known remote-access trojan", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.RATWords), 4.5)
	}},
	{"an unknown protocol in which it introduces itself by its system", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.HostInfo) && c.proto == payload.Unknown && k.port != datagrams, 2.6)
	}},
	{"what it hands over describes the machine or says that it is stolen", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.HostInfo) && (c.proto == payload.SMTP || c.proto == payload.FTP), 3.4)
	}},
	{"a stage of remote control, and then talk", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.Staged) && c.rhythm.Bursts >= 6, 3.4)
	}},
	{"small orders of the server that the client answers at length", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(k.proto == packet.TCP && (c.proto == payload.Unknown && !usualRhythm(k) || c.unnamed()) && c.obeys(), 2.8)
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
	{"something else than the protocol of its port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.proto == payload.Unknown && k.proto == packet.TCP && c.first[0].Length > 0 && (webPort(k.port) || spoken(k.port)), 1.2)
	}},
	{"noise from a server that was asked nothing", func(k *contactKey, c *contact, _ *botHost) float64 {
		noise := c.foreign(k) && c.greets && c.first[1].Noise() && c.first[1].Length >= moreThanNumber
		return when(noise && webPort(k.port), 1.5) + when(noise && !serves(k.port), 0.5)
	}},
	{"a server on the port of the web that asks, and is answered, at even times", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.foreign(k) && webPort(k.port) && c.pulse(k) > 0 && c.inquires(), 0.9)
	}},
	{"messages each behind its length, in no known protocol, to an address that no name was asked for", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.foreign(k) && c.counted && !c.called && c.pulse(k) > 0, 1.5) // programs of people's have names for their servers
	}},
	{"messages in Base64, in no known protocol", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.foreign(k) && c.coded && c.pulse(k) > 0, 1.5)
	}},
	{"what it says first is under a key that repeats", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.disguised && c.proto == payload.Unknown, 2)
	}},
	{"messages in which it calls itself a bot, or is told what to run", func(_ *contactKey, c *contact, _ *botHost) float64 {
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
}

// moreThanNumber is of how many bytes noise is no number or length of something.
const moreThanNumber = 12

// foreign is true for a protocol of its own, over TCP, to a server outside: not inside, and
// no neighbour in the same /24, whoever their addresses are.
func (c *contact) foreign(k *contactKey) bool {
	return c.proto == payload.Unknown && k.proto == packet.TCP && !inside(k.server) && !sameBlock(k.host, k.server) && !usualRhythm(k)
}

// spoken is true for ports whose protocols begin in a way that nobody mistakes, over
// TLS or not; those of text greet as they like.
func spoken(port uint16) bool {
	switch port {
	case 22, 53, 445, 465, 636, 853, 993, 995, 1433, 3306, 3389, 5432, 5900:
		return true
	}
	return false
}

// webPort is true for the ports of HTTP and HTTPS.
func webPort(port uint16) bool { return port == 80 || port == 443 }
