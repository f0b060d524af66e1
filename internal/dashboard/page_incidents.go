package dashboard

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/words"
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
	Query    string       // of this page's address, to come back to it
	First    template.URL // the same without the place in the list
}

// row is an incident in a list, to be selected or not.
type row struct {
	store.Record
	Selectable bool
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
	q, err := parseQuery(v, s.now())
	status := http.StatusOK
	if err != nil {
		p.Wrong, status = err.Error(), http.StatusBadRequest
	} else {
		q.Limit = perPage
		if q.Suppressed = nil; !p.Filter.Suppressed { // ticked: both kinds
			q.Suppressed = new(bool)
		}
		page, err := s.deps.Store.FindIncidents(r.Context(), q)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		p.show(page, v)
	}
	p.Query = r.URL.RawQuery
	v.Del("cursor")
	v.Del("before")
	p.First = template.URL(v.Encode()) //nolint:gosec // encoded by Encode
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

// choice is an entry of a list to choose from.
type choice struct{ Value, Name string }

// spans are the times back that the form offers.
var spans = []choice{{"", "Any time"}, {"24h", "Last 24 hours"}, {"168h", "Last 7 days"}, {"720h", "Last 30 days"}}

func filterOf(v url.Values) filterForm {
	f := filterForm{
		Text: v.Get("q"), Class: v.Get("class"), State: v.Get("state"), Severity: v.Get("severity"),
		Address: v.Get("address"), Since: v.Get("since"), Until: v.Get("until"), Suppressed: v.Get("suppressed") == "1",
	}
	f.Active = f != filterForm{State: "open"}
	return f
}

// maxJudged is how many incidents one request may judge: what a page lists.
const maxJudged = perPage

// judgeIncidents marks the incidents that were selected in the list.
func (s *Server) judgeIncidents(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.message(w, r, http.StatusBadRequest, "That is not possible", "The form can not be read.")
		return
	}
	ids, j := r.PostForm["id"], judgement{State: store.State(r.PostFormValue("state")), Note: r.PostFormValue("note")}
	err := j.validate()
	switch {
	case err != nil:
	case len(ids) == 0:
		err = errors.New("no incident is selected")
	case len(ids) > maxJudged:
		err = fmt.Errorf("%d incidents are more than %d", len(ids), maxJudged)
	}
	if err != nil {
		s.message(w, r, http.StatusBadRequest, "That is not possible", sentence(err.Error()))
		return
	}
	done := 0
	for _, id := range ids {
		switch err := s.deps.Store.SetState(r.Context(), s.now(), id, j.State, s.author(r), j.Note); {
		case errors.Is(err, store.ErrNotFound): // no longer kept
		case err != nil:
			s.broken(w, r, err)
			return
		default:
			done++
		}
	}
	to := "/incidents"
	if q, err := url.ParseQuery(r.PostFormValue("filter")); err == nil && len(q) > 0 {
		to += "?" + q.Encode()
	}
	s.back(w, r, to, words.Plural(done, "incident")+" marked as: "+stateWord(j.State)+".")
}
