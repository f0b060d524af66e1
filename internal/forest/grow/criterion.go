package grow

import "math"

// A node's impurity is kept as a purity that larger is better and that adds up
// over nodes, so that the gain of a split is left + right - parent:
//
//	gini:    sum of squares of the class weights, divided by their sum
//	entropy: sum of w*log2(w), less W*log2(W) for their sum W
//
// weight * impurity is W - purity for gini and -purity for entropy.
func (c Criterion) purity(weights []float64) float64 {
	total, sum := 0.0, 0.0
	if c == Gini {
		for _, w := range weights {
			total += w
			sum += w * w
		}
		if total == 0 {
			return 0
		}
		return sum / total
	}
	for _, w := range weights {
		total += w
		sum += xlog(w)
	}
	return sum - xlog(total)
}

func xlog(w float64) float64 {
	if w <= 0 {
		return 0
	}
	return w * math.Log2(w)
}
