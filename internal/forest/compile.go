package forest

// program is a model laid out for speed.
type program struct{}

func compile(*Model) program { return program{} }

func (program) row(m *Model, x, proba []float32) int {
	k := len(m.Classes)
	sum := make([]float64, k)
	for t := range m.Roots {
		d := int(m.walk(t, x).Next) * k
		for c, p := range m.Dists[d : d+k] {
			sum[c] += float64(p)
		}
	}
	best := 0
	for c, s := range sum {
		proba[c] = float32(s / float64(len(m.Roots)))
		if s > sum[best] {
			best = c
		}
	}
	return best
}
