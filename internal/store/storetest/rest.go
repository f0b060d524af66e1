package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

func testSuppressions(t *testing.T, s store.Store) {
	ctx := context.Background()
	r := suppress.Rule{Source: "10.0.0.5", Destination: "10.1.0.0/16", Network: "10.0.0.0/8", Ports: []uint16{22, 161}, Class: attack.PortScan,
		Expires: Epoch.Add(time.Hour), Reason: "the vulnerability scanner", Author: "ana", Created: Epoch}
	added, err := s.AddSuppression(ctx, r)
	must(t, err)
	if r.ID = added.ID; r.ID == 0 || !reflect.DeepEqual(added, r) {
		t.Fatalf("added %+v, want %+v", added, r)
	}
	got, err := s.ActiveSuppressions(ctx, Epoch)
	must(t, err)
	if len(got) != 1 || !reflect.DeepEqual(got[0], r) {
		t.Errorf("got %+v, want %+v", got, r)
	}
	if got, _ := s.ActiveSuppressions(ctx, Epoch.Add(time.Hour)); len(got) != 0 {
		t.Errorf("%d in force after the expiry", len(got))
	}
	for name, bad := range map[string]suppress.Rule{
		"everything": {Reason: "x"}, "no reason": {Source: "10.0.0.5"}, "address": {Source: "10.0.0.", Reason: "x"},
		"class": {Class: "odd", Reason: "x"}, "benign": {Class: attack.Benign, Reason: "x"},
	} {
		if _, err := s.AddSuppression(ctx, bad); err == nil {
			t.Errorf("%s: a rule that can not work was taken", name)
		}
	}
	must(t, s.RemoveSuppression(ctx, Epoch, r.ID, "ben", "scanner is gone"))
	if got, _ := s.ActiveSuppressions(ctx, Epoch); len(got) != 0 {
		t.Errorf("%d in force after removal", len(got))
	}
	if err := s.RemoveSuppression(ctx, Epoch, r.ID, "ben", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removing twice gives %v", err)
	}
	if old, err := s.Suppression(ctx, r.ID); err != nil || old.Reason != r.Reason {
		t.Errorf("the removed rule is %+v, %v", old, err)
	}
	audit, err := s.Audit(ctx, fmt.Sprintf("suppression:%d", r.ID), 10)
	must(t, err)
	if len(audit) != 2 || audit[0].Author != "ben" || audit[1].Author != "ana" || !strings.Contains(audit[1].Detail, "10.0.0.5") {
		t.Errorf("audit %+v", audit)
	}
}

func testSuppressionHits(t *testing.T, s store.Store) {
	ctx := context.Background()
	r, err := s.AddSuppression(ctx, suppress.Rule{Source: "203.0.113.1", Reason: "x", Created: Epoch})
	must(t, err)
	inc := Incident(1)
	for inc.Revision = 1; inc.Revision < 4; inc.Revision++ { // one incident is one hit
		must(t, s.Record(ctx, Epoch, inc, r.ID, nil))
	}
	must(t, s.Record(ctx, Epoch.Add(time.Hour), Incident(2), r.ID, nil))
	got, err := s.Suppression(ctx, r.ID)
	must(t, err)
	if got.Hits != 2 || !got.LastHit.Equal(Epoch.Add(time.Hour)) {
		t.Errorf("%d hits, last %s", got.Hits, got.LastHit)
	}
	if rec, _ := s.Incident(ctx, inc.ID); rec.SuppressedBy != r.ID {
		t.Errorf("suppressed by %d, want %d", rec.SuppressedBy, r.ID)
	}
}

func testAudit(t *testing.T, s store.Store) {
	ctx := context.Background()
	for i := range 3 {
		must(t, s.AppendAudit(ctx, store.AuditEntry{At: Epoch, Author: "ana", Action: "login", Subject: "session", Detail: fmt.Sprint(i)}))
	}
	got, err := s.Audit(ctx, "", 2)
	must(t, err)
	if len(got) != 2 || got[0].Detail != "2" || got[1].Detail != "1" || !got[0].At.Equal(Epoch) {
		t.Errorf("got %+v", got)
	}
}

