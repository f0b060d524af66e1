package behaviour

import (
	"math"
	"slices"
)

// beats remembers the latest beginnings of something that may be regular: how long
// each came after the one before.
type beats struct {
	begun int64 // of the latest beat
	last  int64 // beginning that was seen last
	n     int   // beats, all told
	gaps  ring  // seconds
	sizes ring  // bytes sent by each connection, in the order of their ends
}

// ring holds the latest few of a row of numbers.
type ring struct {
	held, at uint8
	values   [beatsHeld]float32
}

func (r *ring) add(v float64) {
	r.values[r.at] = float32(v)
	r.at = (r.at + 1) % beatsHeld
	r.held = min(r.held+1, beatsHeld)
}

const (
	beatsHeld = 32
	// How many microseconds apart two beginnings are one: a browser opens several
	// connections at once, and a refused one is tried thrice; of a name several types
	// are asked for at once. More would make any quick stream look even.
	connectionsAtOnce = 900_000
	queriesAtOnce     = 100_000
)

// add takes one beginning; those closer than together are one.
func (b *beats) add(at, together int64) {
	since := at - b.last
	b.last = max(b.last, at)
	if b.n > 0 && since < together {
		return
	}
	if b.n > 0 {
		b.gaps.add(float64(at-b.begun) / 1e6)
	}
	b.n++
	b.begun = at
}

// regularity is between 0 and 1: the mean of two scores that RITA (Active
// Countermeasures) takes for the distances between a pair's connections, Bowley's
// skewness and the median absolute deviation about the median. 0 where there are
// too few distances to tell.
func (b *beats) regularity() float64 { return even(&b.gaps, 4, 0.5) }

// constancy is the same of the sizes.
func (b *beats) constancy() float64 { return even(&b.sizes, 3, 0.25) }

// period is the median distance in seconds.
func (b *beats) period() float64 {
	n := b.gaps.held
	if n == 0 {
		return 0
	}
	sorted := b.gaps.values
	slices.Sort(sorted[:n])
	return float64(sorted[n/2])
}

// even scores how alike values are; spread is the deviation, as a share of the
// median, at which they are not alike at all.
func even(r *ring, least int, spread float64) float64 {
	n := int(r.held)
	if n < least {
		return 0
	}
	sorted := r.values
	slices.Sort(sorted[:n])
	q1, median, q3 := float64(sorted[n/4]), float64(sorted[n/2]), float64(sorted[(3*n)/4])
	if median <= 0 {
		return 0
	}
	skew := 0.0
	if q3 > q1 && q3-q1 > 0.02*median {
		skew = math.Abs((q1 + q3 - 2*median) / (q3 - q1))
	}
	return (1 - math.Min(1, skew) + 2*(1-math.Min(1, r.deviation(median)/spread))) / 3
}

// deviation is the median absolute deviation about the median, as a share of it.
func (r *ring) deviation(median float64) float64 {
	n := r.held
	off := r.values
	for i, v := range off[:n] {
		off[i] = float32(math.Abs(float64(v) - median))
	}
	slices.Sort(off[:n])
	return float64(off[n/2]) / median
}
