// Package suppress decides which incidents stay silent. A Rule names what an
// administrator knows to be harmless, by source, destination, network, port and
// class; an incident that a rule covers is still recorded, but nobody is alerted.
//
// The package is pure: it matches, previews and suggests; internal/store keeps
// the rules and who made them.
package suppress

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Rule silences the incidents that agree with every field that is set. A rule
// with none of Source, Destination, Network, Ports and Class set is invalid: it
// would hide everything.
type Rule struct {
	ID          int64        `json:"id"`
	Source      string       `json:"source,omitempty"`      // address or CIDR: every actor is in it
	Destination string       `json:"destination,omitempty"` // address or CIDR: every target is in it
	Network     string       `json:"network,omitempty"`     // address or CIDR: every actor, or every target, is in it
	Ports       []uint16     `json:"ports,omitempty"`       // every port of the incident is one of them
	Class       attack.Class `json:"class,omitempty"`
	Expires     time.Time    `json:"expires,omitzero"` // zero: never
	Reason      string       `json:"reason"`           // why it is harmless; required
	Author      string       `json:"author"`
	Created     time.Time    `json:"created"`
	Hits        int64        `json:"hits"`              // incidents hidden so far
	LastHit     time.Time    `json:"last_hit,omitzero"` // when it last hid one
}

// Limits on the text of a rule, so that a list of rules stays readable.
const (
	MaxReason = 500
	MaxPorts  = 64
)

// Validate says what is wrong with a rule before it is stored, naming the field
// and the remedy.
func (r Rule) Validate() error {
	if r.Source == "" && r.Destination == "" && r.Network == "" && len(r.Ports) == 0 && r.Class == "" {
		return errors.New("a suppression needs at least one of source, destination, network, port or class: without any it would hide everything")
	}
	for _, f := range []struct{ name, value string }{{"source", r.Source}, {"destination", r.Destination}, {"network", r.Network}} {
		if f.value == "" {
			continue
		}
		if _, err := ParseNetwork(f.value); err != nil {
			return fmt.Errorf("%s %q: %w", f.name, f.value, err)
		}
	}
	if r.Class != "" {
		if _, ok := attack.Parse(string(r.Class)); !ok || r.Class == attack.Benign {
			return fmt.Errorf("class %q is not a class of attack; choose one of %v", r.Class, attack.Classes())
		}
	}
	if len(r.Ports) > MaxPorts {
		return fmt.Errorf("%d ports are more than the %d that one suppression may name", len(r.Ports), MaxPorts)
	}
	if strings.TrimSpace(r.Reason) == "" {
		return errors.New("a suppression needs a reason, so that whoever finds it later knows why it is there")
	}
	if len(r.Reason) > MaxReason {
		return fmt.Errorf("the reason has %d bytes, more than %d", len(r.Reason), MaxReason)
	}
	return nil
}

// ParseNetwork reads an address or a CIDR prefix; an address stands for itself
// alone. IPv4 mapped into IPv6 is unmapped and host bits are cleared.
func ParseNetwork(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return netip.Prefix{}, errors.New("not a network such as 192.0.2.0/24")
		}
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, errors.New("not an address such as 192.0.2.10 or a network such as 192.0.2.0/24")
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// Active says whether the rule is in force at the time given.
func (r Rule) Active(at time.Time) bool { return r.Expires.IsZero() || at.Before(r.Expires) }

// Match says whether the rule, in force at the time given, covers the incident.
//
// It is conservative: every actor, target and port of the incident has to be
// covered, so that a rule for one scanner does not hide a flood in which that
// scanner is one of a thousand sources. An incident lists only the most active
// of its actors and targets. Where the list is cut, a single address can not
// stand for the rest, and a network does if all that is listed is inside.
func (r Rule) Match(inc *incident.Incident, at time.Time) bool {
	if !r.Active(at) || (r.Class != "" && r.Class != inc.Class) {
		return false
	}
	if r.Source != "" && !within(r.Source, inc.Actors, inc.ActorsTotal) {
		return false
	}
	if r.Destination != "" && !within(r.Destination, inc.Targets, inc.TargetsTotal) {
		return false
	}
	if r.Network != "" && !within(r.Network, inc.Actors, inc.ActorsTotal) &&
		!within(r.Network, inc.Targets, inc.TargetsTotal) {
		return false
	}
	if len(r.Ports) > 0 && !portsWithin(r.Ports, inc.Ports, inc.PortsTotal) {
		return false
	}
	return r.Source != "" || r.Destination != "" || r.Network != "" || len(r.Ports) > 0 || r.Class != ""
}

func within(network string, addrs []string, total int) bool {
	p, err := ParseNetwork(network)
	if err != nil || len(addrs) == 0 {
		return false
	}
	if total > len(addrs) && p.IsSingleIP() {
		return false
	}
	for _, s := range addrs {
		a, err := netip.ParseAddr(s)
		if err != nil || !p.Contains(a.Unmap().WithZone("")) {
			return false
		}
	}
	return true
}

func portsWithin(rule, ports []uint16, total int) bool {
	if len(ports) == 0 || total > len(ports) {
		return false
	}
	for _, p := range ports {
		if !slices.Contains(rule, p) {
			return false
		}
	}
	return true
}

// First gives the first rule that covers the incident; ok is false if none does.
func First(rules []Rule, inc *incident.Incident, at time.Time) (r Rule, ok bool) {
	for _, r := range rules {
		if r.Match(inc, at) {
			return r, true
		}
	}
	return Rule{}, false
}

// String is the rule's condition in words: "portscan from 10.0.0.5 to port 22".
func (r Rule) String() string {
	var b strings.Builder
	if r.Class != "" {
		b.WriteString(string(r.Class))
	} else {
		b.WriteString("anything")
	}
	if r.Source != "" {
		b.WriteString(" from " + r.Source)
	}
	if r.Destination != "" {
		b.WriteString(" to " + r.Destination)
	}
	if r.Network != "" {
		b.WriteString(" from or to " + r.Network)
	}
	for i, p := range r.Ports {
		if i == 0 {
			b.WriteString(" port ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d", p)
	}
	return b.String()
}
