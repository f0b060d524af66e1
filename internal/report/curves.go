package report

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"firetower/internal/score"
	"firetower/internal/training"
)

// choiceFigure draws the accuracy against the values of a setting, with its standard
// error, the limit of the plateau rule and the value chosen.
func choiceFigure(c *training.Choice, name, caption, axis string) (Figure, error) {
	p := newPlot(axis, "mean accuracy over folds")
	addGrid(p)
	p.X.Tick.Marker = wholes{}
	line, low, high := make(plotter.XYs, 0), make(plotter.XYs, 0), make(plotter.XYs, 0)
	var chosen plotter.XYs
	for _, t := range c.Trials {
		if t.Mean < c.Limit-farBelow && t.Value != c.Chosen {
			continue
		}
		x := float64(t.Value)
		line = append(line, plotter.XY{X: x, Y: t.Mean})
		low = append(low, plotter.XY{X: x, Y: t.Mean - t.StdErr})
		high = append(high, plotter.XY{X: x, Y: t.Mean + t.StdErr})
		if t.Value == c.Chosen {
			chosen = plotter.XYs{{X: x, Y: t.Mean}}
		}
	}
	band, err := plotter.NewPolygon(ring(low, high))
	if err != nil {
		return Figure{}, err
	}
	band.Color = color.NRGBA{series[0].R, series[0].G, series[0].B, 0x30}
	band.LineStyle.Width = 0
	mean, points, err := plotter.NewLinePoints(line)
	if err != nil {
		return Figure{}, err
	}
	mean.Color, mean.Width = series[0], vg.Points(1.4)
	points.Color, points.Shape, points.Radius = series[0], draw.CircleGlyph{}, vg.Points(1.8)
	limit := plotter.NewFunction(func(float64) float64 { return c.Limit })
	limit.Color, limit.Dashes, limit.Width = ink, []vg.Length{4, 3}, vg.Points(0.7)
	p.Add(band, limit, mean, points)
	p.Legend.Add("mean, one standard error", mean)
	p.Legend.Add("limit of the plateau", limit)
	if len(chosen) > 0 {
		mark, err := plotter.NewScatter(chosen)
		if err != nil {
			return Figure{}, err
		}
		mark.Color, mark.Shape, mark.Radius = accent, draw.CircleGlyph{}, vg.Points(4)
		p.Add(mark)
		p.Legend.Add(fmt.Sprintf("chosen: %d", c.Chosen), mark)
	}
	p.Legend.Top, p.Legend.YOffs = false, vg.Points(4)
	return drawn(p, name, caption)
}

// farBelow the plateau a value would flatten the part of the figure that matters; it
// is in the table.
const farBelow = 0.1

// wholes ticks whole numbers, every one of few, every fifth of many.
type wholes struct{}

// Ticks gives the ticks between low and high.
func (wholes) Ticks(low, high float64) []plot.Tick {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 10, 20, 50} {
		if step = s; (high-low)/s <= 12 {
			break
		}
	}
	var out []plot.Tick
	for v := math.Ceil(low/step) * step; v <= high; v += step {
		out = append(out, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
	}
	return out
}

func ring(low, high plotter.XYs) plotter.XYs {
	out := append(plotter.XYs{}, low...)
	for i := len(high) - 1; i >= 0; i-- {
		out = append(out, high[i])
	}
	return out
}

func drawn(p *plot.Plot, name, caption string) (Figure, error) {
	return render(p, name, caption, 400, 270)
}

// recallFigure draws the precision-recall curve of every class.
func recallFigure(e *training.Evaluation) (Figure, error) {
	p := newPlot("recall", "precision")
	addGrid(p)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1.005
	for i, c := range e.Curves {
		if c.Positives == 0 {
			continue
		}
		if err := addCurve(p, c, i, fmt.Sprintf("%s, AP %.3f", e.Classes[i].Name, c.AveragePrecision)); err != nil {
			return Figure{}, err
		}
	}
	p.Legend.Top, p.Legend.Left, p.Legend.XOffs, p.Legend.YOffs = false, true, vg.Points(4), vg.Points(4)
	return drawn(p, "precision-recall", "Precision against recall of every class, as the probability asked for falls")
}

func addCurve(p *plot.Plot, c score.Curve, i int, label string) error {
	var xy plotter.XYs
	xy = append(xy, plotter.XY{X: 0, Y: c.Points[0].Precision})
	for _, q := range c.Thin(200).Points {
		xy = append(xy, plotter.XY{X: q.Recall, Y: q.Precision})
	}
	line, err := plotter.NewLine(xy)
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = series[i%len(series)], vg.Points(1.4), dashes[i%len(dashes)]
	p.Add(line)
	p.Legend.Add(label, line)
	return nil
}

// calibrationFigure draws how often the model is right against how sure it is.
func calibrationFigure(r score.Reliability) (Figure, error) {
	p := newPlot("probability of the predicted class", "share that was right")
	addGrid(p)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1.005
	var xy plotter.XYs
	for _, b := range r.Bins {
		if b.Rows > 0 {
			xy = append(xy, plotter.XY{X: b.Predicted, Y: b.Observed})
		}
	}
	ideal := plotter.NewFunction(func(x float64) float64 { return x })
	ideal.Color, ideal.Dashes, ideal.Width = ink, []vg.Length{4, 3}, vg.Points(0.7)
	line, points, err := plotter.NewLinePoints(xy)
	if err != nil {
		return Figure{}, err
	}
	line.Color, line.Width = series[0], vg.Points(1.4)
	points.Color, points.Shape, points.Radius = series[0], draw.CircleGlyph{}, vg.Points(3)
	p.Add(ideal, line, points)
	p.Legend.Add(fmt.Sprintf("model, expected error %.4f", r.ECE), line, points)
	p.Legend.Add("perfectly calibrated", ideal)
	p.Legend.Left, p.Legend.XOffs = true, vg.Points(4)
	return drawn(p, "calibration", "How often the model is right, by how sure it is")
}
