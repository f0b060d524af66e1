package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"firetower/internal/store"
)

// Scope is what a token may do.
type Scope string

// The scopes.
const (
	ReadOnly  Scope = "read"
	ReadWrite Scope = "write" // read as well
)

// Token is one token of the API as it is kept: without itself.
type Token struct {
	ID      string    `json:"id"` // begins the hash under which it is kept
	Name    string    `json:"name"`
	Scope   Scope     `json:"scope"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	Used    time.Time `json:"used,omitzero"` // last, to the hour
}

// tokenPrefix lets scanners for leaked secrets know what they have found.
const tokenPrefix = "firetower_"

// maxTokens bounds the list.
const maxTokens = 100

// CreateToken makes a token. What it returns is shown once and kept only as a hash.
func CreateToken(ctx context.Context, s store.Secrets, now time.Time, name string, scope Scope, expires time.Time) (string, Token, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 64 {
		return "", Token{}, errors.New("give the token a name of at most 64 characters, so that whoever finds it later knows what uses it")
	}
	if scope != ReadOnly && scope != ReadWrite {
		return "", Token{}, fmt.Errorf("scope %q is neither %q nor %q", scope, ReadOnly, ReadWrite)
	}
	if !expires.IsZero() && !expires.After(now) {
		return "", Token{}, errors.New("the token would have expired already")
	}
	all, err := ListTokens(ctx, s, now)
	if err != nil {
		return "", Token{}, err
	}
	if len(all) >= maxTokens {
		return "", Token{}, fmt.Errorf("there are %d tokens; revoke one", len(all))
	}
	text := tokenPrefix + rand.Text() + rand.Text()[:6]
	key := tokenKey(text)
	t := Token{ID: key[:12], Name: name, Scope: scope, Created: now, Expires: expires}
	return text, t, keepToken(ctx, s, key, t)
}

func keepToken(ctx context.Context, s store.Secrets, key string, t Token) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := s.PutSecret(ctx, tokenBucket, key, b, t.Expires); err != nil {
		return fmt.Errorf("cannot store the token: %w", err)
	}
	return nil
}

// ListTokens lists the tokens that have not expired, oldest first.
func ListTokens(ctx context.Context, s store.Secrets, now time.Time) ([]Token, error) {
	keys, err := s.SecretKeys(ctx, tokenBucket, now)
	if err != nil {
		return nil, err
	}
	out := make([]Token, 0, len(keys))
	for _, k := range keys {
		b, err := s.Secret(ctx, tokenBucket, k, now)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var t Token
		if json.Unmarshal(b, &t) == nil {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Token) int { return a.Created.Compare(b.Created) })
	return out, nil
}

// RevokeToken removes the token with an id, or returns ErrNotFound.
func RevokeToken(ctx context.Context, s store.Secrets, now time.Time, id string) error {
	keys, err := s.SecretKeys(ctx, tokenBucket, now)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if len(id) >= 8 && strings.HasPrefix(k, id) {
			return s.DeleteSecret(ctx, tokenBucket, k)
		}
	}
	return fmt.Errorf("token %q: %w", id, store.ErrNotFound)
}

func tokenKey(text string) string {
	sum := sha256.Sum256([]byte(text)) // the token is random: no slow hash is needed
	return hex.EncodeToString(sum[:])
}

// tokens looks up tokens and notes, once an hour, that they are in use.
type tokens struct {
	store store.Secrets

	mu   sync.Mutex
	used map[string]time.Time
}

func newTokens(s store.Secrets) *tokens { return &tokens{store: s, used: make(map[string]time.Time)} }

// find gives the token that a text is, or ErrNotFound.
func (t *tokens) find(ctx context.Context, now time.Time, text string) (Token, error) {
	if !strings.HasPrefix(text, tokenPrefix) || len(text) > 128 {
		return Token{}, store.ErrNotFound
	}
	key := tokenKey(text)
	b, err := t.store.Secret(ctx, tokenBucket, key, now)
	if err != nil {
		return Token{}, err
	}
	var tok Token
	if err := json.Unmarshal(b, &tok); err != nil {
		return Token{}, fmt.Errorf("token %s is damaged: revoke it: %w", key[:12], err)
	}
	t.mu.Lock()
	stale := now.Sub(t.used[key]) >= time.Hour
	if stale {
		if len(t.used) > maxTokens {
			clear(t.used)
		}
		t.used[key] = now
	}
	t.mu.Unlock()
	if stale {
		tok.Used = now.Truncate(time.Hour)
		_ = keepToken(ctx, t.store, key, tok) // of no weight: a full disk must not lock anyone out
	}
	return tok, nil
}
