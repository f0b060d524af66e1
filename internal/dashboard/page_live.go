package dashboard

import (
	"net/http"

	"firetower/internal/store"
)

// maxTalkers is how many of the busiest hosts are shown.
const maxTalkers = 8

// livePage is what happens now.
type livePage struct {
	layout
	Interfaces []string
	Health     []HealthItem
	Now        *Rates
	Latest     []store.Record
	Talkers    []Talker
}

func (s *Server) showLive(w http.ResponseWriter, r *http.Request) {
	no := false
	latest, err := s.deps.Store.FindIncidents(r.Context(), store.Query{Suppressed: &no, Limit: 8})
	if err != nil { // the rest of the page is what one wants to see then
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	}
	p := livePage{
		layout: s.layout(r, "Live", "/"), Interfaces: s.meter.totals().Interfaces,
		Health: s.health(r.Context()), Latest: latest.Records,
	}
	if s.deps.Talkers != nil {
		p.Talkers = s.deps.Talkers(maxTalkers)
	}
	if last := s.meter.latest(1); len(last) == 1 {
		p.Now = &last[0]
	}
	s.render(w, r, http.StatusOK, "live", p)
}
