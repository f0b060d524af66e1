package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"firetower/internal/detect"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/incident"
	"firetower/internal/store"
)

// evidence attaches to recorded incidents the flows of their actors, and why the
// forest thinks what it thinks of one of them. Most flows of an attack end after it
// was reported, so it looks again for as long as they may.
type evidence struct {
	store  store.Store
	log    *slog.Logger
	recent *recent
	judge  func() *detect.Judge // may give nil

	mu    sync.Mutex
	watch map[string]*followed // by incident
}

// followed is an incident whose flows may still end.
type followed struct {
	incident incident.Incident
	until    time.Time
	seen     uint64 // of recent.of when it was last written
	failing  bool
}

const (
	evidenceEvery  = 5 * time.Second
	evidenceLasts  = 12 * time.Minute // longer than a silent flow lasts
	mostFollowed   = 512
	mostCauses     = 12
	evidenceFields = 1 << 10 // bytes of a row, about
)

func newEvidence(s store.Store, judge func() *detect.Judge, log *slog.Logger) *evidence {
	return &evidence{store: s, log: log, recent: newRecent(), judge: judge, watch: map[string]*followed{}}
}

// follow begins to gather for an incident that has been reported.
func (e *evidence) follow(i incident.Incident) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.watch[i.ID]
	if f == nil {
		if len(e.watch) >= mostFollowed {
			e.forgetOldest()
		}
		f = &followed{}
		e.watch[i.ID] = f
	}
	f.incident, f.until = i, time.Now().Add(evidenceLasts)
}

func (e *evidence) forgetOldest() {
	var id string
	var until time.Time
	for k, f := range e.watch {
		if id == "" || f.until.Before(until) {
			id, until = k, f.until
		}
	}
	delete(e.watch, id)
}

// run writes until ctx ends.
func (e *evidence) run(ctx context.Context) {
	tick := time.NewTicker(evidenceEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			e.gather(ctx)
		}
	}
}

// gather writes what is new of every incident that is followed.
func (e *evidence) gather(ctx context.Context) {
	e.mu.Lock()
	all := make([]*followed, 0, len(e.watch))
	for id, f := range e.watch {
		c := *f
		all = append(all, &c)
		if time.Now().After(f.until) {
			delete(e.watch, id)
		}
	}
	e.mu.Unlock()
	for _, f := range all {
		flows, seen := e.recent.of(&f.incident)
		if seen == f.seen || len(flows) == 0 {
			continue
		}
		err := e.write(ctx, &f.incident, flows)
		if errors.Is(err, store.ErrNotFound) {
			continue // the incident itself waits to be recorded
		}
		if err != nil && !f.failing && ctx.Err() == nil {
			e.log.Warn("flows of an incident are not kept yet", "incident", f.incident.ID, "error", err)
		}
		e.mu.Lock()
		if now := e.watch[f.incident.ID]; now != nil {
			if now.failing = err != nil; err == nil {
				now.seen = seen
			}
		}
		e.mu.Unlock()
	}
}

func (e *evidence) write(ctx context.Context, i *incident.Incident, flows []judged) error {
	schema := feature.For(flow.CICFixed)
	body := schema.AppendHeader(make([]byte, 0, (1+len(flows))*evidenceFields))
	surest := 0
	for n := range flows {
		body = schema.AppendRow(body, &flows[n].Record)
		if flows[n].verdict.Benign < flows[surest].verdict.Benign {
			surest = n
		}
	}
	now := time.Now()
	if err := e.store.PutEvidence(ctx, now, i.ID, store.EvidenceFlows, body); err != nil {
		return err
	}
	judge := e.judge()
	why, err := judge.Explain(&flows[surest].Record, i.Class)
	if err != nil { // a class that the forest does not know
		why, err = judge.Explain(&flows[surest].Record, "")
	}
	if err != nil {
		return err
	}
	why.Causes = why.Causes[:min(len(why.Causes), mostCauses)]
	text, err := json.Marshal(why)
	if err != nil {
		return fmt.Errorf("why the forest thinks so: %w", err)
	}
	return e.store.PutEvidence(ctx, now, i.ID, store.EvidenceFeatures, text)
}