func testSeries(t *testing.T, s store.Store) {
	ctx := context.Background()
	at := Epoch.Truncate(time.Hour)
	for i := range 120 { // twenty minutes
		must(t, s.AddSamples(ctx, at.Add(time.Duration(i)*10*time.Second), []store.Sample{
			{Name: "packets", Value: float64(i)}, {Name: "odd\x00", Value: 1}, {Name: "nan", Value: math.NaN()}}))
	}
	fine, step, err := s.Series(ctx, "packets", at, at.Add(20*time.Minute), 120)
	must(t, err)
	if step != 10*time.Second || len(fine) != 120 || fine[7] != (store.Point{Time: at.Add(70 * time.Second), N: 1, Sum: 7, Min: 7, Max: 7}) {
		t.Errorf("fine: step %s, %d points", step, len(fine))
	}
	coarse, step, err := s.Series(ctx, "packets", at, at.Add(20*time.Minute), 119)
	must(t, err)
	if want := (store.Point{Time: at.Add(5 * time.Minute), N: 30, Sum: 30 * 44.5, Min: 30, Max: 59}); step != 5*time.Minute ||
		len(coarse) != 4 || coarse[1] != want || coarse[1].Mean() != 44.5 {
		t.Errorf("coarse: step %s, %+v", step, coarse)
	}
	if names, err := s.SeriesNames(ctx); err != nil || len(names) != 2 || names[1] != "packets" {
		t.Errorf("names %q, %v", names, err)
	}
	must(t, s.AddSamples(ctx, at, nil))
}

func testSecrets(t *testing.T, s store.Store) {
	ctx := context.Background()
	must(t, s.PutSecret(ctx, "session", "a", []byte{0, 1, 0xff}, Epoch.Add(time.Hour)))
	must(t, s.PutSecret(ctx, "session", "b", []byte("old"), time.Time{}))
	must(t, s.PutSecret(ctx, "session", "b", []byte("new"), time.Time{}))
	must(t, s.PutSecret(ctx, "token", "a", nil, time.Time{}))
	if v, err := s.Secret(ctx, "session", "a", Epoch); err != nil || !bytes.Equal(v, []byte{0, 1, 0xff}) {
		t.Errorf("got %v, %v", v, err)
	}
	if _, err := s.Secret(ctx, "session", "a", Epoch.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired secret gives %v", err)
	}
	if v, _ := s.Secret(ctx, "session", "b", Epoch); string(v) != "new" {
		t.Errorf("got %q", v)
	}
	if k, err := s.SecretKeys(ctx, "session", Epoch.Add(2*time.Hour)); err != nil || !reflect.DeepEqual(k, []string{"b"}) {
		t.Errorf("keys %v, %v", k, err)
	}
	must(t, s.DeleteSecret(ctx, "session", "b"))
	must(t, s.DeleteSecret(ctx, "session", "b"))
	if _, err := s.Secret(ctx, "session", "b", Epoch); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a deleted secret gives %v", err)
	}
}

func testRetainDays(t *testing.T, s store.Store) {
	ctx := context.Background()
	old, now := Epoch, Epoch.Add(10*24*time.Hour)
	for n, at := range map[int]time.Time{1: old, 2: now} {
		inc := Incident(n)
		must(t, s.Record(ctx, at, inc, 0, []store.Alert{AlertFor(inc, "mail", "new", at)}))
		must(t, s.PutEvidence(ctx, at, inc.ID, "x", []byte("y")))
		must(t, s.AddSamples(ctx, at, []store.Sample{{Name: "packets", Value: 1}}))
		must(t, s.AppendAudit(ctx, store.AuditEntry{At: at, Action: "login"}))
		must(t, s.PutSecret(ctx, "session", fmt.Sprint(n), nil, at.Add(time.Hour)))
	}
	put(t, s, "mail", "late", 1, old)
	late := due(t, s, "mail", old)
	must(t, s.MarkDelivered(ctx, old, []int64{late[len(late)-1].ID}))
	got, err := s.Retain(ctx, now, store.Retention{Days: 5, SeriesDays: [3]int{5, 0, 0}})
	must(t, err)
	if want := (store.Removed{Incidents: 1, Alerts: 1, Audit: 1, Points: 1, Secrets: 1}); got != want {
		t.Errorf("removed %+v, want %+v", got, want)
	}
	if _, err := s.Incident(ctx, Incident(1).ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old incident: %v", err)
	}
	if h, _ := s.History(ctx, Incident(1).ID); len(h) != 0 {
		t.Error("its history stayed")
	}
	if a, _ := s.Alerts(ctx, Incident(1).ID, 1); len(a) != 1 {
		t.Error("its pending alert is gone")
	}
	if got, err := s.Retain(ctx, now, store.Retention{}); err != nil || got != (store.Removed{}) {
		t.Errorf("no limits removed %+v, %v", got, err)
	}
}

