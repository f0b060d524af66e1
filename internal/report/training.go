package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"firetower/internal/dataset"
	"firetower/internal/training"
)

//go:embed training.html
var trainingPage string

//go:embed style.css
var style string

// Training gives the files of a training run: the model, the page, the numbers and
// the figures.
func Training(r *training.Result, m *training.Metrics) ([]File, error) {
	v, err := newTrainingView(r, m)
	if err != nil {
		return nil, err
	}
	page, err := template.New("training").Funcs(functions()).Parse(trainingPage)
	if err != nil {
		return nil, err
	}
	files := []File{
		ModelFile("model.firetower", r.Model),
		{"report.html", func(w io.Writer) error { return page.Execute(w, v) }},
		JSONFile("metrics.json", m),
	}
	for _, f := range v.figures {
		files = append(files, f.File())
	}
	return files, nil
}

// trainingView is what the page shows. A figure that has no data is nil.
type trainingView struct {
	*training.Result
	Metrics *training.Metrics
	Style   template.CSS
	Recipe  string
	// Sections are the parts of the page that this run has something to say in.
	Sections []section

	FeatureFigure, DepthFigure, TreesFigure *Figure
	CorrelationFigure, BalanceFigure        *Figure
	ImportanceFigure, ConfusionFigure       *Figure
	RecallFigure, CalibrationFigure         *Figure
	Balance                                 []balanceRow
	Paper                                   []paperRow
	figures                                 []*Figure
}

// section is a heading of the page.
type section struct{ ID, Name string }

func (v *trainingView) sections() []section {
	out := []section{{"trust", "How far to trust this"}}
	add := func(has bool, id, name string) {
		if has {
			out = append(out, section{id, name})
		}
	}
	add(v.Test != nil, "results", "Results")
	add(true, "steps", "What was done")
	add(v.FeatureCount != nil || v.Depth != nil || v.Trees != nil, "choosing", "Choosing features, depth and trees")
	add(v.Correlation != nil, "correlation", "Correlation")
	add(true, "balance", "Class balance")
	add(true, "features", "What the model looks at")
	add(true, "again", "To make this again")
	return out
}

type balanceRow struct {
	Class         string
	Before, After int
}

// paperRow compares one of the features of the seed paper with the run's.
type paperRow struct {
	Name string
	Rank int // in the ranking of the run, from 1; 0: dropped before it
	Used bool
	Why  string
}

func newTrainingView(r *training.Result, m *training.Metrics) (*trainingView, error) {
	v := &trainingView{Result: r, Metrics: m, Style: template.CSS(style)} //nolint:gosec // embedded
	var yaml strings.Builder
	if err := r.Recipe.Write(&yaml); err != nil {
		return nil, err
	}
	v.Recipe = yaml.String()
	for c, n := range r.After {
		if n > 0 {
			v.Balance = append(v.Balance, balanceRow{dataset.Classes()[c], r.Before[c], n})
		}
	}
	if r.Ranking != nil {
		v.Paper = paperRows(r)
	}
	v.Sections = v.sections()
	return v, v.drawAll()
}

// drawAll draws every figure that the run has data for.
func (v *trainingView) drawAll() error {
	var failed error
	add := func(place **Figure, wanted bool, draw func() (Figure, error)) {
		if !wanted || failed != nil {
			return
		}
		f, err := draw()
		if err != nil {
			failed = err
			return
		}
		*place = &f
		v.figures = append(v.figures, &f)
	}
	choice := func(place **Figure, c *training.Choice, name, caption, axis string) {
		add(place, c != nil, func() (Figure, error) { return choiceFigure(c, name, caption, axis) })
	}
	choice(&v.FeatureFigure, v.FeatureCount, "features", "Accuracy against the number of features that elimination left", "features")
	choice(&v.DepthFigure, v.Depth, "max-depth", "Accuracy against the depth limit", "max depth")
	choice(&v.TreesFigure, v.Trees, "n-estimators", "Accuracy against the number of trees", "trees")
	add(&v.CorrelationFigure, v.Correlation != nil, func() (Figure, error) { return correlationFigure(v.Correlation) })
	add(&v.BalanceFigure, len(v.Balance) > 0, func() (Figure, error) { return balanceFigure(v.Before, v.After) })
	add(&v.ImportanceFigure, len(v.Importances) > 0, func() (Figure, error) { return importanceFigure(v.Importances) })
	add(&v.ConfusionFigure, v.Test != nil, func() (Figure, error) { return confusionFigure(v.Test) })
	add(&v.RecallFigure, v.Test != nil, func() (Figure, error) { return recallFigure(v.Test) })
	add(&v.CalibrationFigure, v.Test != nil, func() (Figure, error) { return calibrationFigure(v.Test.Reliability) })
	return failed
}

// paperFeatures are the ten that the seed paper chose, in both spellings.
var paperFeatures = [][2]string{
	{"Bwd Header Length", "Bwd Header Length"},
	{"Destination Port", "Dst Port"},
	{"Total Length of Fwd Packets", "Total Length of Fwd Packet"},
	{"Bwd Packet Length Max", "Bwd Packet Length Max"},
	{"Init_Win_bytes_backward", "Bwd Init Win Bytes"},
	{"Fwd Packet Length Max", "Fwd Packet Length Max"},
	{"Total Fwd Packets", "Total Fwd Packet"},
	{"Flow Duration", "Flow Duration"},
	{"Flow IAT Std", "Flow IAT Std"},
	{"Init_Win_bytes_forward", "FWD Init Win Bytes"},
}

func paperRows(r *training.Result) []paperRow {
	rows := make([]paperRow, 0, len(paperFeatures))
	for _, names := range paperFeatures {
		row := paperRow{Name: names[0]}
		for i, n := range r.Ranking {
			if n == names[0] || n == names[1] {
				row.Rank, row.Used = i+1, i < len(r.Features)
			}
		}
		if row.Rank == 0 {
			row.Why = whyGone(r, names)
		}
		rows = append(rows, row)
	}
	return rows
}

// whyGone tells which step removed a feature.
func whyGone(r *training.Result, names [2]string) string {
	if r.Correlation != nil {
		for _, t := range r.Correlation.Dropped {
			if t.Name == names[0] || t.Name == names[1] {
				return fmt.Sprintf("dropped, r = %.2f with %s", t.R, t.For)
			}
		}
	}
	return "not in the data or one-valued"
}
