package dashboard

import (
	"context"
	"sync"
	"time"

	"firetower/internal/store"
	"firetower/internal/suppress"
)

// Suggestions are made from every incident of a week, which takes a while where there
// are many: a page waits for them a moment only, and what was found serves a minute.
const (
	suggestionsWait  = 300 * time.Millisecond
	suggestionsFresh = time.Minute
	suggestionsLimit = time.Minute
)

// suggestions are the latest that were made. The zero value has none.
type suggestions struct {
	mu   sync.Mutex
	list []suppress.Suggestion
	at   time.Time
	done chan struct{} // closed when those under way are made; nil: none are
}

// stale has the next page make them anew, since the rules have changed.
func (g *suggestions) stale() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = time.Time{}
}

// suggested gives suggestions, and whether they are the latest.
func (s *Server) suggested(ctx context.Context) ([]suppress.Suggestion, bool) {
	g := &s.suggestions
	g.mu.Lock()
	if s.now().Sub(g.at) < suggestionsFresh {
		defer g.mu.Unlock()
		return g.list, true
	}
	if g.done == nil {
		g.done = make(chan struct{})
		go s.suggest(context.WithoutCancel(ctx), g.done) // for the next page, if this one does not wait
	}
	done := g.done
	g.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
	case <-time.After(suggestionsWait):
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.list, g.done == nil
}

func (s *Server) suggest(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, suggestionsLimit)
	defer cancel()
	began := s.now()
	list, err := store.Suggest(ctx, s.deps.Store, began, previewSpan)
	if err != nil {
		s.log.Warn("no suppressions are suggested", "error", err)
	}
	g := &s.suggestions
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list, g.at, g.done = list, began, nil
	close(done)
}
