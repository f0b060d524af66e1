package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"firetower/internal/dataset"
	"firetower/internal/training"
	"firetower/internal/words"
)

// balanceFigure draws the training rows of each class before and after SMOTE.
func balanceFigure(before, after []int) (Figure, error) {
	p := newPlot("", "training rows")
	addGrid(p)
	p.Y.Tick.Marker = decades{} // of bars as high as the logarithm: a bar on plot.LogScale has no foot
	var names []string
	var was, is plotter.Values
	for c, n := range after {
		if n > 0 {
			names = append(names, dataset.Classes()[c])
			was, is = append(was, math.Log10(float64(max(1, before[c])))), append(is, math.Log10(float64(n)))
		}
	}
	w := vg.Points(13)
	for i, v := range []plotter.Values{was, is} {
		b, err := plotter.NewBarChart(v, w)
		if err != nil {
			return Figure{}, err
		}
		b.Color, b.LineStyle.Width = series[i], 0
		b.Offset = vg.Length(2*i-1) * w / 2
		p.Add(b)
		p.Legend.Add([]string{"as collected", "after balancing"}[i], b)
	}
	p.NominalX(names...)
	label := &p.X.Tick.Label
	label.Rotation, label.XAlign, label.YAlign = math.Pi/7, text.XRight, text.YTop // side by side they touch
	p.Y.Min = 0
	p.Y.Max = math.Ceil(p.Y.Max) + 0.5 // room for the legend
	return render(p, "class-balance", "Training rows of each class before and after balancing", 460, 290)
}

// decades labels whole logarithms by their numbers.
type decades struct{}

// Ticks gives a tick to each power of ten.
func (decades) Ticks(low, high float64) []plot.Tick {
	var out []plot.Tick
	for e := math.Ceil(low); e <= high; e++ {
		out = append(out, plot.Tick{Value: e, Label: words.Count(int64(math.Pow(10, e)))})
	}
	return out
}

const mostBars = 25

// importanceFigure draws the impurity and permutation importances of the features
// that matter most.
func importanceFigure(list []training.Important) (Figure, error) {
	list = list[:min(len(list), mostBars)]
	p := newPlot("importance", "")
	addGrid(p)
	names := make([]string, len(list))
	impurity, permuted := make(plotter.Values, len(list)), make(plotter.Values, len(list))
	for i, f := range list {
		k := len(list) - 1 - i
		names[k], impurity[k], permuted[k] = f.Name, f.Impurity, math.Max(0, f.Permutation)
	}
	w := vg.Points(5)
	for i, v := range []plotter.Values{impurity, permuted} {
		b, err := plotter.NewBarChart(v, w)
		if err != nil {
			return Figure{}, err
		}
		b.Horizontal, b.Color, b.LineStyle.Width = true, series[i], 0
		b.Offset = vg.Length(1-2*i) * w / 2
		p.Add(b)
		p.Legend.Add([]string{"impurity (sums to 1)", "permutation (loss of macro-F1)"}[i], b)
	}
	p.NominalY(names...)
	p.X.Min = 0
	p.Legend.Top, p.Legend.YOffs = false, vg.Points(4)
	caption := "Importance of each feature"
	if len(list) == mostBars {
		caption = fmt.Sprintf("Importance of the %d most important features", mostBars)
	}
	return render(p, "importance", caption, 460, vg.Length(70+16*len(list)))
}
