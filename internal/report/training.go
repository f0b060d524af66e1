package report

import (
	"fmt"
	"html"
	"io"

	"firetower/internal/training"
)

// Training gives the files of a training run.
func Training(r *training.Result, m *training.Metrics) ([]File, error) {
	page := File{"report.html", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>Firetower training</title><pre>%s</pre>\n<p>macro-F1 %.4f</p>\n", html.EscapeString(m.Command), m.MacroF1)
		return err
	}}
	return []File{ModelFile("model.firetower", r.Model), page, JSONFile("metrics.json", m)}, nil
}
