package dashboard

import (
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
