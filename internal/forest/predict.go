package forest

import (
	"math"
	"sync"
)

// Predict writes the probability of each class for the row x (len(Features)
// values) to proba (len(Classes) values) and returns the most probable class, the
// first of equals. It panics if a slice is too short.
func (m *Model) Predict(x, proba []float32) int {
	x, proba = x[:len(m.Features)], proba[:len(m.Classes)]
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	p := &m.run
	sum := s.sums(p.words)
	if p.trees == nil {
		for t := range m.Roots {
			p.add(sum, []uint32{uint32(int(m.walk(t, x).Next) * p.words)})
		}
		return p.probabilities(sum, proba)
	}
	keys := s.room(len(p.slots))
	m.keys(x, keys, 1)
	p.one(keys, sum)
	return p.probabilities(sum, proba)
}

// PredictBatch predicts rows that lie one after another in x, len(Features) values
// each, and writes len(Classes) probabilities for each to proba.
func (m *Model) PredictBatch(x, proba []float32) {
	f, k := len(m.Features), len(m.Classes)
	n := len(x) / f
	if len(x)%f != 0 || len(proba) < n*k {
		panic("forest: rows and probabilities do not fit the model")
	}
	i := 0
	if p := &m.run; p.trees != nil {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		keys := s.room(len(p.slots) * lanes)
		for ; i+lanes <= n; i += lanes {
			rows := x[i*f : (i+lanes)*f]
			if keysOf(rows, f, p.columns, p.limit, keys) != 0 {
				for lane := range lanes {
					m.keys(rows[lane*f:(lane+1)*f], keys[lane:], lanes)
				}
			}
			sums := s.sums(lanes * p.words)
			p.many(keys, sums)
			for lane := range lanes {
				row := i + lane
				p.probabilities(sums[lane*p.words:(lane+1)*p.words], proba[row*k:(row+1)*k])
			}
		}
	}
	for ; i < n; i++ {
		m.Predict(x[i*f:(i+1)*f], proba[i*k:(i+1)*k])
	}
}

// scratch is the memory of a prediction.
type scratch struct {
	keys []uint32
	sum  []uint64
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) room(n int) []uint32 {
	if cap(s.keys) < n {
		s.keys = make([]uint32, n)
	}
	return s.keys[:n]
}

// sums returns n zeros.
func (s *scratch) sums(n int) []uint64 {
	if cap(s.sum) < n {
		s.sum = make([]uint64, n)
	}
	clear(s.sum[:n])
	return s.sum[:n]
}

// keys writes the key of each slot for row x to out, stride apart.
func (m *Model) keys(x []float32, out []uint32, stride int) {
	p := &m.run
	for i, c := range p.columns {
		b := math.Float32bits(x[c])
		k := b ^ (uint32(int32(b)>>31) | 1<<31)
		if b&^(1<<31) > p.limit {
			k = m.gapKey(x, p.slots[i])
		}
		out[i*stride] = k
	}
}

// gapKey is the key of a value that is missing, or infinite if there are medians.
func (m *Model) gapKey(x []float32, s slot) uint32 {
	v := m.value(x, s.feature)
	switch {
	case v == v:
		return key(v)
	case s.low:
		return missingLow
	}
	return missingHigh
}

const expMask = 0x7f800000 // exponent of infinities and NaN

// value is x[f] after the treatment of missing values.
func (m *Model) value(x []float32, f int16) float32 {
	v := x[f]
	if m.Meta.Medians != nil && math.Float32bits(v)&expMask == expMask {
		return m.Meta.Medians[f]
	}
	return v
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
