package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/incident"
	"firetower/internal/store"
	"firetower/internal/store/sqlite"
	"firetower/internal/suppress"
)

const testPassword = "correct horse battery"

// fixture is a dashboard over a store in a file, without a port.
type fixture struct {
	*testing.T
	store  store.Store
	server *Server
	cookie *http.Cookie
}

func newFixture(t *testing.T, change ...func(*Config, *Dependencies)) *fixture {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "firetower.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	cfg, deps := DefaultConfig(), Dependencies{Store: st, Version: "test"}
	for _, c := range change {
		c(&cfg, &deps)
	}
	s, err := New(cfg, deps, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := SetPassword(t.Context(), st, time.Now(), testPassword); err != nil {
		t.Fatal(err)
	}
	return &fixture{T: t, store: st, server: s}
}

// do sends a request with the session, if there is one.
func (f *fixture) do(method, target, content, contentType string, head ...string) *httptest.ResponseRecorder {
	f.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(content))
	r.Host = "127.0.0.1:8900"
	r.RemoteAddr = "127.0.0.1:5000"
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if f.cookie != nil {
		r.AddCookie(f.cookie)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			r.Host = head[i+1]
			continue
		}
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	f.server.handler.ServeHTTP(w, r)
	return w
}

func (f *fixture) get(target string) *httptest.ResponseRecorder {
	f.Helper()
	return f.do("GET", target, "", "")
}

func (f *fixture) post(target string, form url.Values) *httptest.ResponseRecorder {
	f.Helper()
	return f.do("POST", target, form.Encode(), "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (f *fixture) login() {
	f.Helper()
	w := f.post("/login", url.Values{"password": {testPassword}})
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) == 0 {
		f.Fatalf("log-in: status %d: %s", w.Code, w.Body)
	}
	f.cookie = w.Result().Cookies()[0]
}

