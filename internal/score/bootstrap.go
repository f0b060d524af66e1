package score

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Intervals are the bootstrap confidence intervals of a matrix's numbers.
type Intervals struct {
	Precision, Recall, F1 []Interval // by class
	MacroF1, Accuracy     Interval
}

// Bootstrap gives percentile intervals at a level such as 0.95 from rounds
// resamples. Resampling rows with replacement only changes how often each cell of
// the matrix is hit, so cells are drawn instead of rows: cell n becomes
// Poisson(n), the Poisson bootstrap of Chamandy, Muralidharan, Najmi and Naidu
// (2012). The same seed gives the same intervals.
func (c Confusion) Bootstrap(rounds int, level float64, seed uint64) Intervals {
	r := rand.New(rand.NewPCG(seed, 0x626f6f74))
	n := len(c)
	draws := make([][]float64, 3*n+2)
	for i := range draws {
		draws[i] = make([]float64, 0, rounds)
	}
	d := NewConfusion(n)
	for range rounds {
		for i, row := range c {
			for j, v := range row {
				d[i][j] = poisson(r, float64(v))
			}
		}
		for k := range n { // a draw in which the class does not occur tells nothing about it
			if d.Predicted(k) > 0 {
				draws[3*k] = append(draws[3*k], d.Precision(k))
			}
			if d.Support(k) > 0 {
				draws[3*k+1] = append(draws[3*k+1], d.Recall(k))
			}
			if d.Support(k)+d.Predicted(k) > 0 {
				draws[3*k+2] = append(draws[3*k+2], d.F1(k))
			}
		}
		draws[3*n] = append(draws[3*n], d.MacroF1())
		draws[3*n+1] = append(draws[3*n+1], d.Accuracy())
	}
	var out Intervals
	for k := range n {
		out.Precision = append(out.Precision, percentiles(draws[3*k], level))
		out.Recall = append(out.Recall, percentiles(draws[3*k+1], level))
		out.F1 = append(out.F1, percentiles(draws[3*k+2], level))
	}
	out.MacroF1, out.Accuracy = percentiles(draws[3*n], level), percentiles(draws[3*n+1], level)
	return out
}

func percentiles(draws []float64, level float64) Interval {
	if len(draws) == 0 {
		return Interval{}
	}
	slices.Sort(draws)
	at := func(q float64) float64 { return draws[int(q*float64(len(draws)-1)+0.5)] }
	return Interval{at((1 - level) / 2), at((1 + level) / 2)}
}

// poisson draws from Poisson(mean): Knuth's product of uniforms for small means,
// the rounded normal approximation from 50 on, where the two differ by less than
// the intervals are printed with.
func poisson(r *rand.Rand, mean float64) int {
	if mean >= 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, product, n := math.Exp(-mean), r.Float64(), 0
	for product > limit {
		product *= r.Float64()
		n++
	}
	return n
}
