package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/behaviour"
	"firetower/internal/capture"
	"firetower/internal/dashboard"
	"firetower/internal/detect"
	"firetower/internal/evefile"
	"firetower/internal/flow"
	"firetower/internal/flowlog"
	"firetower/internal/incident"
	"firetower/internal/pipeline"
	"firetower/internal/privilege"
	"firetower/internal/store"
	"firetower/internal/talkers"
)

type watchOptions struct {
	interfaces []string
	config     string
	json       bool
	check      bool
	dump       bool
}

func newWatchCommand() *cobra.Command {
	var o watchOptions
	cmd := &cobra.Command{
		Use:   "watch [-i INTERFACE]... [--config FILE]",
		Short: "Watch interfaces day and night",
		Long: `Watch captures on one or more interfaces, and prints, records and tells each incident:
at once, and again as it grows. It needs the right to capture (root, or CAP_NET_RAW)
until the interfaces are open, and then gives up every right.

Incidents go to standard output: lines to read on a terminal, JSON otherwise. Who is
told otherwise, and how often, is set in the configuration.

SIGTERM ends it: what was captured is analysed, recorded and, within seconds, sent.
SIGHUP makes it read its configuration again: alerts, model and health take effect
at once and without a gap; interfaces, flows, store and flow log at the next start.`,
		Example: `  sudo firetower watch -i eth0
  sudo firetower watch --config /etc/firetower.yaml`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runWatch(cmd, o) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.interfaces, "interface", "i", nil, "watch this `interface`; may be repeated (default: the first that is up)")
	f.StringVar(&o.config, "config", "", "configuration `file`")
	f.BoolVar(&o.json, "json", false, "print JSON also on a terminal")
	f.BoolVar(&o.check, "check", false, "check the configuration and stop")
	f.BoolVar(&o.dump, "dump", false, "print the configuration in force, defaults included, and stop")
	return cmd
}

