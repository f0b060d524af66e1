package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"firetower/internal/detect"
	"firetower/internal/forest"
	"firetower/internal/store"
)

// The stream, as a browser reads it from a running server.
func TestStream(t *testing.T) {
	f := newFixture(t, func(c *Config, d *Dependencies) {
		c.Listen = "127.0.0.1:0"
		d.Counters = running()
	})
	f.login()
	check(t, f.server.Listen())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx) }()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.server.URL()+"/events", nil)
	check(t, err)
	r.AddCookie(f.cookie)
	answer, err := http.DefaultClient.Do(r)
	check(t, err)
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("%d %s", answer.StatusCode, kind)
	}
	inc := sample("abc", time.Now())
	inc.Title = "two\nlines"
	seen := map[string]string{}
	lines := bufio.NewScanner(answer.Body)
	for name := ""; len(seen) < 2 && lines.Scan(); {
		if lines.Text() == "retry: 3000" { // it is subscribed now
			f.server.Publish(&inc)
		}
		if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = n
		} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			seen[name] = data
		}
	}
	var news Glance
	if err := json.Unmarshal([]byte(seen["incident"]), &news); err != nil || news.Title != inc.Title || news.Reason != inc.Reason || news.Confidence != inc.Confidence || news.Urgency != "Low" {
		t.Errorf("incident %q: %v", seen["incident"], err)
	}
	var rates Rates
	if err := json.Unmarshal([]byte(seen["rates"]), &rates); err != nil || rates.Packets == 0 {
		t.Errorf("rates %q: %v", seen["rates"], err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for lines.Scan() { // the server ends the stream when it stops
	}
}

func TestHealth(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name     string
		counters Counters
		after    Counters // a second later
		item     string
		want     Condition
		says     string
	}{
		{"nothing yet", Counters{}, Counters{}, "Capture", Warning, "doctor"},
		{"all well", Counters{Packets: 10, LastPacket: now}, Counters{Packets: 1000, LastPacket: now}, "Capture", Good, "nothing lost"},
		{"a little lost", Counters{LastPacket: now}, Counters{Packets: 100000, Drops: 5, LastPacket: now}, "Capture", Warning, "5 packets lost"},
		{"much lost", Counters{LastPacket: now}, Counters{Packets: 900, Drops: 100, LastPacket: now}, "Capture", Failing, "10.0 %"},
		{"silence", Counters{LastPacket: now.Add(-time.Minute)}, Counters{LastPacket: now.Add(-time.Minute)}, "Capture", Warning, "no packet for 1 min"},
		{"a full table", Counters{Active: 95, Limit: 100}, Counters{Active: 95, Limit: 100}, "Flow table", Warning, "95 of 100 flows (95 %)"},
		{"room in the table", Counters{Active: 1500, Limit: 10000}, Counters{Active: 1500, Limit: 10000}, "Flow table", Good, "1,500 of 10,000"},
		{"a folder that is gone", Counters{}, Counters{}, "Disk /nowhere", Warning, "can not be asked"},
	}
	for _, tt := range tests {
		c := tt.counters
		f := newFixture(t, func(_ *Config, d *Dependencies) {
			d.Counters = func() Counters { return c }
			d.Disks = []string{"/nowhere"}
		})
		f.server.meter.measure(now.Add(-time.Second))
		c = tt.after
		f.server.meter.measure(now)
		found := false
		for _, item := range f.server.health(t.Context()) {
			if item.Name != tt.item {
				continue
			}
			found = true
			if item.Condition != tt.want || !strings.Contains(item.Detail, tt.says) {
				t.Errorf("%s: %+v, want %s with %q", tt.name, item, tt.want, tt.says)
			}
		}
		if !found {
			t.Errorf("%s: nothing about %s", tt.name, tt.item)
		}
		status := http.StatusOK
		if tt.want == Failing {
			status = http.StatusServiceUnavailable
		}
		if w := f.get("/healthz"); w.Code != status {
			t.Errorf("%s: /healthz gives %d, want %d", tt.name, w.Code, status)
		}
	}
}

// The metrics are for this machine, unless a proxy makes everybody look like it.
func TestWhoReadsMetrics(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		remote string
		head   []string
		want   int
	}{
		{"this machine", func(*Config) {}, "127.0.0.1:5", nil, 200},
		{"this machine, IPv6", func(*Config) {}, "[::1]:5", nil, 200},
		{"another", func(*Config) {}, "192.0.2.9:5", nil, 401},
		{"through a proxy", func(*Config) {}, "127.0.0.1:5", []string{"X-Forwarded-For", "192.0.2.9"}, 401},
		{"behind a known proxy", func(c *Config) { c.URL = "https://firetower.example.org" }, "127.0.0.1:5", nil, 401},
		{"a wrong token here", func(*Config) {}, "127.0.0.1:5", []string{"Authorization", "Bearer firetower_x"}, 401},
		{"another scheme", func(*Config) {}, "127.0.0.1:5", []string{"Authorization", "Basic eDp5"}, 401},
	}
	for _, tt := range tests {
		f := newFixture(t, func(c *Config, d *Dependencies) {
			tt.change(c)
			d.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
		})
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8900/metrics", nil)
		r.RemoteAddr = tt.remote
		for i := 0; i+1 < len(tt.head); i += 2 {
			r.Header.Set(tt.head[i], tt.head[i+1])
		}
		w := httptest.NewRecorder()
		f.server.handler.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.want)
		}
	}
}

