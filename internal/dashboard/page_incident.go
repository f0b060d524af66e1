package dashboard

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"firetower/internal/behaviour"
	"firetower/internal/detect"
	"firetower/internal/store"
	"firetower/internal/suppress"
	"firetower/internal/words"
)

// incidentPage is one incident with everything that is known of it.
type incidentPage struct {
	layout
	Record   store.Record
	Timeline []moments
	Numbers  []evidenceLine
	Compared bool // that some number has a normal one beside it
	Causes   *causesChart
	Flows    *flowTable
	Rule     ruleForm
	SilentBy *suppress.Rule
}

// moments is one line of a timeline.
type moments struct {
	At    time.Time
	What  string
	Note  string
	Shape string // of the mark: "found", "grown", "sent", "person"
}

// evidenceLine is a number behind an incident, beside what is normal.
type evidenceLine struct {
	behaviour.Evidence
	Ratio string // "83 times"
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
	p := incidentPage{layout: s.layout(r, rec.Title, "/incidents"), Record: rec, Rule: ruleFor(rec)}
	for _, e := range rec.Evidence {
		p.Numbers = append(p.Numbers, evidenceLine{e, ratio(e)})
		p.Compared = p.Compared || e.Normal != 0
	}
	if p.Timeline, err = s.timeline(r.Context(), rec); err != nil {
		s.broken(w, r, err)
		return
	}
	if b, err := s.deps.Store.Evidence(r.Context(), rec.ID, store.EvidenceFeatures); err == nil {
		var e detect.Explanation
		if json.Unmarshal(b, &e) == nil {
			p.Causes = drawCauses(e)
		}
	}
	if b, err := s.deps.Store.Evidence(r.Context(), rec.ID, store.EvidenceFlows); err == nil {
		p.Flows = tableOf(b)
	}
	if rec.SuppressedBy != 0 {
		if rule, err := s.deps.Store.Suppression(r.Context(), rec.SuppressedBy); err == nil {
			p.SilentBy = &rule
		}
	}
	s.render(w, r, http.StatusOK, "incident", p)
}

// ratio says by how much a number exceeds what is normal.
func ratio(e behaviour.Evidence) string {
	if e.Normal <= 0 || e.Value <= 0 {
		return ""
	}
	switch x := e.Value / e.Normal; {
	case x >= 1.5:
		return short(math.Round(x)) + " times"
	case x <= 1/1.5:
		return "1/" + short(math.Round(1/x))
	}
	return "about the same"
}

// timeline merges how an incident grew with what was sent and what people did.
func (s *Server) timeline(ctx context.Context, rec store.Record) ([]moments, error) {
	var out []moments
	history, err := s.deps.Store.History(ctx, rec.ID)
	if err != nil {
		return nil, err
	}
	out = append(out, moments{At: rec.Start, What: "First packet", Shape: "first"})
	for i, rev := range history {
		m := moments{At: rev.Incident.End, What: "Grew to " + words.Plural(rev.Incident.Flows, "flow"), Shape: "grown"}
		if rev.Incident.Revision == 1 {
			m.At, m.Shape = cmp.Or(rev.Incident.Detected, rev.Incident.End), "found"
			m.What = fmt.Sprintf("Found after %s, with %s", span(max(0, m.At.Sub(rev.Incident.Start))), words.Plural(rev.Incident.Flows, "flow"))
		} else if before := history[max(0, i-1)].Incident; before.Severity != rev.Incident.Severity {
			m.Note = "now " + urgency(rev.Incident.Severity) + ", was " + urgency(before.Severity)
		}
		out = append(out, m)
	}
	alerts, err := s.deps.Store.Alerts(ctx, rec.ID, 50)
	if err != nil {
		return nil, err
	}
	for _, a := range alerts {
		switch a.State {
		case store.Delivered:
			out = append(out, moments{At: a.Delivered, What: "Told by " + a.Sink, Shape: "sent"})
		case store.Dropped:
			out = append(out, moments{At: a.Created, What: "Not told by " + a.Sink, Note: a.LastError, Shape: "sent"})
		default:
			out = append(out, moments{At: a.Created, What: "To be told by " + a.Sink, Note: cmp.Or(a.Held, a.LastError), Shape: "sent"})
		}
	}
	audit, err := s.deps.Store.Audit(ctx, rec.ID, 50)
	if err != nil {
		return nil, err
	}
	for _, e := range audit {
		out = append(out, moments{At: e.At, What: e.Action + " by " + e.Author, Note: e.Detail, Shape: "person"})
	}
	slices.SortStableFunc(out, func(a, b moments) int { return a.At.Compare(b.At) })
	return out, nil
}

// serveEvidence gives a piece of evidence as a file.
func (s *Server) serveEvidence(w http.ResponseWriter, r *http.Request) {
	b, err := s.deps.Store.Evidence(r.Context(), r.PathValue("id"), r.PathValue("kind"))
	if errors.Is(err, store.ErrNotFound) {
		s.notFound(w, r)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream") // whatever it holds, it is not to be shown
	w.Header().Set("Content-Disposition", "attachment; filename=\"firetower-"+fileName(r.PathValue("id")+"-"+r.PathValue("kind"))+"\"")
	_, _ = w.Write(b)
}

// fileName keeps of a name what every system takes.
func fileName(name string) string {
	out := []byte(name)
	for i, c := range out {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '.' {
			out[i] = '_'
		}
	}
	return string(out[:min(len(out), 100)])
}

// judgeIncident writes what a person made of an incident.
func (s *Server) judgeIncident(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	j := judgement{State: store.State(r.PostFormValue("state")), Note: r.PostFormValue("note")}
	if err := j.validate(); err != nil {
		s.message(w, r, http.StatusBadRequest, "That is not possible", sentence(err.Error()))
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
