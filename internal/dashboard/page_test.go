package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

func TestJudgingSeveral(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"one", "two", "three"} {
		f.record(sample(id, time.Now()))
	}
	f.login()
	tests := []struct {
		name string
		form url.Values
		want int
	}{
		{"none", url.Values{"state": {"resolved"}}, 400},
		{"a state that is none", url.Values{"id": {"one"}, "state": {"sold"}}, 400},
		{"too many", url.Values{"id": make([]string, maxJudged+1), "state": {"resolved"}}, 400},
		{"too long a note", url.Values{"id": {"one"}, "state": {"resolved"}, "note": {strings.Repeat("x", maxNote+1)}}, 400},
		{"two, and one that is gone", url.Values{"id": {"one", "gone", "three"}, "state": {"false_alarm"}, "filter": {"q=scan"}}, 303},
	}
	for _, tt := range tests {
		w := f.post("/incidents/judge", tt.form)
		if w.Code != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.want)
		}
		if tt.want == 303 && w.Header().Get("Location") != "/incidents?q=scan" {
			t.Errorf("%s: leads to %q", tt.name, w.Header().Get("Location"))
		}
	}
	for id, want := range map[string]store.State{"one": store.FalseAlarm, "two": store.Open, "three": store.FalseAlarm} {
		if rec, err := f.store.Incident(t.Context(), id); err != nil || rec.State != want {
			t.Errorf("%s is %q, want %q (%v)", id, rec.State, want, err)
		}
	}
	if page := f.get("/incidents").Body.String(); !strings.Contains(page, "2 incidents marked as: False alarm.") {
		t.Error("the next page does not say what was done")
	}
}

// What a page refuses is a page too, with what to do next.
func TestRefusalsAreReadable(t *testing.T) {
	f := newFixture(t)
	out := f.post("/suppressions", url.Values{"source": {"192.0.2.1"}})
	if body := out.Body.String(); out.Code != 401 || !strings.Contains(body, `href="/login"`) || strings.Contains(body, "<nav") {
		t.Errorf("without a session: %d %s", out.Code, body)
	}
	f.login()
	foreign := f.do("POST", "/suppressions", "", "", "Sec-Fetch-Site", "cross-site")
	if body := foreign.Body.String(); foreign.Code != 403 || !strings.Contains(body, "dashboard.url") || !strings.Contains(body, "<nav") {
		t.Errorf("from another site: %d %s", foreign.Code, body)
	}
	if api := f.do("POST", "/api/v1/suppressions", "{}", "application/json", "Sec-Fetch-Site", "cross-site"); api.Code != 403 || !strings.HasPrefix(api.Body.String(), `{"error":`) {
		t.Errorf("the API to another site: %d %s", api.Code, api.Body)
	}
	for path, want := range map[string]string{"/nothing": "Not found", "/incidents?severity=9": "from 1 to 3", "/incidents?since=tuesday": "24h"} {
		if w := f.get(path); w.Code < 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, without %q", path, w.Code, want)
		}
	}
}

func TestQueries(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	good := map[string]func(store.Query) bool{
		"":                             func(q store.Query) bool { return q.States == nil && q.Suppressed == nil },
		"since=24h":                    func(q store.Query) bool { return q.Since.Equal(now.Add(-24 * time.Hour)) },
		"since=2026-11-01":             func(q store.Query) bool { return q.Since.Day() == 1 },
		"until=2026-11-23T06:00:00Z":   func(q store.Query) bool { return q.Until.Hour() == 6 },
		"address=::ffff:192.0.2.1":     func(q store.Query) bool { return q.Address == "192.0.2.1" },
		"address=2001:DB8:0:0::1":      func(q store.Query) bool { return q.Address == "2001:db8::1" },
		"state=open&state=false_alarm": func(q store.Query) bool { return len(q.States) == 2 },
		"state=open&state=all":         func(q store.Query) bool { return q.States == nil },
		"class=dos&class=&class=bot":   func(q store.Query) bool { return len(q.Classes) == 2 },
		"suppressed=false&port=22":     func(q store.Query) bool { return !*q.Suppressed && q.Port == 22 },
		"limit=1000&severity=2&q=a+b":  func(q store.Query) bool { return q.Limit == 1000 && q.Severity == 2 && q.Text == "a b" },
	}
	for text, right := range good {
		v, err := url.ParseQuery(text)
		check(t, err)
		if q, err := parseQuery(v, now); err != nil || !right(q) {
			t.Errorf("%s: %+v, %v", text, q, err)
		}
	}
	for _, text := range []string{"since=-1h", "until=noon", "address=router", "address=192.0.2.0/24", "port=0", "port=65536", "port=ssh", "limit=1001", "severity=4", "state=sold", "class=spam", "suppressed=perhaps", "q=" + strings.Repeat("x", 201)} {
		v, err := url.ParseQuery(text)
		check(t, err)
		if q, err := parseQuery(v, now); err == nil {
			t.Errorf("%s is taken: %+v", text, q)
		} else if name, _, _ := strings.Cut(text, "="); !strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("%s: the error does not name the parameter: %v", text, err)
		}
	}
}

