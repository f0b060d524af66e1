package grow

import (
	"context"
	"fmt"
	"math"
)

// MaxBins is the largest number of bins a feature can have. A byte has one value
// more, for missing.
const MaxBins = 255

// missing is the bin of NaN.
const missing = 255

// Binned is a dataset ready for growing. Bin it once and grow many forests on it.
type Binned struct {
	data    Dataset
	columns []column
}

// column is a feature in bins. Bins ascend with the values; bin b holds values
// from low[b] to high[b].
type column struct {
	bins       []uint8 // by row
	low, high  []float32
	cuts       []float32 // cuts[b] separates bin b from bin b+1: high[b] <= cuts[b] < low[b+1]
	hasMissing bool
}

// Bin sorts the values of each feature into at most cfg.Bins bins of about equally
// many rows, one for each value if there are few enough.
func Bin(ctx context.Context, d Dataset, cfg Config) (*Binned, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if cfg.Bins < 2 || cfg.Bins > MaxBins {
		return nil, fmt.Errorf("grow: %d bins, want 2 to %d", cfg.Bins, MaxBins)
	}
	b := &Binned{data: d, columns: make([]column, len(d.Columns))}
	workers := cfg.workers(len(d.Columns))
	sorters := make([]sorter, workers)
	err := parallel(ctx, workers, len(d.Columns), func(w, f int) {
		b.columns[f] = binColumn(d.Columns[f], cfg.Bins, &sorters[w])
	})
	return b, err
}

func binColumn(values []float32, bins int, s *sorter) column {
	sorted := s.sort(values)
	c := column{hasMissing: len(sorted) < len(values)}
	c.fit(sorted, bins)
	c.assign(values)
	return c
}

// fit chooses the bins: each takes distinct values until it holds its share of the
// rows that are left.
func (c *column) fit(sorted []uint32, bins int) {
	distinct := 0
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			distinct++
		}
	}
	for i := 0; i < len(sorted); {
		left := bins - len(c.low)
		share := (len(sorted) - i + left - 1) / left
		if distinct <= bins {
			share = 1
		}
		j := i
		for j < len(sorted) && (j-i < share || sorted[j] == sorted[j-1]) {
			j++
		}
		c.low = append(c.low, unkey(sorted[i]))
		c.high = append(c.high, unkey(sorted[j-1]))
		i = j
	}
	for b := 0; b+1 < len(c.low); b++ {
		c.cuts = append(c.cuts, between(c.high[b], c.low[b+1]))
	}
}

// between returns the middle of a and b, a <= middle < b.
func between(a, b float32) float32 {
	m := float32((float64(a) + float64(b)) / 2)
	if !(m >= a && m < b) || math.IsInf(float64(m), 0) {
		return a
	}
	return m
}

// assign puts each value into its bin, the number of cuts below it. A table of the
// keys' upper halves has the answer, or bounds it.
func (c *column) assign(values []float32) {
	cuts := make([]uint32, len(c.cuts))
	for i, v := range c.cuts {
		cuts[i] = key(v)
	}
	from := make([]uint8, 1<<16+1) // cuts below the first key of an upper half
	n := 0
	for h := range from {
		for n < len(cuts) && uint64(cuts[n]) < uint64(h)<<16 {
			n++
		}
		from[h] = uint8(n)
	}
	c.bins = make([]uint8, len(values))
	for i, v := range values {
		if v != v {
			c.bins[i] = missing
			continue
		}
		k := key(v)
		lo, hi := from[k>>16], from[k>>16+1]
		for lo < hi {
			mid := lo + (hi-lo)/2
			if k <= cuts[mid] {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		c.bins[i] = lo
	}
}

// Select returns the same rows with only the given features, in that order. It
// copies no data.
func (b *Binned) Select(features []int) *Binned {
	s := &Binned{data: b.data, columns: make([]column, len(features))}
	s.data.Columns, s.data.Features = make([][]float32, len(features)), make([]string, len(features))
	for i, f := range features {
		s.columns[i] = b.columns[f]
		s.data.Columns[i] = b.data.Columns[f]
		s.data.Features[i] = b.data.Features[f]
	}
	return s
}
