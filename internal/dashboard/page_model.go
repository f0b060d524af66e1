package dashboard

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

// modelPage shows what judges the flows.
type modelPage struct {
	layout
	Model    *Model
	Headings []string // of the card, in order
}

func (s *Server) showModel(w http.ResponseWriter, r *http.Request) {
	p := modelPage{layout: s.layout(r, "Model", "/model")}
	if s.deps.Model != nil {
		m := s.deps.Model()
		p.Model, p.Headings = &m, slices.SortedFunc(maps.Keys(m.Card), cmp.Compare)
	}
	s.render(w, r, http.StatusOK, "model", p)
}

// serveReport gives the training's report, which is a page of its own with its style
// in it, under a policy that lets it do nothing else.
func (s *Server) serveReport(w http.ResponseWriter, r *http.Request) {
	var report []byte
	if s.deps.Model != nil {
		report = s.deps.Model().Report
	}
	if report == nil {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(report)
}
