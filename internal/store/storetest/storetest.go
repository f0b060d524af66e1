// Package storetest holds every backend of the store to the same contract. A
// backend's test is the call of Run with a function that opens a fresh store.
package storetest

import (
	"fmt"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/incident"
	"firetower/internal/store"
)

// Open gives a new, empty store that closes with the test.
type Open func(t *testing.T) store.Store

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	tests := []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"Record", testRecord},
		{"RecordIsIdempotent", testRecordIsIdempotent},
		{"History", testHistory},
		{"ForeignText", testForeignText},
		{"Find", testFind},
		{"FindPages", testFindPages},
		{"State", testState},
		{"Evidence", testEvidence},
		{"OutboxOrder", testOutboxOrder},
		{"OutboxLife", testOutboxLife},
		{"OutboxHold", testOutboxHold},
		{"OutboxStats", testOutboxStats},
		{"OutboxMany", testOutboxMany},
		{"Suppressions", testSuppressions},
		{"SuppressionHits", testSuppressionHits},
		{"Audit", testAudit},
		{"Series", testSeries},
		{"Secrets", testSecrets},
		{"RetainDays", testRetainDays},
		{"RetainBytes", testRetainBytes},
		{"Parallel", testParallel},
		{"Labelled", testLabelled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// Epoch is the time at which the suite's incidents happen.
var Epoch = time.Date(2026, 11, 23, 6, 24, 0, 1000, time.UTC)

// Incident makes the n-th incident: a brute force.
func Incident(n int) *incident.Incident {
	start := Epoch.Add(time.Duration(n) * time.Minute)
	return &incident.Incident{
		EventType: "incident", ID: fmt.Sprintf("i%06d", n), Class: attack.BruteForce,
		Title:  fmt.Sprintf("Brute force of 192.0.2.10 by 203.0.113.%d", n%250),
		Actors: []string{fmt.Sprintf("203.0.113.%d", n%250)}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22},
		ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1,
		Start: start, End: start.Add(30 * time.Second), Detected: start.Add(5 * time.Second),
		Flows: 40 + n, Confidence: 0.98, Severity: 2, Techniques: []string{"T1110.001"},
		Reason: "40 log-ins failed within 30 s", Advice: "See who may log in on 192.0.2.10 port 22.",
		Evidence:   []behaviour.Evidence{{Name: "failed log-ins", Value: 40, Normal: 3}},
		Behaviours: []string{"bruteforce"}, Filter: "ip.addr == 203.0.113.7", CommunityIDs: []string{"1:abc="}, Revision: 1,
	}
}

// AlertFor makes an alert of an incident to a sink.
func AlertFor(inc *incident.Incident, sink, kind string, at time.Time) store.Alert {
	return store.Alert{Sink: sink, Key: inc.ID, Revision: inc.Revision, Kind: kind, Body: []byte(`{"x":1}`), Created: at}
}
