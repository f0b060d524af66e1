package feature

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Rows turns the rows of a flow CSV into records, so that what reads flows can read
// them from files as well: addresses and time, the numbers as they are given, and as
// much of the other facts as the numbers tell.
type Rows struct {
	schema  *Schema
	feature []int // of each field, -1 if it is none
	text    map[string]int
	at      facts
}

// Rows makes a reader of rows with the given header, whose names may be those of any
// profile. It wants addresses, a duration and packet counts.
func (s *Schema) Rows(header []string) (*Rows, error) {
	r := &Rows{schema: s, feature: make([]int, len(header)), text: map[string]int{}}
	seen := map[int]bool{}
	for i, name := range header {
		name = strings.TrimPrefix(name, "\ufeff")
		r.feature[i] = -1
		if f, ok := s.Lookup(name); ok && !seen[f] {
			r.feature[i], seen[f] = f, true
		}
		if _, taken := r.text[normal(name)]; !taken {
			r.text[normal(name)] = i
		}
	}
	for _, names := range [][]string{{"Src IP", "Source IP"}, {"Dst IP", "Destination IP"}} {
		if r.field(names...) < 0 {
			return nil, fmt.Errorf("no column %q: flows without addresses cannot be attributed", names[0])
		}
	}
	for _, name := range []string{"Flow Duration", "Total Fwd Packet", "Total Bwd packets", "Protocol"} {
		if f, ok := s.Lookup(name); !ok || !seen[f] {
			return nil, fmt.Errorf("no column %q: not CICFlowMeter's columns", name)
		}
	}
	r.at = s.facts()
	return r, nil
}

// field gives the position of the first of the named fields, -1 if there is none.
func (r *Rows) field(names ...string) int {
	for _, n := range names {
		if i, ok := r.text[normal(n)]; ok {
			return i
		}
	}
	return -1
}

// Record fills rec with a row. It is an Ended flow without Detail; its numbers are in
// Given, unknown ones as NaN.
func (r *Rows) Record(fields []string, rec *flow.Record) error {
	if len(fields) != len(r.feature) {
		return fmt.Errorf("%d fields, the header has %d", len(fields), len(r.feature))
	}
	given := slices.Repeat([]float64{math.NaN()}, r.schema.Len())
	for i, f := range r.feature {
		if f < 0 {
			continue
		}
		x, err := number64(fields[i])
		if err != nil {
			return fmt.Errorf("column %q: %w", r.schema.features[f].in(r.schema.Profile), err)
		}
		given[f] = x
	}
	*rec = flow.Record{Given: given}
	var err error
	if rec.Src, err = address(fields[r.field("Src IP", "Source IP")]); err != nil {
		return err
	}
	if rec.Dst, err = address(fields[r.field("Dst IP", "Destination IP")]); err != nil {
		return err
	}
	if i := r.field("Timestamp"); i >= 0 && fields[i] != "" {
		if rec.Start, err = parseTime(fields[i]); err != nil {
			return err
		}
	}
	r.at.fill(rec)
	return nil
}

func number64(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%.20q is no number", s)
	}
	return x, nil
}

func address(s string) (packet.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return packet.Addr{}, fmt.Errorf("%.40q is no IP address", s)
	}
	return packet.AddrFrom(a), nil
}

// timeLayouts are those of CICFlowMeter's builds and of the files made from them.
var timeLayouts = []string{
	"2006-01-02 15:04:05", // with any fraction
	"02/01/2006 03:04:05 PM",
	"02/01/2006 15:04:05",
	"2/1/2006 15:04:05",
	"2/1/2006 15:04",
	"2006-01-02T15:04:05Z07:00",
}

func parseTime(s string) (int64, error) {
	s = strings.TrimSpace(s)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMicro(), nil
		}
	}
	return 0, fmt.Errorf("column \"Timestamp\": %.40q is no time in a known form, such as %q", s, "2017-07-03 11:57:41.826651")
}
