// Package pipeline joins the stages: it owns every goroutine on the way from a
// captured frame to an incident, and knows nothing of networks itself.
//
// A Sensor turns frames into flow events, an Analyser turns events into verdicts,
// findings and incidents. Both are plain code that a test can call. Run puts each
// on a goroutine of its own with a short channel of recycled batches between.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"firetower/internal/behaviour"
	"firetower/internal/capture"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/incident"
)

// Config gathers the settings of the stages.
type Config struct {
	Capture   capture.Config
	Flow      flow.Config
	Behaviour behaviour.Config
	Incident  incident.Config
}

// DefaultConfig is what watching and detection run with.
func DefaultConfig() Config {
	return Config{
		Capture:   capture.DefaultConfig(),
		Flow:      flow.DefaultConfig(),
		Behaviour: behaviour.DefaultConfig(),
		Incident:  incident.DefaultConfig(),
	}
}

// Outputs are called from the analysing goroutine, one at a time, and must not
// keep what they are handed beyond the call. Nil ones are left out.
type Outputs struct {
	// Flow gets every flow that has ended, with the forest's verdict.
	Flow func(r *flow.Record, v detect.Verdict)
	// Incident gets an incident when it is first reported and each time it has
	// grown enough to be reported again.
	Incident func(i incident.Incident)
	// Pause is called whenever a batch has been analysed: on a live link at least
	// every tenth of a second.
	Pause func()
}

// Pipeline is one run over one or several sources.
type Pipeline struct {
	cfg      Config
	log      *slog.Logger
	analyser *Analyser
	sensed   []*atomic.Pointer[Sensed]
	analysed atomic.Pointer[Analysed]
	mu       sync.Mutex // of sensed

	replacement atomic.Pointer[*detect.Judge]
	turns       atomic.Uint64
}

// New prepares a pipeline that judges flows by the given judge, or not at all if
// it is nil.
func New(cfg Config, judge *detect.Judge, out Outputs, log *slog.Logger) *Pipeline {
	return &Pipeline{cfg: cfg, log: log, analyser: NewAnalyser(cfg, judge, out)}
}

// SetJudge makes flows that end from now on be judged by another model. It may be
// called from any goroutine; no flow is left out.
func (p *Pipeline) SetJudge(j *detect.Judge) { p.replacement.Store(&j) }

// Turns counts the batches analysed. While sources are live it rises even when no
// packets come, so a watchdog that sees it stand still sees a hang.
func (p *Pipeline) Turns() uint64 { return p.turns.Load() }

// batchEvents is how many events make a batch worth handing over. Smaller costs
// switching, larger costs cache.
const batchEvents = 1024

// batchesUnderway bounds what lies between sensing and analysing.
const batchesUnderway = 8

// handover is what goes from a sensor to the analyser: events, and the packet time
// up to which there are no others.
type handover struct {
	events  *flow.Batch
	now     int64
	setBack bool // the clock was: what comes from here on is of another time
}

// link is the seam between sensing and analysing.
type link struct {
	full chan handover
	free chan *flow.Batch
}

func newLink() *link {
	l := &link{full: make(chan handover, batchesUnderway), free: make(chan *flow.Batch, batchesUnderway+2)}
	for range cap(l.free) {
		l.free <- new(flow.Batch)
	}
	return l
}

// Opener gives a source when its turn has come.
type Opener func(cfg capture.Config) (capture.Source, error)

// File opens a capture file.
func File(path string) Opener {
	return func(cfg capture.Config) (capture.Source, error) { return capture.Open(path, cfg) }
}

// Read takes sources one after the other as if they were one, and analyses them. A
// capture that ends in mid-packet is a warning; any other fault ends the run.
func (p *Pipeline) Read(ctx context.Context, sources ...Opener) error {
	return p.run(ctx, func(ctx context.Context, l *link) error {
		s := NewSensor(p.cfg.Flow)
		snapshot := p.addSensor()
		for _, open := range sources {
			if err := p.read(ctx, open, s, snapshot, l); err != nil {
				return err
			}
		}
		s.finish(l)
		return nil
	})
}

func (p *Pipeline) read(ctx context.Context, open Opener, s *Sensor, snapshot *atomic.Pointer[Sensed], l *link) error {
	src, err := open(p.cfg.Capture)
	if err != nil {
		return err
	}
	defer src.Close()
	err = s.drain(ctx, src, snapshot, l)
	if cut := src.Stats().Cut; cut != nil {
		p.log.Warn("capture ends in mid-packet; what was read counts", "at", cut.String())
	}
	s.closeSource(src)
	snapshot.Store(s.sensed(nil))
	return err
}

