package alert

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

func TestOneMessageAndGrowthOnALogScale(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	flows := []int{10, 20, 50, 99, 100, 300, 999, 1000, 1001, 9999, 10000}
	var told []string
	for i, n := range flows {
		b.handle(scan("a", i+1, n))
		if s := b.deliver(time.Second); s != "" {
			told = append(told, s)
		}
	}
	b.want("told", strings.Join(told, ", "), "new a 10, growth a 100, growth a 1000, growth a 10000")
	inc := scan("a", 20, 10001)
	inc.Severity = 1
	b.handle(inc)
	b.want("more urgent", b.deliver(time.Second), "growth a 10001")
	b.handle(inc)
	b.want("the same revision again", b.deliver(time.Second), "")
}

func TestGrowthWhileWaitingIsOneMessage(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.handle(scan("a", 1, 10))
	b.handle(scan("a", 2, 100))
	b.handle(scan("b", 1, 5))
	b.handle(scan("a", 3, 1000))
	b.want("at once", b.deliver(time.Second), "new a 1000; new b 5")
	if due, _ := b.store.Due(context.Background(), "mail", b.at.Add(time.Hour), 10); len(due) != 0 {
		t.Errorf("%d alerts are still in the outbox", len(due))
	}
}

func TestPolicyFilters(t *testing.T) {
	p := DefaultPolicy()
	p.Severity, p.Confidence, p.Classes = 2, 0.9, []attack.Class{attack.PortScan}
	b := newBench(t, p)
	for id, change := range map[string]func(*incident.Incident){
		"low": func(i *incident.Incident) { i.Severity = 3 }, "unsure": func(i *incident.Incident) { i.Confidence = 0.89 },
		"other": func(i *incident.Incident) { i.Class = attack.Bot },
		"right": func(*incident.Incident) {},
	} {
		inc := scan(id, 1, 10)
		inc.Severity = 2
		change(inc)
		b.handle(inc)
	}
	b.want("told", b.deliver(time.Second), "new right 10")
	if page, err := b.store.FindIncidents(context.Background(), store.Query{}); err != nil || page.Total != 4 {
		t.Errorf("%d incidents are recorded, %v; want all 4", page.Total, err)
	}
}

