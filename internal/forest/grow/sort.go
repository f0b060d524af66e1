package grow

import "math"

// key maps floats to integers of the same order; -0 is 0. v is not NaN.
func key(v float32) uint32 {
	b := math.Float32bits(v + 0)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// unkey is the inverse of key.
func unkey(k uint32) float32 {
	return math.Float32frombits(k ^ (uint32(int32(^k)>>31) | 1<<31))
}

// sorter sorts the keys of columns by radix, in memory that it keeps.
type sorter struct {
	keys, spare []uint32
}

// sort returns the keys of all values but NaN, ascending, until the next call.
func (s *sorter) sort(values []float32) []uint32 {
	if cap(s.keys) < len(values) {
		s.keys, s.spare = make([]uint32, len(values)), make([]uint32, len(values))
	}
	var count [3][1 << 11]uint32
	keys := s.keys[:0]
	for _, v := range values {
		if v != v {
			continue
		}
		k := key(v)
		keys = append(keys, k)
		count[0][k&0x7ff]++
		count[1][k>>11&0x7ff]++
		count[2][k>>22]++
	}
	spare := s.spare[:len(keys)]
	for digit, shift := range [...]int{0, 11, 22} {
		c := &count[digit]
		sum, single := uint32(0), false
		for i, n := range c {
			single = single || int(n) == len(keys)
			c[i] = sum
			sum += n
		}
		if single {
			continue // all keys agree in this digit
		}
		for _, k := range keys {
			d := k >> shift & 0x7ff
			spare[c[d]] = k
			c[d]++
		}
		keys, spare = spare, keys
	}
	return keys
}
