package dataset

import (
	"math"
	"strings"
	"time"
)

// NoTime stands for an unknown time in a Table.
const NoTime = math.MinInt64

// layouts are the forms that the published files and the meters write. The first
// that fits a file's rows is tried first on the next row.
var layouts = []struct {
	layout   string
	halfDays bool // a 12-hour clock that does not say which half
}{
	{"2006-01-02 15:04:05.999999", false}, // corrected tool and Firetower, UTC
	{time.RFC3339Nano, false},
	{"02/01/2006 15:04:05", true}, // CICIDS2017, Monday's file
	{"2/1/2006 15:04:05", true},
	{"2/1/2006 15:04", true},
	{"02/01/2006 03:04:05 PM", false}, // CICFlowMeter V4
}

// clock reads time stamps; the zero value is ready. It is not safe for concurrent
// use.
type clock struct{ last int }

// parse gives a time stamp in microseconds since the epoch, or NoTime. Stamps carry
// no zone; they are read as UTC. CICIDS2017 was recorded between 8 and 18 h and
// printed on a 12-hour clock without AM or PM (its tool wrote hh for HH): hours
// before 8 are of the afternoon.
func (c *clock) parse(s string) int64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return NoTime
	}
	for i := range layouts {
		l := layouts[(c.last+i)%len(layouts)]
		t, err := time.Parse(l.layout, s)
		if err != nil {
			continue
		}
		c.last = (c.last + i) % len(layouts)
		if l.halfDays && t.Hour() < 8 {
			t = t.Add(12 * time.Hour)
		}
		return t.UnixMicro()
	}
	return NoTime
}

// stamp prints a time in microseconds.
func stamp(t int64) string { return time.UnixMicro(t).UTC().Format(time.DateTime) }
