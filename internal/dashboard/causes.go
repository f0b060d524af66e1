package dashboard

import (
	"fmt"
	"math"

	"firetower/internal/attack"
	"firetower/internal/detect"
)

// causesChart is what moved the forest's probability, drawn by the template: bars to
// the right speak for the class, to the left against it. Beside each bar lies the
// value among what is usual in benign flows and in the class, on one logarithmic
// scale for the feature. Lengths are in units of the drawing.
type causesChart struct {
	Class       attack.Class
	Probability float64
	Base        float64
	Bars        []causeBar
	Height      int
}

// causeBar is one feature's line.
type causeBar struct {
	detect.Cause
	Y         int
	X, Width  float64 // of the bar
	Sign      string  // "for" or "against"
	Value     string
	HasUsual  bool
	At        float64 // of the value on the strip
	From, To  float64 // of the strip's band of benign flows
	CFrom, CW float64 // of the band of the class
	BWidth    float64
	Usual     string // in words, for the table
}

// Geometry of the chart.
const (
	maxCauses  = 10
	causeLine  = 34
	barMiddle  = 290.0 // where no influence is
	barReach   = 75.0
	stripLeft  = 390.0
	stripReach = 240.0
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
	chart := &causesChart{Class: e.Class, Probability: e.Probability, Base: e.Base, Height: causeLine * len(causes)}
	for i, c := range causes {
		b := causeBar{Cause: c, Y: i * causeLine, Sign: "for", Value: amount(c.Value, c.Unit)}
		b.Width = math.Abs(c.Moved) / most * barReach
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
	b.Usual = amount(float64(b.Benign.Low), b.Unit) + " to " + amount(float64(b.Benign.High), b.Unit)
	points := []float64{b.Cause.Value, float64(b.Benign.Low), float64(b.Benign.High)}
	if b.Class != nil {
		points = append(points, float64(b.Class.Low), float64(b.Class.High))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, p := range points {
		points[i] = logarithm(p)
		low, high = min(low, points[i]), max(high, points[i])
	}
	reach := max(high-low, 1e-9)
	at := func(i int) float64 { return stripLeft + (points[i]-low)/reach*stripReach }
	b.At, b.From, b.To = at(0), at(1), at(2)
	b.BWidth = max(2, b.To-b.From)
	if b.Class != nil {
		b.CFrom, b.CW = at(3), max(2, at(4)-at(3))
	}
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
	if unit != "" {
		text += " " + unit
	}
	return text
}
