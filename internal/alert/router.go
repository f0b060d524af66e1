package alert

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

// Memory is what the router needs of a store.
type Memory interface {
	store.Incidents
	store.Outbox
	ActiveSuppressions(ctx context.Context, at time.Time) ([]suppress.Rule, error)
}

// storeTimeout bounds how long one incident waits for the store.
const storeTimeout = 10 * time.Second

// Router records incidents and decides who is told. Handle and Notice may be
// called from many goroutines; Run delivers.
type Router struct {
	memory Memory
	log    *slog.Logger
	now    func() time.Time

	workers []*worker
	backlog *backlog

	mu    sync.Mutex // makes decisions on one incident one at a time; guards what is below
	rules []suppress.Rule
	told  map[toldKey]*incident.Incident // what each sink was told, for when the store can not say

	recorded, suppressed, enqueued atomic.Uint64
}

type toldKey struct{ sink, id string }

// maxTold bounds the memory of what was told; it matters only while the store
// is down, and then costs a message too many.
const maxTold = 8192

// NewRouter makes a router. It does nothing until Handle or Run is called.
func NewRouter(memory Memory, routes []Route, log *slog.Logger) (*Router, error) {
	if err := Validate(routes); err != nil {
		return nil, err
	}
	r := &Router{memory: memory, log: log, now: time.Now, backlog: newBacklog(), told: make(map[toldKey]*incident.Incident)}
	for _, route := range routes {
		r.workers = append(r.workers, newWorker(route, memory, r.backlog, log, r.clock))
	}
	return r, nil
}

func (r *Router) clock() time.Time { return r.now() }

// Handle records one revision of an incident and the alerts that it causes. An
// error says that it is not recorded yet: it is then kept in memory, its alerts
// go out from there, and Run tries again to record it.
func (r *Router) Handle(ctx context.Context, inc *incident.Incident) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if r.backlog.storeDown(r.now()) {
		return r.remember(inc, r.backlog.storeError())
	}
	if err := r.record(ctx, inc); err != nil {
		return r.remember(inc, err)
	}
	r.wake()
	return nil
}

// record decides with what the store knows, and writes.
func (r *Router) record(ctx context.Context, inc *incident.Incident) error {
	at := r.now()
	rules, err := r.memory.ActiveSuppressions(ctx, at)
	if err != nil {
		return err
	}
	r.rules = rules
	quiet, err := r.judged(ctx, at, inc)
	if err != nil {
		return err
	}
	rule, hidden := suppress.First(rules, inc, at)
	var alerts []store.Alert
	if !hidden && !quiet {
		if alerts, err = r.alerts(ctx, at, inc); err != nil {
			return err
		}
	}
	if err := r.memory.Record(ctx, at, inc, rule.ID, alerts); err != nil {
		return err
	}
	r.recorded.Add(1)
	r.enqueued.Add(uint64(len(alerts)))
	r.keepTold(inc, alerts)
	if hidden {
		r.suppressed.Add(1)
	}
	return nil
}

func (r *Router) keepTold(inc *incident.Incident, alerts []store.Alert) {
	if len(r.told)+len(alerts) > maxTold {
		clear(r.told)
	}
	for _, a := range alerts {
		r.told[toldKey{a.Sink, inc.ID}] = inc
	}
}

// judged says whether a person has called the incident a false alarm. One that
// was resolved and goes on is opened again.
func (r *Router) judged(ctx context.Context, at time.Time, inc *incident.Incident) (quiet bool, err error) {
	known, err := r.memory.Incident(ctx, inc.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case known.State == store.FalseAlarm:
		return true, nil
	case known.State == store.Resolved && inc.End.After(known.StateAt):
		return false, r.memory.SetState(ctx, at, inc.ID, store.Open, "firetower", "it went on after it was resolved")
	}
	return false, nil
}

