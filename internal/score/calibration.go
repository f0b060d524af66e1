package score

import "math"

// Bin is one bar of a reliability diagram.
type Bin struct {
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Rows      int     `json:"rows"`
	Predicted float64 `json:"predicted"` // mean probability of the predicted class
	Observed  float64 `json:"observed"`  // share that was right
}

// Reliability compares how sure a model is with how often it is right.
type Reliability struct {
	Bins []Bin `json:"bins"`
	// ECE is the expected calibration error: the mean distance between the two,
	// weighted by rows (Naeini, Cooper, Hauskrecht 2015).
	ECE float64 `json:"ece"`
	// Brier is the mean squared error of the probabilities over all classes,
	// 0 best, 2 worst (Brier 1950).
	Brier float64 `json:"brier"`
}

// Calibrate sorts rows by the probability of their predicted class into bins of
// equal width. proba is row-major with n classes a row.
func Calibrate(truth []uint8, proba []float32, n, bins int) Reliability {
	sure, hit := make([]float64, bins), make([]int, bins)
	r := Reliability{Bins: make([]Bin, bins)}
	for i, t := range truth {
		row := proba[i*n : (i+1)*n]
		best := Argmax(row)
		b := min(int(float64(row[best])*float64(bins)), bins-1)
		r.Bins[b].Rows++
		sure[b] += float64(row[best])
		if best == int(t) {
			hit[b]++
		}
		for k, p := range row {
			d := float64(p)
			if k == int(t) {
				d--
			}
			r.Brier += d * d
		}
	}
	for b := range r.Bins {
		bin := &r.Bins[b]
		bin.Low, bin.High = float64(b)/float64(bins), float64(b+1)/float64(bins)
		if bin.Rows == 0 {
			continue
		}
		bin.Predicted = sure[b] / float64(bin.Rows)
		bin.Observed = ratio(hit[b], bin.Rows)
		r.ECE += math.Abs(bin.Predicted-bin.Observed) * float64(bin.Rows) / float64(len(truth))
	}
	if len(truth) > 0 {
		r.Brier /= float64(len(truth))
	}
	return r
}

// Argmax is the index of the largest probability, the first of equals.
func Argmax(row []float32) int {
	best := 0
	for k, p := range row {
		if p > row[best] {
			best = k
		}
	}
	return best
}
