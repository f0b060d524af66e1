package grow

import (
	"math"
	"math/bits"
)

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

// group is how many features' histograms are filled in one pass over the samples,
// so that the additions of one hide the wait for another's.
const group = 3

// smallNode is the number of samples up to which only the bins that occur are
// looked at and cleared.
const smallNode = 1024

// bestSplit tries maxFeatures features drawn without replacement, and more until
// one of them is not constant in the node.
func (b *builder[W]) bestSplit(s []sample[W], n *totals) (split, bool) {
	best := split{gain: 1e-9 * n.sum}
	for i := 0; i < len(b.features); {
		drawn := min(group, max(1, b.maxFeatures-i))
		for j := i; j < i+drawn; j++ {
			k := j + b.rng.IntN(len(b.features)-j)
			b.features[j], b.features[k] = b.features[k], b.features[j]
		}
		b.fill(s, b.features[i:i+drawn])
		varies := false
		for j := range drawn {
			varies = b.scan(j, int(b.features[i+j]), n, &best) || varies
		}
		b.empty(s, b.features[i:i+drawn])
		i += drawn
		if n.varies = n.varies || varies; i >= b.maxFeatures && n.varies {
			break
		}
	}
	return best, best.gain > 1e-9*n.sum
}

// fill adds the samples to the histograms of the given features, cells of 256 bins
// a class, and notes which bins occur.
func (b *builder[W]) fill(s []sample[W], features []int32) {
	if len(features) == group {
		h0, h1, h2 := b.hist[0], b.hist[1], b.hist[2]
		c0, c1, c2 := b.columns[features[0]].bins, b.columns[features[1]].bins, b.columns[features[2]].bins
		for i := range s {
			x := &s[i]
			h0[x.class|uint32(c0[x.row])] += x.weight
			h1[x.class|uint32(c1[x.row])] += x.weight
			h2[x.class|uint32(c2[x.row])] += x.weight
		}
	} else {
		for j, f := range features {
			h, c := b.hist[j], b.columns[f].bins
			for i := range s {
				h[s[i].class|uint32(c[s[i].row])] += s[i].weight
			}
		}
	}
	for j, f := range features {
		if len(s) > smallNode {
			b.occurs[j] = [4]uint64{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64}
			continue
		}
		b.occurs[j] = [4]uint64{}
		c := b.columns[f].bins
		for i := range s {
			bin := c[s[i].row]
			b.occurs[j][bin>>6] |= 1 << (bin & 63)
		}
	}
}

// empty makes the histograms zero again.
func (b *builder[W]) empty(s []sample[W], features []int32) {
	for j, f := range features {
		if len(s) > smallNode {
			clear(b.hist[j])
			continue
		}
		c := b.columns[f].bins
		for i := range s {
			b.hist[j][s[i].class|uint32(c[s[i].row])] = 0
		}
	}
}

// scan finds the best cut of the feature whose histogram is the j-th and reports
// whether there is any cut.
func (b *builder[W]) scan(j, f int, n *totals, best *split) bool {
	varies := b.sweep(j, f, n, best, false)
	if b.columns[f].hasMissing {
		varies = b.sweep(j, f, n, best, true) || varies
	}
	return varies
}

// sweep moves one bin after another from the right to the left, missing values
// first if they go left, and keeps the best place to stop.
func (b *builder[W]) sweep(j, f int, n *totals, best *split, missingLeft bool) bool {
	c, h := &b.columns[f], b.hist[j]
	for _, y := range n.present {
		b.left[y] = 0
	}
	moved := 0.0
	if missingLeft {
		moved = b.take(h, missing, n)
	}
	varies := false
	open, openGain := -1, 0.0 // a cut whose right neighbour is still to come
	for word, occurs := range b.occurs[j] {
		for ; occurs != 0; occurs &= occurs - 1 {
			bin := word<<6 | bits.TrailingZeros64(occurs)
			if bin >= len(c.low) {
				break
			}
			w := b.take(h, bin, n)
			if w == 0 {
				continue
			}
			if open >= 0 && openGain > best.gain {
				*best = split{f, c.middle(open, bin), missingLeft, openGain}
			}
			open = -1
			if moved += w; moved >= n.mass {
				return varies
			}
			varies = true
			if moved < b.minLeaf || n.mass-moved < b.minLeaf {
				continue
			}
			open, openGain = bin, b.gain(n)
		}
	}
	if open >= 0 && openGain > best.gain { // only missing values are right of it
		*best = split{f, uint8(len(c.low) - 1), missingLeft, openGain}
	}
	return varies
}

// take moves a bin to the left and returns its mass.
func (b *builder[W]) take(h []W, bin int, n *totals) float64 {
	sum := 0.0
	for _, y := range n.present {
		if w := h[int(y)<<8|bin]; w != 0 {
			sum += float64(w)
			b.left[y] += float64(w) * b.classWeight[y]
		}
	}
	return sum
}

// gain is how much better than the parent its children are.
func (b *builder[W]) gain(n *totals) float64 {
	var lw, rw, ls, rs float64
	gini := b.cfg.Criterion == Gini
	for _, y := range n.present {
		l := b.left[y]
		r := n.class[y] - l
		lw, rw = lw+l, rw+r
		if gini {
			ls, rs = ls+l*l, rs+r*r
		} else {
			ls, rs = ls+xlog(l), rs+xlog(r)
		}
	}
	if gini {
		return ls/lw + rs/rw - n.purity
	}
	return ls - xlog(lw) + rs - xlog(rw) - n.purity
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
