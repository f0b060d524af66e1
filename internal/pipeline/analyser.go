package pipeline

import (
	"maps"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/incident"
)

// Analyser judges flows, watches behaviour and keeps the incidents.
type Analyser struct {
	judge      *detect.Judge
	behaviours []behaviour.Behaviour
	correlator *incident.Correlator
	out        Outputs

	verdicts []detect.Verdict
	seen     behaviour.Observation
	counts   map[attack.Class]uint64
	now      int64
	emit     func(behaviour.Finding)
}

// NewAnalyser makes an analyser that has seen nothing yet.
func NewAnalyser(cfg Config, judge *detect.Judge, out Outputs) *Analyser {
	a := &Analyser{
		judge:      judge,
		behaviours: behaviour.All(cfg.Behaviour),
		correlator: incident.New(cfg.Incident),
		out:        out,
		counts:     map[attack.Class]uint64{},
	}
	a.emit = a.found
	return a
}

// Analyse takes events in order of time; now is the packet time up to which there
// are no others.
func (a *Analyser) Analyse(events *flow.Batch, now int64) {
	if a.judge != nil {
		a.verdicts = a.judge.Judge(events.Events, a.verdicts[:0])
	}
	a.asks(events)
	for i := range events.Events {
		var v detect.Verdict
		if a.judge != nil {
			v = a.verdicts[i]
		}
		a.one(&events.Events[i], v)
	}
	a.advance(now)
}

// asks shows who asks for whom, and frames that tell something by themselves, to the
// behaviours that want to know.
func (a *Analyser) asks(events *flow.Batch) {
	if len(events.Asks)+len(events.Frames) == 0 {
		return
	}
	for _, b := range a.behaviours {
		if w, ok := b.(behaviour.Listener); ok {
			for i := range events.Asks {
				w.Asked(&events.Asks[i], a.emit)
			}
		}
		if w, ok := b.(behaviour.Watcher); ok {
			for i := range events.Frames {
				w.Framed(&events.Frames[i], a.emit)
			}
		}
	}
}

// one shows an event to every behaviour.
func (a *Analyser) one(e *flow.Event, v detect.Verdict) {
	a.seen.Event, a.seen.Verdict = e, v
	for _, b := range a.behaviours {
		b.Observe(&a.seen, a.emit)
	}
	if e.Kind == flow.Ended {
		a.ended(e)
	}
}

// advance tells everybody the packet time, and reports what has come of it.
func (a *Analyser) advance(now int64) {
	for _, b := range a.behaviours {
		b.Advance(now, a.emit)
	}
	a.now = now
	a.report(a.correlator.Advance(now))
	if a.out.Pause != nil {
		a.out.Pause()
	}
}

func (a *Analyser) ended(e *flow.Event) {
	if a.seen.Verdict.Class != "" {
		a.counts[a.seen.Verdict.Class]++
	}
	if a.out.Flow != nil {
		a.out.Flow(&e.Record, a.seen.Verdict)
	}
}

func (a *Analyser) found(f behaviour.Finding) { a.correlator.Add(f) }

func (a *Analyser) report(incidents []incident.Incident) {
	if a.out.Incident == nil {
		return
	}
	for _, i := range incidents {
		a.out.Incident(i)
	}
}

// Finish reports what was still waiting.
func (a *Analyser) Finish() {
	behaviour.Close(a.behaviours, a.now, a.emit)
	a.report(a.correlator.Flush())
}

// restart ends what is under way and begins with nothing remembered.
func (a *Analyser) restart(cfg Config) {
	a.Finish()
	a.behaviours, a.correlator = behaviour.All(cfg.Behaviour), incident.New(cfg.Incident)
}

// Incidents lists everything found so far, in order of start.
func (a *Analyser) Incidents() []incident.Incident { return a.correlator.Incidents() }

// Stats copies the counters.
func (a *Analyser) Stats() *Analysed {
	s := &Analysed{
		Verdicts:   maps.Clone(a.counts),
		Behaviours: make(map[string]behaviour.Stats, len(a.behaviours)),
		Incidents:  a.correlator.Len(),
		Released:   a.correlator.Evictions(),
		Ignored:    a.correlator.Ignored(),
	}
	for _, b := range a.behaviours {
		s.Behaviours[b.Name()] = b.Stats()
	}
	return s
}