// Live analyses open sources, one goroutine for each, until ctx ends or one of
// them fails. What was sensed until then is analysed to the end.
func (p *Pipeline) Live(ctx context.Context, sources ...capture.Source) error {
	return p.run(ctx, func(ctx context.Context, l *link) error {
		errs := make([]error, len(sources))
		var wg sync.WaitGroup
		for i, src := range sources {
			s, snapshot := NewSensor(p.cfg.Flow), p.addSensor()
			s.live = true
			wg.Go(func() {
				errs[i] = s.drain(ctx, src, snapshot, l)
				if errors.Is(errs[i], context.Canceled) {
					errs[i] = nil
				}
				s.finish(l)
				s.closeSource(src)
				snapshot.Store(s.sensed(nil))
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	})
}

// run analyses on the calling goroutine what sense produces on another.
func (p *Pipeline) run(ctx context.Context, sense func(context.Context, *link) error) error {
	l := newLink()
	done := make(chan error, 1)
	go func() {
		defer close(l.full)
		done <- sense(ctx, l)
	}()
	for h := range l.full {
		if j := p.replacement.Swap(nil); j != nil {
			p.analyser.judge = *j
		}
		if h.setBack {
			p.log.Warn("the clock was set back; flows and conduct under way are ended", "to", time.UnixMicro(h.now))
			p.analyser.restart(p.cfg)
		}
		p.analyser.Analyse(h.events, h.now)
		p.turns.Add(1)
		h.events.Reset()
		l.free <- h.events
		p.analysed.Store(p.analyser.Stats())
	}
	p.analyser.Finish()
	p.analysed.Store(p.analyser.Stats())
	return <-done
}

func (p *Pipeline) addSensor() *atomic.Pointer[Sensed] {
	s := new(atomic.Pointer[Sensed])
	s.Store(&Sensed{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sensed = append(p.sensed, s)
	return s
}

// Stats gives the counters of all stages. It may be called at any time from any
// goroutine; each stage's own counters are of one moment.
func (p *Pipeline) Stats() Stats {
	var s Stats
	p.mu.Lock()
	for _, one := range p.sensed {
		s.Sensed.add(one.Load())
	}
	p.mu.Unlock()
	if a := p.analysed.Load(); a != nil {
		s.Analysed = *a
	}
	return s
}

// Incidents lists what has been found, in order of their start. It may be called
// only when no run is under way.
func (p *Pipeline) Incidents() []incident.Incident { return p.analyser.Incidents() }

// framesUnderway is how many batches of frames a source has: one being read, one
// being metered, and some between, so that a burst does not wait in the kernel.
const framesUnderway = 4

// batchOfFrames is a batch and the error that came with it.
type batchOfFrames struct {
	*capture.Batch
	err error
}

// read reads a source ahead on a goroutine of its own until it ends, fails, or ctx
// does, and then closes full. Batches come back through free. Of a live source it
// takes what the kernel still holds when ctx ends.
func read(ctx context.Context, src capture.Source, live bool) (full chan batchOfFrames, free chan *capture.Batch) {
	full, free = make(chan batchOfFrames, framesUnderway), make(chan *capture.Batch, framesUnderway)
	for range framesUnderway {
		free <- new(capture.Batch)
	}
	go func() {
		defer close(full)
		var last time.Time // no reading after this
		for {
			b := <-free
			err := src.Next(b)
			empty := len(b.Frames) == 0
			full <- batchOfFrames{b, err}
			switch {
			case err != nil:
				return
			case ctx.Err() == nil:
			case !live || empty && !last.IsZero():
				return
			case last.IsZero():
				last = time.Now().Add(lastWords)
			case time.Now().After(last):
				return
			}
		}
	}()
	return full, free
}

// lastWords is the longest that reading what the kernel still holds may take.
const lastWords = time.Second

// drain feeds the sensor from a source until its end. What was read before ctx ended
// is metered.
func (s *Sensor) drain(ctx context.Context, src capture.Source, snapshot *atomic.Pointer[Sensed], l *link) (err error) {
	full, free := read(ctx, src, s.live)
	var events *flow.Batch
	handed := time.Now()
	for frames := range full {
		if to, stepped := s.setBack(frames.Frames); stepped {
			if events != nil {
				l.full <- handover{events: events, now: s.now}
			}
			s.finish(l)
			s.restart(to)
			events = nil
			l.full <- handover{events: <-l.free, now: to, setBack: true}
		}
		if events == nil {
			events = <-l.free
		}
		s.Sense(frames.Frames, events)
		quiet := len(frames.Frames) == 0
		if quiet && frames.err == nil {
			s.Tick(events)
		}
		err = frames.err
		free <- frames.Batch
		snapshot.Store(s.sensed(src))
		if quiet || events.Len() >= batchEvents || s.live && time.Since(handed) >= handoverEvery {
			l.full <- handover{events: events, now: s.now}
			events, handed = nil, time.Now()
		}
	}
	if events != nil {
		l.full <- handover{events: events, now: s.now}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading packets: %w", err)
	}
	if err == nil {
		return ctx.Err()
	}
	return nil
}

// handoverEvery is how long events may gather on a live link with little traffic. A
// replay does not look at the clock: it must give the same incidents every time.
const handoverEvery = 50 * time.Millisecond

// finish ends every flow that is still open, a batch at a time.
func (s *Sensor) finish(l *link) {
	for more := true; more; {
		events := <-l.free
		more = s.Drain(events)
		l.full <- handover{events: events, now: s.now}
	}
}
