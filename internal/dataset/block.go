package dataset

import (
	"fmt"
	"math"
	"path/filepath"
)

// row is one record after its format is read and before it is judged.
type row struct {
	x         []float32 // by feature of the schema, missing where the file has none
	label     []byte
	attempted bool
	time      int64
	group     []byte
	flow      endpoints // only filled for Rules
}

// block is a run of rows of one file. Blocks are parsed side by side and joined in
// the order of the input.
type block struct {
	account Account

	x     [][]float32
	y     []uint8
	label []uint16
	time  []int64
	group []int32
	hash  []uint64

	labels, groups names
}

// names numbers strings in the order of their first use.
type names struct {
	list []string
	at   map[string]int
}

func (n *names) number(s []byte) int {
	if i, ok := n.at[string(s)]; ok {
		return i
	}
	if n.at == nil {
		n.at = map[string]int{}
	}
	n.at[string(s)] = len(n.list)
	n.list = append(n.list, string(s))
	return len(n.list) - 1
}

// source is a file being read.
type source struct {
	path string
	plan *plan
	cfg  *Config
}

// add judges a row and appends it. where names its place for an example.
func (b *block) add(src *source, r *row, where func() string) {
	v, label := src.judge(r)
	switch {
	case !v.known && len(r.label) == 0:
		b.account.drop(Unlabelled, 1, where())
		return
	case !v.known:
		b.account.drop(UnknownLabel, 1, fmt.Sprintf("%s: %q", where(), r.label))
		return
	case v.drop:
		b.account.drop(Unlabelled, 1)
		return
	}
	if v.attempted {
		switch src.cfg.Attempted {
		case AttemptedBenign:
			v.class = 0
		case AttemptedAttack:
		default:
			b.account.drop(AttemptedRow, 1)
			return
		}
	}
	if b.x == nil {
		b.x = make([][]float32, len(r.x))
	}
	for f, value := range r.x {
		b.x[f] = append(b.x[f], value)
	}
	b.y = append(b.y, v.class)
	b.label = append(b.label, uint16(min(b.labels.number(label), math.MaxUint16)))
	b.time = append(b.time, r.time)
	b.group = append(b.group, int32(b.groups.number(src.groupOf(r))))
	b.hash = append(b.hash, hashRow(r.x, v.class))
}

// judge gives the meaning of a row's label, from the rules or the label column.
func (src *source) judge(r *row) (verdict, []byte) {
	label := r.label
	if src.cfg.Rules != nil {
		label = []byte(src.cfg.Rules.label(&r.flow, r.time))
	}
	v := src.cfg.labels.of(string(label))
	v.attempted = v.attempted || (r.attempted && v.class != 0)
	return v, label
}

// groupOf names the group of a row.
func (src *source) groupOf(r *row) []byte {
	switch src.cfg.Group {
	case GroupNone, GroupFile:
		return []byte(filepath.Base(src.path))
	case GroupDay:
		return day(r.time)
	}
	return r.group
}

// hashRow mixes the values and the class into 64 bits (the multiply-xorshift of
// SplitMix64). Rows are taken for equal when this is: among 2.8 million different
// rows the chance of one false match is 2e-7.
func hashRow(x []float32, class uint8) uint64 {
	h := uint64(class) + 1
	for _, v := range x {
		bits := uint64(math.Float32bits(v))
		if v == 0 {
			bits = 0 // -0
		}
		h = (h ^ bits) * 0x9e3779b97f4a7c15
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		h ^= h >> 32
	}
	return h
}
