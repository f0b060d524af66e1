package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"firetower/demo"
	"firetower/internal/alert"
	"firetower/internal/capture"
	"firetower/internal/dashboard"
	"firetower/internal/incident"
	"firetower/internal/pipeline"
	"firetower/internal/store/sqlite"
)

// serveDemo opens the dashboard on the demo's traffic, replayed once, and keeps
// it open until ctx ends. What it stores lies in a folder that is removed then.
func serveDemo(cmd *cobra.Command, speed float64, listen string) error {
	ctx, log := cmd.Context(), slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	dir, err := os.MkdirTemp("", "firetower-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := sqlite.Open(ctx, filepath.Join(dir, "demo.db"))
	if err != nil {
		return err
	}
	defer st.Close()
	judge, err := openJudge("")
	if err != nil {
		return err
	}
	router, err := alert.NewRouter(st, nil, log)
	if err != nil {
		return err
	}
	d := &demonstration{log: log, box: newMailbox(), evidence: newEvidence(st, constant(judge), log), router: router}
	d.pipeline = pipeline.New(pipeline.DefaultConfig(), judge, pipeline.Outputs{Incident: d.box.put, Flow: d.evidence.recent.add}, log)
	cfg := dashboard.DefaultConfig()
	cfg.Listen = listen
	var page *dashboard.Server
	page, err = dashboard.New(cfg, dashboard.Dependencies{
		Store:    st,
		Counters: func() dashboard.Counters { return counters(d.pipeline.Stats(), []string{"demo"}) },
		Model:    func() dashboard.Model { return describeModel(judge, "") },
		FirstPassword: func(password string) {
			fmt.Fprintf(cmd.OutOrStdout(), "The dashboard is at %s\n  user      %s\n  password  %s\nCtrl-C ends it.\n", page.URL(), dashboard.User, password)
		},
		Version: version(),
	}, log)
	if err != nil {
		return err
	}
	if err := page.Listen(); err != nil {
		return fmt.Errorf("%w: --listen names another address", err)
	}
	d.page = page
	fmt.Fprintf(cmd.ErrOrStderr(), "An office of four people, and four attackers from outside, at %g times the speed.\n", speed)
	return d.run(ctx, speed)
}

func constant[T any](v T) func() T { return func() T { return v } }

// demonstration is a daemon without an interface.
type demonstration struct {
	log      *slog.Logger
	box      *mailbox
	evidence *evidence
	router   *alert.Router
	pipeline *pipeline.Pipeline
	page     *dashboard.Server
}

func (d *demonstration) run(ctx context.Context, speed float64) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var served error
	wg.Go(func() {
		defer stop()
		served = d.page.Run(ctx)
	})
	wg.Go(func() { _ = d.router.Run(ctx) })
	wg.Go(func() { d.evidence.run(ctx) })
	sensing, recorded := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(recorded)
		d.box.drain(sensing, func(i incident.Incident) { d.record(ctx, &i) })
	}()
	source, err := newReplay(ctx, speed)
	if err == nil {
		err = d.pipeline.Live(ctx, source)
	}
	close(sensing)
	<-recorded
	d.evidence.gather(ctx)
	if err != nil {
		stop()
	}
	<-ctx.Done()
	wg.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, served)
}

func (d *demonstration) record(ctx context.Context, i *incident.Incident) {
	if err := d.router.Handle(ctx, i); err != nil && ctx.Err() == nil {
		d.log.Error("incident is not recorded", "incident", i.ID, "error", err)
	}
	d.evidence.follow(*i)
	d.page.Publish(i)
}

// replay gives the demo's capture at a speed, as if it ended when the replay does.
type replay struct {
	ctx    context.Context
	speed  float64
	frames []capture.Frame
	begun  time.Time
	zero   int64 // time of the first frame
	stats  capture.Stats
}

// newReplay reads the whole capture into memory, where the frames can stay while they
// are worked on.
func newReplay(ctx context.Context, speed float64) (*replay, error) {
	src, err := capture.NewReader("demo capture", demo.Capture(), capture.DefaultConfig())
	if err != nil {
		return nil, err
	}
	defer src.Close()
	r := &replay{ctx: ctx, speed: speed}
	var b capture.Batch
	for err = src.Next(&b); err == nil; err = src.Next(&b) {
		for _, f := range b.Frames {
			f.Data = bytes.Clone(f.Data)
			r.frames = append(r.frames, f)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return r, nil
}

// replayTurn is how much of the clock one batch holds at most.
const replayTurn = 10 * time.Millisecond

// Next implements capture.Source. It gives no empty batch: the clock, which those
// stand for, is not the replay's.
func (r *replay) Next(b *capture.Batch) error {
	b.Frames = b.Frames[:0]
	if len(r.frames) == 0 {
		return io.EOF
	}
	if r.begun.IsZero() {
		r.begun = time.Now()
		r.shift()
	}
	due := func(f *capture.Frame) time.Duration {
		past := time.UnixMicro(f.Time).Sub(time.UnixMicro(r.zero))
		return time.Duration(float64(past) / r.speed)
	}
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-time.After(max(replayTurn, due(&r.frames[0])-time.Since(r.begun))):
	}
	for len(r.frames) > 0 && due(&r.frames[0]) <= time.Since(r.begun) {
		b.Frames = append(b.Frames, r.frames[0])
		r.stats.Bytes += uint64(r.frames[0].WireLen)
		r.frames = r.frames[1:]
	}
	r.stats.Received += uint64(len(b.Frames))
	r.stats.Delivered = r.stats.Received
	return nil
}

// shift moves the frames' times so that the last one's is that of the replay's end.
func (r *replay) shift() {
	first, last := r.frames[0].Time, r.frames[len(r.frames)-1].Time
	ends := r.begun.UnixMicro() + int64(float64(last-first)/r.speed)
	for i := range r.frames {
		r.frames[i].Time += ends - last
	}
	r.zero = r.frames[0].Time
}

// Stats implements capture.Source.
func (r *replay) Stats() capture.Stats { return r.stats }

// Close implements capture.Source.
func (r *replay) Close() error { return nil }
