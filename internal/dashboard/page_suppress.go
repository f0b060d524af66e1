package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

// previewSpan is the time over which a preview counts.
const previewSpan = 7 * 24 * time.Hour

// ruleForm is a suppression as a form shows it.
type ruleForm struct {
	Source, Destination, Network, Ports, Class, Days, Reason string
	Classes                                                  []attack.Class
	Preview                                                  string
	Wrong                                                    string
}

// ruleFor suggests a rule that covers an incident.
func ruleFor(rec store.Record) ruleForm {
	f := ruleForm{Class: string(rec.Class), Days: "30", Classes: attack.Classes()}
	if len(rec.Actors) == 1 && rec.ActorsTotal <= 1 {
		f.Source = rec.Actors[0]
	}
	if len(rec.Targets) == 1 && rec.TargetsTotal <= 1 {
		f.Destination = rec.Targets[0]
	}
	if len(rec.Ports) == 1 && rec.PortsTotal <= 1 {
		f.Ports = strconv.Itoa(int(rec.Ports[0]))
	}
	return f
}

// formOf reads a form, of a request or of an address that fills it in.
func formOf(v url.Values) ruleForm {
	return ruleForm{
		Source: strings.TrimSpace(v.Get("source")), Destination: strings.TrimSpace(v.Get("destination")),
		Network: strings.TrimSpace(v.Get("network")), Ports: v.Get("ports"), Class: v.Get("class"),
		Days: cmp.Or(v.Get("days"), "30"), Reason: v.Get("reason"), Classes: attack.Classes(),
	}
}

// rule makes the rule that the form describes.
func (f ruleForm) rule(author string, now time.Time) (suppress.Rule, error) {
	r := suppress.Rule{Source: f.Source, Destination: f.Destination, Network: f.Network, Class: attack.Class(f.Class), Reason: f.Reason, Author: author, Created: now}
	for _, text := range strings.FieldsFunc(f.Ports, func(c rune) bool { return c == ',' || c == ' ' }) {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return r, fmt.Errorf("port %q is not a number from 1 to 65535", text)
		}
		r.Ports = append(r.Ports, uint16(n))
	}
	if f.Days != "0" {
		n, err := strconv.Atoi(f.Days)
		if err != nil || n < 0 || n > 3650 {
			return r, fmt.Errorf("days: %q is not a number from 0 to 3650", f.Days)
		}
		r.Expires = now.Add(time.Duration(n) * 24 * time.Hour)
	}
	return r, nil
}

// suppressionsPage lists what is silent and why.
type suppressionsPage struct {
	layout
	Rules       []suppress.Rule
	Suggestions []suppress.Suggestion
	Suggested   bool // they are the latest
	Audit       []store.AuditEntry
	Rule        ruleForm
}

func (s *Server) showSuppressions(w http.ResponseWriter, r *http.Request) {
	s.suppressions(w, r, http.StatusOK, formOf(r.URL.Query()))
}

func (s *Server) suppressions(w http.ResponseWriter, r *http.Request, status int, form ruleForm) {
	p := suppressionsPage{layout: s.layout(r, "Suppressions", "/suppressions"), Rule: form}
	var err, err2 error
	p.Rules, err = s.deps.Store.ActiveSuppressions(r.Context(), s.now())
	p.Suggestions, p.Suggested = s.suggested(r.Context())
	p.Audit, err2 = s.deps.Store.Audit(r.Context(), "", 30)
	if err := errors.Join(err, err2); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, status, "suppressions", p)
}

// changeSuppression previews or adds a rule, by the button that was pressed.
func (s *Server) changeSuppression(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form can not be read.", http.StatusBadRequest)
		return
	}
	form := formOf(r.PostForm)
	rule, err := form.rule(s.author(r), s.now())
	if err == nil && r.PostFormValue("do") == "preview" {
		var p suppress.Preview
		if p, err = s.preview(r.Context(), rule); err == nil {
			form.Preview = sentence(p.String())
			s.suppressions(w, r, http.StatusOK, form)
			return
		}
	}
	if err == nil {
		err = rule.Validate()
	}
	if err != nil {
		form.Wrong = sentence(err.Error())
		s.suppressions(w, r, http.StatusBadRequest, form)
		return
	}
	if rule, err = s.deps.Store.AddSuppression(r.Context(), rule); err != nil {
		s.broken(w, r, err)
		return
	}
	s.suggestions.stale()
	s.back(w, r, "/suppressions", "Silent from now on: "+ruleWords(rule)+".")
}

// preview says what a rule would have hidden; it needs no reason yet.
func (s *Server) preview(ctx context.Context, rule suppress.Rule) (suppress.Preview, error) {
	rule.Reason = cmp.Or(rule.Reason, "preview")
	if err := rule.Validate(); err != nil {
		return suppress.Preview{}, badRequest{err}
	}
	return store.Preview(ctx, s.deps.Store, rule, s.now(), previewSpan)
}

func (s *Server) removeSuppression(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		s.notFound(w, r)
		return
	}
	switch err := s.deps.Store.RemoveSuppression(r.Context(), s.now(), id, s.author(r), "on the page"); {
	case errors.Is(err, store.ErrNotFound):
		s.notFound(w, r)
	case err != nil:
		s.broken(w, r, err)
	default:
		s.suggestions.stale()
		s.back(w, r, "/suppressions", "The suppression is removed; such incidents are told again.")
	}
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return text
	}
	return capital(text) + "."
}

// capital begins with a capital.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// clip shortens a text for a line.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
