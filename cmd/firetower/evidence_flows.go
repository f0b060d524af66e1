package main

import (
	"cmp"
	"container/list"
	"net/netip"
	"slices"
	"sync"

	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/incident"
	"firetower/internal/packet"
)

// Limits of what is remembered of ended flows, about 60 MB in all: hosts that sent
// flows of late, and how many of each. A host of one flow, which is all that a forged
// source ever is, does not displace one of several.
const (
	recentHosts   = 1024
	recentPassers = 1024 // hosts of one flow
	recentFlows   = 50   // of each host
)

// recent remembers the latest ended flows of each host that opened some. The
// analysing goroutine adds, others look.
type recent struct {
	mu      sync.Mutex
	hosts   map[packet.Addr]*list.Element // of *recentHost
	passers *list.List                    // of one flow, the latest first
	regular *list.List
}

// recentHost is a host's latest flows; at is where the next one goes.
type recentHost struct {
	addr  packet.Addr
	flows []judged
	at    int
	total uint64
}

// judged is an ended flow with the forest's verdict.
type judged struct {
	flow.Record
	verdict detect.Verdict
}

func newRecent() *recent {
	return &recent{hosts: map[packet.Addr]*list.Element{}, passers: list.New(), regular: list.New()}
}

// add copies a flow.
func (c *recent) add(r *flow.Record, v detect.Verdict) {
	j := judged{keepRecord(r), v}
	j.Signals = nil // of packets that are gone
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.hosts[r.Src]
	if e == nil {
		h := &recentHost{addr: r.Src, flows: make([]judged, 0, 1)}
		h.put(j)
		c.hosts[r.Src] = c.passers.PushFront(h)
		c.limit(c.passers, recentPassers)
		return
	}
	h := e.Value.(*recentHost)
	if h.total == 1 {
		c.passers.Remove(e)
		c.hosts[r.Src] = c.regular.PushFront(h)
		c.limit(c.regular, recentHosts)
	} else {
		c.regular.MoveToFront(e)
	}
	h.put(j)
}

func (c *recent) limit(l *list.List, most int) {
	if l.Len() <= most {
		return
	}
	oldest := l.Back()
	l.Remove(oldest)
	delete(c.hosts, oldest.Value.(*recentHost).addr)
}

func (h *recentHost) put(j judged) {
	h.total++
	if len(h.flows) < recentFlows {
		h.flows = append(h.flows, j)
		return
	}
	h.flows[h.at] = j
	h.at = (h.at + 1) % recentFlows
}

// of gives flows of an incident's actors, those to its targets if there are any, in
// order of time, at most recentFlows; seen changes when there are others.
func (c *recent) of(i *incident.Incident) (flows []judged, seen uint64) {
	targets := map[packet.Addr]bool{}
	for _, t := range i.Targets {
		if a, err := netip.ParseAddr(t); err == nil {
			targets[a.As16()] = true
		}
	}
	var others []judged
	since := i.Start.UnixMicro() - beforeIncident
	c.mu.Lock()
	for _, name := range i.Actors {
		a, err := netip.ParseAddr(name)
		if err != nil {
			continue
		}
		e := c.hosts[a.As16()]
		if e == nil {
			continue
		}
		h := e.Value.(*recentHost)
		seen += h.total
		for _, f := range h.flows {
			switch {
			case f.Start < since:
			case targets[f.Dst]:
				flows = append(flows, f)
			default:
				others = append(others, f)
			}
		}
	}
	c.mu.Unlock()
	if len(flows) == 0 {
		flows = others
	}
	// Of many, those that the forest is surest about tell the most.
	slices.SortStableFunc(flows, func(a, b judged) int { return cmp.Compare(a.verdict.Benign, b.verdict.Benign) })
	flows = flows[:min(len(flows), recentFlows)]
	slices.SortStableFunc(flows, func(a, b judged) int { return cmp.Compare(a.Start, b.Start) })
	return flows, seen
}

// beforeIncident is how much earlier than an incident's start, in microseconds, its
// flows may have begun.
const beforeIncident = 1_000_000
