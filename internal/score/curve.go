package score

import (
	"cmp"
	"math"
	"slices"
)

// Point is one threshold of a precision-recall curve.
type Point struct {
	Threshold float64 `json:"threshold"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"` // true positive rate
	FalseRate float64 `json:"fpr"`    // false positive rate
}

// Curve is how precision and recall trade as the threshold falls.
type Curve struct {
	Points           []Point `json:"points"` // threshold falling, recall rising
	AveragePrecision float64 `json:"average_precision"`
	Positives        int     `json:"positives"`
	Negatives        int     `json:"negatives"`
}

// PrecisionRecall gives the curve of one class against the rest from the
// probability given to it in each row, and the average precision as scikit-learn
// defines it: the sum of precision times the gain in recall. Equal probabilities
// share one point.
func PrecisionRecall(positive []bool, probability []float32) Curve {
	order := make([]int32, len(positive))
	var c Curve
	for i, p := range positive {
		order[i] = int32(i)
		if p {
			c.Positives++
		}
	}
	c.Negatives = len(positive) - c.Positives
	if c.Positives == 0 {
		return c
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(probability[b], probability[a]) })
	tp, fp, recall := 0, 0, 0.0
	for i, row := range order {
		if positive[row] {
			tp++
		} else {
			fp++
		}
		if i+1 < len(order) && probability[order[i+1]] == probability[row] {
			continue
		}
		p := Point{
			Threshold: float64(probability[row]),
			Precision: ratio(tp, tp+fp),
			Recall:    ratio(tp, c.Positives),
			FalseRate: ratio(fp, c.Negatives),
		}
		c.AveragePrecision += p.Precision * (p.Recall - recall)
		recall = p.Recall
		c.Points = append(c.Points, p)
	}
	return c
}

// Thin keeps at most n points, the first and the last among them, for drawing.
func (c Curve) Thin(n int) Curve {
	if len(c.Points) <= n || n < 2 {
		return c
	}
	kept := make([]Point, 0, n)
	for i := range n {
		kept = append(kept, c.Points[int(math.Round(float64(i)*float64(len(c.Points)-1)/float64(n-1)))])
	}
	c.Points = kept
	return c
}

// At gives the last point whose threshold is not below t: what the model does
// when only probabilities of at least t count.
func (c Curve) At(t float64) Point {
	best := Point{Threshold: t, Precision: 0}
	for _, p := range c.Points {
		if float32(p.Threshold) < float32(t) {
			break
		}
		best = p
	}
	return best
}
