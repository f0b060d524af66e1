package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"firetower/internal/store"
)

// apiRoutes lays out /api/v1. docs/api.md describes it.
func (s *Server) apiRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/incidents", s.api(ReadOnly, s.apiIncidents))
	mux.HandleFunc("GET /api/v1/incidents/{id}", s.api(ReadOnly, s.apiIncident))
	mux.HandleFunc("POST /api/v1/incidents/{id}/state", s.api(ReadWrite, s.apiJudge))
	mux.HandleFunc("GET /api/v1/incidents/{id}/history", s.api(ReadOnly, s.apiHistory))
	mux.HandleFunc("GET /api/v1/incidents/{id}/evidence", s.api(ReadOnly, s.apiEvidenceKinds))
	mux.HandleFunc("GET /api/v1/incidents/{id}/evidence/{kind}", s.api(ReadOnly, s.apiEvidence))
	mux.HandleFunc("GET /api/v1/suppressions", s.api(ReadOnly, s.apiSuppressions))
	mux.HandleFunc("POST /api/v1/suppressions", s.api(ReadWrite, s.apiSuppress))
	mux.HandleFunc("POST /api/v1/suppressions/preview", s.api(ReadOnly, s.apiPreview))
	mux.HandleFunc("GET /api/v1/suppressions/suggestions", s.api(ReadOnly, s.apiSuggestions))
	mux.HandleFunc("DELETE /api/v1/suppressions/{id}", s.api(ReadWrite, s.apiUnsuppress))
	mux.HandleFunc("GET /api/v1/alerts", s.api(ReadOnly, s.apiAlerts))
	mux.HandleFunc("GET /api/v1/series", s.api(ReadOnly, s.apiSeries))
	mux.HandleFunc("GET /api/v1/stats", s.api(ReadOnly, s.apiStats))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		apiError(w, http.StatusNotFound, "there is no such part of the API: see docs/api.md")
	})
}

// badRequest is an error that the caller made.
type badRequest struct{ error }

// reply writes v as JSON.
func reply(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
	return nil
}

func apiError(w http.ResponseWriter, status int, text string) {
	_ = reply(w, status, map[string]string{"error": text})
}

// fail tells the caller what went wrong: in full what the caller can mend, in kind
// what only the administrator can.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var bad badRequest
	switch {
	case errors.As(err, &bad):
		apiError(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, store.ErrNotFound):
		apiError(w, http.StatusNotFound, "not found")
	case errors.Is(err, store.ErrFull):
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
		apiError(w, http.StatusInsufficientStorage, store.ErrFull.Error())
	case errors.Is(err, store.ErrUnavailable):
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
		apiError(w, http.StatusServiceUnavailable, store.ErrUnavailable.Error())
	case r.Context().Err() != nil: // nobody listens any more
	default:
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
		apiError(w, http.StatusInternalServerError, "it failed; the daemon's log has the reason")
	}
}

// body reads a request's JSON. What is not known is an error: a misspelt field of a
// suppression would silence more than was meant.
func body(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badRequest{fmt.Errorf("the request's JSON: %w", err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest{errors.New("the request's JSON: something follows it")}
	}
	return nil
}

func (s *Server) apiIncidents(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuery(r.URL.Query(), s.now())
	if err != nil {
		return badRequest{err}
	}
	page, err := s.deps.Store.FindIncidents(r.Context(), q)
	if err != nil {
		return err
	}
	if page.Records == nil {
		page.Records = []store.Record{}
	}
	return reply(w, http.StatusOK, page)
}

func (s *Server) apiIncident(w http.ResponseWriter, r *http.Request) error {
	rec, err := s.deps.Store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, rec)
}

// judgement is what a person makes of an incident.
type judgement struct {
	State store.State `json:"state"`
	Note  string      `json:"note"`
}

// maxNote bounds the note of a judgement.
const maxNote = 2000

func (j judgement) validate() error {
	switch j.State {
	case store.Open, store.Resolved, store.FalseAlarm:
	default:
		return badRequest{fmt.Errorf("state: %q is neither open, resolved nor false_alarm", j.State)}
	}
	if len(j.Note) > maxNote {
		return badRequest{fmt.Errorf("note: %d characters are more than %d", len(j.Note), maxNote)}
	}
	return nil
}

func (s *Server) apiJudge(w http.ResponseWriter, r *http.Request) error {
	var j judgement
	if err := body(r, &j); err != nil {
		return err
	}
	if err := j.validate(); err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := s.deps.Store.SetState(r.Context(), s.now(), id, j.State, s.author(r), j.Note); err != nil {
		return err
	}
	return s.apiIncident(w, r)
}

// stats is what the daemon does right now.
type stats struct {
	Rates      *Rates       `json:"rates,omitempty"`
	Totals     totals       `json:"totals"`
	Interfaces []string     `json:"interfaces"`
	Health     []HealthItem `json:"health"`
	Open       openCount    `json:"open"`
	Talkers    []Talker     `json:"talkers,omitempty"`
	Version    string       `json:"version,omitempty"`
}

type totals struct {
	Packets  uint64            `json:"packets"`
	Bits     uint64            `json:"bits"`
	Flows    uint64            `json:"flows"`
	Drops    uint64            `json:"drops"`
	Verdicts map[string]uint64 `json:"verdicts"`
}

func (s *Server) apiStats(w http.ResponseWriter, r *http.Request) error {
	c := s.meter.totals()
	out := stats{
		Totals:     totals{c.Packets, c.Bits, c.Flows, c.Drops, c.Verdicts},
		Interfaces: c.Interfaces, Health: s.health(r.Context()), Version: s.deps.Version,
	}
	if last := s.meter.latest(1); len(last) == 1 {
		out.Rates = &last[0]
	}
	if s.deps.Talkers != nil {
		out.Talkers = s.deps.Talkers(maxTalkers)
	}
	var err error
	if out.Open, err = s.open(r.Context()); err != nil { // health says so
		s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	}
	return reply(w, http.StatusOK, out)
}
