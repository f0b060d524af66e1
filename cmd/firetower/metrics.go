package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"

	"firetower/internal/metrics"
)

// metricsConfig says where Prometheus may read.
type metricsConfig struct {
	// Listen is an address such as 127.0.0.1:9745; empty: nowhere.
	Listen string `yaml:"listen"`
}

func (c metricsConfig) listen() (net.Listener, error) {
	if c.Listen == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: %w", err)
	}
	return l, nil
}

func (w *watcher) metricsHandler() http.Handler {
	s := metrics.Sources{Pipeline: w.pipeline.Stats, Version: version()}
	s.FlowLogs = w.flowLogs
	s.Alerts = w.currentRouter().Status
	if j := w.explainer.Load(); j != nil {
		m := j.Model()
		s.Model = map[string]string{"profile": m.Meta.Profile, "fingerprint": m.Meta.DataFingerprint, "source": w.model.Load().Name}
	}
	return metrics.Handler(s)
}

func (w *watcher) serveMetrics(ctx context.Context) {
	if w.metrics == nil {
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, r *http.Request) { w.metricsHandler().ServeHTTP(rw, r) })
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(w.metrics); err != nil && !errors.Is(err, http.ErrServerClosed) {
		w.log.Error("metrics are not served", "error", err)
	}
}

// monotonic is the clock that systemd wants with a reload, in microseconds.
func monotonic() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return t.Nano() / 1000
}
