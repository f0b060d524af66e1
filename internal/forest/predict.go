package forest

import "math"

// Predict writes the probability of each class for the row x (len(Features)
// values) to proba (len(Classes) values) and returns the most probable class, the
// first of equals. It panics if a slice is too short and allocates nothing.
func (m *Model) Predict(x, proba []float32) int {
	return m.PredictBatch(x[:len(m.Features)], proba)
}

// PredictBatch predicts rows that lie one after another in x, len(Features) values
// each, and writes len(Classes) probabilities for each to proba. It returns the
// most probable class of the last row.
func (m *Model) PredictBatch(x, proba []float32) int {
	f, k := len(m.Features), len(m.Classes)
	n := len(x) / f
	if len(x)%f != 0 || len(proba) < n*k {
		panic("forest: rows and probabilities do not fit the model")
	}
	best := 0
	for i := range n {
		best = m.run.row(m, x[i*f:(i+1)*f], proba[i*k:(i+1)*k])
	}
	return best
}

// walk follows x down tree t by the definition of Node and returns its leaf.
func (m *Model) walk(t int, x []float32) *Node {
	i := m.Roots[t]
	for {
		n := &m.Nodes[i]
		if n.Feature == Leaf {
			return n
		}
		v := m.value(x, n.Feature)
		if v <= n.Threshold || (n.MissingLeft && v != v) {
			i++
		} else {
			i = n.Next
		}
	}
}

// value is x[f] after the treatment of missing values.
func (m *Model) value(x []float32, f int16) float32 {
	v := x[f]
	if m.Meta.Medians != nil && math.Float32bits(v)&expMask == expMask {
		return m.Meta.Medians[f]
	}
	return v
}

const expMask = 0x7f800000 // exponent of infinities and NaN
