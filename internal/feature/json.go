package feature

import (
	"math"
	"strconv"

	"firetower/internal/flow"
)

// AppendJSON appends a record as one line of JSON: the columns by their names, and
// the community id and the reason of the end. A number that is not finite, which
// only the 2017 profile has, is null.
func (s *Schema) AppendJSON(dst []byte, r *flow.Record) []byte {
	spare := scratch.Get().(*flow.Detail)
	defer scratch.Put(spare)
	d := r.Sums(spare)
	dst = append(dst, '{')
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.repeats(s.Profile) {
			continue
		}
		dst = strconv.AppendQuote(dst, c.in(s.Profile))
		dst = append(dst, ':')
		if c.Kind == Text {
			dst = append(dst, '"')
			dst = c.text(dst, r, s.Profile)
			dst = append(dst, '"')
		} else if x := c.number(s.Profile)(r, d); math.IsNaN(x) || math.IsInf(x, 0) {
			dst = append(dst, "null"...)
		} else {
			dst = appendNumber(dst, x)
		}
		dst = append(dst, ',')
	}
	dst = append(dst, `"community_id":"`...)
	dst = append(dst, r.CommunityID()...)
	dst = append(dst, `","end_reason":"`...)
	dst = append(dst, r.Reason.String()...)
	return append(dst, "\"}\n"...)
}

// repeats says that a profile prints the same column twice.
func (c *Column) repeats(p flow.Profile) bool { return p == flow.CIC2017 && c.Name == "" }
