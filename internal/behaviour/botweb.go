package behaviour

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// oddAgent is what a user agent of no known program weighs.
const oddAgent = 0.8

// webSigns are those of HTTP in the clear.
var webSigns = []botSign{
	{"unencrypted HTTP on the port of HTTPS", func(k *contactKey, c *contact, _ *botHost) float64 {
		answered := c.first[1].Length > 0 || c.got > 0
		return when(c.web() && k.port == 443 && k.proto == packet.TCP && (answered || c.requests >= 3), 2.7)
	}},
	{"HTTP on an unusual port", func(k *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && unusualWeb(k.port), 0.9)
	}},
	web("HTTP to a bare address", func(c *contact) float64 {
		return when(c.marks.Any(payload.RawHost), 1)
	}),
	web("no user agent", func(c *contact) float64 {
		return when(c.marks.Any(payload.NoAgent), 0.6)
	}),
	web("a user agent of no known program", func(c *contact) float64 {
		return when(c.marks.Any(payload.OddAgent), oddAgent)
	}),
	web("a browser's name without a browser's headers", func(c *contact) float64 {
		return when(c.marks.Any(payload.ForgedBrowser) && !c.person(), 1.5)
	}),
	web("replies without any header", func(c *contact) float64 {
		return when(c.marks.Any(payload.BareReply), 0.9)
	}),
	web("posts without a referring page", func(c *contact) float64 {
		honest := c.marks.Any(payload.NamedAgent|payload.ScriptAgent) && !c.marks.Any(payload.ForgedBrowser|payload.NoAgent|payload.OddAgent)
		return when(c.bare > 0 && !honest, 0.7) + when(c.bare >= 3 && !honest, 0.4) // no program but a browser has one
	}),
	web("posts to a server of which no page was fetched", func(c *contact) float64 {
		return when(c.unpaged() && c.marks.Any(payload.BrowserSeen), 1.5) + when(c.posts > 0 && c.gets == 0 && c.marks.Any(payload.ForgedBrowser), 0.5)
	}),
	web("the same path asked for again and again", func(c *contact) float64 {
		if c.reports() {
			return 0
		}
		return when(c.repeats == 1 && c.requests == 2, 0.2) + when(c.repeats >= 2 && 2*c.repeats >= c.requests, 0.6) + when(c.repeats >= 5 && 2*c.repeats >= c.requests, 0.4) +
			when(c.requests >= 20 && 2*c.repeats < c.requests && c.names.Count() <= 3, 1)
	}),
	{"requests that describe the machine", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.checkIns > 0, 1.3) + when(c.detail >= 9, 0.7) + when(c.detail >= hidden, 0.8)
	}},
	web("the same path under several host names", func(c *contact) float64 {
		return when(c.aliases > 0 && c.names.Count() <= 8, 0.8)
	}),
	{"scripts asked for by no browser", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.marks.Any(payload.ServerScript) && !c.person() && !(c.unread() && !c.marks.Any(payload.CookieBeacon)), 0.5)
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
	{"much handed over to a bare address from which no browser fetched something", func(_ *contactKey, c *contact, _ *botHost) float64 {
		unnamed := c.marks.Has(payload.RawHost|payload.NoAgent) && !c.marks.Any(payload.NamedAgent|payload.ScriptAgent|payload.BrowserSeen)
		return when(c.web() && unnamed && c.gets > 0 && c.posts > 0 && c.sent >= loot*uint64(c.posts), 1.2)
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
	{"a cookie or a query that is one long cipher", func(_ *contactKey, c *contact, h *botHost) float64 {
		return when(c.marks.Any(payload.CookieBeacon) && !c.person() && !(c.unread() && h.browses), 1.7)
	}},
	{"a program's size of bytes, fetched once and with a cookie by a program without a name", func(_ *contactKey, c *contact, _ *botHost) float64 {
		first := c.web() && c.requests == 1 && c.got >= aProgram // who gave it the cookie?
		return when(first && c.marks.Has(payload.CookieBeacon|payload.NoAgent) && !c.inside, 1.1)
	}},
	{"ciphers one after the other, and answered in few words", func(_ *contactKey, c *contact, h *botHost) float64 {
		many := c.ciphers >= 3 && 4*c.ciphers >= 3*c.requests && 2*c.terse >= c.requests
		return when(many && !c.person() && !(c.unread() && h.browses), 1.7)
	}},
	web("cookies of ever other names", func(c *contact) float64 {
		n := c.cookies.Count() // a server names its cookies once
		return when(n >= 4 && 4*n >= 3*c.requests && !c.person(), 1.5)
	}),
	web("what calls itself a form and is noise", func(c *contact) float64 {
		return when(c.falseForms > 0 && !c.person(), 0.9)
	}),
}

// hidden is the detail of a report that is hidden where a program's name belongs.
const hidden = 32

// aProgram is how many bytes a loader brings, or more.
const aProgram = 100_000

// loot is how many bytes a post has that is no report.
const loot = 20_000

// unread is true for a browser's requests whose heads the capture has cut: nobody knows
// what they would have said.
func (c *contact) unread() bool {
	const said = payload.BrowserSeen | payload.NoAgent | payload.OddAgent | payload.ForgedBrowser | payload.ScriptAgent | payload.NamedAgent | payload.ScannerAgent
	return !c.marks.Any(said)
}

// web makes a sign that only contacts over HTTP show.
func web(words string, weight func(c *contact) float64) botSign {
	return botSign{words, func(_ *contactKey, c *contact, _ *botHost) float64 {
		if !c.web() {
			return 0
		}
		return weight(c)
	}}
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
