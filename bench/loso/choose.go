package main

import (
	"slices"

	"firetower/bench/truth"
	"firetower/internal/behaviour"
)

// multiples of a limit that are tried.
var multiples = []float64{0.125, 0.25, 0.5, 0.7, 1, 1.4, 2, 4, 8}

// choose gives the setting that judges the wanted captures best.
func (r *rig) choose(rounds int, wanted func(c *truth.Capture) bool) behaviour.Config {
	cfg := behaviour.DefaultConfig()
	for range rounds {
		for _, l := range limits() {
			scores := make([]float64, len(multiples))
			for i, right := range r.along(cfg, l) {
				t := r.tally(right, wanted)
				_, _, scores[i] = t.Rates()
			}
			cfg = l.times(cfg, multiples[middle(scores)])
		}
	}
	return cfg
}

// along judges every capture at each multiple of one limit. Where two multiples judge
// alike, those between are taken to do so too.
func (r *rig) along(cfg behaviour.Config, l limit) [][]bool {
	out := make([][]bool, len(multiples))
	at := func(i int) []bool {
		if out[i] == nil {
			out[i] = r.right(l.times(cfg, multiples[i]))
		}
		return out[i]
	}
	var between func(a, b int)
	between = func(a, b int) {
		same := slices.Equal(at(a), at(b))
		switch middle := (a + b) / 2; {
		case b-a < 2:
		case same:
			for i := a + 1; i < b; i++ {
				out[i] = out[a]
			}
		default:
			between(a, middle)
			between(middle, b)
		}
	}
	between(0, len(multiples)/2)
	between(len(multiples)/2, len(multiples)-1)
	return out
}

// middle gives the middle of the longest run of best scores, the one nearer to the
// middle of all if it has two.
func middle(scores []float64) int {
	best := slices.Max(scores)
	from, length := 0, 0
	for i := 0; i < len(scores); {
		n := 0
		for i+n < len(scores) && scores[i+n] == best {
			n++
		}
		if n > length {
			from, length = i, n
		}
		i += max(1, n)
	}
	low, high := from+(length-1)/2, from+length/2
	if abs(low-len(scores)/2) <= abs(high-len(scores)/2) {
		return low
	}
	return high
}

func abs(n int) int { return max(n, -n) }
