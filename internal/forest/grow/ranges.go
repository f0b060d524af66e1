package grow

import (
	"math"

	"firetower/internal/forest"
)

// Ranges returns for Meta.Ranges what is usual in each class: the 5th, 50th and
// 95th percentile of each feature over the class's rows, exact up to the width of
// a bin. Classes without values of a feature have zeros.
func (b *Binned) Ranges() []forest.Range {
	f, k := len(b.columns), len(b.data.Classes)
	ranges := make([]forest.Range, k*f)
	counts := make([]int, k*256)
	for i := range b.columns {
		c := &b.columns[i]
		clear(counts)
		for row, y := range b.data.Labels {
			counts[int(y)<<8|int(c.bins[row])]++
		}
		for y := range k {
			h := counts[y<<8 : y<<8+len(c.low)]
			rows := 0
			for _, n := range h {
				rows += n
			}
			if rows == 0 {
				continue
			}
			ranges[y*f+i] = forest.Range{
				Low:    finite(c.low[quantile(h, rows, 0.05)]),
				Median: finite(c.low[quantile(h, rows, 0.5)]),
				High:   finite(c.high[quantile(h, rows, 0.95)]),
			}
		}
	}
	return ranges
}

// quantile returns the bin that holds the row at q of the rows in order.
func quantile(h []int, rows int, q float64) int {
	left := int(q * float64(rows-1))
	for bin, n := range h {
		if left < n {
			return bin
		}
		left -= n
	}
	return len(h) - 1
}

// finite keeps a value writable as JSON.
func finite(v float32) float32 {
	return max(-math.MaxFloat32, min(math.MaxFloat32, v))
}
