package grow

// partition moves the samples that go left to the front, keeps the order within
// each side and returns how many go left. Rows stay ascending, so that the bytes
// of a column are read in one direction.
func (b *builder) partition(s []sample, best split) int {
	bins := b.columns[best.feature].bins
	left, right := 0, 0
	for _, x := range s {
		if goesLeft(bins[x.row], best.bin, best.missingLeft) {
			s[left] = x
			left++
		} else {
			b.spare[right] = x
			right++
		}
	}
	copy(s[left:], b.spare[:right])
	return left
}

func goesLeft(bin, last uint8, missingLeft bool) bool {
	if bin == missing {
		return missingLeft
	}
	return bin <= last
}
