package alert

import (
	"slices"
	"sync"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
)

// MaxBacklog is how many incidents are kept in memory while the store takes none.
const MaxBacklog = 2000

// backlog holds what the store did not take: incidents, latest revision only,
// and their alerts, which the workers deliver from here. Its methods may be
// called from many goroutines.
type backlog struct {
	mu      sync.Mutex
	held    []*heldIncident // oldest first
	err     error           // why the store takes nothing; nil if it does
	tried   time.Time       // last failure
	lost    uint64
	notices int
}

type heldIncident struct {
	inc          *incident.Incident // nil for a notice
	suppressedBy int64
	alerts       []*heldAlert
}

type heldAlert struct {
	alert     store.Alert
	inFlight  bool
	delivered bool
	recorded  bool
}

// snapshot is one held incident at a moment, to be recorded without the lock.
type snapshot struct {
	from         *heldIncident
	inc          *incident.Incident
	suppressedBy int64
	alerts, sent []store.Alert // to be delivered from the outbox, and delivered already
	marks        []*heldAlert
}

func newBacklog() *backlog { return &backlog{} }

// fail notes that the store refused; first says that it did not before.
func (b *backlog) fail(at time.Time, err error) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first = b.err == nil
	b.err, b.tried = err, at
	return first
}

// storeDown says whether the store refused and has not recovered, so that
// another incident need not wait for it to refuse again.
func (b *backlog) storeDown(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err != nil && (len(b.held) > 0 || now.Sub(b.tried) < catchUpEvery)
}

func (b *backlog) storeError() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// recovered says once that nothing is held any more.
func (b *backlog) recovered() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil || len(b.held) > 0 {
		return false
	}
	b.err = nil
	return true
}

func (b *backlog) size() (n int, lost uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.held), b.lost
}

// put keeps the latest revision of an incident and adds its alerts.
func (b *backlog) put(inc *incident.Incident, suppressedBy int64, alerts []store.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.held, func(h *heldIncident) bool { return h.inc != nil && h.inc.ID == inc.ID })
	if i < 0 {
		b.held = append(b.held, &heldIncident{})
		b.evict()
		i = len(b.held) - 1
	}
	h := b.held[i]
	h.inc, h.suppressedBy = inc, suppressedBy
	h.add(alerts)
}

func (h *heldIncident) add(alerts []store.Alert) {
	for _, a := range alerts {
		h.alerts = append(h.alerts, &heldAlert{alert: a})
	}
}

func (b *backlog) evict() {
	if len(b.held) > MaxBacklog {
		b.held = b.held[1:]
		b.lost++
	}
}

// notice keeps a notice for every worker.
func (b *backlog) notice(workers []*worker, at time.Time, n NoticeText) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := &heldIncident{}
	b.notices++
	for _, w := range workers {
		h.add([]store.Alert{newAlert(w.Name, "notice:"+n.Key, int(at.Unix())+b.notices, Item{Kind: Notice, Notice: &n, Created: at})})
	}
	b.held = append(b.held, h)
	b.evict()
}

// claim gives the next alert that a sink should get from memory.
func (b *backlog) claim(sink string) *heldAlert {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.held {
		for _, a := range h.alerts {
			if a.alert.Sink == sink && !a.delivered && !a.recorded {
				a.inFlight = true
				return a
			}
		}
	}
	return nil
}

func (b *backlog) release(a *heldAlert, delivered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.inFlight, a.delivered = false, delivered
}

// first gives the oldest incident of which no alert is on its way just now.
func (b *backlog) first() (snapshot, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.held {
		if slices.ContainsFunc(h.alerts, func(a *heldAlert) bool { return a.inFlight }) {
			continue
		}
		s := snapshot{from: h, inc: h.inc, suppressedBy: h.suppressedBy}
		for _, a := range h.alerts {
			a.recorded = true // from here on it is the outbox's, unless recording fails
			s.marks = append(s.marks, a)
			if a.delivered {
				s.sent = append(s.sent, a.alert)
			} else {
				s.alerts = append(s.alerts, a.alert)
			}
		}
		return s, true
	}
	return snapshot{}, false
}

// undo gives alerts back to the workers after recording failed.
func (b *backlog) undo(s snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range s.marks {
		a.recorded = false
	}
}

// done removes what was recorded, unless it has grown meanwhile.
func (b *backlog) done(s snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.from.alerts = slices.DeleteFunc(s.from.alerts, func(a *heldAlert) bool { return a.recorded })
	if s.from.inc != s.inc || len(s.from.alerts) > 0 {
		return
	}
	if i := slices.Index(b.held, s.from); i >= 0 {
		b.held = slices.Delete(b.held, i, i+1)
	}
}

// take moves everything over from another backlog that nobody uses any more.
func (b *backlog) take(old *backlog) {
	old.mu.Lock()
	defer old.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held, old.held = append(b.held, old.held...), nil
	b.lost += old.lost
	b.notices += old.notices
	if b.err == nil {
		b.err, b.tried = old.err, old.tried
	}
	for _, h := range b.held {
		for _, a := range h.alerts {
			a.inFlight = false
		}
	}
}
