package training

import (
	"cmp"
	"slices"
	"sync"
)

// neighbours finds the k nearest members of each member of a class, exactly. Members
// are sorted by the column that varies most; the search runs outwards from a member
// and ends on either side once that column alone is farther away than the k-th best
// so far. With raw flow features, where microseconds dwarf everything, this visits
// few rows.
type neighbours struct {
	k     int
	rows  [][]float32 // by rank in the sorted order
	axis  int
	rank  []int32 // of a member
	back  []int32 // member of a rank
	found [][]int32
}

// newNeighbours lays the members' values out row by row.
func newNeighbours(x [][]float32, members []int32, k int) *neighbours {
	n := &neighbours{
		k: min(k, len(members)-1), rank: make([]int32, len(members)),
		back: make([]int32, len(members)), found: make([][]int32, len(members)),
	}
	widest := -1.0
	for c, column := range x {
		part := make([]float32, len(members))
		for i, m := range members {
			part[i] = column[m]
		}
		if s := standards([][]float32{part})[0]; s.scale > 0 && 1/s.scale > widest {
			n.axis, widest = c, 1/s.scale
		}
	}
	for i := range n.back {
		n.back[i] = int32(i)
	}
	axis := x[n.axis]
	slices.SortStableFunc(n.back, func(a, b int32) int { return cmp.Compare(axis[members[a]], axis[members[b]]) })
	n.rows = make([][]float32, len(members))
	for r, member := range n.back {
		n.rank[member] = int32(r)
		row := make([]float32, len(x))
		for c := range x {
			row[c] = x[c][members[member]]
		}
		n.rows[r] = row
	}
	return n
}

// of gives the neighbours of a member, nearest first, after find.
func (n *neighbours) of(member int) []int32 { return n.found[member] }

// find searches for those members that are a base of some pair.
func (n *neighbours) find(parents []pair) {
	if n.k == 0 {
		return
	}
	wanted := make([]bool, len(n.rank))
	for _, p := range parents {
		wanted[p.base] = true
	}
	workers := workersFor(len(wanted))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for m := w; m < len(wanted); m += workers {
				if wanted[m] {
					n.found[m] = n.search(int(n.rank[m]))
				}
			}
		})
	}
	wg.Wait()
}

// candidate is a rank and its squared distance.
type candidate struct {
	at int
	d  float64
}

func (n *neighbours) search(at int) []int32 {
	best := make([]candidate, 0, n.k+1)
	row := n.rows[at]
	worst := func() float64 {
		if len(best) < n.k {
			return -1 // anything is welcome
		}
		return best[n.k-1].d
	}
	consider := func(i int) (further bool) {
		limit := worst()
		gap := float64(n.rows[i][n.axis]) - float64(row[n.axis])
		if limit >= 0 && gap*gap > limit {
			return false
		}
		d, ok := distance(row, n.rows[i], limit)
		if !ok {
			return true
		}
		c := candidate{i, d}
		place, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.at, b.at))
		})
		best = slices.Insert(best, place, c)
		best = best[:min(len(best), n.k)]
		return true
	}
	down, up := at-1, at+1
	for down >= 0 || up < len(n.rows) {
		if down >= 0 {
			if consider(down) {
				down--
			} else {
				down = -1
			}
		}
		if up < len(n.rows) {
			if consider(up) {
				up++
			} else {
				up = len(n.rows)
			}
		}
	}
	out := make([]int32, len(best))
	for i, c := range best {
		out[i] = n.back[c.at]
	}
	return out
}

// distance is the squared distance; ok is false as soon as it exceeds the limit.
func distance(a, b []float32, limit float64) (d float64, ok bool) {
	for i, v := range a {
		g := float64(v) - float64(b[i])
		d += g * g
		if limit >= 0 && d > limit {
			return 0, false
		}
	}
	return d, true
}
