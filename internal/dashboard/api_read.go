package dashboard

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"firetower/internal/store"
)

func (s *Server) apiHistory(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.deps.Store.Incident(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	history, err := s.deps.Store.History(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"history": history})
}

func (s *Server) apiEvidenceKinds(w http.ResponseWriter, r *http.Request) error {
	kinds, err := s.deps.Store.EvidenceKinds(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if kinds == nil {
		kinds = []string{}
	}
	return reply(w, http.StatusOK, map[string]any{"evidence": kinds})
}

func (s *Server) apiEvidence(w http.ResponseWriter, r *http.Request) error {
	b, err := s.deps.Store.Evidence(r.Context(), r.PathValue("id"), r.PathValue("kind"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(b)
	return nil
}

func (s *Server) apiAlerts(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r.URL.Query(), "limit", 1, 1000)
	if err != nil {
		return badRequest{err}
	}
	if limit == 0 {
		limit = 100
	}
	list, err := s.deps.Store.Alerts(r.Context(), r.URL.Query().Get("incident"), limit)
	if err != nil {
		return err
	}
	if list == nil {
		list = []store.Alert{}
	}
	return reply(w, http.StatusOK, map[string]any{"alerts": list})
}

// Limits of a question for series.
const (
	maxSeries = 16
	maxPoints = 800
)

// apiSeries reads counters over time, one column a name over common times, as the
// charts draw them.
func (s *Server) apiSeries(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	if v.Get("range") == "live" {
		return reply(w, http.StatusOK, s.liveSeries())
	}
	length, err := time.ParseDuration(v.Get("range"))
	if err != nil || length < time.Minute || length > 400*24*time.Hour {
		return badRequest{fmt.Errorf("range: %q is not a length of time such as 1h, 24h or 720h, nor live", v.Get("range"))}
	}
	var names []string
	if v.Get("names") == "" {
		if names, err = s.deps.Store.SeriesNames(r.Context()); err != nil {
			return err
		}
	} else {
		names = strings.Split(v.Get("names"), ",")
	}
	if len(names) > maxSeries {
		return badRequest{fmt.Errorf("names: %d are more than %d", len(names), maxSeries)}
	}
	now := s.now()
	columns := make(map[string][]*float64, len(names))
	var step time.Duration
	var begin int64
	var times []int64
	for _, name := range names {
		points, every, err := s.deps.Store.Series(r.Context(), name, now.Add(-length), now, maxPoints)
		if err != nil {
			return err
		}
		if times == nil { // all names have the same resolution for the same range
			step = every
			begin = now.Add(-length).Truncate(step).Unix()
			for t := begin; t <= now.Unix(); t += int64(step / time.Second) {
				times = append(times, t)
			}
		}
		column := make([]*float64, len(times))
		for _, p := range points {
			if i := (p.Time.Unix() - begin) / int64(step/time.Second); i >= 0 && int(i) < len(column) {
				mean := p.Mean()
				column[i] = &mean
			}
		}
		columns[name] = column
	}
	return reply(w, http.StatusOK, series{step.Seconds(), times, columns})
}

// series are columns of values over common times; nil where nothing was recorded.
type series struct {
	Step    float64               `json:"step_seconds"`
	Times   []int64               `json:"times"`
	Columns map[string][]*float64 `json:"series"`
}

// liveSeries are the rates of the last minutes, second by second.
func (s *Server) liveSeries() series {
	rates := s.meter.latest(memoryOfRates)
	out := series{Step: 1, Times: make([]int64, len(rates)), Columns: make(map[string][]*float64)}
	for i, r := range rates {
		out.Times[i] = r.Time.Unix()
		values := map[string]float64{"packets": r.Packets, "bits": r.Bits, "flows": r.Flows, "drops": r.Drops}
		for class, v := range r.Verdicts {
			values["verdict."+class] = v
		}
		for name, v := range values {
			if out.Columns[name] == nil {
				out.Columns[name] = make([]*float64, len(rates))
			}
			out.Columns[name][i] = &v
		}
	}
	return out
}