func TestSuppressedUntilItOutgrowsTheRule(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, DefaultPolicy())
	rule, err := b.store.AddSuppression(ctx, suppress.Rule{Source: "203.0.113.7", Reason: "our scanner", Author: "ana", Created: b.at, Expires: b.at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	b.handle(scan("a", 1, 10))
	b.want("suppressed", b.deliver(time.Second), "")
	if rec, err := b.store.Incident(ctx, "a"); err != nil || rec.SuppressedBy != rule.ID {
		t.Errorf("recorded %+v, %v", rec, err)
	}
	wider := scan("a", 2, 20)
	wider.Actors, wider.ActorsTotal = []string{"203.0.113.7", "198.51.100.1"}, 2
	b.handle(wider)
	b.want("a second actor", b.deliver(time.Second), "new a 20")
	b.at = b.at.Add(2 * time.Hour)
	b.handle(scan("b", 1, 10))
	b.want("expired", b.deliver(time.Second), "new b 10")
	if s := b.r.Status(ctx); s.Suppressed != 1 || s.Recorded != 3 {
		t.Errorf("status %+v", s)
	}
}

func TestWhatPeopleDecidedHolds(t *testing.T) {
	ctx := context.Background()
	b := newBench(t, DefaultPolicy())
	b.handle(scan("false", 1, 10))
	b.handle(scan("done", 1, 10))
	b.deliver(time.Second)
	for id, s := range map[string]store.State{"false": store.FalseAlarm, "done": store.Resolved} {
		if err := b.store.SetState(ctx, b.at, id, s, "ana", ""); err != nil {
			t.Fatal(err)
		}
	}
	b.handle(scan("false", 2, 1000))
	late := scan("done", 2, 1000)
	late.End = b.at.Add(time.Minute)
	b.handle(late)
	b.want("told", b.deliver(time.Second), "growth done 1000")
	if rec, _ := b.store.Incident(ctx, "done"); rec.State != store.Open {
		t.Errorf("the resolved incident goes on and is %s, want open", rec.State)
	}
}

func TestRetryWithBackOffThenAllAtOnce(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	down := true
	tries := 0
	b.sink.fail = func(*Message) error {
		if down {
			tries++
			return errors.New("connection refused")
		}
		return nil
	}
	for i := range 3 {
		b.handle(scan(fmt.Sprint("i", i), 1, 10))
	}
	for range 60 * 60 { // an hour
		b.deliver(time.Second)
	}
	if tries < 7 || tries > 12 { // 5 s, 10 s, ... 15 min
		t.Errorf("%d tries in an hour", tries)
	}
	s := b.r.Status(context.Background()).Sinks[0]
	if s.Pending != 3 || s.Failing == 0 || s.LastError != "connection refused" || s.FailingSince.IsZero() || s.Failures != uint64(tries) {
		t.Errorf("the failure does not show: %+v", s)
	}
	down = false
	b.at = s.NextTry
	got := b.deliver(0)
	got += "; " + b.deliver(time.Second)
	b.want("when it is up", strings.TrimSuffix(got, "; "), "new i0 10; new i1 10; new i2 10")
	if s := b.r.Status(context.Background()).Sinks[0]; s.Pending != 0 || !s.FailingSince.IsZero() || s.Messages != 3 || s.LastError != "" {
		t.Errorf("after: %+v", s)
	}
}

func TestRetryOnRequest(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.sink.fail = func(*Message) error { return errors.New("down") }
	b.handle(scan("a", 1, 10))
	for range 8 {
		b.deliver(lastRetry)
	}
	b.sink.fail = nil
	b.want("before", b.deliver(time.Second), "")
	if err := b.store.RetryNow(context.Background(), "mail", b.at); err != nil {
		t.Fatal(err)
	}
	b.want("after", b.deliver(time.Second), "new a 10")
}

func TestClockSetBack(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.sink.fail = func(*Message) error { return errors.New("down") }
	b.handle(scan("a", 1, 10))
	b.deliver(time.Second)
	b.sink.fail = nil
	b.want("a day earlier by the clock", b.deliver(-24*time.Hour), "new a 10")
	b.handle(scan("b", 1, 10))
	b.want("and on", b.deliver(time.Second), "new b 10")
}

func TestOnePermanentFailureHoldsUpNobody(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.sink.fail = func(m *Message) error {
		if m.Items[0].Incident.ID == "bad" {
			return Permanent(errors.New("550 no"))
		}
		return nil
	}
	b.handle(scan("bad", 1, 10))
	b.handle(scan("good", 1, 10))
	b.handle(scan("bad", 2, 100))
	b.want("told", b.deliver(time.Second), "new good 10")
	b.sink.fail = nil
	b.want("mended", b.deliver(lastRetry), "new bad 100")
}

func TestRestartSendsWhatWasPending(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.handle(scan("a", 1, 10))
	b.sink.fail = func(*Message) error { return errors.New("down") }
	for range 20 {
		b.deliver(lastRetry)
	}
	b.sink.fail = nil
	b.restart(b.store, DefaultPolicy())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); _ = b.r.Run(ctx) }()
	for range 200 {
		if got := b.sink.take(); got != "" {
			b.want("after the restart", got, "new a 10")
			cancel()
			<-done
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("nothing came after the restart")
}

func TestGiveUp(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	b.handle(scan("a", 1, 10))
	b.want("after a week", b.deliver(8*24*time.Hour), "")
	if a, err := b.store.LastAlert(context.Background(), "mail", "a"); err != nil || a.State != store.Dropped || a.LastError == "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestQuietHours(t *testing.T) {
	p := DefaultPolicy()
	p.Quiet = []Window{{From: "11:00", To: "14:00"}}
	b := newBench(t, p)
	b.handle(scan("a", 1, 10))
	b.handle(scan("b", 1, 10))
	urgent := scan("u", 1, 10)
	urgent.Severity = 1
	b.handle(urgent)
	b.handle(scan("a", 2, 100))
	b.want("at noon", b.deliver(0), "new u 10")
	b.want("at 13:59", b.deliver(2*time.Hour-time.Second), "")
	b.at = b.at.Add(time.Second)
	b.r.workers[0].once(context.Background())
	m := b.sink.got
	b.want("at 14:00", b.sink.take(), "new a 100 + new b 10")
	if len(m) != 1 || m[0].HeldBack != "Held back until now: 2 by the quiet hours." {
		t.Errorf("held back: %+v", m)
	}
}

func TestDigest(t *testing.T) {
	p := DefaultPolicy()
	p.Digest, p.DigestBelow = 6*time.Hour, 3
	b := newBench(t, p)
	b.handle(scan("a", 1, 10))
	b.at = b.at.Add(time.Hour)
	b.handle(scan("b", 1, 10))
	important := scan("i", 1, 10)
	important.Severity = 2
	b.handle(important)
	b.want("at 13:00", b.deliver(0), "new i 10")
	b.want("at 17:59", b.deliver(5*time.Hour-time.Minute), "")
	b.want("at 18:00", b.deliver(time.Minute), "new a 10 + new b 10")
}

func TestBudget(t *testing.T) {
	p := DefaultPolicy()
	p.PerHour = 5
	b := newBench(t, p)
	for i := range 8 {
		b.handle(scan(fmt.Sprint("i", i), 1, 10))
	}
	b.r.workers[0].once(context.Background())
	m := b.sink.got
	b.want("a flood", b.sink.take(), "new i0 10; new i1 10; new i2 10; new i3 10") // one is kept for what is urgent
	if last := m[len(m)-1]; !strings.HasPrefix(last.HeldBack, "4 more alerts are held back by the budget of 5 messages an hour") {
		t.Errorf("the last says %q", last.HeldBack)
	}
	b.handle(scan("more", 1, 10))
	b.want("a minute later", b.deliver(time.Minute), "")
	urgent := scan("u", 1, 10)
	urgent.Severity = 1
	b.handle(urgent)
	b.want("an urgent one", b.deliver(time.Minute), "new u 10")
	b.at = b.at.Add(time.Hour - 2*time.Minute + time.Second)
	b.r.workers[0].once(context.Background())
	m = b.sink.got
	b.want("when there is room", b.sink.take(), "new i4 10 + new i5 10 + new i6 10 + new i7 10 + new more 10")
	if len(m) != 1 || m[0].HeldBack != "Held back until now: 5 by the budget of 5 messages an hour." || !m[0].Digest {
		t.Errorf("held back: %+v", m)
	}
}

func TestNotice(t *testing.T) {
	b := newBench(t, DefaultPolicy())
	n := NoticeText{Key: "blind", Title: "Firetower sees no packets", Severity: 1}
	for range 3 {
		if err := b.r.Notice(context.Background(), n); err != nil {
			t.Fatal(err)
		}
	}
	b.want("three times the same", b.deliver(0), "notice blind")
	b.at = b.at.Add(2 * time.Hour)
	if err := b.r.Notice(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	b.want("two hours later", b.deliver(0), "notice blind")
}
