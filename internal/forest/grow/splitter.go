package grow

import "math"

// split is a candidate: bins up to bin go left, the rest right.
type split struct {
	feature     int
	bin         uint8 // last bin that goes left
	missingLeft bool
	gain        float64
}

// threshold returns the raw value that separates as the bins do.
func (s split) threshold(c *column) float32 {
	if int(s.bin) < len(c.cuts) {
		return c.cuts[s.bin]
	}
	return float32(math.Inf(1)) // only missing goes right
}

// bestSplit tries maxFeatures features drawn without replacement, and more until
// one of them is not constant in the node.
func (b *builder) bestSplit(s []sample, total []float64, mass float64) (split, bool) {
	parent := b.cfg.Criterion.purity(total)
	best := split{gain: 1e-9 * mass}
	found := false
	tried := 0
	for i := range b.features {
		j := i + b.rng.IntN(len(b.features)-i)
		b.features[i], b.features[j] = b.features[j], b.features[i]
		varies := b.scan(s, int(b.features[i]), total, mass, parent, &best, &found)
		if varies {
			tried++
		}
		if i+1 >= b.maxFeatures && tried > 0 {
			break
		}
	}
	return best, found
}

// scan finds the best cut of one feature and reports whether there is any.
func (b *builder) scan(s []sample, f int, total []float64, mass, parent float64, best *split, found *bool) bool {
	c := &b.columns[f]
	k := len(total)
	clear(b.hist)
	for _, x := range s {
		b.hist[int(c.bins[x.row])*k+int(x.class)] += float64(x.weight)
	}
	varies := b.sweep(c, f, total, mass, parent, best, found, false)
	if c.hasMissing {
		varies = b.sweep(c, f, total, mass, parent, best, found, true) || varies
	}
	return varies
}

// sweep moves one bin after another from the right to the left, missing values
// first if they go left, and keeps the best place to stop.
func (b *builder) sweep(c *column, f int, total []float64, mass, parent float64, best *split, found *bool, missingLeft bool) bool {
	k := len(total)
	clear(b.left)
	moved := 0.0
	take := func(bin int) float64 {
		sum := 0.0
		for y, w := range b.hist[bin*k : bin*k+k] {
			sum += w
			b.left[y] += w * b.classWeight[y]
		}
		return sum
	}
	if missingLeft {
		moved += take(missing)
	}
	varies := false
	minLeaf := float64(max(b.cfg.MinLeaf, 1))
	open := -1 // candidate cut whose right neighbour is still to come
	var openGain float64
	last := len(c.low) - 1
	for bin := 0; bin <= last; bin++ {
		w := take(bin)
		if w == 0 {
			continue
		}
		if open >= 0 {
			if openGain > best.gain {
				*best = split{f, c.middle(open, bin), missingLeft, openGain}
				*found = true
			}
			open = -1
		}
		if moved += w; moved >= mass {
			break
		}
		varies = true
		if moved < minLeaf || mass-moved < minLeaf {
			continue
		}
		for y := range b.right {
			b.right[y] = total[y] - b.left[y]
		}
		openGain = b.cfg.Criterion.purity(b.left) + b.cfg.Criterion.purity(b.right) - parent
		open = bin
	}
	if open >= 0 && openGain > best.gain { // only missing values are right of it
		*best = split{f, uint8(last), missingLeft, openGain}
		*found = true
	}
	return varies
}

// middle returns the bin between a and b, a included, whose cut is nearest to the
// middle of the values on either side: bins between them are empty in the node.
func (c *column) middle(a, b int) uint8 {
	m := between(c.high[a], c.low[b])
	for a+1 < b && c.cuts[a+1] <= m {
		a++
	}
	return uint8(a)
}
