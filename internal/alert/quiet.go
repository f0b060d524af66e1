package alert

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a daily span of local time, over midnight if To is before From.
type Window struct {
	From string   `yaml:"from" json:"from"` // "22:00"
	To   string   `yaml:"to" json:"to"`     // "07:00"
	Days []string `yaml:"days,omitempty" json:"days,omitempty"`
	// Days on which it begins: "mon" .. "sun"; empty: every day.
}

// Validate names what can not be read.
func (w Window) Validate() error {
	for _, s := range []string{w.From, w.To} {
		if _, err := clock(s); err != nil {
			return err
		}
	}
	if w.From == w.To {
		return fmt.Errorf("quiet from %s to %s is empty; use 00:00 to 24:00 for a whole day", w.From, w.To)
	}
	for _, d := range w.Days {
		if !slices.ContainsFunc(days(), func(name string) bool { return strings.EqualFold(name, d) }) {
			return fmt.Errorf("quiet day %q is none of %v", d, days())
		}
	}
	return nil
}

func days() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// clock gives the minutes after midnight of "15:04"; "24:00" is the day's end.
func clock(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("quiet time %q is not a time such as 22:00", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// quietUntil gives the end of the windows that t is in, joined where one begins
// as the other ends.
func quietUntil(windows []Window, t time.Time) (end time.Time, quiet bool) {
	end = t
	for range 14 { // at most a fortnight of windows that touch
		next := end
		for _, w := range windows {
			if e, in := w.until(end); in && e.After(next) {
				next = e
			}
		}
		if !next.After(end) {
			break
		}
		end = next
	}
	return end, end.After(t)
}

func (w Window) until(t time.Time) (end time.Time, in bool) {
	from, err1 := clock(w.From)
	to, err2 := clock(w.To)
	if err1 != nil || err2 != nil {
		return t, false
	}
	for _, back := range []int{0, 1} { // a window that began today or yesterday
		y, m, d := t.Date()
		day := time.Date(y, m, d-back, 0, 0, 0, 0, t.Location())
		if len(w.Days) > 0 && !slices.ContainsFunc(w.Days, func(s string) bool {
			return strings.EqualFold(s, days()[day.Weekday()])
		}) {
			continue
		}
		length := to
		if to <= from {
			length = to + 24*60
		}
		// time.Date rather than Add, so that 07:00 is 07:00 after a clock change.
		begin := time.Date(y, m, d-back, 0, from, 0, 0, t.Location())
		end := time.Date(y, m, d-back, 0, length, 0, 0, t.Location())
		if !t.Before(begin) && t.Before(end) {
			return end, true
		}
	}
	return t, false
}
