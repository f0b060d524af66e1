package behaviour

// majority finds the value that more than half of all it is shown have, in the room
// of one (Boyer and Moore, 1981). lead is how many more had it than others: a lower
// bound on how many had it. The zero value has seen nothing.
type majority[T comparable] struct {
	value T
	lead  int
}

// add shows it a value n times.
func (m *majority[T]) add(v T, n int) {
	switch {
	case m.lead == 0:
		m.value, m.lead = v, n
	case m.value == v:
		m.lead += n
	default:
		m.lead = max(0, m.lead-n)
	}
}
