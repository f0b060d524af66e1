package dashboard

import (
	"net/http"

	"firetower/internal/alert"
	"firetower/internal/store"
)

// alertsPage is the outbox.
type alertsPage struct {
	layout
	Status alert.Status
	Known  bool // that the daemon sends at all
	Alerts []store.Alert
}

func (s *Server) showAlerts(w http.ResponseWriter, r *http.Request) {
	p := alertsPage{layout: s.layout(r, "Alerts", "/alerts"), Known: s.deps.Alerts != nil}
	if p.Known {
		p.Status = s.deps.Alerts(r.Context())
	}
	var err error
	if p.Alerts, err = s.deps.Store.Alerts(r.Context(), "", 100); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "alerts", p)
}

// retryAlerts makes what waits after failures due at once.
func (s *Server) retryAlerts(w http.ResponseWriter, r *http.Request) {
	sink := r.PathValue("sink")
	if err := s.deps.Store.RetryNow(r.Context(), sink, s.now()); err != nil {
		s.broken(w, r, err)
		return
	}
	s.audit(r, "alerts.retry", sink, "")
	s.back(w, r, "/alerts", "Alerts by "+sink+" are tried again now.")
}
