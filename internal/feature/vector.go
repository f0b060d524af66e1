package feature

import (
	"sync"

	"firetower/internal/flow"
)

// scratch holds the accumulators of flows of one packet, whose records have none.
var scratch = sync.Pool{New: func() any { return new(flow.Detail) }}

// Vector computes the chosen features of a record into dst, which must be as long
// as features is. It allocates nothing. What the 2017 profile has as Infinity or NaN
// stays so.
func (s *Schema) Vector(r *flow.Record, features []int, dst []float32) {
	if r.Given != nil {
		for i, f := range features {
			dst[i] = float32(r.Given[f])
		}
		return
	}
	d := r.Detail
	if d == nil {
		spare := scratch.Get().(*flow.Detail)
		defer scratch.Put(spare)
		d = r.Sums(spare)
	}
	for i, f := range features {
		dst[i] = float32(s.compute[f](r, d))
	}
}

// Value computes one feature in full precision.
func (s *Schema) Value(r *flow.Record, f int) float64 {
	if r.Given != nil {
		return r.Given[f]
	}
	d := r.Detail
	if d == nil {
		d = r.Sums(new(flow.Detail))
	}
	return s.compute[f](r, d)
}
