package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/store"
)

// remembered is a store that knows some incidents.
type remembered struct {
	store.Incidents
	records []store.Record
	err     error
}

func (r remembered) FindIncidents(_ context.Context, q store.Query) (p store.Page, err error) {
	for _, was := range r.records {
		if was.Class == q.Classes[0] && !was.End.Before(q.Since) {
			p.Records = append(p.Records, was)
		}
	}
	return p, r.err
}

func TestJoin(t *testing.T) {
	now := time.Now()
	was := func(class attack.Class, actors, targets []string, ago time.Duration) store.Record {
		end := now.Add(-ago)
		return store.Record{Updated: end, Incident: incident.Incident{ID: "old", Class: class, Actors: actors, Targets: targets, ActorsTotal: len(actors), TargetsTotal: len(targets),
			Start: end.Add(-time.Minute), End: end, Flows: 100, Revision: 3, Confidence: 0.99, Severity: 1}}
	}
	scan := incident.Incident{ID: "new", Class: attack.PortScan, Actors: []string{"a"}, Targets: []string{"t2"}, ActorsTotal: 1, TargetsTotal: 1, Start: now, End: now, Flows: 7, Revision: 1, Severity: 3}
	flood := incident.Incident{ID: "new", Class: attack.DDoS, Actors: []string{"a", "b"}, Targets: []string{"t"}, ActorsTotal: 2, TargetsTotal: 1, Start: now, End: now, Flows: 7, Revision: 1}
	one, two := []string{"a"}, []string{"c", "d"}
	for name, c := range map[string]struct {
		before store.Record
		now    incident.Incident
		joins  bool
	}{
		"the same scan":              {was(attack.PortScan, one, []string{"t1"}, time.Minute), scan, true},
		"another attacker":           {was(attack.PortScan, []string{"b"}, []string{"t2"}, time.Minute), scan, false},
		"other conduct":              {was(attack.BruteForce, one, []string{"t2"}, time.Minute), scan, false},
		"long ago":                   {was(attack.PortScan, one, []string{"t2"}, time.Hour), scan, false},
		"the attacker was a target":  {was(attack.PortScan, []string{"b"}, one, time.Minute), scan, false},
		"the same flood from others": {was(attack.DDoS, two, []string{"t"}, time.Minute), flood, true},
		"a flood of another":         {was(attack.DDoS, two, []string{"u"}, time.Minute), flood, false},
		"since the start":            {was(attack.PortScan, one, []string{"t2"}, -time.Minute), scan, false},
	} {
		r := newResumption(remembered{records: []store.Record{c.before}}, 30*time.Minute, slog.New(slog.DiscardHandler))
		got := r.join(context.Background(), c.now)
		if joined := got.ID == "old"; joined != c.joins {
			t.Errorf("%s: joined %v", name, joined)
		}
		if !c.joins {
			continue
		}
		if got.Flows != 107 || got.Revision != 4 || got.Start != c.before.Start || got.Severity > 1 || got.Confidence != 0.99 || got.ActorsTotal < len(got.Actors) {
			t.Errorf("%s: %+v", name, got)
		}
		c.now.Flows, c.now.Revision = 70, 2
		if again := r.join(context.Background(), c.now); again.ID != "old" || again.Flows != 170 || again.Revision != 5 {
			t.Errorf("%s, grown: %+v", name, again)
		}
	}
	r := newResumption(remembered{err: errors.New("away")}, time.Hour, slog.New(slog.DiscardHandler))
	if got := r.join(context.Background(), scan); got.ID != "new" {
		t.Errorf("without a store: %+v", got)
	}
}
