package grow

import (
	"math/rand/v2"
	"slices"
)

// random is the stream of tree t: it depends on nothing but the seed and t.
func random(seed uint64, t int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(t)+0x9e3779b97f4a7c15))
}

// draw sets how often each row is in the sample of a tree.
func draw(rng *rand.Rand, cfg *Config, counts []uint8) {
	if !cfg.Bootstrap {
		for i := range counts {
			counts[i] = 1
		}
		return
	}
	clear(counts)
	n := len(counts)
	for range cfg.samples(n) {
		take(counts, rng.Uint32N(uint32(n)))
	}
}

// samples is how many rows a tree draws of n.
func (c *Config) samples(n int) int {
	if c.MaxSamples > 0 {
		return min(n, c.MaxSamples)
	}
	return n
}

func take(counts []uint8, row uint32) {
	if counts[row] < 255 {
		counts[row]++
	}
}

// clusters are the rows of each class by the group that they come from.
type clusters struct {
	groups int
	rows   [][][]uint32 // by class, then group
}

func newClusters(d *Dataset) *clusters {
	occur := slices.Compact(slices.Sorted(slices.Values(d.Groups)))
	c := &clusters{groups: len(occur), rows: make([][][]uint32, len(d.Classes))}
	for y := range c.rows {
		c.rows[y] = make([][]uint32, c.groups)
	}
	for i, y := range d.Labels {
		g, _ := slices.BinarySearch(occur, d.Groups[i])
		c.rows[y][g] = append(c.rows[y][g], uint32(i))
	}
	return c
}

// draw is the cluster bootstrap: as many groups as there are, with replacement, then
// rows of them. Each class is drawn in proportion to its rows, within it each of the
// groups that were drawn and know it alike. A class that none of them knows is drawn
// from all.
func (c *clusters) draw(rng *rand.Rand, cfg *Config, counts []uint8) {
	clear(counts)
	n := len(counts)
	drawn := make([]bool, c.groups)
	for range c.groups {
		drawn[rng.IntN(c.groups)] = true
	}
	for _, groups := range c.rows {
		var all, from [][]uint32
		of := 0
		for g, rows := range groups {
			if len(rows) == 0 {
				continue
			}
			of += len(rows)
			all = append(all, rows)
			if drawn[g] {
				from = append(from, rows)
			}
		}
		if len(from) == 0 {
			from = all
		}
		for range int(float64(of) * float64(cfg.samples(n)) / float64(n)) {
			rows := from[rng.IntN(len(from))]
			take(counts, rows[rng.IntN(len(rows))])
		}
	}
}