// record stores an incident.
func (f *fixture) record(inc incident.Incident) {
	f.Helper()
	if err := f.store.Record(f.Context(), time.Now(), &inc, 0, nil); err != nil {
		f.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sample makes a port scan.
func sample(id string, at time.Time) incident.Incident {
	return incident.Incident{
		EventType: "incident", ID: id, Class: attack.PortScan, Title: "Port scan of 192.0.2.10 by 203.0.113.7",
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22, 23, 80, 443, 3389},
		ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1000, Start: at, End: at.Add(42 * time.Second), Detected: at.Add(2 * time.Second),
		Flows: 1000, Confidence: 0.98, Severity: 3, Techniques: []string{"T1046"},
		Reason:   "203.0.113.7 tried 1,000 ports of 192.0.2.10 in 42 s; 996 were refused, and no connection carried data.",
		Advice:   "Find out who runs the scanning host. If it is yours and not a scanner you know of, treat it as infected.",
		Evidence: []behaviour.Evidence{{Name: "ports tried", Value: 1000, Normal: 12}, {Name: "refused", Value: 0.996, Normal: 0.05}, {Name: "rate", Value: 23.8, Unit: "/s"}},
		Filter:   "(ip.addr == 203.0.113.7) && (ip.addr == 192.0.2.10)", CommunityIDs: []string{"1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		Behaviours: []string{"portscan", "forest"}, Revision: 1,
	}
}

// kinds are what a site sees in a bad week: class, severity, actor, target, port.
var kinds = []struct {
	class         attack.Class
	actor, target string
	port          uint16
	technique     string
	reason        string
}{
	{attack.PortScan, "203.0.113.7", "192.0.2.10", 0, "T1046", "203.0.113.7 tried 1,000 ports of 192.0.2.10 in 42 s; 996 were refused, and no connection carried data."},
	{attack.BruteForce, "198.51.100.23", "192.0.2.22", 22, "T1110.001", "198.51.100.23 opened 312 SSH sessions to 192.0.2.22 in 4 min; all ended after the log-in within a narrow span of 1.9 to 2.3 s."},
	{attack.DDoS, "203.0.113.90", "192.0.2.80", 80, "T1498.001", "At least 4,096 sources send 81,000 SYN packets a second to 192.0.2.80, 300 times what it usually gets, and answer no SYN-ACK."},
	{attack.Bot, "10.0.4.17", "198.51.100.66", 443, "T1071.001", "10.0.4.17 connects to 198.51.100.66 every 60.0 s (spread 0.4 s) for 6 hours and sends the same 312 bytes."},
	{attack.WebAttack, "203.0.113.44", "192.0.2.80", 80, "T1190", "203.0.113.44 sent 41 requests with SQL in a parameter of /search to 192.0.2.80; six replies were ten times the usual size."},
	{attack.DoS, "203.0.113.31", "192.0.2.80", 80, "T1499.002", "203.0.113.31 keeps 400 connections to 192.0.2.80 open and sends 11 bytes on each every 10 s."},
	{attack.PortScan, "10.0.2.9", "10.0.0.0", 0, "T1046", "10.0.2.9 asked 254 hosts for port 161 in 9 s."},
	{attack.Infiltration, "10.0.4.17", "10.0.4.21", 445, "T1021.002", "10.0.4.17, which 203.0.113.44 had reached before, wrote to the administrative share of 10.0.4.21 and started a service."},
}

// week fills a store with a week of incidents, rates, alerts and rules.
func week(t *testing.T, s store.Store, now time.Time) {
	t.Helper()
	ctx := t.Context()
	for n := range 64 {
		k := kinds[(n*5+n/8)%len(kinds)]
		at := now.Add(-time.Duration(n*n+3*n+2) * 2 * time.Minute).Truncate(time.Microsecond)
		inc := sample(fmt.Sprintf("%012x", 0x5eed00+n*7919), at)
		inc.Class, inc.Severity, inc.Reason, inc.Techniques = k.class, k.class.Severity(), k.reason, []string{k.technique}
		inc.Actors, inc.Targets, inc.Behaviours = []string{k.actor}, []string{k.target}, []string{string(k.class), "forest"}
		inc.Title = fmt.Sprintf("%s of %s by %s", k.class.Title(), k.target, k.actor)
		inc.Filter = fmt.Sprintf("(ip.addr == %s) && (ip.addr == %s)", k.actor, k.target)
		if k.port != 0 {
			inc.Ports, inc.PortsTotal = []uint16{k.port}, 1
		}
		inc.Confidence = 0.99 - 0.01*float64(n%20)
		for rev := 1; rev <= 1+n%4; rev++ {
			inc.Revision, inc.Flows = rev, int(4*math.Pow(10, float64(rev)))+n
			inc.End = at.Add(time.Duration(rev*rev) * 15 * time.Second)
			var alerts []store.Alert
			if rev == 1 {
				body, _ := json.Marshal(alert.Item{Kind: alert.New, Incident: &inc, Created: inc.End})
				alerts = append(alerts, store.Alert{Sink: "mail", Key: inc.ID, Revision: 1, Kind: string(alert.New), Body: body, Created: inc.End, NextTry: inc.End})
			}
			check(t, s.Record(ctx, inc.End, &inc, 0, alerts))
		}
		switch {
		case n == 3 || n%17 == 16:
			check(t, s.SetState(ctx, now, inc.ID, store.FalseAlarm, User, "the monitoring of the print servers"))
		case n%7 == 5:
			check(t, s.SetState(ctx, now, inc.ID, store.Resolved, User, "blocked at the border"))
		}
	}
	due, err := s.Due(ctx, "mail", now, 100)
	check(t, err)
	for _, a := range due {
		check(t, s.MarkDelivered(ctx, a.Created.Add(2*time.Second), []int64{a.ID}))
	}
	_, err = s.AddSuppression(ctx, suppress.Rule{Source: "10.0.2.9", Class: attack.PortScan, Reason: "Nightly inventory of the network team", Author: User, Created: now.Add(-48 * time.Hour), Expires: now.Add(30 * 24 * time.Hour)})
	check(t, err)
	features, err := json.Marshal(explanation())
	check(t, err)
	page, err := s.FindIncidents(ctx, store.Query{Limit: 1000})
	check(t, err)
	for _, r := range page.Records {
		check(t, s.PutEvidence(ctx, now, r.ID, store.EvidenceFeatures, features))
		check(t, s.PutEvidence(ctx, now, r.ID, store.EvidenceFlows, []byte(flowRows)))
	}
}

// mailFails leaves an alert that can not be delivered.
func mailFails(t *testing.T, s store.Store, now time.Time) {
	t.Helper()
	check(t, s.Enqueue(t.Context(), []store.Alert{{Sink: "mail", Key: "0000005eed00", Kind: string(alert.Growth), Body: []byte("{}"), Created: now}}))
	due, err := s.Due(t.Context(), "mail", now, 1)
	check(t, err)
	check(t, s.MarkFailed(t.Context(), []int64{due[0].ID}, now.Add(time.Hour), "dial tcp 192.0.2.25:587: connection refused"))
}

const flowRows = `Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Total Fwd Packet,Total Bwd packets,Total Length of Fwd Packet,Total Length of Bwd Packet
203.0.113.7,40112,192.0.2.10,22,6,2026-11-23 06:24:00,214,1,1,0,0
203.0.113.7,40113,192.0.2.10,23,6,2026-11-23 06:24:00,198,1,1,0,0
203.0.113.7,40114,192.0.2.10,80,6,2026-11-23 06:24:01,10233,3,2,0,1204
`

// day adds a day of rates.
func day(t *testing.T, s store.Store, now time.Time, step time.Duration) {
	t.Helper()
	for at := now.Add(-time.Hour); at.Before(now); at = at.Add(step) {
		x := float64(at.Unix())
		base := 900 + 250*math.Sin(x/700) + 90*math.Sin(x/61) + 40*math.Sin(x/13)
		samples := []store.Sample{{Name: "packets", Value: 6 * base}, {Name: "bits", Value: 32000 * base}, {Name: "flows", Value: base / 8},
			{Name: "drops", Value: 0}, {Name: "active", Value: base * 3}, {Name: "verdict.benign", Value: base / 9}}
		if m := at.Minute() % 20; m < 3 {
			samples = append(samples, store.Sample{Name: "verdict.portscan", Value: 24}, store.Sample{Name: "verdict.bruteforce", Value: 6})
		} else {
			samples = append(samples, store.Sample{Name: "verdict.portscan", Value: 0}, store.Sample{Name: "verdict.bruteforce", Value: 1.3})
		}
		check(t, s.AddSamples(t.Context(), at, samples))
	}
}

// running counts like a daemon on a busy link; each call is a second.
func running() func() Counters {
	var mu sync.Mutex
	c := Counters{Verdicts: map[string]uint64{}, Limit: 1_000_000, Interfaces: []string{"eth0"}}
	var n float64
	return func() Counters {
		mu.Lock()
		defer mu.Unlock()
		n++
		load := 1 + 0.25*math.Sin(n/70) + 0.08*math.Sin(n/9) + 0.05*math.Sin(n*2.3)
		c.Packets += uint64(5400 * load)
		c.Bits += uint64(29e6 * load * (1 + 0.04*math.Sin(n*1.7)))
		c.Flows += uint64(112 * load)
		c.Active, c.LastPacket = int(2700*load), time.Now()
		c.Verdicts = maps.Clone(c.Verdicts)
		c.Verdicts["benign"] += uint64(100 * load)
		if math.Mod(n, 300) < 40 {
			c.Verdicts["portscan"] += uint64(24 * load)
		}
		if math.Mod(n, 140) < 55 {
			c.Verdicts["bruteforce"] += uint64(5 + 2*math.Sin(n/5))
		}
		return c
	}
}

func fakeAlerts(s store.Store) func(context.Context) alert.Status {
	return func(ctx context.Context) alert.Status {
		var out alert.Status
		stats, _ := s.OutboxStats(ctx)
		for _, st := range stats {
			out.Sinks = append(out.Sinks, alert.SinkStatus{SinkStats: st})
		}
		return out
	}
}
