package dataset

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"unsafe"
)

// parseCSV reads the lines of a piece of a CSV file. first is the line number of
// the first.
func parseCSV(src *source, text []byte, first int) *block {
	b := &block{}
	p := src.plan
	r := row{x: make([]float32, len(p.absent)+p.features())}
	for i := range r.x {
		r.x[i] = missing
	}
	var fields [][]byte
	var at clock
	for line := first; len(text) > 0; line++ {
		var record []byte
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			record, text = text[:i], text[i+1:]
		} else {
			record, text = text, nil
		}
		record = bytes.TrimSuffix(record, []byte{'\r'})
		b.account.Read++
		where := func() string { return fmt.Sprintf("%s:%d", filepath.Base(src.path), line) }
		if empty(record) {
			b.account.drop(EmptyRow, 1)
			continue
		}
		fields = splitCSV(record, fields[:0])
		if len(fields) != p.width {
			b.account.drop(WrongWidth, 1, fmt.Sprintf("%s: %d fields, want %d", where(), len(fields), p.width))
			continue
		}
		if string(bytes.TrimSpace(fields[p.width-1])) == p.names[p.width-1] && string(bytes.TrimSpace(fields[0])) == p.names[0] {
			b.account.drop(RepeatedHeader, 1, where())
			continue
		}
		if bad := src.fill(&r, fields, &at, &b.account); bad >= 0 {
			b.account.drop(BadNumber, 1, fmt.Sprintf("%s: %q in column %s", where(), fields[bad], p.names[bad]))
			continue
		}
		b.add(src, &r, where)
	}
	return b
}

// fill reads the fields of a record; it returns the column that is not a number,
// or -1.
func (src *source) fill(r *row, fields [][]byte, at *clock, a *Account) int {
	p := src.plan
	gaps, inf := 0, 0
	for i, f := range p.feature {
		if f < 0 {
			continue
		}
		v, ok := number(fields[i])
		switch {
		case !ok:
			return i
		case v != v:
			gaps++
		case math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32:
			v = math.NaN()
			inf++
		}
		r.x[f] = float32(v)
	}
	a.Missing += gaps
	a.Infinite += inf
	field := func(i int) []byte {
		if i < 0 {
			return nil
		}
		return bytes.TrimSpace(fields[i])
	}
	r.label, r.group = field(p.label), field(p.group)
	r.time = NoTime
	if p.stamp >= 0 {
		r.time = at.parse(string(fields[p.stamp]))
	}
	category := field(p.attempted)
	r.attempted = len(category) > 0 && category[0] != '-'
	if src.cfg.Rules != nil {
		r.flow = endpointsOf(field(p.srcIP), field(p.dstIP), field(p.srcPort), field(p.dstPort), field(p.protoc))
	}
	return -1
}

func (p *plan) features() int {
	n := 0
	for _, f := range p.feature {
		if f >= 0 {
			n++
		}
	}
	return n
}

// empty says whether a line holds nothing but separators, as the last 288,602 lines
// of one original file do.
func empty(record []byte) bool {
	for _, c := range record {
		if c != ',' && c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// splitCSV cuts a record at its commas; quoted fields may hold commas and doubled
// quotes, but no line breaks, which flow records do not have.
func splitCSV(record []byte, fields [][]byte) [][]byte {
	if bytes.IndexByte(record, '"') < 0 {
		for {
			i := bytes.IndexByte(record, ',')
			if i < 0 {
				return append(fields, record)
			}
			fields = append(fields, record[:i])
			record = record[i+1:]
		}
	}
	start, quoted := 0, false
	for i, c := range record {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			fields = append(fields, unquote(record[start:i]))
			start = i + 1
		}
	}
	return append(fields, unquote(record[start:]))
}

func unquote(field []byte) []byte {
	if len(field) < 2 || field[0] != '"' || field[len(field)-1] != '"' {
		return field
	}
	return bytes.ReplaceAll(field[1:len(field)-1], []byte(`""`), []byte(`"`))
}

// number reads a cell: empty is missing, and so are the ways in which programs write
// that there is none.
func number(cell []byte) (float64, bool) {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return math.NaN(), true
	}
	if len(cell) < 16 { // most cells are small whole numbers
		n := 0
		for i, c := range cell {
			if c < '0' || c > '9' {
				break
			}
			n = n*10 + int(c-'0')
			if i == len(cell)-1 {
				return float64(n), true
			}
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(&cell[0], len(cell)), 64)
	if err == nil || math.IsInf(v, 0) {
		return v, true
	}
	switch string(bytes.ToLower(cell)) {
	case "null", "none", "na", "n/a", "<na>":
		return math.NaN(), true
	}
	return 0, false
}
