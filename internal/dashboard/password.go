package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"firetower/internal/store"
)

// Buckets of the store's secrets.
const (
	passwordBucket = "dashboard.password"
	sessionBucket  = "dashboard.session"
	tokenBucket    = "dashboard.token"
)

// User is the one account of the dashboard.
const User = "admin"

// MinPassword is the least length of a password that a person chooses.
const MinPassword = 12

// Cost of a password's hash: the second choice of OWASP's password storage cheat
// sheet, which needs 19 MiB for a moment.
const (
	argonTime, argonMemory, argonThreads = 2, 19 * 1024, 1
	saltLength, keyLength                = 16, 32
)

// NewPassword makes a password that is long enough and can be typed.
func NewPassword() string {
	text := strings.ToLower(rand.Text()[:20]) // base32: 100 bits
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
}

// SetPassword replaces the password and ends all sessions.
func SetPassword(ctx context.Context, s store.Secrets, now time.Time, password string) error {
	if len(password) < MinPassword {
		return fmt.Errorf("the password has %d characters; it needs %d", len(password), MinPassword)
	}
	if len(password) > 1024 {
		return errors.New("the password is longer than 1024 characters")
	}
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails
	if err := s.PutSecret(ctx, passwordBucket, User, []byte(encodeHash(salt, argon(password, salt))), time.Time{}); err != nil {
		return fmt.Errorf("cannot store the password: %w", err)
	}
	keys, err := s.SecretKeys(ctx, sessionBucket, now)
	if err != nil {
		return fmt.Errorf("the password is set, but sessions could not be ended: %w", err)
	}
	for _, k := range keys {
		if err := s.DeleteSecret(ctx, sessionBucket, k); err != nil {
			return fmt.Errorf("the password is set, but a session could not be ended: %w", err)
		}
	}
	return nil
}

func argon(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keyLength)
}

// encodeHash writes the PHC string format.
func encodeHash(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b.EncodeToString(salt), b.EncodeToString(key))
}

// checkHash says whether the password is the one of a stored hash.
func checkHash(stored, password string) bool {
	var version, memory, rounds, threads int
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &rounds, &threads); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || version != argon2.Version || rounds < 1 || rounds > 16 ||
		memory < 8 || memory > 1<<20 || threads < 1 || threads > 16 || len(key) < 16 || len(key) > 64 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(rounds), uint32(memory), uint8(threads), uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1
}

// password knows the stored hash. It asks the store each time, so that a password
// set from the command line counts at once, and remembers the answer for when the
// store is away.
type password struct {
	store store.Secrets

	mu    sync.Mutex
	known string
	work  sync.Mutex // one hash at a time: each takes memory
}

// hash gives the stored hash, or ErrNotFound if none has been set.
func (p *password) hash(ctx context.Context, now time.Time) (string, error) {
	b, err := p.store.Secret(ctx, passwordBucket, User, now)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil:
		p.known = string(b)
	case errors.Is(err, store.ErrNotFound) || p.known == "":
		return "", err
	}
	return p.known, nil
}

// check says whether the text is the password.
func (p *password) check(ctx context.Context, now time.Time, text string) (bool, error) {
	h, err := p.hash(ctx, now)
	if err != nil {
		return false, err
	}
	p.work.Lock()
	defer p.work.Unlock()
	return checkHash(h, text), nil
}

// stamp changes with the password; sessions carry it.
func (p *password) stamp(ctx context.Context, now time.Time) string {
	h, err := p.hash(ctx, now)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(h))
	return hex.EncodeToString(sum[:8])
}

// settlePassword makes the first password if there is none, and goes on trying
// while the store is away.
func (s *Server) settlePassword(ctx context.Context) {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		_, err := s.password.hash(ctx, s.now())
		if errors.Is(err, store.ErrNotFound) {
			first := NewPassword()
			if err = SetPassword(ctx, s.deps.Store, s.now(), first); err == nil && s.deps.FirstPassword != nil {
				s.deps.FirstPassword(first)
			}
		}
		if err == nil {
			return
		}
		s.log.Error("nobody can log in to the dashboard yet", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
