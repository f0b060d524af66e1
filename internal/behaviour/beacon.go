package behaviour

import (
	"math"
	"slices"
)

// beats remembers the latest beginnings of something that may be regular: when
// each came after the one before, and how much it sent. Beginnings within a second
// are one, as a browser opens several connections at once.
type beats struct {
	last  int64
	n     int // beginnings, all told
	held  uint8
	at    uint8
	gaps  [beatsHeld]float32 // seconds
	sizes [beatsHeld]float32 // bytes sent
}

const (
	beatsHeld = 32
	together  = 900_000 // microseconds
)

// add takes one beginning and the bytes that belong to it.
func (b *beats) add(at int64, size float64) {
	if b.n > 0 && at-b.last < together {
		return
	}
	if b.n > 0 {
		b.gaps[b.at] = float32(float64(at-b.last) / 1e6)
		b.sizes[b.at] = float32(size)
		b.at = (b.at + 1) % beatsHeld
		b.held = min(b.held+1, beatsHeld)
	}
	b.n++
	b.last = at
}

// regularity is between 0 and 1: the mean of two scores that RITA (Active
// Countermeasures) takes for the distances between a pair's connections, Bowley's
// skewness and the median absolute deviation about the median. 0 where there are
// too few distances to tell.
func (b *beats) regularity() float64 { return even(b.gaps[:b.held], 5, 0.5) }

// constancy is the same of the sizes.
func (b *beats) constancy() float64 { return even(b.sizes[:b.held], 3, 0.25) }

// period is the median distance in seconds.
func (b *beats) period() float64 {
	if b.held == 0 {
		return 0
	}
	sorted := b.gaps
	slices.Sort(sorted[:b.held])
	return float64(sorted[b.held/2])
}

// even scores how alike values are; spread is the deviation, as a share of the
// median, at which they are not alike at all.
func even(values []float32, least int, spread float64) float64 {
	n := len(values)
	if n < least {
		return 0
	}
	var sorted, off [beatsHeld]float32
	copy(sorted[:], values)
	slices.Sort(sorted[:n])
	q1, median, q3 := float64(sorted[n/4]), float64(sorted[n/2]), float64(sorted[(3*n)/4])
	if median <= 0 {
		return 0
	}
	skew := 0.0
	if q3 > q1 && q3-q1 > 0.02*median {
		skew = math.Abs((q1 + q3 - 2*median) / (q3 - q1))
	}
	for i, v := range values {
		off[i] = float32(math.Abs(float64(v) - median))
	}
	slices.Sort(off[:n])
	deviation := float64(off[n/2]) / median
	return (1 - math.Min(1, skew) + 2*(1-math.Min(1, deviation/spread))) / 3
}
