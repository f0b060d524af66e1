package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"firetower/internal/attack"
	"firetower/internal/store"
)

// perPage is how many incidents a page lists.
const perPage = 50

// incidentsPage lists incidents.
type incidentsPage struct {
	layout
	Wrong    string // what is wrong with the filter
	Filter   filterForm
	Records  []store.Record
	Total    int
	From, To int
	Next     string // address of the next page
	Classes  []attack.Class
}

// filterForm is the filter as the form shows it.
type filterForm struct {
	Text, Class, State, Severity, Address, Since, Until string
	Suppressed                                          bool
	Active                                              bool // anything but the default
}

func (s *Server) showIncidents(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	if !v.Has("state") {
		v.Set("state", "open")
	}
	p := incidentsPage{layout: s.layout(r, "Incidents", "/incidents"), Classes: attack.Classes(), Filter: filterOf(v)}
	q, err := parseQuery(v)
	status := http.StatusOK
	if err != nil {
		p.Wrong, status = err.Error(), http.StatusBadRequest
	} else {
		q.Limit = perPage
		if !p.Filter.Suppressed {
			no := false
			q.Suppressed = &no
		}
		page, err := s.deps.Store.FindIncidents(r.Context(), q)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		p.show(page, v)
	}
	s.render(w, r, status, "incidents", p)
}

// show takes a page of the store; the address counts what came before it.
func (p *incidentsPage) show(page store.Page, v url.Values) {
	before, err := strconv.Atoi(v.Get("before"))
	if err != nil || before < 0 || v.Get("cursor") == "" {
		before = 0
	}
	p.Records, p.Total = page.Records, page.Total
	p.From, p.To = min(before+1, page.Total), min(before+len(page.Records), page.Total)
	if page.Next != "" {
		next := url.Values{}
		for name, values := range v {
			next[name] = values
		}
		next.Set("cursor", page.Next)
		next.Set("before", strconv.Itoa(before+len(page.Records)))
		p.Next = "/incidents?" + next.Encode()
	}
}

func filterOf(v url.Values) filterForm {
	f := filterForm{
		Text: v.Get("q"), Class: v.Get("class"), State: v.Get("state"), Severity: v.Get("severity"),
		Address: v.Get("address"), Since: v.Get("since"), Until: v.Get("until"), Suppressed: v.Get("suppressed") == "1",
	}
	if f.Suppressed { // ticked: both kinds
		v.Del("suppressed")
	}
	f.Active = f != filterForm{State: "open"}
	return f
}

// incidentPage is one incident.
type incidentPage struct {
	layout
	Record store.Record
}

func (s *Server) showIncident(w http.ResponseWriter, r *http.Request) {
	rec, err := s.deps.Store.Incident(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		s.notFound(w, r)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "incident", incidentPage{layout: s.layout(r, rec.Title, "/incidents"), Record: rec})
}

// judgeIncident writes what a person made of an incident.
func (s *Server) judgeIncident(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	j := judgement{State: store.State(r.PostFormValue("state")), Note: r.PostFormValue("note")}
	if err := j.validate(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch err := s.deps.Store.SetState(r.Context(), s.now(), id, j.State, s.author(r), j.Note); {
	case errors.Is(err, store.ErrNotFound):
		s.notFound(w, r)
	case err != nil:
		s.broken(w, r, err)
	default:
		s.back(w, r, "/incidents/"+url.PathEscape(id), "Marked as: "+stateWord(j.State)+".")
	}
}
