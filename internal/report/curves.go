package report

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"firetower/internal/score"
	"firetower/internal/training"
)

func canvas(c *vgsvg.Canvas) draw.Canvas { return draw.New(c) }

// choiceFigure draws the accuracy against the values of a setting, with its standard
// error, the limit of the plateau rule and the value chosen.
func choiceFigure(c *training.Choice, name, caption, axis string) (Figure, error) {
	p := newPlot(axis, "mean accuracy over folds")
	addGrid(p)
	line, low, high := make(plotter.XYs, 0), make(plotter.XYs, 0), make(plotter.XYs, 0)
	var chosen plotter.XYs
	for _, t := range c.Trials {
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
		mark.Color, mark.Shape, mark.Radius = accent, draw.RingGlyph{}, vg.Points(5)
		p.Add(mark)
		p.Legend.Add(fmt.Sprintf("chosen: %d", c.Chosen), mark)
	}
	p.Legend.Top = false
	return drawn(p, name, caption)
}

func ring(low, high plotter.XYs) plotter.XYs {
	out := append(plotter.XYs{}, low...)
	for i := len(high) - 1; i >= 0; i-- {
		out = append(out, high[i])
	}
	return out
}

func drawn(p *plot.Plot, name, caption string) (Figure, error) {
	return render(p, name, caption, 480, 300)
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
	p.Legend.Top, p.Legend.Left = false, true
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
	p.Legend.Top, p.Legend.Left = true, true
	return drawn(p, "calibration", "How often the model is right, by how sure it is")
}