// The filter lasts from page to page of a long list.
func TestLongLists(t *testing.T) {
	f := newFixture(t)
	at := time.Now().Add(-time.Hour)
	for n := range perPage + 20 {
		f.record(sample(strings.Repeat("0", 3)+string(rune('a'+n/26))+string(rune('a'+n%26)), at.Add(time.Duration(n)*time.Second)))
	}
	f.login()
	first := f.get("/incidents?suppressed=1&severity=").Body.String()
	_, rest, _ := strings.Cut(first, `rel="next" href="`)
	next, _, ok := strings.Cut(rest, `"`)
	if !ok || !strings.Contains(first, "1–50 of 70") {
		t.Fatalf("the first page has no next, or not the count: %.200s", rest)
	}
	next = strings.ReplaceAll(next, "&amp;", "&")
	if !strings.Contains(next, "suppressed=1") {
		t.Errorf("the next page forgets the filter: %s", next)
	}
	if second := f.get(next).Body.String(); !strings.Contains(second, "51–70 of 70") || strings.Contains(second, `rel="next"`) || !strings.Contains(second, `href="/incidents?severity=&amp;state=open&amp;suppressed=1">Newest`) {
		t.Error("the second page is not the last, or does not lead back")
	}
}

// Every page says what does not do its work; without incidents it says so.
func TestFailuresShowEverywhere(t *testing.T) {
	f := newFixture(t, func(_ *Config, d *Dependencies) { d.Alerts = fakeAlerts(d.Store) })
	f.login()
	if page := f.get("/").Body.String(); !strings.Contains(page, "Nothing found so far") {
		t.Error("the live page without incidents is silent")
	}
	check(t, f.store.Enqueue(t.Context(), []store.Alert{{Sink: "mail", Key: "abc", Kind: "new", Body: []byte("{}"), Created: time.Now()}}))
	due, err := f.store.Due(t.Context(), "mail", time.Now(), 1)
	check(t, err)
	check(t, f.store.MarkFailed(t.Context(), []int64{due[0].ID}, time.Now().Add(time.Hour), "550 <script>alert(1)</script>"))
	for _, path := range []string{"/", "/incidents", "/suppressions", "/alerts", "/model", "/settings"} {
		page := f.get(path).Body.String()
		if !strings.Contains(page, `<p class="wrong" role="alert"><strong>Alerts by mail:</strong>`) || strings.Contains(page, "<script>alert") {
			t.Errorf("%s does not say that mail fails, or says it as markup", path)
		}
	}
}

