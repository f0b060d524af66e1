// Package score measures a classifier: confusion matrix, precision, recall and
// F1 with bootstrap intervals, Matthews correlation, precision-recall curves,
// calibration, and what a rate of false alarms means in alerts a day. All of it
// is pure functions of truths and predictions; a class is an index 0..n-1.
package score

import (
	"fmt"
	"math"
)

// Confusion counts rows by true class (first index) and predicted class.
type Confusion [][]int

// NewConfusion returns an empty n x n matrix.
func NewConfusion(n int) Confusion {
	c := make(Confusion, n)
	cells := make([]int, n*n)
	for i := range c {
		c[i], cells = cells[:n:n], cells[n:]
	}
	return c
}

// Confuse counts truths against predictions, both class indices below n.
func Confuse(n int, truth, predicted []uint8) (Confusion, error) {
	if len(truth) != len(predicted) {
		return nil, fmt.Errorf("score: %d truths but %d predictions", len(truth), len(predicted))
	}
	c := NewConfusion(n)
	for i, t := range truth {
		if int(t) >= n || int(predicted[i]) >= n {
			return nil, fmt.Errorf("score: row %d has class %d predicted as %d, there are only %d classes", i, t, predicted[i], n)
		}
		c[t][predicted[i]]++
	}
	return c, nil
}

// Add adds the counts of another matrix of the same size, as folds are summed.
func (c Confusion) Add(other Confusion) {
	for i, row := range other {
		for j, n := range row {
			c[i][j] += n
		}
	}
}

// Total is the number of rows counted.
func (c Confusion) Total() int {
	n := 0
	for i := range c {
		n += c.Support(i)
	}
	return n
}

// Support is the number of rows that truly are of class k.
func (c Confusion) Support(k int) int {
	n := 0
	for _, v := range c[k] {
		n += v
	}
	return n
}

// Predicted is the number of rows that were given class k.
func (c Confusion) Predicted(k int) int {
	n := 0
	for i := range c {
		n += c[i][k]
	}
	return n
}

// Precision of class k: of the rows given it, the share that is right; 0 if none
// was given it, as scikit-learn has it.
func (c Confusion) Precision(k int) float64 { return ratio(c[k][k], c.Predicted(k)) }

// Recall of class k: of its rows, the share that was found; 0 if it has none.
func (c Confusion) Recall(k int) float64 { return ratio(c[k][k], c.Support(k)) }

// F1 of class k: the harmonic mean of precision and recall.
func (c Confusion) F1(k int) float64 { return ratio(2*c[k][k], c.Support(k)+c.Predicted(k)) }

// Accuracy is the share of rows on the diagonal.
func (c Confusion) Accuracy() float64 {
	right := 0
	for i := range c {
		right += c[i][i]
	}
	return ratio(right, c.Total())
}

// MacroF1 is the mean F1 over the classes that occur, in truth or prediction:
// a class that occurs in neither says nothing about the model.
func (c Confusion) MacroF1() float64 {
	return c.mean(c.F1, func(k int) bool { return c.Support(k)+c.Predicted(k) > 0 })
}

// BalancedAccuracy is the mean recall over the classes that have rows.
func (c Confusion) BalancedAccuracy() float64 {
	return c.mean(c.Recall, func(k int) bool { return c.Support(k) > 0 })
}

func (c Confusion) mean(of func(int) float64, counts func(int) bool) float64 {
	sum, n := 0.0, 0
	for k := range c {
		if counts(k) {
			sum += of(k)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// MCC is the Matthews correlation coefficient of more than two classes (Gorodkin
// 2004, "Comparing two K-category assignments by a K-category correlation
// coefficient"); 0 where it is undefined.
func (c Confusion) MCC() float64 {
	var right, total, tp, tt, pp float64
	for k := range c {
		t, p := float64(c.Support(k)), float64(c.Predicted(k))
		right += float64(c[k][k])
		total += t
		tp += t * p
		tt += t * t
		pp += p * p
	}
	d := math.Sqrt(total*total-pp) * math.Sqrt(total*total-tt)
	if d == 0 {
		return 0
	}
	return (right*total - tp) / d
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
