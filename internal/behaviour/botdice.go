package behaviour

import (
	"math"
	"slices"

	"firetower/internal/payload"
)

// Implants draw the time of their next call between two bounds, so as not to look like
// a timer (T1029; frameworks do by default), and so look like nobody else: timers keep
// to their time, people and whatever they set off scatter without bounds, and both
// kinds ask for things of different size. Honest programs that draw lots do so at ports
// that are known, or by the name of a program.
var diceSigns = []botSign{
	{"connections alike at times drawn by lot between bounds", func(k *contactKey, c *contact, _ *botHost) float64 {
		if c.usual || c.proto == payload.TLS && !c.unnamed() || c.web() && (!c.inside || c.person() || c.introduced() || c.unread() || c.poller()) {
			return 0 // who asks in the clear outside says more than when
		}
		return when(c.steady(k) && c.beats.constancy() >= alike && c.beats.gaps.drawn(), 2.2*evidence(c.beats.n))
	}},
	{"requests over one TLS connection to a server without a name at times drawn by lot between bounds", func(k *contactKey, c *contact, _ *botHost) float64 {
		r := &c.rhythm
		own := c.proto == payload.TLS && c.unnamed() && !c.heavy && !usualRhythm(k) && 10*uint32(r.Started[0]) >= 9*uint32(r.Bursts)
		return when(own && r.Bursts >= 8 && r.Mean >= 2 && r.Jitter() > lots/2 && r.Jitter() <= widest/2, 3*evidence(int(r.Bursts)))
	}},
}

const (
	alike = 0.9 // constancy of what is the same each time
	// Of the median distance, by how much the half of them is off that is off the most:
	// more than what delays a timer, less than what has no bounds. The standard deviation
	// of an even spread is a little more than half of its bounds.
	lots   = 0.03
	widest = 0.35
)

// drawn is true for distances that spread evenly about their median, between a half of
// it and less than its double.
func (r *ring) drawn() bool {
	n := int(r.held)
	if n < 7 {
		return false
	}
	v := r.values
	slices.Sort(v[:n])
	median := float64(v[n/2])
	off := r.deviation(math.Max(median, 1e-9))
	return off >= lots && off <= widest && float64(v[0]) >= 0.5*median && float64(v[n-1]) <= 1.6*median
}

// evidence is what so many beats say of their being even: 5 0.2, 6 0.3, 12 0.8, 16 all.
func evidence(n int) float64 { return math.Max(0, math.Min(1, math.Log2(float64(n)/4)/2)) }
