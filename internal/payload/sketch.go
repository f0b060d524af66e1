package payload

import "math/bits"

// Sketch estimates how many distinct things it was shown, by linear counting in
// 64 bits (Whang et al., 1990): good to a tenth up to about a hundred, a floor
// of some 250 beyond. Two sketches join by |.
type Sketch uint64

// Add shows the sketch one thing, by its hash.
func (s *Sketch) Add(hash uint32) {
	hash ^= hash >> 16
	hash *= 0x85ebca6b // MurmurHash3's finaliser: FNV's upper bits depend little on the last byte
	hash ^= hash >> 13
	hash *= 0xc2b2ae35
	*s |= 1 << (hash >> 26)
}

// Count is the estimate.
func (s Sketch) Count() int { return int(sketchCount[bits.OnesCount64(uint64(s))]) }

// sketchCount[k] is 64 ln(64/(64-k)), rounded; the last is where it saturates.
var sketchCount = [65]uint16{
	0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18, 20, 21, 23, 24, 25, 27, 29,
	30, 32, 33, 35, 37, 39, 40, 42, 44, 46, 49, 51, 53, 55, 58, 60, 63, 66, 68, 71, 74, 78, 81, 85,
	89, 93, 97, 102, 107, 113, 119, 125, 133, 142, 151, 163, 177, 196, 222, 266, 300,
}
