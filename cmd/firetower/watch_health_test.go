package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/pipeline"
	"firetower/internal/store/sqlite"
)

// told is a sink that keeps what it is told.
type told chan alert.Message

func (s told) Deliver(_ context.Context, m *alert.Message) error {
	s <- *m
	return nil
}

// TestFiretowerTellsOfItself plays ten minutes in which packets are lost, and then
// none come any more.
func TestFiretowerTellsOfItself(t *testing.T) {
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "f.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var log bytes.Buffer
	w := &watcher{log: slog.New(slog.NewTextHandler(&log, nil)), store: st, cfg: defaultConfiguration()}
	w.cfg.Interfaces = []string{"eth7"}
	sink := make(told, 10)
	router, err := alert.NewRouter(st, []alert.Route{{Name: "mail", Sink: sink, Policy: alert.DefaultPolicy()}}, w.log)
	if err != nil {
		t.Fatal(err)
	}
	w.routing.use(router)
	ctx, stop := context.WithCancel(t.Context())
	w.routing.start(ctx)
	defer w.routing.wait()
	defer stop()

	cfg := defaultHealthConfig()
	at := time.Now()
	h := &health{cfg: func() *healthConfig { return &cfg }, w: w, heard: at}
	var s pipeline.Stats
	play := func(seconds int, received, dropped uint64) {
		for range seconds / 10 {
			at = at.Add(sampleEvery)
			s.Capture.Received += received
			s.Capture.DroppedKernel += dropped
			h.worry(t.Context(), at, s)
			h.before, h.at = s, at
		}
	}
	expect := func(want ...string) {
		t.Helper()
		select {
		case m := <-sink:
			for _, text := range want {
				if n := m.Items[0].Notice; n == nil || !strings.Contains(n.Title+" "+n.Text, text) {
					t.Errorf("no %q in %+v", text, n)
				}
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nobody is told %q", want)
		}
	}
	play(120, 10_000, 50) // half a per cent
	if len(sink) > 0 {
		t.Errorf("told %+v", <-sink)
	}
	play(120, 10_000, 500)
	expect("losing packets", "capture.buffer_bytes")
	play(60, 10_000, 0)
	play(290, 0, 0)
	if len(sink) > 0 {
		t.Errorf("told %+v", <-sink)
	}
	play(60, 0, 0)
	expect("blind", "eth7", "doctor")
	if len(sink) > 0 {
		t.Errorf("told again: %+v", <-sink)
	}
	stop()
	w.routing.wait()
	if n := strings.Count(log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}

// TestAComplaintIsLoggedOnce, and its end.
func TestAComplaintIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	var c complaint
	for _, err := range []error{nil, errors.New("full"), errors.New("full"), nil, nil, errors.New("full")} {
		c.about(slog.New(slog.NewTextHandler(&log, nil)), "counters are not recorded", err)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 || strings.Count(log.String(), "over: ") != 1 {
		t.Errorf("%s", log.String())
	}
}

func TestWhatWaitsForTheNextStart(t *testing.T) {
	now, next := defaultConfiguration(), defaultConfiguration()
	now.Interfaces = []string{"eth0"} // found by itself
	if got := now.atNextStart(&next); len(got) != 0 {
		t.Errorf("nothing has changed, but %v", got)
	}
	next.Alerts.Sensor, next.Health.BlindAfter, next.Model = "x", 1, "m" // taken up at once
	next.Interfaces, next.Capture.Filter, next.EVE.Types = []string{"eth1"}, "ip", nil
	if got := strings.Join(now.atNextStart(&next), " "); got != "interfaces capture eve" {
		t.Errorf("got %s", got)
	}
}
