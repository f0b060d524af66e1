package dashboard

import (
	"fmt"
	"math"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/detect"
)

// causesChart is what moved the forest's probability: a table with two drawings in
// each row. A bar to the right speaks for the class, to the left against it. A strip
// shows the value among what is usual in benign flows and in the class, on one
// logarithmic scale for the feature. Lengths are in units of the drawings.
type causesChart struct {
	Class       attack.Class
	Probability float64
	Base        float64
	Convinced   bool // that the forest alone would have said so
	Bars        []causeBar
}

// causeBar is one feature's row.
type causeBar struct {
	detect.Cause
	X, Width       float64 // of the bar
	Sign           string  // "for" or "against"
	Value          string
	HasUsual       bool
	At             float64 // of the value on the strip
	From, BWidth   float64 // of the strip's band of benign flows
	CFrom, CW      float64 // of the band of the class
	Usual, OfClass string  // the same in words
}

// Geometry of the drawings.
const (
	maxCauses  = 10
	barMiddle  = 75.0 // where no influence is
	barReach   = 70.0
	stripLeft  = 8.0
	stripReach = 224.0
)

func drawCauses(e detect.Explanation) *causesChart {
	causes := e.Causes[:min(len(e.Causes), maxCauses)]
	most := 0.0
	for _, c := range causes {
		if bad(c.Moved) || bad(c.Value) {
			return nil
		}
		most = max(most, math.Abs(c.Moved))
	}
	if most == 0 {
		return nil
	}
	chart := &causesChart{Class: e.Class, Probability: e.Probability, Base: e.Base, Convinced: e.Probability >= 0.5}
	for _, c := range causes {
		b := causeBar{Cause: c, Sign: "for", Value: amount(c.Value, c.Unit)}
		b.Width = max(1, math.Abs(c.Moved)/most*barReach)
		b.X = barMiddle
		if c.Moved < 0 {
			b.X, b.Sign = barMiddle-b.Width, "against"
		}
		b.place()
		chart.Bars = append(chart.Bars, b)
	}
	return chart
}

// place lays the value and the usual ranges on the strip.
func (b *causeBar) place() {
	if b.Benign == nil {
		return
	}
	b.HasUsual = true
	b.Usual = fromTo(b.Benign.Low, b.Benign.High, b.Unit)
	points := []float64{b.Cause.Value, float64(b.Benign.Low), float64(b.Benign.High)}
	if b.Class != nil {
		b.OfClass = fromTo(b.Class.Low, b.Class.High, b.Unit)
		points = append(points, float64(b.Class.Low), float64(b.Class.High))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, p := range points {
		points[i] = logarithm(p)
		low, high = min(low, points[i]), max(high, points[i])
	}
	reach := max(high-low, 1e-9)
	at := func(i int) float64 { return stripLeft + (points[i]-low)/reach*stripReach }
	b.At, b.From = at(0), at(1)
	b.BWidth = max(2, at(2)-b.From)
	if b.Class != nil {
		b.CFrom, b.CW = at(3), max(2, at(4)-at(3))
	}
}

// fromTo prints a range, the unit once if both ends have the same.
func fromTo(low, high float32, unit string) string {
	a, z := amount(float64(low), unit), amount(float64(high), unit)
	if a == z {
		return a
	}
	if unit != "µs" && unit != "" {
		a = amount(float64(low), "")
	}
	return a + " – " + z
}

// logarithm is one that passes through zero with both signs.
func logarithm(v float64) float64 { return math.Asinh(v) }

func bad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// amount prints a value with its unit; times in one that people know.
func amount(v float64, unit string) string {
	if unit == "µs" {
		switch a := math.Abs(v); {
		case a >= 1e6:
			v, unit = v/1e6, "s"
		case a >= 1e3:
			v, unit = v/1e3, "ms"
		}
	}
	text := short(v)
	if math.Abs(v) < 1000 && v != math.Trunc(v) {
		text = fmt.Sprintf("%.3g", v)
	}
	if v == 1 && (unit == "packets" || unit == "bytes") {
		unit = unit[:len(unit)-1]
	}
	switch {
	case unit == "":
		return text
	case strings.HasPrefix(unit, "/"), unit == "B" && strings.Contains(text, " "): // 9.35 k/s, 1.2 kB
		return text + unit
	}
	return text + " " + unit
}
