package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/store"
)

// resumption joins what an attacker does after a restart to the incident that it was
// before: the correlator forgets at a restart, people should not be told again.
type resumption struct {
	store   store.Incidents
	gap     time.Duration // the silence that ends an incident
	started time.Time
	before  map[string]incident.Incident // by the id since the restart: what it was before
	log     *slog.Logger
}

func newResumption(s store.Incidents, gap time.Duration, log *slog.Logger) *resumption {
	return &resumption{store: s, gap: gap, started: time.Now(), before: map[string]incident.Incident{}, log: log}
}

// join gives the incident as a revision of the one that it goes on with, if any.
func (r *resumption) join(ctx context.Context, i incident.Incident) incident.Incident {
	old, known := r.before[i.ID]
	if !known {
		if time.Since(r.started) > r.gap || len(i.Actors) == 0 || len(i.Targets) == 0 {
			return i
		}
		if old, known = r.find(ctx, &i); !known {
			return i
		}
		r.log.Info("an incident goes on after the restart", "incident", old.ID)
		r.before[i.ID] = old
	}
	limits := incident.DefaultConfig()
	i.ID, i.Start, i.Detected = old.ID, old.Start, old.Detected
	i.Flows += old.Flows
	i.Revision += old.Revision
	i.Confidence, i.Severity = max(i.Confidence, old.Confidence), min(i.Severity, old.Severity)
	i.Actors, i.ActorsTotal = union(i.Actors, old.Actors, limits.MaxActors), max(i.ActorsTotal, old.ActorsTotal)
	i.Targets, i.TargetsTotal = union(i.Targets, old.Targets, limits.MaxTargets), max(i.TargetsTotal, old.TargetsTotal)
	i.ActorsTotal, i.TargetsTotal = max(i.ActorsTotal, len(i.Actors)), max(i.TargetsTotal, len(i.Targets))
	return i
}

// find looks for what was recorded before the start: the same class by the same
// actor, or by several against the same target.
func (r *resumption) find(ctx context.Context, i *incident.Incident) (incident.Incident, bool) {
	same := i.Actors[0]
	if i.ActorsTotal > 1 {
		same = i.Targets[0]
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	page, err := r.store.FindIncidents(ctx, store.Query{Classes: []attack.Class{i.Class}, Address: same, Since: i.Start.Add(-r.gap), Limit: 20})
	if err != nil {
		return incident.Incident{}, false // the store is away: told twice is better than not at all
	}
	for _, was := range page.Records {
		if was.Updated.After(r.started) || (was.ActorsTotal > 1) != (i.ActorsTotal > 1) {
			continue
		}
		if i.ActorsTotal == 1 && was.Actors[0] == same || i.ActorsTotal > 1 && slices.Contains(was.Targets, same) {
			return was.Incident, true
		}
	}
	return incident.Incident{}, false
}

// union is a with what only b has, as far as there is room.
func union(a, b []string, most int) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if len(out) < most && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
