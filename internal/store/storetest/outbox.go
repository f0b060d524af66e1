package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"firetower/internal/store"
)

func keys(alerts []store.Alert) (out string) {
	for _, a := range alerts {
		out += fmt.Sprintf("%s%d ", a.Key, a.Revision)
	}
	return out
}

func put(t *testing.T, s store.Store, sink, key string, revision int, at time.Time) {
	t.Helper()
	must(t, s.Enqueue(context.Background(), []store.Alert{{Sink: sink, Key: key, Revision: revision, Kind: "new", Body: []byte(`{}`), Created: at}}))
}

func due(t *testing.T, s store.Store, sink string, now time.Time) []store.Alert {
	t.Helper()
	out, err := s.Due(context.Background(), sink, now, 100)
	must(t, err)
	return out
}

func testOutboxOrder(t *testing.T, s store.Store) {
	ctx := context.Background()
	put(t, s, "mail", "a", 1, Epoch)
	put(t, s, "mail", "b", 1, Epoch)
	put(t, s, "mail", "a", 2, Epoch)
	put(t, s, "hook", "a", 1, Epoch)
	put(t, s, "mail", "c", 1, Epoch.Add(time.Hour))
	got := due(t, s, "mail", Epoch)
	if keys(got) != "a1 b1 a2 " {
		t.Fatalf("due %q", keys(got))
	}
	must(t, s.MarkFailed(ctx, []int64{got[0].ID}, Epoch.Add(time.Minute), "refused"))
	if k := keys(due(t, s, "mail", Epoch)); k != "b1 " {
		t.Errorf("after a1 failed %q is due, want b1 alone: a2 must not overtake a1", k)
	}
	if k := keys(due(t, s, "mail", Epoch.Add(time.Minute))); k != "a1 b1 a2 " {
		t.Errorf("after the wait %q is due", k)
	}
	if k := keys(due(t, s, "hook", Epoch)); k != "a1 " {
		t.Errorf("another sink is held up: %q", k)
	}
}

func testOutboxLife(t *testing.T, s store.Store) {
	ctx := context.Background()
	put(t, s, "mail", "a", 1, Epoch)
	id := due(t, s, "mail", Epoch)[0].ID
	must(t, s.MarkFailed(ctx, []int64{id}, Epoch.Add(time.Hour), "450 later"))
	if n, err := s.NextDue(ctx, "mail"); err != nil || !n.Equal(Epoch.Add(time.Hour)) {
		t.Errorf("next due %s, %v", n, err)
	}
	last, err := s.LastAlert(ctx, "mail", "a")
	if err != nil || last.Attempts != 1 || last.LastError != "450 later" || last.State != store.Pending {
		t.Errorf("after a failure: %+v, %v", last, err)
	}
	must(t, s.RetryNow(ctx, "mail", Epoch.Add(time.Minute)))
	if len(due(t, s, "mail", Epoch.Add(time.Minute))) != 1 {
		t.Error("RetryNow did not make it due")
	}
	must(t, s.MarkDelivered(ctx, Epoch.Add(2*time.Minute), []int64{id}))
	last, err = s.LastAlert(ctx, "mail", "a")
	if err != nil || last.State != store.Delivered || last.Attempts != 2 || last.LastError != "" || !last.Delivered.Equal(Epoch.Add(2*time.Minute)) {
		t.Errorf("after delivery: %+v, %v", last, err)
	}
	must(t, s.Drop(ctx, Epoch, []int64{id}, "no")) // too late: it has arrived
	if last, _ = s.LastAlert(ctx, "mail", "a"); last.State != store.Delivered {
		t.Error("a delivered alert was dropped")
	}
	if n, err := s.NextDue(ctx, "mail"); err != nil || !n.IsZero() {
		t.Errorf("next due of an empty outbox: %s, %v", n, err)
	}
	if _, err := s.LastAlert(ctx, "mail", "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no last alert gives %v", err)
	}
}

