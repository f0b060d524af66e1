// Package grow trains random forests. Values are binned once into at most 255
// bins a feature; trees are then grown on bytes, in parallel, and the thresholds
// put back so that a tree decides on raw values exactly as it did on bins.
//
// The roles follow scikit-learn: criterion (impurity), splitter (best cut of a
// node), partition (moves a node's samples to its children), builder (one tree).
// The same data, configuration and seed give the same forest on any number of
// workers.
package grow

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"firetower/internal/forest"
)

// Dataset is a labelled table, stored by column.
type Dataset struct {
	Columns  [][]float32 // Columns[feature][row]; NaN is missing
	Labels   []uint8     // class of each row, an index into Classes
	Weights  []float32   // weight of each row, > 0; nil: all 1
	Features []string    // name of each column
	Classes  []string
	// Groups says where each row comes from, numbers from 0. With them the bootstrap
	// draws groups and not rows alone, so that trees differ in what they have seen of
	// the world and a group of many rows says no more than one of few (the cluster
	// bootstrap; for forests: Karpievitch et al. 2009). nil: rows are drawn.
	Groups []int32
}

// Criterion is the measure of impurity that a split reduces.
type Criterion string

// The criteria, as scikit-learn names them.
const (
	Gini    Criterion = "gini"
	Entropy Criterion = "entropy"
)

// Config says how to grow a forest. The defaults are scikit-learn's.
type Config struct {
	Trees       int
	MaxDepth    int // 0: until the leaves are pure
	MaxFeatures int // features tried at each split; 0: the square root of all
	MinLeaf     int // rows that a leaf must hold; rows drawn twice count twice
	MinSplit    int // rows that a node must hold to be split
	Criterion   Criterion
	Bootstrap   bool // each tree sees as many rows as there are, drawn with replacement
	MaxSamples  int  // with Bootstrap: at most so many rows a tree; 0: no limit

	// Balanced weighs classes inversely to their frequency, as scikit-learn's
	// "balanced"; ClassWeights, by class, multiplies that or stands alone.
	Balanced     bool
	ClassWeights []float64

	Bins    int // bins a feature, 2 to 255
	Seed    uint64
	Workers int  // goroutines; 0: one a CPU
	OOB     bool // estimate the accuracy on the rows each tree did not see
}

// DefaultConfig is 100 full trees, as scikit-learn's RandomForestClassifier.
func DefaultConfig() Config {
	return Config{Trees: 100, MinLeaf: 1, MinSplit: 2, Criterion: Gini, Bootstrap: true, Bins: MaxBins}
}

// Report is what growing found out besides the forest.
type Report struct {
	// Importances is the mean decrease of impurity by feature; they sum to 1.
	Importances []float64
	// OOBScore is the accuracy on out-of-bag rows and OOBRows how many there were.
	OOBScore float64
	OOBRows  int
}

// Train bins the rows and grows a forest on them.
func Train(ctx context.Context, d Dataset, cfg Config) (*forest.Model, *Report, error) {
	b, err := Bin(ctx, d, cfg)
	if err != nil {
		return nil, nil, err
	}
	return b.Grow(ctx, cfg)
}

func (d *Dataset) check() error {
	n := len(d.Labels)
	switch {
	case n == 0:
		return errors.New("grow: no rows")
	case n > math.MaxInt32:
		return fmt.Errorf("grow: %d rows, want at most %d", n, math.MaxInt32)
	case len(d.Columns) == 0 || len(d.Columns) > forest.MaxFeatures:
		return fmt.Errorf("grow: %d features, want 1 to %d", len(d.Columns), forest.MaxFeatures)
	case len(d.Features) != len(d.Columns):
		return fmt.Errorf("grow: %d names for %d features", len(d.Features), len(d.Columns))
	case len(d.Classes) == 0 || len(d.Classes) > 256:
		return fmt.Errorf("grow: %d classes, want 1 to 256", len(d.Classes))
	case d.Weights != nil && len(d.Weights) != n:
		return fmt.Errorf("grow: %d weights for %d rows", len(d.Weights), n)
	case d.Groups != nil && (len(d.Groups) != n || slices.Min(d.Groups) < 0):
		return fmt.Errorf("grow: %d groups for %d rows, want numbers from 0", len(d.Groups), n)
	}
	for f, c := range d.Columns {
		if len(c) != n {
			return fmt.Errorf("grow: feature %q has %d values for %d rows", d.Features[f], len(c), n)
		}
	}
	for i, y := range d.Labels {
		if int(y) >= len(d.Classes) {
			return fmt.Errorf("grow: row %d is of class %d of %d", i, y, len(d.Classes))
		}
	}
	for i, w := range d.Weights {
		if !(w > 0) || math.IsInf(float64(w), 1) {
			return fmt.Errorf("grow: row %d has weight %v", i, w)
		}
	}
	return nil
}

func (c *Config) check(classes int) error {
	switch {
	case c.Trees < 1 || c.Trees > forest.MaxTrees:
		return fmt.Errorf("grow: %d trees, want 1 to %d", c.Trees, forest.MaxTrees)
	case c.Criterion != Gini && c.Criterion != Entropy:
		return fmt.Errorf("grow: criterion %q, want gini or entropy", c.Criterion)
	case c.MaxDepth < 0 || c.MaxFeatures < 0 || c.MinLeaf < 0 || c.MinSplit < 0 || c.MaxSamples < 0 || c.Workers < 0:
		return errors.New("grow: negative setting")
	case c.ClassWeights != nil && len(c.ClassWeights) != classes:
		return fmt.Errorf("grow: %d class weights for %d classes", len(c.ClassWeights), classes)
	}
	for i, w := range c.ClassWeights {
		if !(w > 0) || math.IsInf(w, 1) {
			return fmt.Errorf("grow: class %d has weight %v", i, w)
		}
	}
	return nil
}

func (c *Config) workers(jobs int) int {
	n := c.Workers
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return max(1, min(n, jobs))
}

// parallel runs job(worker, i) for each i in [0, n) and stops early if ctx ends.
func parallel(ctx context.Context, workers, n int, job func(worker, i int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				job(w, i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
