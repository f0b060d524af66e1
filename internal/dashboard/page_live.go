package dashboard

import (
	"context"
	"errors"
	"net/http"

	"firetower/internal/store"
)

// maxTalkers is how many of the busiest hosts are shown.
const maxTalkers = 8

// livePage is what happens now.
type livePage struct {
	layout
	Interfaces []string
	Now        *Rates
	Open       openCount
	Latest     []store.Record
	Talkers    []Talker
}

// latestShown is how many incidents the live page lists.
const latestShown = 8

// openCount is how many incidents wait for a judgement, and how many of them are of
// high severity. Suppressed ones do not wait.
type openCount struct {
	Total  int `json:"total"`
	Urgent int `json:"urgent"`
}

func (s *Server) open(ctx context.Context) (openCount, error) {
	no := false
	all, err := s.deps.Store.FindIncidents(ctx, store.Query{States: []store.State{store.Open}, Suppressed: &no, Limit: 1})
	urgent, err2 := s.deps.Store.FindIncidents(ctx, store.Query{States: []store.State{store.Open}, Suppressed: &no, Severity: 1, Limit: 1})
	return openCount{all.Total, urgent.Total}, errors.Join(err, err2)
}

func (s *Server) showLive(w http.ResponseWriter, r *http.Request) {
	no := false
	latest, err := s.deps.Store.FindIncidents(r.Context(), store.Query{Suppressed: &no, Limit: latestShown})
	if err != nil { // the rest of the page is what one wants to see then
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	}
	open, err := s.open(r.Context())
	if err != nil {
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	}
	p := livePage{
		layout: s.layout(r, "Live", "/"), Interfaces: s.meter.totals().Interfaces, Latest: latest.Records, Open: open,
	}
	if s.deps.Talkers != nil {
		p.Talkers = s.deps.Talkers(maxTalkers)
	}
	if last := s.meter.latest(1); len(last) == 1 {
		p.Now = &last[0]
	}
	s.render(w, r, http.StatusOK, "live", p)
}
