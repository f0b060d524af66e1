// Package words writes numbers as people read them, the same on the terminal, in
// reports and on pages.
package words

import (
	"math"
	"strconv"
	"strings"
)

// Integer is what can be counted in.
type Integer interface {
	~int | ~int32 | ~int64 | ~uint32 | ~uint64
}

// Count writes a number with its thousands apart: 12,345.
func Count[N Integer](n N) string {
	if n < 0 {
		return "-" + grouped(strconv.FormatUint(uint64(-int64(n)), 10))
	}
	return grouped(strconv.FormatUint(uint64(n), 10))
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Plural writes a number with its noun, which is a regular one: "1 flow", "1,000 flows".
func Plural[N Integer](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Count(n) + " " + noun
}

// Amount writes a measured number with the digits that people look at, and a time
// that is given in µs in the unit that suits it.
func Amount(v float64, unit string) string {
	v, unit = suited(v, unit)
	if v == 1 && len(unit) > len("µs") && !strings.Contains(unit, "/") {
		unit = strings.TrimSuffix(unit, "s")
	}
	return withUnit(number(v), unit)
}

// Range writes what lies between two numbers, with the unit once where both have it.
func Range(low, high float64, unit string) string {
	if low == high {
		return Amount(low, unit)
	}
	l, lowUnit := suited(low, unit)
	h, highUnit := suited(high, unit)
	from := number(l)
	if lowUnit != highUnit && low != 0 {
		from = withUnit(from, lowUnit)
	}
	return from + " to " + withUnit(number(h), highUnit)
}

func suited(v float64, unit string) (float64, string) {
	if unit != "µs" {
		return v, unit
	}
	switch a := math.Abs(v); {
	case a >= 1e6:
		return v / 1e6, "s"
	case a >= 1e3:
		return v / 1e3, "ms"
	}
	return v, unit
}

func number(v float64) string {
	switch a := math.Abs(v); {
	case a < 1e15 && (v == math.Trunc(v) || a >= 1000):
		return Count(int64(math.Round(v)))
	case a >= 1e15 || a < 1e-4:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	return strconv.FormatFloat(rounded(v), 'f', -1, 64)
}

// rounded keeps four significant digits.
func rounded(v float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return r
}

func withUnit(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + " " + unit
}
