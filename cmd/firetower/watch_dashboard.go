package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"firetower/internal/dashboard"
	"firetower/internal/detect"
	"firetower/internal/pipeline"
	"firetower/internal/talkers"
	"firetower/internal/words"
)

// counters gives the dashboard the pipeline's.
func counters(s pipeline.Stats, interfaces []string) dashboard.Counters {
	c := dashboard.Counters{
		Packets: s.Capture.Received, Bits: 8 * s.Capture.Bytes, Flows: s.Flows.Flows,
		Drops:  s.Capture.DroppedKernel + s.Capture.DroppedInterface,
		Active: s.Flows.Entries, Limit: s.Flows.Limit, Interfaces: interfaces,
		Verdicts: make(map[string]uint64, len(s.Verdicts)),
	}
	if s.Capture.Received > 0 {
		c.LastPacket = time.UnixMicro(s.Last)
	}
	for class, n := range s.Verdicts {
		c.Verdicts[string(class)] = n
	}
	return c
}

// topTalkers gives the dashboard the busiest hosts of the last minutes.
func topTalkers(t *talkers.Talkers, n int) []dashboard.Talker {
	var out []dashboard.Talker
	for _, h := range t.Top(n) {
		seconds := h.Span.Seconds()
		out = append(out, dashboard.Talker{Address: h.Addr.String(), Bits: 8 * float64(h.Bytes()) / seconds, Flows: float64(h.Flows) / seconds})
	}
	return out
}

// describeModel tells the dashboard of a model. A report of the training that lies
// beside the model's file, as NAME.html or report.html, comes with it.
func describeModel(j *detect.Judge, path string) dashboard.Model {
	m := dashboard.Model{Name: "The model built in"}
	if path != "" {
		m.Name = path
		beside := []string{strings.TrimSuffix(path, filepath.Ext(path)) + ".html", filepath.Join(filepath.Dir(path), "report.html")}
		for _, name := range beside {
			if text, err := os.ReadFile(name); err == nil {
				m.Report = text
				break
			}
		}
	}
	meta := j.Model().Meta
	m.Card = meta.Notes
	m.Facts = []dashboard.Fact{
		{Name: "Profile", Value: meta.Profile},
		{Name: "Rows of training", Value: words.Count(meta.Rows)},
		{Name: "Trees", Value: fmt.Sprint(meta.Settings.Trees)},
		{Name: "Features", Value: fmt.Sprint(len(j.Model().Features))},
		{Name: "Digest of the data", Value: meta.DataFingerprint},
	}
	return m
}

// lazyMetrics serves metrics of what there is when they are asked for.
func (w *watcher) lazyMetrics() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.metricsHandler().ServeHTTP(rw, r) })
}

// openDashboard opens its port, which may need rights.
func (w *watcher) openDashboard() error {
	dirs := []string{filepath.Dir(w.cfg.Store.Path)}
	if w.cfg.FlowLog.Dir != "" && w.cfg.FlowLog.Dir != dirs[0] {
		dirs = append(dirs, w.cfg.FlowLog.Dir)
	}
	if w.cfg.Store.PostgreSQL != "" || w.cfg.Store.PostgreSQLFile != "" {
		dirs = dirs[1:]
	}
	var err error
	w.dashboard, err = dashboard.New(w.cfg.Dashboard, dashboard.Dependencies{
		Store:    w.store,
		Counters: func() dashboard.Counters { return counters(w.pipeline.Stats(), w.cfg.Interfaces) },
		Alerts:   w.alertStatus,
		Talkers:  func(n int) []dashboard.Talker { return topTalkers(w.talkers, n) },
		Model:    func() dashboard.Model { m := w.model.Load(); return *m },
		Metrics:  w.lazyMetrics(),
		Disks:    dirs,
		FirstPassword: func(password string) {
			// To the terminal or the journal, once, and not through the log, which may go elsewhere.
			fmt.Fprintf(w.errOut, "\nThe dashboard is at %s\n  user      %s\n  password  %s\nThis password is shown once; 'firetower dashboard password' sets another.\n\n",
				w.dashboard.URL(), dashboard.User, password)
		},
		Version: version(),
	}, w.log)
	if err != nil {
		return err
	}
	err = w.dashboard.Listen()
	if err != nil && w.cfg.Dashboard.Listen == dashboard.DefaultConfig().Listen {
		// Nobody asked for this address: another Firetower may have it.
		w.log.Warn("there is no dashboard; dashboard.listen names another address", "error", err)
		return nil
	}
	return err
}

// serveDashboard serves it until ctx ends. That it fails does not end watching.
func (w *watcher) serveDashboard(ctx context.Context) {
	if url := w.dashboard.URL(); url != "" {
		w.log.Info("dashboard", "url", url)
	}
	if err := w.dashboard.Run(ctx); err != nil {
		w.log.Error("dashboard is not served", "error", err)
	}
}

// useJudge makes a model the one that is described and explained with.
func (w *watcher) useJudge(j *detect.Judge, path string) {
	m := describeModel(j, path)
	w.model.Store(&m)
	w.explainer.Store(j)
}
