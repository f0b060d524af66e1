package dashboard

import (
	"encoding/json"
	"errors"
	"sync"
)

// Limits of the live stream.
const (
	maxSubscribers = 64
	maxPending     = 32 // messages that wait for one subscriber
)

var errTooMany = errors.New("too many live pages are open; close one")

// message is one server-sent event.
type message struct {
	name string
	data []byte
}

// hub hands messages to everyone who listens. One whose queue is full is
// disconnected, never waited for: the browser connects again by itself.
type hub struct {
	mu     sync.Mutex
	subs   map[chan message]struct{}
	closed bool
	cut    uint64 // disconnected because they were slow
}

func newHub() *hub { return &hub{subs: make(map[chan message]struct{})} }

// subscribe gives a channel that is closed when the subscriber is cut off.
func (h *hub) subscribe() (chan message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.subs) >= maxSubscribers {
		return nil, errTooMany
	}
	c := make(chan message, maxPending)
	h.subs[c] = struct{}{}
	return c, nil
}

func (h *hub) leave(c chan message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(c)
}

func (h *hub) drop(c chan message) {
	if _, ok := h.subs[c]; ok {
		delete(h.subs, c)
		close(c)
	}
}

// send encodes v once and hands it to all.
func (h *hub) send(name string, v any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) == 0 {
		return
	}
	data, err := json.Marshal(v)
	if err != nil {
		return // only a number that is none
	}
	for c := range h.subs {
		select {
		case c <- message{name, data}:
		default:
			h.cut++
			h.drop(c)
		}
	}
}

// close ends all streams.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.subs {
		h.drop(c)
	}
}
