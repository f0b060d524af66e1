package training

import (
	"slices"
	"sync"
)

// neighbours finds the k nearest members of each member of a class, exactly, with a
// k-d tree (Friedman, Bentley, Finkel 1977): cells are halved across the column in
// which they are widest, and a cell is searched only if it is nearer than the k-th
// best so far. With raw flow features, where a few columns of microseconds dwarf the
// others, that leaves few rows to look at. Of rows equally far any will do, but
// always the same.
type neighbours struct {
	k      int
	width  int
	values []float32 // row by row, in the order of the tree's cells
	member []int32   // of a place in that order
	cells  []cell    // in preorder
	found  []int32   // k members for each, after find
}

// cell is a stretch of rows; one of more than a few that differ has two halves, the
// first right after it.
type cell struct {
	from, to int
	column   int     // that the halves differ in
	cut      float32 // rows below it are in the first half
	second   int     // 0: no halves
}

const cellRows = 16

// newNeighbours builds the tree of the members' values.
func newNeighbours(x [][]float32, members []int32, k int) *neighbours {
	n := &neighbours{k: min(k, len(members)-1), width: len(x), member: make([]int32, len(members))}
	unsorted := make([]float32, len(members)*len(x))
	for i, m := range members {
		n.member[i] = int32(i)
		for c := range x {
			unsorted[i*n.width+c] = x[c][m]
		}
	}
	n.values = unsorted
	n.divide(0, len(members))
	n.values = make([]float32, len(unsorted))
	for at, i := range n.member {
		copy(n.row(at), unsorted[int(i)*n.width:])
	}
	return n
}

func (n *neighbours) row(at int) []float32 { return n.values[at*n.width : (at+1)*n.width] }

// divide makes the cell of a stretch of members, and those within.
func (n *neighbours) divide(from, to int) {
	at := len(n.cells)
	n.cells = append(n.cells, cell{from: from, to: to})
	if to-from <= cellRows {
		return
	}
	column, low, high := n.widest(n.member[from:to])
	if low == high {
		return // all alike
	}
	value := func(i int32) float32 { return n.values[int(i)*n.width+column] }
	half := make([]float32, to-from)
	for i, m := range n.member[from:to] {
		half[i] = value(m)
	}
	cut := nth(half, len(half)/2)
	if cut == low { // half of the rows or more: the first half takes them
		cut = high
		for _, v := range half {
			if v > low && v < cut {
				cut = v
			}
		}
	}
	below := partition(n.member[from:to], func(i int32) bool { return value(i) < cut })
	n.divide(from, from+below)
	n.cells[at].column, n.cells[at].cut, n.cells[at].second = column, cut, len(n.cells)
	n.divide(from+below, to)
}

// widest finds the column with the largest range.
func (n *neighbours) widest(members []int32) (column int, low, high float32) {
	lows := slices.Clone(n.values[int(members[0])*n.width : int(members[0]+1)*n.width])
	highs := slices.Clone(lows)
	for _, m := range members[1:] {
		for c, v := range n.values[int(m)*n.width : int(m+1)*n.width] {
			lows[c], highs[c] = min(lows[c], v), max(highs[c], v)
		}
	}
	for c := range lows {
		if highs[c]-lows[c] > highs[column]-lows[column] {
			column = c
		}
	}
	return column, lows[column], highs[column]
}

// partition moves those that belong to the front and says how many they are.
func partition(members []int32, front func(int32) bool) int {
	n := 0
	for i, m := range members {
		if front(m) {
			members[i], members[n] = members[n], m
			n++
		}
	}
	return n
}

// of gives the neighbours of a member, nearest first, after find.
func (n *neighbours) of(member int) []int32 { return n.found[member*n.k : (member+1)*n.k] }

// find searches for those members that are a base of some pair.
func (n *neighbours) find(parents []pair) {
	if n.k == 0 {
		return
	}
	n.found = make([]int32, len(n.member)*n.k)
	wanted := make([]bool, len(n.member))
	for _, p := range parents {
		wanted[p.base] = true
	}
	workers := workersFor(len(wanted))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			s := search{neighbours: n, off: make([]float64, n.width)}
			for at := w; at < len(wanted); at += workers {
				if m := n.member[at]; wanted[m] {
					s.begin(at)
					s.visit(0, 0)
					for i, b := range s.best {
						n.of(int(m))[i] = n.member[b.at]
					}
				}
			}
		})
	}
	wg.Wait()
}

// search looks for the neighbours of one row.
type search struct {
	*neighbours
	at   int
	x    []float32
	best []candidate // nearest first
	off  []float64   // by column: how far the cell being searched is from x
}

// candidate is a place and its squared distance.
type candidate struct {
	at int
	d  float64
}

func (s *search) begin(at int) {
	s.at, s.x, s.best = at, s.row(at), s.best[:0]
	clear(s.off)
}

// visit searches a cell that is at least bound away, squared.
func (s *search) visit(i int, bound float64) {
	c := &s.cells[i]
	if c.second == 0 {
		for at := c.from; at < c.to; at++ {
			if at != s.at {
				s.consider(at)
			}
		}
		return
	}
	near, far := i+1, c.second
	gap := float64(c.cut) - float64(s.x[c.column])
	if gap <= 0 {
		near, far = far, near
	}
	s.visit(near, bound)
	before := s.off[c.column]
	bound += gap*gap - before*before
	if len(s.best) == s.k && bound >= s.best[s.k-1].d {
		return
	}
	s.off[c.column] = gap
	s.visit(far, bound)
	s.off[c.column] = before
}

func (s *search) consider(at int) {
	full := len(s.best) == s.k
	d := 0.0
	for c, v := range s.row(at) {
		g := float64(v) - float64(s.x[c])
		d += g * g
		if full && d >= s.best[s.k-1].d {
			return
		}
	}
	if !full {
		s.best = append(s.best, candidate{})
	}
	i := len(s.best) - 1
	for ; i > 0 && s.best[i-1].d > d; i-- {
		s.best[i] = s.best[i-1]
	}
	s.best[i] = candidate{at, d}
}
