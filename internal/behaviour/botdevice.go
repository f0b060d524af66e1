package behaviour

import (
	"math"

	"firetower/internal/payload"
)

// A device that reports its readings and an implant that asks for orders both call,
// regularly, one address over TLS. What an implant cannot do without is to be told
// something now and then: its answers differ. And few implants keep to the second
// while a timer does (T1029; frameworks jitter by default), nor does a device run
// Windows.
const (
	sameAnswer  = 16   // bytes by which answers of one kind differ: numbers in them
	timerSpread = 0.03 // of the period, that a timer is off
	timerExact  = 0.005
)

// answered notes the size of an answer.
func (c *contact) answered(size uint64) {
	for i, have := range c.answers {
		if have == 0 {
			c.answers[i] = size
			return
		}
		if math.Abs(float64(size)-float64(have)) <= sameAnswer {
			return
		}
	}
}

// told is true where the server said different things; two kinds of answer may be of
// two programs, or an error.
func (c *contact) told() bool { return c.answers[len(c.answers)-1] != 0 }

// device is true for what reports by a timer, slowly, and is never told anything. Over
// TLS to a server that it has a name for, a timer tells that nothing delays.
func (c *contact) device() bool {
	if c.told() || c.windows || c.beats.period() < quick {
		return false
	}
	spread := c.beats.gaps.deviation(c.beats.period())
	switch {
	case c.web():
		return spread <= timerSpread && c.plainly()
	case c.proto != payload.TLS && c.proto != payload.QUIC:
		return false
	case c.unnamed():
		return spread <= timerSpread
	}
	return spread <= timerExact && !c.marks.Any(payload.SelfSigned)
}

// plainly is true for requests to a server under an ordinary name that neither pretend
// to be a person's nor say of the machine more than what it is for.
func (c *contact) plainly() bool {
	const doubtful = payload.RawHost | payload.RandomHost | payload.CheapDomain | payload.ForgedBrowser | payload.ServerScript | payload.BotWords | payload.CookieBeacon
	return !c.marks.Any(doubtful) && c.falseForms == 0 && c.checkIns == 0
}

// crowded is true where several connections come at once, as players and browsers
// open them; a check-in is one.
func (c *contact) crowded() bool { return c.flows >= 2*c.beats.n }
