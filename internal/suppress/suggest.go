package suppress

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Seen is an incident with what a person made of it.
type Seen struct {
	incident.Incident
	FalseAlarm bool
}

// Suggestion is a rule that somebody may want, with what it would have hidden.
type Suggestion struct {
	Rule    Rule    `json:"rule"` // Reason says why it is suggested
	Preview Preview `json:"preview"`
}

// Thresholds of Suggest.
const (
	minDays        = 3 // different days on which a scheduled scan has to be seen
	minFalseAlarms = 2
	maxSuggestions = 20
)

// Suggest finds what looks like scanners and pollers of one's own: an address
// inside that does the same on several days, or that people keep calling a false
// alarm. What comes from the Internet is only suggested when people did; known
// names are for Known.
func Suggest(seen []Seen, active []Rule, now time.Time, span time.Duration) []Suggestion {
	type key struct {
		source string
		class  attack.Class
	}
	type habit struct {
		days, hours       map[int]bool
		incidents, falses int
		ports             map[uint16]int
	}
	habits := make(map[key]*habit)
	all := make([]incident.Incident, 0, len(seen))
	for i := range seen {
		inc := &seen[i].Incident
		all = append(all, *inc)
		if len(inc.Actors) != 1 || inc.ActorsTotal > 1 {
			continue
		}
		if _, hidden := First(active, inc, now); hidden {
			continue
		}
		k := key{inc.Actors[0], inc.Class}
		h := habits[k]
		if h == nil {
			h = &habit{days: map[int]bool{}, hours: map[int]bool{}, ports: map[uint16]int{}}
			habits[k] = h
		}
		h.incidents++
		h.days[int(inc.Start.Unix()/86400)] = true
		h.hours[inc.Start.UTC().Hour()] = true
		if seen[i].FalseAlarm {
			h.falses++
		}
		if len(inc.Ports) == 1 && inc.PortsTotal <= 1 {
			h.ports[inc.Ports[0]]++
		}
	}
	var out []Suggestion
	for k, h := range habits {
		r := Rule{Source: k.source, Class: k.class}
		if len(h.ports) == 1 { // always the same service
			for p, n := range h.ports {
				if n == h.incidents {
					r.Ports = []uint16{p}
				}
			}
		}
		switch {
		case h.falses >= minFalseAlarms && 2*h.falses >= h.incidents:
			r.Reason = fmt.Sprintf("%d of its %d incidents were marked as false alarms", h.falses, h.incidents)
		case inside(k.source) && len(h.days) >= minDays && len(h.hours) <= 2:
			r.Reason = fmt.Sprintf("an inside address that does this at the same time of day, on %d days: a scheduled scan?", len(h.days))
		case inside(k.source) && len(h.days) >= minDays && h.incidents >= 2*minDays:
			r.Reason = fmt.Sprintf("an inside address with %d such incidents on %d days: monitoring?", h.incidents, len(h.days))
		default:
			continue
		}
		out = append(out, Suggestion{Rule: r, Preview: Try(r, all, span)})
	}
	slices.SortFunc(out, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Preview.Hidden, a.Preview.Hidden), cmp.Compare(a.Rule.Source, b.Rule.Source), cmp.Compare(a.Rule.Class, b.Rule.Class))
	})
	return out[:min(len(out), maxSuggestions)]
}

// inside says whether an address is of a private network (RFC 1918, RFC 4193),
// link-local or of this machine.
func inside(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}

// Resolver is what Known asks; net.Resolver is one.
type Resolver interface {
	LookupAddr(ctx context.Context, addr string) ([]string, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// scanners by the domains of their machines' names. They scan the whole Internet
// for research or as a service and say so in the DNS.
func scanners() map[string]string {
	return map[string]string{
		"censys-scanner.com": "Censys", "shodan.io": "Shodan", "shadowserver.org": "Shadowserver",
		"binaryedge.ninja": "BinaryEdge", "internet-measurement.com": "driftnet.io", "rapid7.com": "Rapid7 Project Sonar",
		"onyphe.net": "ONYPHE", "leakix.org": "LeakIX", "stretchoid.com": "Stretchoid", "internet-census.org": "Internet Census Group",
		"netsystemsresearch.com": "NetSystems Research", "criminalip.com": "Criminal IP",
		"uptimerobot.com": "UptimeRobot", "pingdom.com": "Pingdom", "statuscake.com": "StatusCake",
	}
}

// Known names the well-known scanner or monitoring service that an address
// belongs to, "" if it is none. The name that the address claims counts only if
// it leads back to the address: anyone can claim any name for their own.
func Known(ctx context.Context, r Resolver, address string) (string, error) {
	names, err := r.LookupAddr(ctx, address)
	if err != nil {
		return "", fmt.Errorf("cannot look up %s: %w", address, err)
	}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		for domain, who := range scanners() {
			if name != domain && !strings.HasSuffix(name, "."+domain) {
				continue
			}
			back, err := r.LookupHost(ctx, name)
			if err == nil && slices.ContainsFunc(back, func(s string) bool { return sameAddr(s, address) }) {
				return who, nil
			}
		}
	}
	return "", nil
}

func sameAddr(a, b string) bool {
	x, err1 := netip.ParseAddr(a)
	y, err2 := netip.ParseAddr(b)
	return err1 == nil && err2 == nil && x.Unmap() == y.Unmap()
}
