package main

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"firetower/internal/alert"
)

// routing is the router in use. A reload puts another in its place; what the old one
// has not delivered is in the store, where the new one finds it.
type routing struct {
	mu     sync.Mutex
	ctx    context.Context
	router *alert.Router
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// use makes r the router; if routing has started, the one before ends and r runs.
func (r *routing) use(router *alert.Router) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
		r.done.Wait()
		router.Inherit(r.router) // what the store has not taken yet
	}
	r.router = router
	r.run()
}

func (r *routing) start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx = ctx
	r.run()
}

func (r *routing) run() {
	if r.ctx == nil {
		return
	}
	ctx, cancel := context.WithCancel(r.ctx)
	r.cancel = cancel
	router := r.router
	r.done.Go(func() { router.Run(ctx) })
}

func (r *routing) current() *alert.Router {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.router
}

// settle waits until nothing is due any more, or the time is over.
func (r *routing) settle(most time.Duration) {
	end := time.Now().Add(most)
	for time.Now().Before(end) {
		pending := 0
		for _, s := range r.current().Status(context.Background()).Sinks {
			pending += s.Pending - s.Held - s.SinkStats.Failing
		}
		if pending <= 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (r *routing) wait() { r.done.Wait() }

func (w *watcher) currentRouter() *alert.Router { return w.routing.current() }

func (w *watcher) alertStatus(ctx context.Context) alert.Status { return w.currentRouter().Status(ctx) }

func (w *watcher) newRouter(cfg configuration) (*alert.Router, error) {
	routes, err := cfg.routes(w.eve)
	if err != nil {
		return nil, err
	}
	return alert.NewRouter(w.store, routes, w.log)
}

// reloadOnSignal takes up a changed configuration on SIGHUP. One that is wrong
// changes nothing.
func (w *watcher) reloadOnSignal(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hup:
			reloading()
			if w.eve != nil { // whatever else is wrong: logrotate waits for this
				w.eve.Reopen()
			}
			if err := w.reload(); err != nil {
				w.log.Error("configuration is not taken up; the old one stays in force", "error", err)
			} else {
				w.log.Info("configuration taken up")
			}
			ready()
		}
	}
}

func (w *watcher) reload() error {
	cfg, err := w.options.configuration()
	if err != nil {
		return err
	}
	judge, err := openJudge(cfg.Model)
	if err != nil {
		return err
	}
	router, err := w.newRouter(cfg)
	if err != nil {
		return err
	}
	w.pipeline.SetJudge(judge)
	w.useJudge(judge, cfg.Model)
	w.routing.use(router)
	w.health.Store(&cfg.Health)
	if later := w.cfg.atNextStart(&cfg); len(later) > 0 {
		w.log.Warn("some of what has changed is taken up at the next start only", "settings", strings.Join(later, ", "))
	}
	return nil
}

// atNextStart names the sections of another configuration that a running daemon does
// not take up.
func (c *configuration) atNextStart(next *configuration) (changed []string) {
	fixed := []struct {
		name     string
		old, new any
	}{
		{"log", c.Log, next.Log}, {"capture", c.Capture, next.Capture}, {"flow", c.Flow, next.Flow}, {"incident", c.Incident, next.Incident},
		{"flow_log", c.FlowLog, next.FlowLog}, {"eve", c.EVE, next.EVE}, {"store", c.Store, next.Store}, {"metrics", c.Metrics, next.Metrics},
		{"dashboard", c.Dashboard, next.Dashboard}, {"privilege", c.Privilege, next.Privilege},
	}
	if len(next.Interfaces) > 0 && !slices.Equal(c.Interfaces, next.Interfaces) {
		changed = append(changed, "interfaces")
	}
	for _, f := range fixed {
		if !reflect.DeepEqual(f.old, f.new) {
			changed = append(changed, f.name)
		}
	}
	return changed
}
