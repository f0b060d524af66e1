package feature

import (
	"math"
	"strconv"

	"firetower/internal/flow"
)

// AppendHeader appends the CSV header of the profile, as CICFlowMeter prints it,
// and a line feed. Names of the 2017 data have the blanks they have there.
func (s *Schema) AppendHeader(dst []byte) []byte {
	for i := range s.Columns {
		name := s.Columns[i].in(s.Profile)
		if i > 0 {
			dst = append(dst, ',')
			if s.Profile == flow.CIC2017 && !joined2017[i] {
				dst = append(dst, ' ')
			}
		}
		dst = append(dst, name...)
	}
	return append(dst, '\n')
}

// joined2017 are the columns of the 2017 header that have no blank before their
// name.
var joined2017 = map[int]bool{
	10: true, 16: true, 20: true, 26: true, 31: true, 36: true, 42: true, 49: true, 62: true,
	67: true, 68: true, 72: true, 76: true, 80: true,
}

// AppendRow appends a record as one line of CSV.
func (s *Schema) AppendRow(dst []byte, r *flow.Record) []byte {
	spare := scratch.Get().(*flow.Detail)
	defer scratch.Put(spare)
	d := r.Sums(spare)
	for i := range s.Columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		if f := s.printed[i]; f != nil {
			dst = appendNumber(dst, f(r, d))
		} else {
			dst = s.Columns[i].text(dst, r, s.Profile)
		}
	}
	return append(dst, '\n')
}

// appendNumber prints the shortest decimal that reads back as the same number, and
// what is not finite as Java does.
func appendNumber(dst []byte, x float64) []byte {
	if x >= 0 && x < 10 && x == float64(int(x)) { // most are
		return append(dst, '0'+byte(x))
	}
	switch {
	case math.Abs(x) < 1<<53 && x == float64(int64(x)):
		return strconv.AppendInt(dst, int64(x), 10)
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, x, 'f', -1, 64)
}
