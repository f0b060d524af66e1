package grow

import (
	"context"
	"fmt"
	"math"
	"slices"
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
	err := parallel(ctx, workers, len(d.Columns), func(_, f int) {
		b.columns[f] = binColumn(d.Columns[f], cfg.Bins)
	})
	return b, err
}

func binColumn(values []float32, bins int) column {
	sorted := make([]float32, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v+0) // -0 becomes 0
		}
	}
	slices.Sort(sorted)
	c := column{hasMissing: len(sorted) < len(values)}
	c.fit(sorted, bins)
	c.bins = make([]uint8, len(values))
	for i, v := range values {
		c.bins[i] = c.bin(v)
	}
	return c
}

// fit chooses the bins: each takes distinct values until it holds its share of the
// rows that are left.
func (c *column) fit(sorted []float32, bins int) {
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
		c.low = append(c.low, sorted[i])
		c.high = append(c.high, sorted[j-1])
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

// bin returns the number of cuts below v.
func (c *column) bin(v float32) uint8 {
	if v != v {
		return missing
	}
	lo, hi := 0, len(c.cuts)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if v <= c.cuts[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return uint8(lo)
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
