package behaviour

import (
	"math"
	"math/bits"

	"firetower/internal/packet"
)

// distinct counts how many different hashes it was shown: exactly up to few, then
// by HyperLogLog (Flajolet et al., 2007) with 1,024 registers, whose standard
// error is 3.3 %. The zero value is empty. It never holds more than about 1.2 KB.
type distinct struct {
	few  []uint32
	regs *[registers]uint8
}

const (
	few       = 32
	registers = 1024
)

// add shows it one hash; fresh is whether that was new to it. Beyond few, fresh is
// only true where the estimate moved.
func (d *distinct) add(h uint64) (fresh bool) {
	if d.regs != nil {
		return d.register(uint32(h))
	}
	// The lower half stands for the hash: two of 32 collide once in 10^7.
	for _, have := range d.few {
		if have == uint32(h) {
			return false
		}
	}
	if len(d.few) < few {
		d.few = append(d.few, uint32(h))
		return true
	}
	d.regs = new([registers]uint8)
	for _, have := range d.few {
		d.register(have)
	}
	d.few = nil
	return d.register(uint32(h))
}

func (d *distinct) register(half uint32) bool {
	h := mix(uint64(half))
	i := h % registers
	rank := uint8(bits.LeadingZeros64(h|1023)) + 1
	if rank <= d.regs[i] {
		return false
	}
	d.regs[i] = rank
	return true
}

// count is the number of different hashes shown.
func (d *distinct) count() int {
	if d.regs == nil {
		return len(d.few)
	}
	sum, empty := 0.0, 0
	for _, r := range d.regs {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	const m = registers
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(float64(m)/float64(empty))
	}
	return int(estimate + 0.5)
}

// estimate is count in two figures, where it does not know exactly, and at most most:
// how many things it was shown.
func (d *distinct) estimate(most int) int {
	n := d.count()
	if d.regs == nil {
		return n
	}
	figure := 1
	for n/figure >= 100 {
		figure *= 10
	}
	return min(most, (n+figure/2)/figure*figure)
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashAddr gives a hash of an address.
func hashAddr(a packet.Addr) uint64 {
	hi := uint64(a[0]) | uint64(a[1])<<8 | uint64(a[2])<<16 | uint64(a[3])<<24 | uint64(a[4])<<32 | uint64(a[5])<<40 | uint64(a[6])<<48 | uint64(a[7])<<56
	lo := uint64(a[8]) | uint64(a[9])<<8 | uint64(a[10])<<16 | uint64(a[11])<<24 | uint64(a[12])<<32 | uint64(a[13])<<40 | uint64(a[14])<<48 | uint64(a[15])<<56
	return mix(mix(hi) ^ lo)
}

// portSet is a set of ports that knows its exact size.
type portSet struct {
	n    int
	few  []uint16
	bits *[1024]uint64
}

// add puts a port in. With more than few ports it takes 8 KB.
func (s *portSet) add(p uint16) (fresh bool) {
	if s.bits != nil {
		w, b := &s.bits[p>>6], uint64(1)<<(p&63)
		fresh = *w&b == 0
		*w |= b
		if fresh {
			s.n++
		}
		return fresh
	}
	for _, have := range s.few {
		if have == p {
			return false
		}
	}
	s.n++
	if len(s.few) < few {
		s.few = append(s.few, p)
		return true
	}
	s.bits = new([1024]uint64)
	for _, have := range append(s.few, p) {
		s.bits[have>>6] |= 1 << (have & 63)
	}
	s.few = nil
	return true
}

// sample gives at most n ports, the lowest first where it holds many.
func (s *portSet) sample(n int) []uint16 {
	if s.bits == nil {
		return append([]uint16(nil), s.few[:min(n, len(s.few))]...)
	}
	var out []uint16
	for w, word := range s.bits {
		for ; word != 0 && len(out) < n; word &= word - 1 {
			out = append(out, uint16(w<<6+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// contacts remembers what it was shown, by two Bloom filters: when the younger is
// full, the older is forgotten. It knows the last half million things for certain
// and takes about one new thing in a hundred for known. It takes 2 MB. All bits of a
// thing are in one word of each filter, and these two words side by side, so that a
// look costs one cache miss (Putze, Sanders, Singler, "Cache-, Hash- and
// Space-Efficient Bloom Filters", 2007).
type contacts struct {
	words [][2]uint64 // of both filters
	young int         // which of them takes what comes
	n     int         // things that it holds
}

const (
	contactWords = 1 << 17
	contactsMost = 1 << 19
)

// add shows it one hash; fresh is whether it is new.
func (c *contacts) add(h uint64) (fresh bool) {
	if c.words == nil {
		c.words = make([][2]uint64, contactWords)
	}
	at, bits := contactBits(h)
	if c.words[at][c.young]&bits == bits {
		return false
	}
	fresh = c.words[at][1-c.young]&bits != bits
	if c.n >= contactsMost {
		c.young, c.n = 1-c.young, 0
		for i := range c.words {
			c.words[i][c.young] = 0
		}
	}
	c.words[at][c.young] |= bits
	c.n++
	return fresh
}

// holds is whether it was shown the hash.
func (c *contacts) holds(h uint64) bool {
	if c.words == nil {
		return false
	}
	at, bits := contactBits(h)
	return c.words[at][0]&bits == bits || c.words[at][1]&bits == bits
}

// contactBits gives the words of a hash, and five bits by as many parts of six.
func contactBits(h uint64) (at, bits uint64) {
	h = mix(h)
	return h >> 47, 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63) | 1<<(h>>18&63) | 1<<(h>>24&63)
}
