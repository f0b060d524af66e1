package alert

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/store"
	"firetower/internal/store/sqlite"
)

// recorder is a sink that keeps what it got, or fails.
type recorder struct {
	mu   sync.Mutex
	got  []Message
	fail func(*Message) error
}

func (r *recorder) Deliver(_ context.Context, m *Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(m); err != nil {
			return err
		}
	}
	r.got = append(r.got, *m)
	return nil
}

// take gives what came since the last time, in short.
func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var parts []string
	for _, m := range r.got {
		var items []string
		for _, it := range m.Items {
			s := string(it.Kind)
			if it.Incident != nil {
				s += fmt.Sprintf(" %s %d", it.Incident.ID, it.Incident.Flows)
			} else {
				s += " " + it.Notice.Key
			}
			items = append(items, s)
		}
		parts = append(parts, strings.Join(items, " + "))
	}
	r.got = nil
	return strings.Join(parts, "; ")
}

// bench is a router over a real store with a clock that the test turns.
type bench struct {
	t     *testing.T
	store store.Store
	sink  *recorder
	r     *Router
	at    time.Time
}

func newBench(t *testing.T, p Policy) *bench {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "f.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &bench{t: t, store: s, sink: &recorder{}, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b.restart(s, p)
	return b
}

// restart makes a new router, as a new process would.
func (b *bench) restart(m Memory, p Policy) {
	b.t.Helper()
	r, err := NewRouter(m, []Route{{Name: "mail", Sink: b.sink, Policy: p}}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.t.Fatal(err)
	}
	r.now = func() time.Time { return b.at }
	b.r = r
}

func (b *bench) handle(inc *incident.Incident) {
	b.t.Helper()
	if err := b.r.Handle(context.Background(), inc); err != nil {
		b.t.Fatal(err)
	}
}

// deliver turns the clock, lets the worker work once and gives what arrived.
func (b *bench) deliver(after time.Duration) string {
	b.at = b.at.Add(after)
	b.r.workers[0].once(context.Background())
	return b.sink.take()
}

func (b *bench) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func scan(id string, revision, flows int) *incident.Incident {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &incident.Incident{EventType: "incident", ID: id, Class: attack.PortScan, Title: "Port scan " + id,
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22}, ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1,
		Start: at, End: at.Add(time.Minute), Detected: at, Flows: flows, Confidence: 0.98, Severity: 3, Revision: revision}
}