// alerts makes an alert for each route that has not been told, or not so much.
func (r *Router) alerts(ctx context.Context, at time.Time, inc *incident.Incident) (out []store.Alert, err error) {
	for _, w := range r.workers {
		if !w.Policy.Wants(inc) {
			continue
		}
		var told *Item
		last, err := r.memory.LastAlert(ctx, w.Name, inc.ID)
		if err == nil {
			told = new(Item)
			if json.Unmarshal(last.Body, told) != nil || told.Incident == nil {
				told = nil
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if a, ok := alertFor(w.Route, at, inc, told); ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// alertFor makes the alert of an incident for a route that was told something
// of it before, or nothing.
func alertFor(route Route, at time.Time, inc *incident.Incident, told *Item) (store.Alert, bool) {
	it := Item{Kind: New, Incident: inc, Created: at}
	if told != nil {
		if inc.Revision <= told.Incident.Revision || !route.Policy.Grown(told.Incident, inc) {
			return store.Alert{}, false
		}
		it.Kind, it.Before = Growth, told.Incident.Flows
	}
	return newAlert(route.Name, inc.ID, inc.Revision, it), true
}

func newAlert(sink, key string, revision int, it Item) store.Alert {
	body, err := json.Marshal(it)
	if err != nil { // only a number that is no number, in the evidence
		body, _ = json.Marshal(Item{Kind: it.Kind, Created: it.Created, Notice: &NoticeText{
			Key: key, Title: it.Title(), Text: "The incident could not be encoded: " + err.Error(), Severity: it.Severity()}})
	}
	return store.Alert{Sink: sink, Key: key, Revision: revision, Kind: string(it.Kind), Body: body, Created: it.Created, State: store.Pending}
}

// remember keeps an incident that could not be recorded, with its alerts.
func (r *Router) remember(inc *incident.Incident, cause error) error {
	at := r.now()
	rule, hidden := suppress.First(r.rules, inc, at)
	first := r.backlog.fail(at, cause)
	var alerts []store.Alert
	for _, w := range r.workers {
		if hidden || !w.Policy.Wants(inc) {
			continue
		}
		var told *Item
		if before, ok := r.told[toldKey{w.Name, inc.ID}]; ok {
			told = &Item{Incident: before}
		}
		if a, ok := alertFor(w.Route, at, inc, told); ok {
			alerts = append(alerts, a)
		}
	}
	r.keepTold(inc, alerts)
	r.backlog.put(inc, rule.ID, alerts)
	if first {
		r.log.Error("the store takes nothing; incidents are kept in memory and alerts go out from there", "error", cause)
		r.backlog.notice(r.workers, at, NoticeText{Key: "store", Title: "Firetower can not write its store", Severity: 1,
			Text: "Incidents are kept in memory and alerts still go out, but a restart now would lose them. Cause: " + cause.Error()})
	}
	r.wake()
	return cause
}

// noticeEvery is how often the same notice is sent at most.
const noticeEvery = time.Hour

// Notice tells every sink something about Firetower itself, the same key at
// most once an hour.
func (r *Router) Notice(ctx context.Context, n NoticeText) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.now()
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	var alerts []store.Alert
	for _, w := range r.workers {
		key := "notice:" + n.Key
		last, err := r.memory.LastAlert(ctx, w.Name, key)
		if err == nil && at.Sub(last.Created) < noticeEvery && at.Sub(last.Created) >= 0 {
			continue
		}
		if n.Severity > w.Policy.Severity {
			continue
		}
		alerts = append(alerts, newAlert(w.Name, key, int(at.Unix()), Item{Kind: Notice, Notice: &n, Created: at}))
	}
	err := r.memory.Enqueue(ctx, alerts)
	if err != nil {
		r.backlog.notice(r.workers, at, n)
	}
	r.wake()
	return err
}

// Inherit takes over what another router, whose Run has ended, holds in memory
// because the store did not take it. Call it before Run and Handle, when a
// changed configuration puts this router in the other's place.
func (r *Router) Inherit(old *Router) {
	old.mu.Lock()
	defer old.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.backlog.take(old.backlog)
	r.told = old.told
	old.told = make(map[toldKey]*incident.Incident)
	r.recorded.Add(old.recorded.Load())
	r.suppressed.Add(old.suppressed.Load())
	r.enqueued.Add(old.enqueued.Load())
}

func (r *Router) wake() {
	for _, w := range r.workers {
		w.wake()
	}
}

// Run delivers until the context ends, and records what could not be recorded.
// What is pending then stays in the outbox for the next start.
func (r *Router) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, w := range r.workers {
		wg.Go(func() { w.run(ctx) })
	}
	wg.Go(func() { r.catchUp(ctx) })
	wg.Wait()
	return nil
}

// catchUpEvery is how often recording is tried again.
const catchUpEvery = 2 * time.Second

func (r *Router) catchUp(ctx context.Context) {
	tick := time.NewTicker(catchUpEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			// One last try: what is in memory only is lost with the process.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
			defer cancel()
			r.flush(last)
			return
		case <-tick.C:
			r.flush(ctx)
		}
	}
}

// flush records the backlog, oldest first, until the store refuses. It does not
// hold up Handle, which adds to the backlog meanwhile.
func (r *Router) flush(ctx context.Context) {
	n := 0
	for {
		held, ok := r.backlog.first()
		if !ok {
			break
		}
		if err := r.flushOne(ctx, held); err != nil {
			r.backlog.undo(held)
			r.backlog.fail(r.now(), err)
			return
		}
		r.backlog.done(held)
		n++
	}
	if r.backlog.recovered() {
		r.log.Info("the store takes incidents again", "recorded", n)
		r.wake()
	}
}

func (r *Router) flushOne(ctx context.Context, held snapshot) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	alerts := append(held.alerts, held.sent...)
	if held.inc == nil {
		if err := r.memory.Enqueue(ctx, alerts); err != nil {
			return err
		}
	} else {
		if err := r.memory.Record(ctx, r.now(), held.inc, held.suppressedBy, alerts); err != nil {
			return err
		}
		r.recorded.Add(1)
	}
	r.enqueued.Add(uint64(len(alerts)))
	for _, a := range held.sent { // gone out from memory already
		last, err := r.memory.LastAlert(ctx, a.Sink, a.Key)
		if err != nil {
			return err
		}
		if err := r.memory.MarkDelivered(ctx, r.now(), []int64{last.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Status is what the dashboard, the metrics and doctor show.
type Status struct {
	Sinks      []SinkStatus `json:"sinks"`
	Recorded   uint64       `json:"recorded"`   // revisions of incidents
	Suppressed uint64       `json:"suppressed"` // of them
	Enqueued   uint64       `json:"enqueued"`   // alerts
	Backlog    int          `json:"backlog"`    // incidents that are in memory only
	Lost       uint64       `json:"lost"`       // given up because the backlog was full
	StoreError string       `json:"store_error,omitempty"`
}

// SinkStatus is one sink's state and counters since the start.
type SinkStatus struct {
	store.SinkStats
	Messages     uint64    `json:"messages"` // delivered since the start
	Failures     uint64    `json:"failures"` // attempts that failed since the start
	FailingSince time.Time `json:"failing_since,omitzero"`
	NextTry      time.Time `json:"next_try,omitzero"`
}

// Status reads the outbox and the counters. With the store down it has the
// counters alone, and says so in StoreError.
func (r *Router) Status(ctx context.Context) Status {
	s := Status{Recorded: r.recorded.Load(), Suppressed: r.suppressed.Load(), Enqueued: r.enqueued.Load()}
	s.Backlog, s.Lost = r.backlog.size()
	if err := r.backlog.storeError(); err != nil {
		s.StoreError = err.Error()
	}
	stats, err := r.memory.OutboxStats(ctx)
	if err != nil {
		s.StoreError = err.Error()
	}
	bySink := make(map[string]store.SinkStats, len(stats))
	for _, st := range stats {
		bySink[st.Sink] = st
	}
	for _, w := range r.workers {
		one := w.status()
		if st, ok := bySink[w.Name]; ok {
			one.SinkStats = st
		}
		if one.SinkStats.LastError == "" {
			one.SinkStats.LastError = w.lastError()
		}
		s.Sinks = append(s.Sinks, one)
	}
	return s
}
