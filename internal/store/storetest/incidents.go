package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/store"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testRecord(t *testing.T, s store.Store) {
	ctx := context.Background()
	want := Incident(1)
	must(t, s.Record(ctx, Epoch, want, 0, []store.Alert{AlertFor(want, "mail", "new", Epoch)}))
	got, err := s.Incident(ctx, want.ID)
	must(t, err)
	if !reflect.DeepEqual(&got.Incident, want) {
		t.Errorf("the incident came back changed:\n got %+v\nwant %+v", got.Incident, *want)
	}
	if got.State != store.Open || !got.Recorded.Equal(Epoch) || !got.Updated.Equal(Epoch) {
		t.Errorf("state %q, recorded %s, updated %s", got.State, got.Recorded, got.Updated)
	}
	if due, err := s.Due(ctx, "mail", Epoch, 10); err != nil || len(due) != 1 || due[0].Key != want.ID {
		t.Errorf("alerts of the incident: %+v, %v", due, err)
	}
	if _, err := s.Incident(ctx, "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown id gives %v, want ErrNotFound", err)
	}
}

func testRecordIsIdempotent(t *testing.T, s store.Store) {
	ctx := context.Background()
	inc := Incident(1)
	for range 3 { // as after a crash between commit and report
		must(t, s.Record(ctx, Epoch, inc, 0, []store.Alert{AlertFor(inc, "mail", "new", Epoch)}))
	}
	alerts, err := s.Alerts(ctx, inc.ID, 10)
	must(t, err)
	if len(alerts) != 1 {
		t.Errorf("%d alerts after three times the same revision, want 1", len(alerts))
	}
	if h, _ := s.History(ctx, inc.ID); len(h) != 1 {
		t.Errorf("%d revisions, want 1", len(h))
	}
}

func testHistory(t *testing.T, s store.Store) {
	ctx := context.Background()
	n := store.MaxRevisions + 40
	for _, r := range append([]int{2}, count(n)...) { // out of order at first
		inc := Incident(1)
		inc.Revision, inc.Flows = r, 10*r
		must(t, s.Record(ctx, Epoch.Add(time.Duration(r)*time.Second), inc, 0, nil))
	}
	got, err := s.Incident(ctx, Incident(1).ID)
	must(t, err)
	if got.Revision != n || got.Flows != 10*n {
		t.Errorf("latest is revision %d with %d flows, want %d with %d", got.Revision, got.Flows, n, 10*n)
	}
	h, err := s.History(ctx, got.ID)
	must(t, err)
	if len(h) != store.MaxRevisions || h[0].Incident.Revision != 1 || h[1].Incident.Revision != n-store.MaxRevisions+2 ||
		h[len(h)-1].Incident.Revision != n {
		t.Errorf("%d revisions, first %d, second %d, last %d", len(h), h[0].Incident.Revision, h[1].Incident.Revision, h[len(h)-1].Incident.Revision)
	}
}

