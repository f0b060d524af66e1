package dashboard

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

// ruleRequest is a suppression as the API takes it.
type ruleRequest struct {
	Source      string       `json:"source"`
	Destination string       `json:"destination"`
	Network     string       `json:"network"`
	Ports       []uint16     `json:"ports"`
	Class       attack.Class `json:"class"`
	Expires     time.Time    `json:"expires"`
	Reason      string       `json:"reason"`
}

func (s *Server) ruleOf(r *http.Request) (suppress.Rule, error) {
	var q ruleRequest
	if err := body(r, &q); err != nil {
		return suppress.Rule{}, err
	}
	return suppress.Rule{
		Source: q.Source, Destination: q.Destination, Network: q.Network, Ports: q.Ports, Class: q.Class,
		Expires: q.Expires, Reason: q.Reason, Author: s.author(r), Created: s.now(),
	}, nil
}

func (s *Server) apiSuppressions(w http.ResponseWriter, r *http.Request) error {
	rules, err := s.deps.Store.ActiveSuppressions(r.Context(), s.now())
	if err != nil {
		return err
	}
	if rules == nil {
		rules = []suppress.Rule{}
	}
	return reply(w, http.StatusOK, map[string]any{"suppressions": rules})
}

func (s *Server) apiSuppress(w http.ResponseWriter, r *http.Request) error {
	rule, err := s.ruleOf(r)
	if err != nil {
		return err
	}
	if err := rule.Validate(); err != nil {
		return badRequest{err}
	}
	if rule, err = s.deps.Store.AddSuppression(r.Context(), rule); err != nil {
		return err
	}
	return reply(w, http.StatusCreated, rule)
}

// apiPreview answers the preview with its sentence.
func (s *Server) apiPreview(w http.ResponseWriter, r *http.Request) error {
	rule, err := s.ruleOf(r)
	if err != nil {
		return err
	}
	p, err := s.preview(r.Context(), rule)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{
		"hidden": p.Hidden, "total": p.Total, "seconds": p.Span.Seconds(), "by_class": p.ByClass,
		"urgent": p.Urgent, "examples": p.Examples, "text": sentence(p.String()),
	})
}

func (s *Server) apiSuggestions(w http.ResponseWriter, r *http.Request) error {
	list, err := store.Suggest(r.Context(), s.deps.Store, s.now(), previewSpan)
	if err != nil {
		return err
	}
	if list == nil {
		list = []suppress.Suggestion{}
	}
	return reply(w, http.StatusOK, map[string]any{"suggestions": list})
}

func (s *Server) apiUnsuppress(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	reason := cmp.Or(r.URL.Query().Get("reason"), "through the API")
	if err := s.deps.Store.RemoveSuppression(r.Context(), s.now(), id, s.author(r), clip(reason, suppress.MaxReason)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
