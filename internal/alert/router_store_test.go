package alert

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
)

// broken is a store that refuses on demand.
type broken struct {
	store.Store
	mu  sync.Mutex
	err error
}

func (s *broken) set(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *broken) now() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *broken) Record(ctx context.Context, at time.Time, inc *incident.Incident, by int64, a []store.Alert) error {
	if err := s.now(); err != nil {
		return err
	}
	return s.Store.Record(ctx, at, inc, by, a)
}

func (s *broken) MarkDelivered(ctx context.Context, at time.Time, ids []int64) error {
	if err := s.now(); err != nil {
		return err
	}
	return s.Store.MarkDelivered(ctx, at, ids)
}

func TestStoreFullAlertsGoOutAndNothingIsLost(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, DefaultPolicy())
	full := &broken{Store: b.store}
	b.restart(full, DefaultPolicy())
	b.handle(scan("before", 1, 10))
	b.want("before", b.deliver(0), "new before 10")
	full.set(fmt.Errorf("write: %w", store.ErrFull))
	for i := range 3 {
		if err := b.r.Handle(ctx, scan("a", i+1, 10+i)); !errors.Is(err, store.ErrFull) {
			t.Fatalf("Handle gives %v, want ErrFull", err)
		}
	}
	_ = b.r.Handle(ctx, scan("before", 2, 50)) // was told; has not grown enough
	got := b.deliver(time.Second)
	b.want("while full", got, "new a 10; notice store")
	if s := b.r.Status(ctx); s.Backlog != 3 || s.StoreError == "" {
		t.Errorf("status %+v", s)
	}
	b.r.flush(ctx) // still full
	b.want("still full", b.deliver(time.Second), "")
	full.set(nil)
	b.r.flush(ctx)
	b.want("after, nothing twice", b.deliver(time.Second), "")
	if s := b.r.Status(ctx); s.Backlog != 0 || s.StoreError != "" {
		t.Errorf("status %+v", s)
	}
	for id, flows := range map[string]int{"a": 12, "before": 50} {
		if rec, err := b.store.Incident(ctx, id); err != nil || rec.Flows != flows {
			t.Errorf("%s: %+v, %v", id, rec.Flows, err)
		}
	}
	b.handle(scan("a", 9, 100))
	b.want("growth counts from what was told", b.deliver(time.Second), "growth a 100")
}

func TestInherit(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	full := &broken{Store: b.store, err: store.ErrFull}
	b.restart(full, DefaultPolicy())
	_ = b.r.Handle(context.Background(), scan("a", 1, 10))
	b.want("old", b.deliver(0), "new a 10; notice store")
	_ = b.r.Handle(context.Background(), scan("b", 1, 10))
	old := b.r
	b.restart(full, DefaultPolicy())
	b.r.Inherit(old)
	b.want("new", b.deliver(0), "new b 10")
	full.set(nil)
	b.r.flush(context.Background())
	if page, err := b.store.FindIncidents(context.Background(), store.Query{}); err != nil || page.Total != 2 {
		t.Errorf("%d incidents, %v", page.Total, err)
	}
	if s := b.r.Status(context.Background()); s.Backlog != 0 || s.StoreError != "" || s.Recorded != 2 {
		t.Errorf("status %+v", s)
	}
}

func TestDeliveredButNotNotedIsNotSentAgain(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	full := &broken{Store: b.store}
	b.restart(full, DefaultPolicy())
	b.handle(scan("a", 1, 10))
	full.set(store.ErrFull)
	b.want("first", b.deliver(0), "new a 10")
	b.want("not again", b.deliver(time.Second)+b.deliver(time.Hour), "")
	full.set(nil)
	b.want("not after", b.deliver(time.Second)+b.deliver(time.Hour), "")
}

func TestBacklogIsBounded(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	full := &broken{Store: b.store, err: store.ErrFull}
	b.restart(full, DefaultPolicy())
	for i := range MaxBacklog + 50 {
		_ = b.r.Handle(context.Background(), scan(fmt.Sprint(i), 1, 10))
	}
	if s := b.r.Status(context.Background()); s.Backlog != MaxBacklog || s.Lost != 51 { // one place is the notice's
		t.Errorf("backlog %d, lost %d", s.Backlog, s.Lost)
	}
}
