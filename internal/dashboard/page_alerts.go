package dashboard

import (
	"encoding/json"
	"net/http"

	"firetower/internal/alert"
	"firetower/internal/store"
)

// alertsPage is the outbox.
type alertsPage struct {
	layout
	Status alert.Status
	Known  bool // that the daemon sends at all
	Alerts []sentAlert
}

// sentAlert is an alert with what it is about in words; a notice about the daemon
// itself has no page of its own.
type sentAlert struct {
	store.Alert
	About  string
	Notice bool
}

func newSentAlert(a store.Alert) sentAlert {
	s := sentAlert{Alert: a, About: a.Key}
	var it alert.Item
	if json.Unmarshal(a.Body, &it) == nil && (it.Incident != nil || it.Notice != nil) {
		s.About, s.Notice = it.Title(), it.Notice != nil
	}
	return s
}

func (s *Server) showAlerts(w http.ResponseWriter, r *http.Request) {
	p := alertsPage{layout: s.layout(r, "Alerts", "/alerts"), Known: s.deps.Alerts != nil}
	if p.Known {
		p.Status = s.deps.Alerts(r.Context())
	}
	alerts, err := s.deps.Store.Alerts(r.Context(), "", 100)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	for _, a := range alerts {
		p.Alerts = append(p.Alerts, newSentAlert(a))
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
