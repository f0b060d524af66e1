package behaviour

import (
	"math/bits"
	"slices"

	"firetower/internal/packet"
	"firetower/internal/payload"
)

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
var botSigns = slices.Concat(strangeSigns, webSigns, sealedSigns, rhythmSigns, diceSigns, honestSigns)

// honestSigns speak for a contact. They have no words of their own: they only take
// from the sum.
var honestSigns = []botSign{
	{"", func(k *contactKey, c *contact, h *botHost) float64 { // a form sent once, by a script or a test, and nothing else
		return when(c.web() && c.requests == 1 && c.posts == 1 && c.checkIns == 0 && h.doubtsOnly(*k, c.end), -0.6)
	}},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.web() && c.person(), -1.5) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 {
		return when(c.web() && c.names.Count() > 12, -0.8)
	}},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.introduced(), -0.6) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.plain(), -0.7) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { return when(c.marks.Any(payload.Readings), -2) }},
	{"", func(_ *contactKey, c *contact, _ *botHost) float64 { // a tester or a scanner
		return when(bits.OnesCount16(c.methods) >= 4, -2)
	}},
	{"", func(k *contactKey, c *contact, _ *botHost) float64 { return c.homely(k) }},
}

// homely takes from a contact that stays inside: that is more often somebody's own
// program, unless it says in words what it is, or the server goes by a name that no
// house gives its own: a laboratory that plays the outside.
func (c *contact) homely(k *contactKey) float64 {
	return when(c.loud() && inside(k.host) && inside(k.server) && !c.marks.Any(payload.RandomHost|payload.CheapDomain), -1.2)
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

// plain is true where a server that goes by an ordinary name answers in text, which it
// declares as such: for whoever looks. Controllers' scripts leave their language's
// default, or disguise what they say.
func (c *contact) plain() bool {
	const doubtful = payload.RawHost | payload.RandomHost | payload.CheapDomain | payload.BotWords | payload.CookieBeacon
	return c.web() && !c.inside && c.declared >= 2 && 4*c.declared >= 3*c.requests && !c.marks.Any(doubtful)
}

// reports is true for a program that does not hide what it is, only posts, and is
// never told anything: no order came with a reply that has no body.
func (c *contact) reports() bool {
	const doubtful = payload.RawHost | payload.RandomHost | payload.CheapDomain
	own := c.marks.Any(payload.OddAgent) && !c.marks.Any(doubtful) // a name of its own shape
	return c.web() && c.posts == c.requests && c.empty+1 >= c.posts && !c.marks.Any(payload.ForgedBrowser|payload.NoAgent) &&
		(own || c.marks.Any(payload.ScriptAgent|payload.NamedAgent) && !c.marks.Any(payload.OddAgent))
}

// inside is true for addresses that are not routed between networks.
func inside(a packet.Addr) bool { return a.Local() }
