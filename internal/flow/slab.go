package flow

// slab holds values of one type in chunks that never move, named by indices from 1
// on. Indices instead of pointers keep the garbage collector out of the table.
type slab[T any] struct {
	chunks []*[slabChunk]T
	free   []uint32
	used   uint32 // indices ever given out
}

const (
	slabShift = 9
	slabChunk = 1 << slabShift
)

// alloc returns the index of a value, whose content is whatever it held before.
func (s *slab[T]) alloc() uint32 {
	if n := len(s.free); n > 0 {
		i := s.free[n-1]
		s.free = s.free[:n-1]
		return i
	}
	s.used++
	if int(s.used>>slabShift) >= len(s.chunks) {
		s.chunks = append(s.chunks, new([slabChunk]T))
	}
	return s.used
}

func (s *slab[T]) at(i uint32) *T { return &s.chunks[i>>slabShift][i&(slabChunk-1)] }

func (s *slab[T]) release(i uint32) { s.free = append(s.free, i) }

// live is how many values are in use.
func (s *slab[T]) live() int { return int(s.used) - len(s.free) }