func count(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

func testForeignText(t *testing.T, s store.Store) {
	ctx := context.Background()
	inc := Incident(1)
	inc.Title = "NUL \x00, not UTF-8 \xff\xfe, quote ' \" -- ; DROP TABLE incidents; %_\\"
	inc.Reason = inc.Title
	inc.Actors = []string{"\x00\xff"}
	must(t, s.Record(ctx, Epoch, inc, 0, []store.Alert{{Sink: "mail", Key: "k\x00\xff", Kind: "new", Body: []byte("{\"a\":\"\x00\"}"), Created: Epoch}}))
	got, err := s.Incident(ctx, inc.ID)
	must(t, err)
	if !strings.Contains(got.Title, "DROP TABLE incidents; %_\\") {
		t.Errorf("title came back as %q", got.Title)
	}
	for text, want := range map[string]int{"%_\\": 1, "%%": 0, "drop": 1, "'": 1, "\x00\xff": 1} {
		page, err := s.FindIncidents(ctx, store.Query{Text: text})
		if err != nil || page.Total != want {
			t.Errorf("text %q finds %d, %v; want %d", text, page.Total, err, want)
		}
	}
	must(t, s.SetState(ctx, Epoch, inc.ID, store.Resolved, "a\x00", "b\xff"))
	must(t, s.MarkFailed(ctx, []int64{1}, Epoch, "550 \x00\xff"))
	must(t, s.PutSecret(ctx, "b\x00", "k\xff", []byte{0, 0xff}, time.Time{}))
}

func testFind(t *testing.T, s store.Store) {
	ctx := context.Background()
	yes, no := true, false
	for n := range 6 {
		inc := Incident(n)
		var hidden int64
		switch n {
		case 1:
			inc.Class, inc.Severity = attack.DDoS, 1
			inc.Ports = []uint16{80, 443}
		case 2:
			inc.Targets = []string{"192.0.2.1", "2001:db8::1"}
			hidden = 7
		}
		must(t, s.Record(ctx, Epoch, inc, hidden, nil))
	}
	must(t, s.SetState(ctx, Epoch, Incident(3).ID, store.Resolved, "ana", "done"))
	tests := []struct {
		name string
		q    store.Query
		want string
	}{
		{"all, newest first", store.Query{}, "543210"},
		{"class", store.Query{Classes: []attack.Class{attack.DDoS, attack.Bot}}, "1"},
		{"state", store.Query{States: []store.State{store.Open}}, "54210"},
		{"severity", store.Query{Severity: 1}, "1"},
		{"actor", store.Query{Address: "203.0.113.4"}, "4"},
		{"target", store.Query{Address: "2001:DB8:0::1"}, "2"},
		{"a part of an address is none", store.Query{Address: "192.0.2.1"}, "2"},
		{"port", store.Query{Port: 443}, "1"},
		{"words in any order", store.Query{Text: "203.0.113.4 BRUTE"}, "4"},
		{"no such word", store.Query{Text: "brute nonsense"}, ""},
		{"since", store.Query{Since: Epoch.Add(4 * time.Minute)}, "54"},
		{"until", store.Query{Until: Epoch.Add(time.Minute)}, "0"},
		{"suppressed", store.Query{Suppressed: &yes}, "2"},
		{"not suppressed", store.Query{Suppressed: &no}, "54310"},
	}
	for _, tt := range tests {
		page, err := s.FindIncidents(ctx, tt.q)
		must(t, err)
		var got strings.Builder
		for _, r := range page.Records {
			got.WriteString(strings.TrimLeft(r.ID, "i0") + map[bool]string{true: "0"}[r.ID == "i000000"])
		}
		if got.String() != tt.want || page.Total != len(tt.want) {
			t.Errorf("%s: got %q (total %d), want %q", tt.name, got.String(), page.Total, tt.want)
		}
	}
}

func testFindPages(t *testing.T, s store.Store) {
	ctx := context.Background()
	for n := range 25 {
		inc := Incident(n)
		inc.Detected = Epoch.Add(time.Duration(n/5) * time.Second) // five at a time
		must(t, s.Record(ctx, Epoch, inc, 0, nil))
	}
	seen := map[string]bool{}
	q := store.Query{Limit: 4}
	for pages := 0; ; pages++ {
		page, err := s.FindIncidents(ctx, q)
		must(t, err)
		for _, r := range page.Records {
			if seen[r.ID] {
				t.Fatalf("%s is on two pages", r.ID)
			}
			seen[r.ID] = true
		}
		if page.Total != 25 {
			t.Fatalf("total %d on page %d, want 25", page.Total, pages)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if len(seen) != 25 {
		t.Errorf("the pages hold %d incidents, want 25", len(seen))
	}
	if _, err := s.FindIncidents(ctx, store.Query{Cursor: "x"}); err == nil {
		t.Error("a cursor that no page gave is taken")
	}
}

func testState(t *testing.T, s store.Store) {
	ctx := context.Background()
	inc := Incident(1)
	must(t, s.Record(ctx, Epoch, inc, 0, nil))
	must(t, s.SetState(ctx, Epoch.Add(time.Hour), inc.ID, store.FalseAlarm, "ana", "the backup"))
	inc.Revision, inc.Flows = 2, 400 // growing does not undo what a person decided
	must(t, s.Record(ctx, Epoch.Add(2*time.Hour), inc, 0, nil))
	got, err := s.Incident(ctx, inc.ID)
	must(t, err)
	if got.State != store.FalseAlarm || got.Note != "the backup" || got.StateBy != "ana" || got.Flows != 400 {
		t.Errorf("got %+v", got)
	}
	if a, _ := s.Audit(ctx, inc.ID, 10); len(a) != 1 || a[0].Action != "incident.false_alarm" || a[0].Author != "ana" {
		t.Errorf("audit %+v", a)
	}
	if err := s.SetState(ctx, Epoch, inc.ID, "odd", "", ""); err == nil {
		t.Error("an unknown state is taken")
	}
	if err := s.SetState(ctx, Epoch, "nobody", store.Open, "", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown incident gives %v", err)
	}
	var asIncident incident.Incident
	b, err := json.Marshal(got)
	must(t, err)
	if must(t, json.Unmarshal(b, &asIncident)); asIncident.ID != inc.ID {
		t.Errorf("a record's JSON is not an incident's: %s", b)
	}
}

func testEvidence(t *testing.T, s store.Store) {
	ctx := context.Background()
	inc := Incident(1)
	must(t, s.Record(ctx, Epoch, inc, 0, nil))
	body := []byte("a,b\x00\xff")
	must(t, s.PutEvidence(ctx, Epoch, inc.ID, store.EvidenceFlows, []byte("before")))
	must(t, s.PutEvidence(ctx, Epoch, inc.ID, store.EvidenceFlows, body))
	must(t, s.PutEvidence(ctx, Epoch, inc.ID, "empty", nil))
	got, err := s.Evidence(ctx, inc.ID, store.EvidenceFlows)
	if err != nil || string(got) != string(body) {
		t.Errorf("got %q, %v", got, err)
	}
	if kinds, _ := s.EvidenceKinds(ctx, inc.ID); !reflect.DeepEqual(kinds, []string{"empty", store.EvidenceFlows}) {
		t.Errorf("kinds %v", kinds)
	}
	if _, err := s.Evidence(ctx, inc.ID, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("missing evidence gives %v", err)
	}
	if err := s.PutEvidence(ctx, Epoch, "nobody", "x", body); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("evidence of an unknown incident gives %v", err)
	}
	if err := s.PutEvidence(ctx, Epoch, inc.ID, "x", make([]byte, store.MaxEvidence+1)); err == nil {
		t.Error("evidence without bound is taken")
	}
}
