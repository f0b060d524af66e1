// Package store is the contract of Firetower's memory: incidents with their
// history and evidence, alerts on their way out, suppressions, counters over
// time and the dashboard's small secrets. The subpackage sqlite keeps it in one
// file, postgres in a database server; storetest holds both to this contract.
//
// What a method has reported as done survives kill -9 and a loss of power.
// Writers get typed errors: ErrFull when the disk is, ErrUnavailable when the
// database can not be reached, so that a daemon can go on detecting and say so.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/suppress"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrFull        = errors.New("the disk of the store is full")
	ErrUnavailable = errors.New("the store can not be reached")
	ErrCorrupt     = errors.New("the store is damaged")
	ErrNewer       = errors.New("the store was written by a newer Firetower")
)

// Store is what every backend implements. All methods may be called from many
// goroutines. Times are kept in microseconds.
type Store interface {
	Incidents
	Outbox
	Suppressions
	Series
	Secrets

	// Health makes one small durable write, so that a full or lost disk shows.
	Health(ctx context.Context) error
	// Size is the bytes that the data takes, without free space in the file.
	Size(ctx context.Context) (int64, error)
	// Retain removes what is older or more than the retention allows, oldest
	// first. Pending alerts and suppressions in force always stay.
	Retain(ctx context.Context, now time.Time, keep Retention) (Removed, error)
	io.Closer
}

// State is what people made of an incident.
type State string

// The states of an incident.
const (
	Open       State = "open"
	Resolved   State = "resolved"
	FalseAlarm State = "false_alarm" // benign after all: a row for the next training
)

// Record is an incident as stored. Its JSON is the incident's with keys added.
type Record struct {
	incident.Incident
	State        State     `json:"state"`
	Note         string    `json:"note,omitempty"`
	StateBy      string    `json:"state_by,omitempty"`
	StateAt      time.Time `json:"state_at,omitzero"`
	Recorded     time.Time `json:"recorded"` // wall clock of the first revision
	Updated      time.Time `json:"updated"`  // wall clock of the last revision
	SuppressedBy int64     `json:"suppressed_by,omitempty"`
}

// Revision is one state of a growing incident.
type Revision struct {
	Recorded time.Time         `json:"recorded"`
	Incident incident.Incident `json:"incident"`
}

// MaxRevisions is how many revisions of one incident are kept: the first, and
// the most recent ones.
const MaxRevisions = 64

// Query selects incidents, newest first. Zero fields select everything.
type Query struct {
	Classes    []attack.Class
	States     []State
	Severity   int       // at least this urgent: severity <= Severity
	Address    string    // an actor or a target, exactly
	Port       uint16    // one of the listed ports
	Text       string    // words anywhere in title, addresses, ports, class, reason; all must occur
	Since      time.Time // End at or after
	Until      time.Time // Start before
	Suppressed *bool     // nil: both
	Limit      int       // 0: 100; at most 1000
	Cursor     string    // Page.Next of the page before
}

// Page is one page of incidents. Total counts all that the query selects.
type Page struct {
	Records []Record `json:"incidents"`
	Total   int      `json:"total"`
	Next    string   `json:"next,omitempty"` // "" on the last page
}

// Evidence kinds that other packages agree on. Others may be used.
const (
	// EvidenceFlows is a CSV with a header line: flow records that belong to the
	// incident, exported as labelled rows when the incident is judged.
	EvidenceFlows = "flows.csv"
	// EvidenceFeatures is JSON: the forest's contributions against normal.
	EvidenceFeatures = "features.json"
)

// MaxEvidence is the size of one piece of evidence; longer ones are refused.
const MaxEvidence = 1 << 20

// Incidents keeps incidents.
type Incidents interface {
	// Record stores one revision of an incident, together with the alerts that
	// it causes, in one transaction: an incident reported as recorded has its
	// alerts in the outbox. It is idempotent for (ID, Revision); an older
	// revision than the stored one goes to the history only. Alerts without ID
	// get one. suppressedBy is the id of the rule that silenced it, or 0.
	Record(ctx context.Context, at time.Time, inc *incident.Incident, suppressedBy int64, alerts []Alert) error
	Incident(ctx context.Context, id string) (Record, error)
	FindIncidents(ctx context.Context, q Query) (Page, error)
	// History lists the kept revisions of one incident, oldest first.
	History(ctx context.Context, id string) ([]Revision, error)
	// SetState writes what a person decided, and an audit entry.
	SetState(ctx context.Context, at time.Time, id string, s State, author, note string) error
	// PutEvidence stores or replaces one piece of evidence of an incident.
	PutEvidence(ctx context.Context, at time.Time, id, kind string, body []byte) error
	// Evidence gives one piece, or ErrNotFound.
	Evidence(ctx context.Context, id, kind string) ([]byte, error)
	EvidenceKinds(ctx context.Context, id string) ([]string, error)
}

// AlertState is where an alert stands on its way out.
type AlertState string

// The states of an alert.
const (
	Pending   AlertState = "pending"
	Delivered AlertState = "delivered"
	Dropped   AlertState = "dropped" // given up: too old, or its sink is gone; LastError says why
)

// Alert is one message to one sink, kept until it is delivered.
type Alert struct {
	ID        int64           `json:"id"`
	Sink      string          `json:"sink"`
	Key       string          `json:"key"` // order is kept among alerts of one sink and key: the incident's id, or "notice:..."
	Revision  int             `json:"revision"`
	Kind      string          `json:"kind"` // see package alert
	Body      json.RawMessage `json:"body"`
	State     AlertState      `json:"state"`
	Attempts  int             `json:"attempts"`
	Created   time.Time       `json:"created"`
	NextTry   time.Time       `json:"next_try"`
	Held      string          `json:"held,omitempty"` // why it waits: "quiet hours", "budget", "digest"
	LastError string          `json:"last_error,omitempty"`
	Delivered time.Time       `json:"delivered,omitzero"`
	Batch     int64           `json:"batch,omitempty"` // id of the first alert of the message that carried it
}

