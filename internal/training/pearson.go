package training

import (
	"math"
	"sync"

	"firetower/internal/dataset"
)

// Correlation is the matrix of Pearson's coefficients, and what was dropped for it.
type Correlation struct {
	Names   []string    `json:"names"`
	R       [][]float64 `json:"-"` // symmetric, by Names
	Dropped []Twin      `json:"dropped"`
}

// Twin is a feature that was dropped for its likeness to an earlier one.
type Twin struct {
	Name string  `json:"name"`
	For  string  `json:"for"`
	R    float64 `json:"r"`
}

// dropCorrelated drops each column whose |r| with any column before it is above the
// threshold: the upper triangle of the matrix, read by columns. A column counts
// against later ones even if it was dropped itself, as in the pandas idiom that the
// paper's step is usually written in.
func (p *prepared) dropCorrelated(threshold float64) {
	c := correlate(p.names, p.x)
	kept := make([]bool, len(p.x))
	for j := range p.x {
		best := 0
		for i := range j {
			if math.Abs(c.R[i][j]) > math.Abs(c.R[best][j]) {
				best = i
			}
		}
		if kept[j] = j == 0 || math.Abs(c.R[best][j]) <= threshold; !kept[j] {
			c.Dropped = append(c.Dropped, Twin{p.names[j], p.names[best], c.R[best][j]})
		}
	}
	p.correlation = c
	p.keep(kept)
}

const correlationBlock = 512

// correlate computes the matrix in blocks of rows that stay in the cache. Missing
// values count as the column's mean, a constant column correlates with nothing.
func correlate(names []string, x [][]float32) *Correlation {
	d := len(x)
	c := &Correlation{Names: append([]string(nil), names...), R: make([][]float64, d)}
	for i := range c.R {
		c.R[i] = make([]float64, d)
	}
	z := standards(x)
	var wg sync.WaitGroup
	for w := range workersFor(d) {
		wg.Go(func() {
			for i := w; i < d; i += workersFor(d) {
				c.row(i, x, z)
			}
		})
	}
	wg.Wait()
	for i := range d {
		c.R[i][i] = 1
		for j := range i {
			c.R[i][j] = c.R[j][i]
		}
	}
	return c
}

// row fills the upper triangle of row i.
func (c *Correlation) row(i int, x [][]float32, z []standard) {
	a := make([]float64, correlationBlock)
	for from := 0; from < len(x[i]); from += correlationBlock {
		to := min(from+correlationBlock, len(x[i]))
		for k, v := range x[i][from:to] {
			a[k] = z[i].of(v)
		}
		for j := i + 1; j < len(x); j++ {
			s, zj := 0.0, z[j]
			for k, v := range x[j][from:to] {
				s += a[k] * zj.of(v)
			}
			c.R[i][j] += s
		}
	}
}

// standard scales a column to mean 0 and sum of squares 1.
type standard struct{ mean, scale float64 }

func (s standard) of(v float32) float64 {
	if dataset.Missing(v) {
		return 0
	}
	return (float64(v) - s.mean) * s.scale
}

func standards(x [][]float32) []standard {
	z := make([]standard, len(x))
	for i, column := range x {
		mean, squares, n := 0.0, 0.0, 0.0
		for _, v := range column {
			if dataset.Missing(v) {
				continue
			}
			n++
			d := float64(v) - mean
			mean += d / n
			squares += d * (float64(v) - mean)
		}
		z[i].mean = mean
		if squares > 0 {
			z[i].scale = 1 / math.Sqrt(squares)
		}
	}
	return z
}
