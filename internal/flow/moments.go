package flow

import (
	"math"
	"math/bits"
)

// Moments sums up a series of whole numbers so that its mean and sample variance
// come out exact but for the last rounding, in whatever order and number: the sum
// of squares has 128 bits.
type Moments struct {
	N        uint32
	Sum      int64
	Min, Max int64
	hi, lo   uint64 // sum of squares
}

// Add takes one number, less than 2^63 in magnitude.
func (m *Moments) Add(x int64) {
	if m.N == 0 || x < m.Min {
		m.Min = x
	}
	if m.N == 0 || x > m.Max {
		m.Max = x
	}
	m.N++
	m.Sum += x
	a := uint64(x)
	if x < 0 {
		a = -a
	}
	hi, lo := bits.Mul64(a, a)
	var carry uint64
	m.lo, carry = bits.Add64(m.lo, lo, 0)
	m.hi, _ = bits.Add64(m.hi, hi, carry)
}

// Plus is the series of both.
func (m Moments) Plus(o Moments) Moments {
	if m.N == 0 {
		return o
	}
	if o.N == 0 {
		return m
	}
	var carry uint64
	m.N += o.N
	m.Sum += o.Sum
	m.Min = min(m.Min, o.Min)
	m.Max = max(m.Max, o.Max)
	m.lo, carry = bits.Add64(m.lo, o.lo, 0)
	m.hi, _ = bits.Add64(m.hi, o.hi, carry)
	return m
}

// Mean is 0 of an empty series.
func (m *Moments) Mean() float64 {
	if m.N == 0 {
		return 0
	}
	return float64(m.Sum) / float64(m.N)
}

// Variance is that of a sample (n-1); 0 of fewer than two numbers.
func (m *Moments) Variance() float64 {
	if m.N < 2 {
		return 0
	}
	// n*squares - sum*sum, both in 128 bits: never negative, and small enough,
	// as squares of times of day and n below 2^32 leave room.
	n := uint64(m.N)
	hi, lo := bits.Mul64(m.lo, n)
	hi += m.hi * n
	a := uint64(m.Sum)
	if m.Sum < 0 {
		a = -a
	}
	shi, slo := bits.Mul64(a, a)
	lo, borrow := bits.Sub64(lo, slo, 0)
	hi, _ = bits.Sub64(hi, shi, borrow)
	return (float64(hi)*(1<<64) + float64(lo)) / (float64(n) * float64(n-1))
}

// Std is the sample standard deviation.
func (m *Moments) Std() float64 { return math.Sqrt(m.Variance()) }
