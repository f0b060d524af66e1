package dataset

// Deduplicate removes rows that equal an earlier one in every feature and in class,
// and counts them. Of rows that equal in features but not in class it keeps all:
// the classes really overlap there.
func (t *Table) Deduplicate() int {
	seen := make(map[uint64]struct{}, t.Rows())
	keep := make([]int32, 0, t.Rows())
	for i, h := range t.hash {
		if _, twice := seen[h]; !twice {
			seen[h] = struct{}{}
			keep = append(keep, int32(i))
		}
	}
	removed := t.Rows() - len(keep)
	if removed > 0 {
		t.Account.drop(Duplicate, removed)
		t.Take(keep)
	}
	return removed
}

// Fingerprint identifies the rows in their order.
func (t *Table) Fingerprint() uint64 {
	f := uint64(len(t.hash))
	for _, h := range t.hash {
		f = (f ^ h) * 0x9e3779b97f4a7c15
		f ^= f >> 31
	}
	return f
}

// Hashes gives a hash of each given row over the given columns only, without the
// class, to find rows that a model cannot tell apart.
func (t *Table) Hashes(columns []int, rows []int32) []uint64 {
	hashes := make([]uint64, len(rows))
	x := make([]float32, len(columns))
	for i, r := range rows {
		for j, c := range columns {
			x[j] = t.X[c][r]
		}
		hashes[i] = hashRow(x, 0)
	}
	return hashes
}
