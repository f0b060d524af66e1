// Package alert brings incidents to people: a Router decides what is worth a
// message, the store's outbox keeps it, and an Outbox worker per sink delivers
// it, again and again until it has arrived. Sinks are in the subpackages mail,
// webhook, syslog and eve; package sinks builds them from the configuration.
//
// Delivery is at least once and in order for each incident. What a message says
// comes from packets that an attacker made, so every sink escapes for its format.
package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"firetower/internal/incident"
)

// Kind says why a message is sent.
type Kind string

// The kinds.
const (
	New    Kind = "new"    // an incident's first message
	Growth Kind = "growth" // it has grown ten-fold, or became more urgent
	Notice Kind = "notice" // about Firetower itself: blind, disk full, recovered
	Test   Kind = "test"   // asked for with "firetower alert test"
)

// Item is one incident or notice within a message. Its JSON is what the outbox
// keeps.
type Item struct {
	Kind     Kind               `json:"kind"`
	Incident *incident.Incident `json:"incident,omitempty"`
	Notice   *NoticeText        `json:"notice,omitempty"`
	Before   int                `json:"before,omitempty"` // flows when it was last told, for growth
	Held     string             `json:"held,omitempty"`   // why it comes late: "quiet hours", "budget", "digest"
	Created  time.Time          `json:"created"`
}

// NoticeText is what Firetower says about itself.
type NoticeText struct {
	Key      string `json:"key"` // "blind", "store-full": tells notices apart
	Title    string `json:"title"`
	Text     string `json:"text"`
	Severity int    `json:"severity"`
}

// Message is what a sink delivers at once.
type Message struct {
	ID    string // the same for every attempt
	Items []Item // one; several in a digest
	// HeldBack says in words what waited and why; "" if nothing did.
	HeldBack string
	Digest   bool
}

// Severity is that of the most urgent item.
func (m *Message) Severity() int {
	s := 3
	for _, it := range m.Items {
		s = min(s, it.Severity())
	}
	return s
}

// Severity is 1 for the most urgent to 3.
func (it Item) Severity() int {
	s := 3
	switch {
	case it.Incident != nil:
		s = it.Incident.Severity
	case it.Notice != nil:
		s = it.Notice.Severity
	}
	return min(max(s, 1), 3)
}

// Title is the item in one line.
func (it Item) Title() string {
	switch {
	case it.Incident != nil:
		return it.Incident.Title
	case it.Notice != nil:
		return it.Notice.Title
	}
	return ""
}

// Sink delivers messages to one place. Deliver returns nil only when the other
// side has taken the message. It is called by one goroutine at a time.
type Sink interface {
	Deliver(ctx context.Context, m *Message) error
}

// PermanentError says that the same message will fail again until somebody
// changes something: a refused recipient, a wrong password. It is still retried,
// but seldom, and does not hold up other incidents.
type PermanentError struct{ Err error }

func (e *PermanentError) Error() string { return e.Err.Error() }

func (e *PermanentError) Unwrap() error { return e.Err }

// Permanent wraps an error as permanent; nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &PermanentError{Err: err}
}

// IsPermanent says whether an error is permanent.
func IsPermanent(err error) bool {
	var p *PermanentError
	return errors.As(err, &p)
}

// Route is a sink with its name and what goes there.
type Route struct {
	Name   string // unique; alerts in the outbox are kept by it
	Sink   Sink
	Policy Policy
}

// Validate names what is wrong with a set of routes.
func Validate(routes []Route) error {
	seen := make(map[string]bool, len(routes))
	for _, r := range routes {
		if r.Name == "" || r.Sink == nil {
			return errors.New("alerts: a route needs a name and a sink")
		}
		if seen[r.Name] {
			return fmt.Errorf("alerts: two routes are named %q; give each its own name", r.Name)
		}
		seen[r.Name] = true
		if err := r.Policy.Validate(); err != nil {
			return fmt.Errorf("alerts: %s: %w", r.Name, err)
		}
	}
	return nil
}
