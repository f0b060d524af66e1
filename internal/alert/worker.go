package alert

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"firetower/internal/store"
)

// Limits of one worker.
const (
	deliverTimeout = time.Minute
	firstRetry     = 5 * time.Second
	lastRetry      = 15 * time.Minute
	dueLimit       = 1000
	idle           = time.Minute // the longest wait without looking into the outbox
)

// worker delivers the alerts of one route, one message at a time.
type worker struct {
	Route
	outbox  store.Outbox
	backlog *backlog
	log     *slog.Logger
	now     func() time.Time
	woken   chan struct{}

	paused   time.Time // nothing is tried before: the sink was down
	attempts int       // failures in a row
	unmarked [][]int64 // delivered, but the store could not note it yet
	fromMem  []time.Time
	lastLook time.Time

	mu           sync.Mutex // guards the status
	messages     uint64
	failures     uint64
	failingSince time.Time
	nextTry      time.Time
	failure      string
}

func newWorker(route Route, outbox store.Outbox, b *backlog, log *slog.Logger, now func() time.Time) *worker {
	return &worker{Route: route, outbox: outbox, backlog: b, log: log.With("sink", route.Name), now: now, woken: make(chan struct{}, 1)}
}

func (w *worker) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run works until the context ends.
func (w *worker) run(ctx context.Context) {
	// What failed before a restart may work now.
	_ = w.outbox.RetryNow(ctx, w.Name, w.now())
	for {
		wait := w.once(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.woken:
			timer.Stop()
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// once sends all that may go now and says how long there is nothing to do.
func (w *worker) once(ctx context.Context) time.Duration {
	now := w.now()
	if now.Before(w.lastLook.Add(-time.Minute)) { // the clock was set back
		w.paused = time.Time{}
		_ = w.outbox.RetryNow(ctx, w.Name, now)
	}
	w.lastLook = now
	if d := w.paused.Sub(now); d > 0 && !w.asked(ctx, now) {
		return min(d, idle)
	}
	if !w.fromMemory(ctx) || !w.note(ctx) {
		return w.wait()
	}
	due, err := w.outbox.Due(ctx, w.Name, now, dueLimit)
	if err != nil {
		return catchUpEvery
	}
	p, err := w.plan(ctx, due, now)
	if err != nil || !w.postpone(ctx, p, now) {
		return catchUpEvery
	}
	for _, b := range p.send {
		if !w.send(ctx, b) || !w.note(ctx) {
			break
		}
	}
	return w.wait()
}

// asked says whether somebody has made failing alerts due before their time, with
// "firetower alert retry" or from the dashboard.
func (w *worker) asked(ctx context.Context, now time.Time) bool {
	due, err := w.outbox.Due(ctx, w.Name, now, dueLimit)
	return err == nil && slices.ContainsFunc(due, func(a store.Alert) bool { return a.Attempts > 0 })
}

// wait says when to look again.
func (w *worker) wait() time.Duration {
	now := w.now()
	if d := w.paused.Sub(now); d > 0 {
		return min(d, idle)
	}
	if len(w.unmarked) > 0 || w.backlog.storeError() != nil {
		return catchUpEvery
	}
	next, err := w.outbox.NextDue(context.Background(), w.Name)
	switch {
	case err != nil:
		return catchUpEvery
	case next.IsZero():
		return idle
	}
	// Never less than a moment: an alert that is due but waits for its
	// predecessor must not make a busy loop.
	return min(max(next.Sub(now), 100*time.Millisecond), idle)
}

// postpone drops and holds as planned.
func (w *worker) postpone(ctx context.Context, p plan, now time.Time) bool {
	if len(p.old) > 0 {
		w.log.Error("alerts could not be delivered in time and are given up", "count", len(p.old), "limit", w.Policy.GiveUp)
		if w.outbox.Drop(ctx, now, p.old, "not delivered within "+w.Policy.GiveUp.String()) != nil {
			return false
		}
	}
	for _, h := range p.hold {
		if w.outbox.Hold(ctx, h.ids, h.until, h.why) != nil {
			return false
		}
	}
	return true
}

// send delivers one message. It returns false if the sink takes nothing now.
func (w *worker) send(ctx context.Context, b batch) bool {
	err := w.deliver(ctx, &b.message)
	if err == nil {
		w.unmarked = append(w.unmarked, b.ids)
		return true
	}
	if ctx.Err() != nil {
		return false // stopping: not the sink's fault
	}
	attempts := b.attempts
	permanent := IsPermanent(err)
	if !permanent {
		w.attempts++
		attempts = w.attempts - 1
	}
	delay := backoff(attempts)
	if permanent {
		delay = lastRetry
	}
	next := w.now().Add(delay)
	w.fail(err, next)
	if !permanent {
		w.paused = next
	}
	// If the store does not take this, the alert stays due, and paused holds it.
	_ = w.outbox.MarkFailed(ctx, b.ids, next, err.Error())
	return permanent
}

// deliver calls the sink and keeps the counters.
func (w *worker) deliver(ctx context.Context, m *Message) error {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	err := w.Sink.Deliver(ctx, m)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.messages++
	again := !w.failingSince.IsZero()
	since := w.failingSince
	w.failingSince, w.nextTry, w.failure = time.Time{}, time.Time{}, ""
	w.mu.Unlock()
	w.attempts, w.paused = 0, time.Time{}
	if again {
		w.log.Info("alerts are delivered again", "failing_since", since)
		_ = w.outbox.RetryNow(ctx, w.Name, w.now())
		w.wake()
	}
	return nil
}

func (w *worker) fail(err error, next time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures++
	first := w.failingSince.IsZero()
	if first {
		w.failingSince = w.now()
	}
	w.nextTry, w.failure = next, err.Error()
	level := slog.LevelDebug // the first failure is told, the others are counted
	if first {
		level = slog.LevelWarn
	}
	w.log.Log(context.Background(), level, "an alert could not be delivered and is tried again", "error", err, "next", next)
}

// backoff doubles from firstRetry to lastRetry, with a fifth of chance so that
// many sensors do not meet at one server.
func backoff(attempts int) time.Duration {
	d := lastRetry
	if attempts < 8 {
		d = min(firstRetry<<attempts, lastRetry)
	}
	return d - d/10 + rand.N(d/5)
}

// note tells the outbox what was delivered. What it can not note now is kept and
// not sent again by this process.
func (w *worker) note(ctx context.Context) bool {
	for len(w.unmarked) > 0 {
		// Also while stopping: not noting means sending twice.
		mark, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		err := w.outbox.MarkDelivered(mark, w.now(), w.unmarked[0])
		cancel()
		if err != nil {
			return false
		}
		w.unmarked = w.unmarked[1:]
	}
	return true
}

// fromMemory delivers what the store did not take.
func (w *worker) fromMemory(ctx context.Context) bool {
	hourAgo := w.now().Add(-time.Hour)
	w.fromMem = slices.DeleteFunc(w.fromMem, func(t time.Time) bool { return t.Before(hourAgo) })
	for ctx.Err() == nil {
		if w.Policy.PerHour > 0 && len(w.fromMem) >= w.Policy.PerHour {
			return true // the rest waits for the store
		}
		a := w.backlog.claim(w.Name)
		if a == nil {
			return true
		}
		it, ok := decode(a.alert)
		if !ok {
			w.backlog.release(a, true)
			continue
		}
		m := Message{ID: messageID([]store.Alert{a.alert}), Items: []Item{it}}
		err := w.deliver(ctx, &m)
		w.backlog.release(a, err == nil)
		if err != nil {
			w.attempts++
			next := w.now().Add(backoff(w.attempts - 1))
			w.fail(err, next)
			w.paused = next
			return false
		}
		w.fromMem = append(w.fromMem, w.now())
	}
	return false
}

func (w *worker) status() SinkStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := SinkStatus{Messages: w.messages, Failures: w.failures, FailingSince: w.failingSince, NextTry: w.nextTry}
	s.Sink = w.Name
	return s
}

func (w *worker) lastError() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure
}