// What was sent is named by its title; only what has a page is linked.
func TestAlertsAreNamed(t *testing.T) {
	f := newFixture(t)
	inc := sample("abc", time.Now())
	inc.Title = "Port scan <b>by</b> 203.0.113.7"
	told, err := json.Marshal(alert.Item{Kind: alert.New, Incident: &inc})
	check(t, err)
	own, err := json.Marshal(alert.Item{Kind: alert.Notice, Notice: &alert.NoticeText{Title: "No packets for a minute", Text: "eth0 is silent"}})
	check(t, err)
	check(t, f.store.Enqueue(t.Context(), []store.Alert{
		{Sink: "mail", Key: "abc", Kind: "new", Body: told, Created: time.Now()},
		{Sink: "mail", Key: "blind", Kind: "notice", Body: own, Created: time.Now()},
		{Sink: "mail", Key: "odd", Kind: "new", Body: []byte("no JSON"), Created: time.Now()},
	}))
	f.login()
	page := f.get("/alerts").Body.String()
	for _, want := range []string{`<a href="/incidents/abc">Port scan &lt;b&gt;by&lt;/b&gt; 203.0.113.7</a>`, "<td>No packets for a minute</td>", `<a href="/incidents/odd">odd</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestFlowTable(t *testing.T) {
	tests := map[string]struct {
		file string
		want *flowTable
	}{
		"ours":            {"Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Total Fwd Packet,Total Length of Bwd Packet\n192.0.2.1,5000,2001:db8::2,443,6,2026-11-23 06:24:00.5,1234567,1200,99\n", &flowTable{Total: 1, Rows: []flowRow{{From: "192.0.2.1:5000", To: "[2001:db8::2]:443", Protocol: "TCP", Duration: "1.23 s", PacketsOut: "1,200", PacketsIn: "–", BytesOut: "–", BytesIn: "99"}}}},
		"cic2017":         {"Source IP,Source Port,Destination IP,Destination Port,Protocol,Total Backward Packets\n192.0.2.1,0,192.0.2.2,0,1,3\n", &flowTable{Total: 1, Rows: []flowRow{{From: "192.0.2.1", To: "192.0.2.2", Protocol: "ICMP", PacketsOut: "–", PacketsIn: "3", BytesOut: "–", BytesIn: "–"}}}},
		"unknown columns": {"a,b\n1,2\n3,4\n", &flowTable{Total: 2}},
		"short rows":      {"Src IP,Dst IP\n192.0.2.1\n", &flowTable{Total: 1}},
		"only a header":   {"Src IP,Dst IP\n", nil},
		"no CSV":          {"\"", nil},
	}
	for name, tt := range tests {
		got := tableOf([]byte(tt.file))
		if (got == nil) != (tt.want == nil) {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if got == nil {
			continue
		}
		if got.Total != tt.want.Total || len(got.Rows) != len(tt.want.Rows) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
			continue
		}
		for i := range got.Rows {
			if name == "ours" && got.Rows[i].Start.IsZero() {
				t.Errorf("%s: the time is not read", name)
			}
			got.Rows[i].Start = time.Time{}
			if got.Rows[i] != tt.want.Rows[i] {
				t.Errorf("%s: %+v, want %+v", name, got.Rows[i], tt.want.Rows[i])
			}
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		figure(1350): "1,350", figure(0.996): "0.996", figure(12345678): "12.3 M", figure(-4): "-4",
		amount(9345, "/s"): "9.35 k/s", amount(4100, "B"): "4.1 kB", amount(1, "packets"): "1 packet", amount(6e7, "µs"): "60 s", amount(214, "µs"): "214 µs",
		fromTo(0, 12, "packets"): "0 – 12 packets", fromTo(180, 6e7, "µs"): "180 µs – 60 s", fromTo(0, 0, "bytes"): "0 bytes",
		mitre("T1595.001"): "https://attack.mitre.org/techniques/T1595/001/", mitre("T1046"): "https://attack.mitre.org/techniques/T1046/",
		ruleWords(suppress.Rule{Class: attack.PortScan, Source: "192.0.2.1"}): "Port scan from 192.0.2.1", ruleWords(suppress.Rule{Network: "192.0.2.0/24"}): "Anything from or to 192.0.2.0/24",
		mitre("T1046/../evil"): "", mitre("<script>"): "", mitre("T9999"): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The stream ends for one who is not logged in, and tells one who is.
func TestEventsNeedASession(t *testing.T) {
	f := newFixture(t)
	if w := f.get("/events"); w.Code != http.StatusUnauthorized || w.Header().Get("Content-Type") == "text/event-stream" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for range maxSubscribers {
		_, err := f.server.hub.subscribe()
		check(t, err)
	}
	f.login()
	if w := f.get("/events"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("one too many: %d", w.Code)
	}
}

// The audit says in words what was made of incidents.
func TestNoCodeNames(t *testing.T) {
	for _, s := range []store.State{store.Open, store.Resolved, store.FalseAlarm} {
		if deeds["incident."+string(s)] == "" {
			t.Errorf("state %q has no words: add them to deeds", s)
		}
	}
}

// Suggestions that take long keep no page waiting; the next one has them.
func TestSuggestionsDoNotHoldUpThePage(t *testing.T) {
	f := newFixture(t)
	f.login()
	f.server.suggestions.done = make(chan struct{}) // under way, and slow
	if body := f.get("/suppressions").Body.String(); !strings.Contains(body, "Suggestions are being made") {
		t.Error("a page that did not wait does not say so")
	}
	f.server.suggestions.done = nil
	for range 2 {
		if body := f.get("/suppressions").Body.String(); strings.Contains(body, "Suggestions are being made") {
			t.Error("they are not made")
		}
	}
}