func testOutboxHold(t *testing.T, s store.Store) {
	ctx := context.Background()
	put(t, s, "mail", "a", 1, Epoch)
	put(t, s, "mail", "a", 2, Epoch)
	put(t, s, "mail", "b", 1, Epoch)
	morning := Epoch.Add(time.Hour)
	var ids []int64
	for _, a := range due(t, s, "mail", Epoch) {
		ids = append(ids, a.ID)
	}
	must(t, s.Hold(ctx, ids, morning, "quiet hours"))
	if n := len(due(t, s, "mail", Epoch)); n != 0 {
		t.Errorf("%d are due though held", n)
	}
	must(t, s.RetryNow(ctx, "mail", Epoch)) // a server that is back does not end the quiet hours
	if n := len(due(t, s, "mail", Epoch)); n != 0 {
		t.Errorf("%d are due though held", n)
	}
	got := due(t, s, "mail", morning)
	if keys(got) != "a1 a2 b1 " || got[0].Held != "quiet hours" || got[0].Attempts != 0 {
		t.Errorf("in the morning %q, first %+v", keys(got), got[0])
	}
	must(t, s.MarkDelivered(ctx, morning, ids))
	put(t, s, "mail", "c", 1, Epoch)
	must(t, s.MarkDelivered(ctx, morning.Add(time.Second), []int64{due(t, s, "mail", Epoch)[0].ID}))
	if n, first, err := s.MessagesSince(ctx, "mail", morning); err != nil || n != 2 || !first.Equal(morning) {
		t.Errorf("%d messages from %s, %v; want 2: one digest and one", n, first, err)
	}
	if n, _, _ := s.MessagesSince(ctx, "mail", morning.Add(time.Second)); n != 1 {
		t.Errorf("%d messages in the last second, want 1", n)
	}
}

func testOutboxStats(t *testing.T, s store.Store) {
	ctx := context.Background()
	for n := range 5 {
		put(t, s, "mail", "k", n, Epoch.Add(time.Duration(n)*time.Second))
	}
	put(t, s, "hook", "k", 1, Epoch)
	a := due(t, s, "mail", Epoch.Add(time.Minute))
	must(t, s.MarkDelivered(ctx, Epoch.Add(time.Hour), []int64{a[0].ID}))
	must(t, s.Drop(ctx, Epoch, []int64{a[1].ID}, "too old"))
	must(t, s.MarkFailed(ctx, []int64{a[2].ID}, Epoch, "refused"))
	must(t, s.Hold(ctx, []int64{a[3].ID}, Epoch, "budget"))
	got, err := s.OutboxStats(ctx)
	must(t, err)
	want := store.SinkStats{Sink: "mail", Pending: 3, Held: 1, Failing: 1, Delivered: 1, Dropped: 1,
		Oldest: Epoch.Add(2 * time.Second), LastDelivered: Epoch.Add(time.Hour), LastError: "refused"}
	if len(got) != 2 || got[0].Sink != "hook" || got[0].Pending != 1 || got[1] != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if all, err := s.Alerts(ctx, "", 3); err != nil || len(all) != 3 || all[0].Sink != "hook" {
		t.Errorf("newest alerts %+v, %v", all, err)
	}
}

// testOutboxMany passes the number of parameters that a database takes at once.
func testOutboxMany(t *testing.T, s store.Store) {
	ctx := context.Background()
	alerts := make([]store.Alert, 1200)
	for i := range alerts {
		alerts[i] = store.Alert{Sink: "mail", Key: fmt.Sprint(i), Kind: "new", Body: []byte(`{}`), Created: Epoch}
	}
	must(t, s.Enqueue(ctx, alerts))
	got, err := s.Due(ctx, "mail", Epoch, 5000)
	must(t, err)
	ids := make([]int64, len(got))
	for i, a := range got {
		ids[i] = a.ID
	}
	must(t, s.MarkDelivered(ctx, Epoch, ids))
	if n, _, _ := s.MessagesSince(ctx, "mail", Epoch); len(got) != 1200 || n != 1 {
		t.Errorf("%d were due in %d messages", len(got), n)
	}
}