// away is a store that answers sessions and nothing about incidents.
type away struct {
	store.Store
	err error
}

func (s away) FindIncidents(context.Context, store.Query) (store.Page, error) {
	return store.Page{}, s.err
}
func (s away) Incident(context.Context, string) (store.Record, error)     { return store.Record{}, s.err }
func (s away) Alerts(context.Context, string, int) ([]store.Alert, error) { return nil, s.err }

// Without its store the dashboard says so, and shows what it can.
func TestTheStoreIsAway(t *testing.T) {
	for err, api := range map[error]int{store.ErrUnavailable: 503, store.ErrFull: 507, errors.New("secret detail"): 500} {
		f := newFixture(t)
		f.login()
		f.server.deps.Store = away{f.store, err}
		for path, want := range map[string]int{"/": 200, "/incidents": 503, "/incidents/abc": 503, "/alerts": 503, "/api/v1/incidents": api, "/api/v1/stats": 200} {
			w := f.get(path)
			if w.Code != want || strings.Contains(w.Body.String(), "secret detail") {
				t.Errorf("%v: %s gives %d, want %d: %.200s", err, path, w.Code, want, w.Body)
			}
		}
	}
}

func TestDrawnCauses(t *testing.T) {
	chart := drawCauses(explanation())
	if len(chart.Bars) != 6 || !chart.Convinced {
		t.Fatalf("%+v", chart)
	}
	for _, b := range chart.Bars {
		if b.X < 0 || b.X+b.Width > 150 || (b.Sign == "for") != (b.Moved > 0) {
			t.Errorf("%s: the bar leaves its drawing: %+v", b.Feature, b)
		}
		if b.HasUsual && (b.At < stripLeft || b.At > stripLeft+stripReach || b.From < stripLeft || b.From+b.BWidth > stripLeft+stripReach+2) {
			t.Errorf("%s: the strip leaves its drawing: %+v", b.Feature, b)
		}
	}
	if last := chart.Bars[5]; last.HasUsual || last.Usual != "" {
		t.Errorf("a range that nobody knows: %+v", last)
	}
	flat := &forest.Range{}
	for name, e := range map[string]detect.Explanation{
		"nothing moved": {Causes: []detect.Cause{{Feature: "a"}}},
		"no number":     {Causes: []detect.Cause{{Feature: "a", Moved: math.NaN()}}},
		"endless":       {Causes: []detect.Cause{{Feature: "a", Moved: 1, Value: math.Inf(1)}}},
		"no causes":     {},
	} {
		if c := drawCauses(e); c != nil {
			t.Errorf("%s is drawn: %+v", name, c)
		}
	}
	one := drawCauses(detect.Explanation{Causes: []detect.Cause{{Feature: "a", Moved: -1, Benign: flat, Class: flat}}})
	if one == nil || bad(one.Bars[0].At) || one.Convinced {
		t.Errorf("a range of one value: %+v", one)
	}
}

func TestSeries(t *testing.T) {
	f := newFixture(t, func(_ *Config, d *Dependencies) { d.Counters = running() })
	now := time.Now()
	day(t, f.store, now, time.Minute)
	for n := range 5 {
		f.server.meter.measure(now.Add(time.Duration(n-5) * time.Second))
	}
	f.login()
	for query, want := range map[string]struct {
		step  float64
		names int
	}{"range=live": {1, 4}, "range=1h": {0, 8}, "range=1h&names=packets,bits": {0, 2}} {
		var got series
		w := f.get("/api/v1/series?" + query)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v", query, w.Code, err)
		}
		if want.step != 0 && got.Step != want.step || len(got.Columns) < want.names || len(got.Times) == 0 {
			t.Errorf("%s: step %v, %d columns, %d times", query, got.Step, len(got.Columns), len(got.Times))
		}
		for name, column := range got.Columns {
			if len(column) != len(got.Times) {
				t.Errorf("%s: %s has %d values at %d times", query, name, len(column), len(got.Times))
			}
		}
	}
	for _, bad := range []string{"range=1s", "range=99999h", "range=1h&names=" + url.QueryEscape(strings.Repeat("x,", maxSeries+1))} {
		if w := f.get("/api/v1/series?" + bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}
