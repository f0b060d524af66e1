// Package dataset reads labelled flow records into memory: CSV, gzipped CSV and
// Parquet, in every shape that CICIDS2017 and its meters have had. Columns are
// mapped by name onto the feature schema of one meter profile, labels onto the nine
// classes, and whatever cannot be used is counted by cause. Then it removes
// duplicates and splits into parts.
package dataset

import (
	"math"
)

// Table is a set of labelled rows, held by column so that a forest can bin one
// column after another. Rows are numbered 0..Rows-1 in all slices.
type Table struct {
	Profile    string   // meter profile of the columns
	Names      []string // of the features
	X          [][]float32
	Y          []uint8 // class, an index into Classes()
	Label      []uint16
	Labels     []string // the labels as the files spelled them, by Label
	Time       []int64  // start of the flow in microseconds, or NoTime
	Group      []int32
	Groups     []string // what rows of a group have in common, by Group
	hash       []uint64
	Account    Account
	SchemaHash string
	canonical  func(name string) string
}

// Rows is the number of rows.
func (t *Table) Rows() int { return len(t.Y) }

// ClassCounts counts the rows of each class.
func (t *Table) ClassCounts() []int {
	n := make([]int, len(Classes()))
	for _, y := range t.Y {
		n[y]++
	}
	return n
}

// LabelCounts counts the rows of each label.
func (t *Table) LabelCounts() []int {
	n := make([]int, len(t.Labels))
	for _, l := range t.Label {
		n[l]++
	}
	return n
}

// Column gives the index of a feature by any of its published names, or -1.
func (t *Table) Column(name string) int {
	if t.canonical != nil {
		name = t.canonical(name)
	}
	for i, n := range t.Names {
		if n == name {
			return i
		}
	}
	return -1
}

// Take keeps only the given rows, which must rise, in place.
func (t *Table) Take(rows []int32) {
	for c := range t.X {
		t.X[c] = take(t.X[c], rows)
	}
	t.Y, t.Label, t.Time = take(t.Y, rows), take(t.Label, rows), take(t.Time, rows)
	t.Group, t.hash = take(t.Group, rows), take(t.hash, rows)
}

// Only gives a table of its own with the given rows, which must rise.
func (t *Table) Only(rows []int32) *Table {
	o := *t
	o.X = make([][]float32, len(t.X))
	for c := range t.X {
		o.X[c] = arrange(t.X[c], rows)
	}
	o.Y, o.Label, o.Time = arrange(t.Y, rows), arrange(t.Label, rows), arrange(t.Time, rows)
	o.Group, o.hash = arrange(t.Group, rows), arrange(t.hash, rows)
	return &o
}

func take[T any](values []T, rows []int32) []T {
	for i, r := range rows {
		values[i] = values[r]
	}
	return values[:len(rows)]
}

// Values gives the given rows of a column. Rows that follow one another are the
// table's own memory, which must not be written to; others are a copy.
func (t *Table) Values(column int, rows []int32) []float32 {
	x := t.X[column]
	if n := len(rows); n > 0 && int(rows[n-1]-rows[0]) == n-1 {
		return x[rows[0] : rows[n-1]+1 : rows[n-1]+1]
	}
	out := make([]float32, len(rows))
	for i, r := range rows {
		out[i] = x[r]
	}
	return out
}

// ClassesOf gives the classes of the given rows.
func (t *Table) ClassesOf(rows []int32) []uint8 {
	y := make([]uint8, len(rows))
	for i, r := range rows {
		y[i] = t.Y[r]
	}
	return y
}

// GroupsOf gives the groups of the given rows.
func (t *Table) GroupsOf(rows []int32) []int32 {
	g := make([]int32, len(rows))
	for i, r := range rows {
		g[i] = t.Group[r]
	}
	return g
}

// All lists every row.
func (t *Table) All() []int32 {
	rows := make([]int32, t.Rows())
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// Missing says whether a value is a missing one; infinite rates count as missing
// and are stored so.
func Missing(v float32) bool { return v != v }

var missing = float32(math.NaN())
