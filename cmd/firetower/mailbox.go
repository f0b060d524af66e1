package main

import (
	"sync"

	"firetower/internal/incident"
)

// mailbox takes incidents from the analysing goroutine, which must never wait for a
// disk, to the one that records them. Of an incident that grows faster than it is
// recorded only the latest state stays, so that it holds no more than the
// correlator does.
type mailbox struct {
	mu     sync.Mutex
	latest map[string]incident.Incident
	order  []string
	signal chan struct{}
}

func newMailbox() *mailbox {
	return &mailbox{latest: map[string]incident.Incident{}, signal: make(chan struct{}, 1)}
}

func (m *mailbox) put(i incident.Incident) {
	m.mu.Lock()
	if _, waits := m.latest[i.ID]; !waits {
		m.order = append(m.order, i.ID)
	}
	m.latest[i.ID] = i
	m.mu.Unlock()
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// take gives the incident that has waited longest.
func (m *mailbox) take() (i incident.Incident, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.order) == 0 {
		return i, false
	}
	id := m.order[0]
	m.order = m.order[1:]
	i = m.latest[id]
	delete(m.latest, id)
	return i, true
}

// drain hands every incident to use until ended is closed and nothing is left.
func (m *mailbox) drain(ended <-chan struct{}, use func(incident.Incident)) {
	for {
		i, ok := m.take()
		if !ok {
			select {
			case <-m.signal:
				continue
			case <-ended:
				if i, ok = m.take(); !ok {
					return
				}
			}
		}
		use(i)
	}
}
