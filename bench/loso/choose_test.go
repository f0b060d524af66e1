package main

import (
	"testing"

	"firetower/internal/behaviour"
)

func TestMiddleOfTheBest(t *testing.T) {
	for _, c := range []struct {
		scores []float64
		want   int
	}{
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, 4}, // nothing matters: as it is
		{[]float64{0, 0, 1, 1, 1, 0, 0, 0, 0}, 3},
		{[]float64{0, 0, 0, 0, 0, 1, 1, 1, 1}, 6}, // of two middles the nearer one
		{[]float64{1, 1, 1, 1, 0, 0, 0, 0, 0}, 2},
		{[]float64{1, 0, 1, 1, 0, 0, 0, 0, 0}, 3}, // the longest run
		{[]float64{0, 0, 0, 0, 0, 0, 0, 0, 1}, 8},
	} {
		if got := middle(c.scores); got != c.want {
			t.Errorf("middle of %v is %d, want %d", c.scores, got, c.want)
		}
	}
}

func TestLimitsAreMultiplied(t *testing.T) {
	for _, l := range limits() {
		for _, m := range []float64{0.5, 1, 4} {
			now := l.times(behaviour.DefaultConfig(), m)
			if got := l.multiple(now); got != m && l.of(&now).CanFloat() {
				t.Errorf("%s times %g is %g times what it was", l.name, m, got)
			}
		}
		now := l.times(behaviour.DefaultConfig(), 2)
		if back := l.times(now, 1); back != behaviour.DefaultConfig() {
			t.Errorf("%s: another limit was changed too", l.name)
		}
	}
}
