package dashboard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"firetower/internal/store"
)

// newSessions keeps sessions in the store under the hash of their token, so that
// they outlive a restart and a stolen store opens none.
func newSessions(cfg Config, s store.Secrets, log *slog.Logger) *scs.SessionManager {
	m := scs.New()
	m.Store = &sessionStore{store: s, log: log, memory: make(map[string]keptSession)}
	m.HashTokenInStore = true
	m.Lifetime = cfg.Session
	m.Cookie.Name = "firetower"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode // a link in a mail has to work
	if cfg.secure() {
		m.Cookie.Secure = true
		m.Cookie.Name = "__Host-firetower"
	}
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) {
		log.Error("dashboard session", "error", err)
		http.Error(w, "The session could not be read or kept. The log has the reason.", http.StatusInternalServerError)
	}
	return m
}

// sessionStore fits the store's secrets to scs. What the store does not take, on a
// full disk for instance, is kept in memory: that is when somebody wants to look.
type sessionStore struct {
	store store.Secrets
	log   *slog.Logger

	mu     sync.Mutex
	memory map[string]keptSession
}

type keptSession struct {
	data    []byte
	expires time.Time
}

const maxSessionsInMemory = 256

func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	now := time.Now()
	b, err := s.store.Secret(ctx, sessionBucket, token, now)
	if err == nil {
		return b, true, nil
	}
	s.mu.Lock()
	kept, ok := s.memory[token]
	s.mu.Unlock()
	if ok && now.Before(kept.expires) {
		return kept.data, true, nil
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	return nil, false, err
}

func (s *sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expires time.Time) error {
	err := s.store.PutSecret(ctx, sessionBucket, token, b, expires)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		delete(s.memory, token)
		return nil
	}
	s.log.Warn("a session is kept in memory only", "error", err)
	if len(s.memory) >= maxSessionsInMemory {
		clear(s.memory)
	}
	s.memory[token] = keptSession{b, expires}
	return nil
}

func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	s.mu.Lock()
	delete(s.memory, token)
	s.mu.Unlock()
	if err := s.store.DeleteSecret(ctx, sessionBucket, token); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *sessionStore) Commit(token string, b []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expires)
}

func (s *sessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

var _ scs.CtxStore = (*sessionStore)(nil)
