package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"firetower/bench/truth"
	"firetower/internal/behaviour"
	"firetower/internal/capture"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/forest"
	"firetower/internal/pipeline"
)

// tape is a capture's flow events with the forest's verdicts, so that behaviours can
// see it again and again.
type tape struct {
	truth.Capture
	batches []batch
	stories [][]story      // by behaviour
	judged  map[which]bool // whether the capture was judged right
}

// story is all that a behaviour says of a tape under one setting; which picks one
// of each behaviour's.
type (
	story []said
	which string
)

type batch struct {
	events   []flow.Event
	verdicts []detect.Verdict
	now      int64
}

// enough events make a batch, as in the pipeline.
const enough = 1024

// play meters the capture.
func play(c truth.Capture, m *forest.Model) (*tape, error) {
	judge, err := detect.NewJudge(m, flow.CICFixed)
	if err != nil {
		return nil, err
	}
	cfg := pipeline.DefaultConfig()
	src, err := capture.Open(c.Path, cfg.Capture)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	t, s, events := &tape{Capture: c, judged: map[which]bool{}}, pipeline.NewSensor(cfg.Flow), new(flow.Batch)
	keep := func() {
		t.batches = append(t.batches, batch{events.Events, judge.Judge(events.Events, nil), s.Now()})
		events = new(flow.Batch) // the old one lives on in the tape
	}
	for frames := new(capture.Batch); err == nil; {
		err = src.Next(frames)
		s.Sense(frames.Frames, events)
		if err != nil || events.Len() >= enough {
			keep()
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	for more := true; more; keep() {
		more = s.Drain(events)
	}
	return t, nil
}

// record plays every capture once.
func (r *rig) record(ctx context.Context, all []truth.Capture, model string) error {
	m, err := detect.Open(model)
	if err != nil {
		return err
	}
	r.tapes = make([]*tape, len(all))
	errs := make([]error, len(all))
	parallel(len(all), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			r.tapes[i], errs[i] = play(all[i], m)
		}
	})
	return errors.Join(errs...)
}

// said is a finding and when it was made.
type said struct {
	batch, event int
	finding      behaviour.Finding
}

// watch shows the tape to a behaviour.
func (t *tape) watch(b behaviour.Behaviour) (all story) {
	at := said{}
	emit := func(f behaviour.Finding) {
		at.finding = f
		all = append(all, at)
	}
	var now int64
	for i := range t.batches {
		events := t.batches[i].events
		for k := range events {
			at.batch, at.event = i, k
			b.Observe(&behaviour.Observation{Event: &events[k], Verdict: t.batches[i].verdicts[k]}, emit)
		}
		at.event, now = len(events), t.batches[i].now
		b.Advance(now, emit)
	}
	at.batch = len(t.batches)
	behaviour.Close([]behaviour.Behaviour{b}, now, emit)
	return all
}

// parallel calls do for 0 to n-1 on all cores.
func parallel(n int, do func(i int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