// SinkStats is the outbox seen from one sink.
type SinkStats struct {
	Sink          string    `json:"sink"`
	Pending       int       `json:"pending"`
	Held          int       `json:"held"`    // of Pending
	Failing       int       `json:"failing"` // of Pending, tried at least once
	Delivered     int       `json:"delivered"`
	Dropped       int       `json:"dropped"`
	Oldest        time.Time `json:"oldest,omitzero"` // oldest pending
	LastDelivered time.Time `json:"last_delivered,omitzero"`
	LastError     string    `json:"last_error,omitempty"` // of the oldest failing
}

// Outbox keeps alerts until they are delivered.
type Outbox interface {
	// Enqueue stores alerts that belong to no incident, such as notices.
	Enqueue(ctx context.Context, alerts []Alert) error
	// Due lists pending alerts of a sink whose time has come, oldest first. An
	// alert is not due while an earlier one of its key is not.
	Due(ctx context.Context, sink string, now time.Time, limit int) ([]Alert, error)
	// NextDue is the earliest NextTry of the sink's pending alerts; zero if none.
	NextDue(ctx context.Context, sink string) (time.Time, error)
	// MarkDelivered says that one message carried all these alerts.
	MarkDelivered(ctx context.Context, at time.Time, ids []int64) error
	// MarkFailed counts one attempt of each and sets the next.
	MarkFailed(ctx context.Context, ids []int64, next time.Time, reason string) error
	// Hold postpones alerts without counting an attempt.
	Hold(ctx context.Context, ids []int64, until time.Time, why string) error
	// Drop gives alerts up.
	Drop(ctx context.Context, at time.Time, ids []int64, reason string) error
	// RetryNow makes all pending alerts of a sink due at once that are not held.
	RetryNow(ctx context.Context, sink string, now time.Time) error
	// LastAlert is the newest alert of a sink and key, in any state.
	LastAlert(ctx context.Context, sink, key string) (Alert, error)
	// MessagesSince counts the messages delivered to a sink since a time, and
	// says when the first of them was.
	MessagesSince(ctx context.Context, sink string, since time.Time) (n int, first time.Time, err error)
	// Alerts lists alerts newest first: of one key, or "" for all.
	Alerts(ctx context.Context, key string, limit int) ([]Alert, error)
	OutboxStats(ctx context.Context) ([]SinkStats, error)
}

// AuditEntry is one thing that a person changed.
type AuditEntry struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Author  string    `json:"author"`
	Action  string    `json:"action"`  // "suppression.add", "incident.resolved", "login"
	Subject string    `json:"subject"` // id of the rule or incident
	Detail  string    `json:"detail"`
}

// Suppressions keeps the rules of silence and who changed what.
type Suppressions interface {
	// AddSuppression validates and stores a rule with its audit entry, and
	// returns it with its ID.
	AddSuppression(ctx context.Context, r suppress.Rule) (suppress.Rule, error)
	// RemoveSuppression ends a rule; the audit keeps it.
	RemoveSuppression(ctx context.Context, at time.Time, id int64, author, reason string) error
	// ActiveSuppressions lists rules in force at a time, oldest first.
	ActiveSuppressions(ctx context.Context, at time.Time) ([]suppress.Rule, error)
	// Suppression gives a rule, also an expired or removed one.
	Suppression(ctx context.Context, id int64) (suppress.Rule, error)
	// Audit lists changes newest first; subject "" for all.
	Audit(ctx context.Context, subject string, limit int) ([]AuditEntry, error)
	// AppendAudit adds an entry for something that is no method here.
	AppendAudit(ctx context.Context, e AuditEntry) error
}

// Sample is one value of one counter or gauge.
type Sample struct {
	Name  string
	Value float64
}

// Point summarises the samples of one interval that begins at Time.
type Point struct {
	Time time.Time `json:"t"`
	N    int       `json:"n"`
	Sum  float64   `json:"sum"`
	Min  float64   `json:"min"`
	Max  float64   `json:"max"`
}

// Mean is the average of the interval's samples.
func (p Point) Mean() float64 {
	if p.N == 0 {
		return 0
	}
	return p.Sum / float64(p.N)
}

// Resolutions at which samples are kept, finest first. Each sample is added to
// all of them when it is written, so there is no job of down-sampling to fail.
func Resolutions() []time.Duration {
	return []time.Duration{10 * time.Second, 5 * time.Minute, time.Hour}
}

// Series keeps counters over time.
type Series interface {
	// AddSamples adds samples of one moment. Add rates or differences, not
	// running totals, so that Sum has a meaning.
	AddSamples(ctx context.Context, at time.Time, samples []Sample) error
	// Series reads one name in [from, to) at the finest resolution that gives at
	// most maxPoints, and says which that was.
	Series(ctx context.Context, name string, from, to time.Time, maxPoints int) ([]Point, time.Duration, error)
	SeriesNames(ctx context.Context) ([]string, error)
}

// Secrets is a small key-value store for sessions, tokens and passwords' hashes.
// A value is kept as it is: hash or encrypt before.
type Secrets interface {
	// PutSecret stores or replaces; a zero expiry means never.
	PutSecret(ctx context.Context, bucket, key string, value []byte, expires time.Time) error
	// Secret gives a value that has not expired at now, or ErrNotFound.
	Secret(ctx context.Context, bucket, key string, now time.Time) ([]byte, error)
	DeleteSecret(ctx context.Context, bucket, key string) error
	SecretKeys(ctx context.Context, bucket string, now time.Time) ([]string, error)
}
