package grow

// partition moves the samples that go left to the front, keeps the order within
// each side and returns how many go left. Rows stay ascending, so that the bytes
// of a column are read in one direction.
func (b *builder[W]) partition(s []sample[W], best split) int {
	bins := b.columns[best.feature].bins
	var left [256]uint8 // 1: goes left
	for bin := range left {
		if goesLeft(uint8(bin), best.bin, best.missingLeft) {
			left[bin] = 1
		}
	}
	// Every sample is written to both sides and only the right one moves on: a
	// branch would be wrong half of the time.
	spare := b.spare[:len(s)]
	l, r := 0, 0
	for _, x := range s {
		s[l], spare[r] = x, x
		goes := int(left[bins[x.row]])
		l += goes
		r += 1 - goes
	}
	copy(s[l:], spare[:r])
	return l
}

func goesLeft(bin, last uint8, missingLeft bool) bool {
	if bin == missing {
		return missingLeft
	}
	return bin <= last
}
