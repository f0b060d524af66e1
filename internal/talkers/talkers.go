// Package talkers keeps the hosts with the most traffic of late in memory that does
// not grow with the number of hosts: the Space-Saving sketch of Metwally, Agrawal and
// El Abbadi (ICDT 2005), over two windows that take turns.
package talkers

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Host is one host's traffic in bytes on the wire, by flows that have ended.
type Host struct {
	Addr          packet.Addr
	Sent          uint64
	Received      uint64
	Flows         uint64
	Overestimated uint64        // by at most so many bytes
	Span          time.Duration // over which it was counted
}

// Bytes is what the host sent and received.
func (h *Host) Bytes() uint64 { return h.Sent + h.Received }

// Talkers counts. Any goroutine may call it.
type Talkers struct {
	mu       sync.Mutex
	now, old window
	began    int64 // packet times: when now began, the latest, and the first of all
	last     int64
	first    int64
}

type window map[packet.Addr]*Host

const (
	hosts = 1024        // counted at a time, in each window
	turn  = 300_000_000 // microseconds of a window
)

// New makes a counter that has counted nothing.
func New() *Talkers { return &Talkers{now: window{}, old: window{}} }

// Add counts a flow that has ended, at its packet time.
func (t *Talkers) Add(r *flow.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = max(t.last, r.Last)
	if t.first == 0 {
		t.first, t.began = r.Last, r.Last
	}
	if r.Last-t.began >= turn {
		t.began = r.Last
		t.now, t.old = t.old, t.now
		clear(t.now)
	}
	t.now.add(r.Src, r.Fwd.Wire, r.Bwd.Wire)
	t.now.add(r.Dst, r.Bwd.Wire, r.Fwd.Wire)
}

// add counts for a host. In a full window a new host takes the place of the one with
// the least, and its count: an overestimate, which is noted.
func (w window) add(a packet.Addr, sent, received uint64) {
	h := w[a]
	if h == nil {
		h = &Host{Addr: a}
		if len(w) >= hosts {
			least := w.least()
			delete(w, least.Addr)
			h.Sent, h.Overestimated = least.Bytes(), least.Bytes()
		}
		w[a] = h
	}
	h.Sent += sent
	h.Received += received
	h.Flows++
}

// least looks at a few hosts only: in a flood every flow would bring a new host, and
// the exact least is not worth a walk over all.
func (w window) least() *Host {
	var least *Host
	seen := 0
	for _, h := range w {
		if least == nil || h.Bytes() < least.Bytes() {
			least = h
		}
		if seen++; seen == 16 {
			break
		}
	}
	return least
}

// Top gives the first n hosts by bytes over the last five to ten minutes.
func (t *Talkers) Top(n int) []Host {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := max(t.first, t.began-turn) // where the older window began
	span := max(time.Second, time.Duration(t.last-from)*time.Microsecond)
	sum := map[packet.Addr]Host{}
	for _, w := range []window{t.now, t.old} {
		for a, h := range w {
			s := sum[a]
			s.Addr, s.Span = a, span
			s.Sent += h.Sent
			s.Received += h.Received
			s.Flows += h.Flows
			s.Overestimated += h.Overestimated
			sum[a] = s
		}
	}
	all := make([]Host, 0, len(sum))
	for _, h := range sum {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Host) int {
		return cmp.Or(cmp.Compare(b.Bytes()-b.Overestimated, a.Bytes()-a.Overestimated), slices.Compare(a.Addr[:], b.Addr[:]))
	})
	return all[:min(n, len(all))]
}
