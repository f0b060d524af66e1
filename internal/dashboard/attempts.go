package dashboard

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of log-in: from one address, and from all together.
const (
	attemptEvery = 12 * time.Second
	attemptBurst = 5
	attemptsAll  = 2 // a second
	burstAll     = 20
	maxSources   = 4096 // addresses that are remembered
)

// attempts limits how often log-in may be tried. Addresses of IPv6 count by /64,
// which one customer has.
type attempts struct {
	mu   sync.Mutex
	all  *rate.Limiter
	from map[netip.Addr]*rate.Limiter
}

func newAttempts() *attempts {
	return &attempts{all: rate.NewLimiter(attemptsAll, burstAll), from: make(map[netip.Addr]*rate.Limiter)}
}

// wait is how long the address has to wait before its next attempt; 0: go ahead.
func (a *attempts) wait(remote string, now time.Time) time.Duration {
	key := source(remote)
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.from[key]
	if one == nil {
		if len(a.from) >= maxSources {
			clear(a.from) // the limit for all together still holds
		}
		one = rate.NewLimiter(rate.Every(attemptEvery), attemptBurst)
		a.from[key] = one
	}
	if !one.AllowN(now, 1) {
		return attemptEvery
	}
	if !a.all.AllowN(now, 1) {
		return time.Second
	}
	return 0
}

// forgive lets an address that has logged in begin afresh.
func (a *attempts) forgive(remote string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.from, source(remote))
}

func source(remote string) netip.Addr {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return addr
}
