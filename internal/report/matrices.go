package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"firetower/internal/training"
)

// cells is a matrix drawn as squares: a hue for the sign and the more of it the
// larger the value, on whatever background there is, so that it reads on white and
// on black alike.
type cells struct {
	rows [][]float64 // from -1 to 1; the first row is drawn on top
}

// Plot draws every cell.
func (m cells) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, row := range m.rows {
		top := float64(len(m.rows) - 1 - i)
		for j, v := range row {
			if math.Abs(v) < 0.005 {
				continue
			}
			hue := series[0]
			if v < 0 {
				hue = accent
			}
			c.SetColor(color.NRGBA{hue.R, hue.G, hue.B, uint8(255 * math.Min(1, math.Abs(v)))})
			var path vg.Path
			path.Move(vg.Point{X: x(float64(j) - 0.5), Y: y(top - 0.5)})
			path.Line(vg.Point{X: x(float64(j) + 0.5), Y: y(top - 0.5)})
			path.Line(vg.Point{X: x(float64(j) + 0.5), Y: y(top + 0.5)})
			path.Line(vg.Point{X: x(float64(j) - 0.5), Y: y(top + 0.5)})
			path.Close()
			c.Fill(path)
		}
	}
}

// DataRange is the extent of the cells.
func (m cells) DataRange() (xmin, xmax, ymin, ymax float64) {
	return -0.5, float64(len(m.rows[0])) - 0.5, -0.5, float64(len(m.rows)) - 0.5
}

// nameAxes writes a name at every row and column.
func nameAxes(p *plot.Plot, across, down []string, size vg.Length) {
	var x, y []plot.Tick
	for i, n := range across {
		x = append(x, plot.Tick{Value: float64(i), Label: n})
	}
	for i, n := range down {
		y = append(y, plot.Tick{Value: float64(len(down) - 1 - i), Label: n})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(x), plot.ConstantTicks(y)
	p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(size), sans(size)
	p.X.Tick.Label.Rotation = math.Pi / 2
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Padding, p.Y.Padding = 0, 0
}

// correlationFigure draws the whole matrix.
func correlationFigure(c *training.Correlation) (Figure, error) {
	p := newPlot("", "")
	p.Add(cells{c.R})
	nameAxes(p, c.Names, c.Names, 5.5)
	return render(p, "correlation", "Pearson correlation of every two features: blue rises together, orange falls as the other rises; full colour is 1, none 0", 620, 620)
}

// confusionFigure draws rows as shares of the true class, with the counts in words.
func confusionFigure(e *training.Evaluation) (Figure, error) {
	p := newPlot("predicted", "true class")
	names := make([]string, len(e.Classes))
	shares := make([][]float64, len(names))
	labels := plotter.XYLabels{}
	for i, c := range e.Classes {
		names[i] = c.Name
		shares[i] = make([]float64, len(names))
		for j, n := range e.Confusion[i] {
			if c.Support > 0 {
				shares[i][j] = 0.75 * float64(n) / float64(c.Support)
			}
			if n > 0 {
				labels.XYs = append(labels.XYs, plotter.XY{X: float64(j), Y: float64(len(names) - 1 - i)})
				labels.Labels = append(labels.Labels, fmt.Sprint(n))
			}
		}
	}
	p.Add(cells{shares})
	nameAxes(p, names, names, 8)
	counts, err := plotter.NewLabels(labels)
	if err != nil {
		return Figure{}, err
	}
	for i := range counts.TextStyle {
		s := &counts.TextStyle[i]
		s.Color, s.Font, s.XAlign, s.YAlign = ink, sans(8), text.XCenter, text.YCenter
	}
	p.Add(counts)
	return render(p, "confusion", "Confusion matrix: rows are the true classes, columns what the model said", 460, 420)
}
