package flow

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestMomentsAreExact compares with rational arithmetic, for series as unpleasant as
// a meter meets: large times that hardly differ, gaps that run backwards.
func TestMomentsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	series := map[string]func() int64{
		"payload":   func() int64 { return rng.Int64N(1461) },
		"gaps":      func() int64 { return rng.Int64N(120_000_000) },
		"equal":     func() int64 { return 119_999_999 },
		"alike":     func() int64 { return 1_000_000_000_000 + rng.Int64N(3) },
		"backwards": func() int64 { return rng.Int64N(2_000_000) - 1_000_000 },
	}
	for name, next := range series {
		for _, n := range []int{0, 1, 2, 3, 1000} {
			var m, left, right Moments
			var xs []int64
			for i := range n {
				x := next()
				xs = append(xs, x)
				m.Add(x)
				if i%3 == 0 {
					left.Add(x)
				} else {
					right.Add(x)
				}
			}
			mean, variance := exactly(xs)
			if !near(m.Mean(), mean) || !near(m.Variance(), variance) || !near(m.Std(), math.Sqrt(variance)) {
				t.Errorf("%s, n = %d: mean %v, variance %v; want %v, %v", name, n, m.Mean(), m.Variance(), mean, variance)
			}
			if both := left.Plus(right); both != m {
				t.Errorf("%s, n = %d: two halves make %+v, the whole is %+v", name, n, both, m)
			}
		}
	}
}

// exactly gives mean and sample variance without rounding on the way.
func exactly(xs []int64) (mean, variance float64) {
	n := int64(len(xs))
	if n == 0 {
		return 0, 0
	}
	sum := new(big.Rat)
	for _, x := range xs {
		sum.Add(sum, new(big.Rat).SetInt64(x))
	}
	m := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(n))
	mean, _ = m.Float64()
	if n == 1 {
		return mean, 0
	}
	v := new(big.Rat)
	for _, x := range xs {
		d := new(big.Rat).Sub(new(big.Rat).SetInt64(x), m)
		v.Add(v, d.Mul(d, d))
	}
	variance, _ = v.Quo(v, new(big.Rat).SetInt64(n-1)).Float64()
	return mean, variance
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-15*math.Abs(b) }