func runWatch(cmd *cobra.Command, o watchOptions) error {
	cfg, err := o.configuration()
	if err != nil {
		return err
	}
	if o.dump {
		return dumpConfiguration(cmd.OutOrStdout(), cfg)
	}
	if o.check {
		if err := cfg.readable(); err != nil {
			return err
		}
		fmt.Fprintln(cmd.ErrOrStderr(), "the configuration is good")
		return nil
	}
	line := newLife(cmd.ErrOrStderr())
	log, err := cfg.Log.logger(line.over(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	print := printJSON
	if t := terminalOf(cmd.OutOrStdout()); !o.json && t.width > 0 {
		print = t.printPlain
	}
	w := &watcher{
		options: o, talkers: talkers.New(), cfg: cfg, log: log, life: line, out: line.over(cmd.OutOrStdout()), errOut: line.over(cmd.ErrOrStderr()),
		print: print, box: newMailbox(), hup: make(chan os.Signal, 1),
	}
	signal.Notify(w.hup, syscall.SIGHUP) // from now on: one that comes early must not end it
	defer signal.Stop(w.hup)
	defer w.close()
	if err := w.open(cmd.Context()); err != nil {
		return err
	}
	return w.run(cmd.Context())
}

// configuration is the file's, with what the command line says on top.
func (o watchOptions) configuration() (configuration, error) {
	cfg, err := readConfiguration(o.config)
	if err != nil {
		return cfg, err
	}
	if len(o.interfaces) > 0 {
		cfg.Interfaces = o.interfaces
	}
	return cfg, cfg.validate()
}

// watcher is the daemon put together.
type watcher struct {
	options watchOptions
	cfg     configuration
	log     *slog.Logger
	out     io.Writer
	print   printer
	box     *mailbox
	hup     chan os.Signal

	sources  []capture.Source
	judge    *detect.Judge
	store    store.Store
	flowLogs map[string]*flowlog.Log // by name, for the metrics
	eve      *evefile.File
	metrics  net.Listener
	pipeline *pipeline.Pipeline
	routing  routing

	life      *life
	errOut    io.Writer
	dashboard *dashboard.Server
	talkers   *talkers.Talkers
	evidence  *evidence
	model     atomic.Pointer[dashboard.Model]
	explainer atomic.Pointer[detect.Judge]
	health    atomic.Pointer[healthConfig]
}

// open acquires everything that can fail or needs rights, then gives the rights up.
func (w *watcher) open(ctx context.Context) error {
	var err error
	if w.judge, err = openJudge(w.cfg.Model); err != nil {
		return err
	}
	if err := w.openCapture(); err != nil {
		return err
	}
	if err := w.openStore(ctx); err != nil {
		return err
	}
	if err := w.openFlowLogs(); err != nil {
		return err
	}
	if w.metrics, err = w.cfg.Metrics.listen(); err != nil {
		return err
	}
	if err := w.openDashboard(); err != nil {
		return err
	}
	router, err := w.newRouter(w.cfg) // reads passwords and certificates
	if err != nil {
		return err
	}
	if err := privilege.Drop(w.cfg.Privilege); err != nil {
		return err
	}
	if err := w.reachesFolders(); err != nil {
		return err
	}
	w.routing.use(router)
	w.useJudge(w.judge, w.cfg.Model)
	w.evidence = newEvidence(w.store, w.explainer.Load, w.log)
	w.pipeline = pipeline.New(pipeline.Config{
		Capture: w.cfg.Capture, Flow: w.cfg.Flow, Behaviour: behaviour.DefaultConfig(), Incident: w.cfg.Incident,
	}, w.judge, w.outputs(), w.log)
	return nil
}

func (w *watcher) openCapture() error {
	if len(w.cfg.Interfaces) == 0 {
		all, err := capture.Interfaces()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errors.New("there is no interface to watch: name one with -i")
		}
		w.cfg.Interfaces = []string{all[0].Name}
	}
	for _, name := range w.cfg.Interfaces {
		src, err := openSteady(name, w.cfg.Capture, w.log)
		if err != nil {
			return err
		}
		w.sources = append(w.sources, src)
	}
	return nil
}

func (w *watcher) outputs() pipeline.Outputs {
	out := pipeline.Outputs{Incident: w.box.put, Flow: func(r *flow.Record, v detect.Verdict) {
		w.talkers.Add(r)
		w.evidence.recent.add(r, v)
	}}
	if len(w.flowLogs) == 0 {
		return out
	}
	logs := slices.Collect(maps.Values(w.flowLogs))
	ended := out.Flow
	out.Flow = func(r *flow.Record, v detect.Verdict) {
		ended(r, v)
		for _, l := range logs {
			l.Write(r, v)
		}
	}
	// On a quiet link records must not wait until there are many.
	flushed := time.Now()
	out.Pause = func() {
		if now := time.Now(); now.Sub(flushed) >= flushEvery {
			flushed = now
			for _, l := range logs {
				l.Flush()
			}
		}
	}
	return out
}

// flushEvery is the longest that a flow record waits for others.
const flushEvery = time.Second

// run watches until ctx ends, then lets every stage finish what it has.
func (w *watcher) run(ctx context.Context) error {
	behind, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var wg sync.WaitGroup
	w.log.Info("watching", "interfaces", w.cfg.Interfaces)
	w.routing.start(behind)
	var writing sync.WaitGroup
	for name, l := range w.flowLogs {
		writing.Go(func() {
			if err := l.Run(behind); err != nil && behind.Err() == nil {
				w.log.Error("flow log ended", "log", name, "error", err)
			}
		})
	}
	w.health.Store(&w.cfg.Health)
	h := &health{cfg: w.health.Load, keep: w.cfg.Store.Retention, w: w}
	wg.Go(func() { h.run(behind) })
	wg.Go(func() { w.life.run(behind, w.glance()) })
	wg.Go(func() { w.notifySystemd(behind) })
	wg.Go(func() { w.serveMetrics(behind) })
	wg.Go(func() { w.serveDashboard(behind) })
	wg.Go(func() { w.evidence.run(behind) })
	wg.Go(func() { w.reloadOnSignal(behind) })

	sensing, recorded := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(recorded)
		w.record(behind, sensing)
	}()
	err := w.pipeline.Live(ctx, w.sources...)
	stopping()
	close(sensing)
	<-recorded
	w.evidence.gather(behind)
	for _, l := range w.flowLogs {
		l.Close()
	}
	within(shutdownGrace, writing.Wait)
	w.routing.settle(shutdownGrace)
	stop()
	w.routing.wait()
	wg.Wait()
	s := w.pipeline.Stats()
	w.log.Info("stopped", "packets", s.Capture.Received, "dropped", s.Capture.DroppedKernel, "flows", s.Flows.Flows, "incidents", s.Incidents)
	return err
}

// within waits for something, but not for ever: a disk may hang.
func within(most time.Duration, wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		wait()
	}()
	select {
	case <-done:
	case <-time.After(most):
	}
}

// shutdownGrace is how long alerts on their way may take when the daemon stops; what
// is left is in the outbox and goes out after the next start.
const shutdownGrace = 2 * time.Second

// record prints, records and hands to the alerts what the pipeline finds, until
// sensing has ended and nothing is left.
func (w *watcher) record(ctx context.Context, sensing <-chan struct{}) {
	resumed := newResumption(w.store, w.cfg.Incident.Gap, w.log)
	w.box.drain(sensing, func(i incident.Incident) {
		i = resumed.join(ctx, i)
		if err := w.print(w.out, &i); err != nil {
			w.log.Warn("standard output does not take incidents", "error", err)
		}
		if err := w.currentRouter().Handle(ctx, &i); err != nil {
			w.log.Error("incident is not recorded yet", "incident", i.ID, "error", err)
		}
		w.evidence.follow(i)
		w.dashboard.Publish(&i)
	})
}

func (w *watcher) close() {
	for _, s := range w.sources {
		s.Close()
	}
	if w.store != nil {
		w.store.Close()
	}
}
