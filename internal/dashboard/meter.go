package dashboard

import (
	"sync"
	"time"
)

// Rates are what happened each second of an interval that ended at Time.
type Rates struct {
	Time     time.Time          `json:"time"`
	Packets  float64            `json:"packets"`
	Bits     float64            `json:"bits"`
	Flows    float64            `json:"flows"`
	Drops    float64            `json:"drops"`
	Active   int                `json:"active"`
	Limit    int                `json:"limit"`
	Verdicts map[string]float64 `json:"verdicts"`
}

// memoryOfRates is how many seconds of rates are kept for whoever opens the page.
const memoryOfRates = 600

// meter turns running totals into rates and remembers the latest.
type meter struct {
	read func() Counters

	mu     sync.Mutex
	before Counters
	at     time.Time
	recent []Rates // oldest first
}

func newMeter(read func() Counters) *meter { return &meter{read: read} }

// measure reads the totals; ok is false the first time and if the clock went back.
func (m *meter) measure(now time.Time) (r Rates, ok bool) {
	if m.read == nil {
		return Rates{}, false
	}
	c := m.read()
	m.mu.Lock()
	defer m.mu.Unlock()
	before, seconds := m.before, now.Sub(m.at).Seconds()
	first := m.at.IsZero()
	m.before, m.at = c, now
	if first || seconds <= 0 {
		return Rates{}, false
	}
	rate := func(a, b uint64) float64 { return float64(a-min(a, b)) / seconds }
	r = Rates{
		Time: now, Packets: rate(c.Packets, before.Packets), Bits: rate(c.Bits, before.Bits),
		Flows: rate(c.Flows, before.Flows), Drops: rate(c.Drops, before.Drops),
		Active: c.Active, Limit: c.Limit, Verdicts: make(map[string]float64, len(c.Verdicts)),
	}
	for class, n := range c.Verdicts {
		r.Verdicts[class] = rate(n, before.Verdicts[class])
	}
	if len(m.recent) == memoryOfRates {
		m.recent = append(m.recent[:0], m.recent[1:]...)
	}
	m.recent = append(m.recent, r)
	return r, true
}

// latest gives the last n rates, oldest first.
func (m *meter) latest(n int) []Rates {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Rates(nil), m.recent[max(0, len(m.recent)-n):]...)
}

// totals gives the counters last read.
func (m *meter) totals() Counters {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.before
}