func testRetainBytes(t *testing.T, s store.Store) {
	ctx := context.Background()
	for n := range 60 {
		inc := Incident(n)
		at := Epoch.Add(time.Duration(n) * time.Hour)
		must(t, s.Record(ctx, at, inc, 0, nil))
		must(t, s.PutEvidence(ctx, at, inc.ID, "x", noise(n)))
	}
	before, err := s.Size(ctx)
	must(t, err)
	limit := before / 2
	removed, err := s.Retain(ctx, Epoch, store.Retention{Bytes: limit})
	must(t, err)
	after, err := s.Size(ctx)
	must(t, err)
	if after > limit || removed.Incidents < 20 || removed.Incidents > 45 {
		t.Errorf("from %d to %d bytes (limit %d) by removing %d of 60", before, after, limit, removed.Incidents)
	}
	if _, err := s.Incident(ctx, Incident(59).ID); err != nil {
		t.Errorf("the newest went: %v", err)
	}
	if _, err := s.Incident(ctx, Incident(0).ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest stayed: %v", err)
	}
}

// noise is 20 kB that no database can compress.
func noise(n int) []byte {
	b := make([]byte, 20000)
	x := uint32(n + 1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func testParallel(t *testing.T, s store.Store) {
	ctx := context.Background()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 10 {
				inc := Incident(g*100 + n)
				if err := s.Record(ctx, Epoch, inc, 0, []store.Alert{AlertFor(inc, "mail", "new", Epoch)}); err != nil {
					t.Error(err)
				}
				if _, err := s.FindIncidents(ctx, store.Query{Text: "brute"}); err != nil {
					t.Error(err)
				}
				if err := s.AddSamples(ctx, Epoch, []store.Sample{{Name: "packets", Value: 1}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	page, err := s.FindIncidents(ctx, store.Query{})
	points, _, err2 := s.Series(ctx, "packets", Epoch.Add(-time.Minute), Epoch.Add(time.Minute), 100)
	if err != nil || err2 != nil || page.Total != 80 || len(points) != 1 || points[0].N != 80 {
		t.Errorf("%d incidents, points %+v, %v, %v", page.Total, points, err, err2)
	}
	must(t, s.Health(ctx))
}

func testLabelled(t *testing.T, s store.Store) {
	ctx := context.Background()
	for n, rows := range map[int]string{1: "Src IP,Label\n203.0.113.1,Brute force\n203.0.113.2,\n", 2: "Src IP,Label\n203.0.113.3,x\n", 3: "Other\n9\n"} {
		must(t, s.Record(ctx, Epoch, Incident(n), 0, nil))
		must(t, s.PutEvidence(ctx, Epoch, Incident(n).ID, store.EvidenceFlows, []byte(rows)))
	}
	must(t, s.SetState(ctx, Epoch, Incident(1).ID, store.FalseAlarm, "ana", ""))
	var out bytes.Buffer
	got, err := store.ExportLabelled(ctx, s, &out)
	must(t, err)
	if want := "Src IP,Label\n203.0.113.1,BENIGN\n203.0.113.2,BENIGN\n"; out.String() != want || got.Rows != 2 || got.Incidents != 1 {
		t.Errorf("exported %q, %+v", out.String(), got)
	}
	must(t, s.SetState(ctx, Epoch, Incident(3).ID, store.FalseAlarm, "ana", ""))
	if got, err := store.ExportLabelled(ctx, s, &bytes.Buffer{}); err != nil || got.OtherHeader != 1 {
		t.Errorf("rows of another profile: %+v, %v", got, err)
	}
}
