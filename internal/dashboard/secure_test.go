package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"firetower/internal/store"
)

func TestOnlyTheKnownGetIn(t *testing.T) {
	f := newFixture(t)
	f.record(sample("abc", time.Now()))
	tests := []struct {
		method, path string
		out, in      int // status without and with a session
	}{
		{"GET", "/", 303, 200}, {"GET", "/incidents", 303, 200}, {"GET", "/incidents/abc", 303, 200},
		{"GET", "/incidents/nobody", 303, 404}, {"GET", "/nothing", 303, 404}, {"GET", "/incidents?severity=9", 303, 400},
		{"GET", "/suppressions", 303, 200}, {"GET", "/alerts", 303, 200}, {"GET", "/model", 303, 200}, {"GET", "/settings", 303, 200},
		{"POST", "/incidents/abc/state", 401, 400}, {"POST", "/suppressions", 401, 400},
		{"GET", "/api/v1/incidents", 401, 200}, {"GET", "/api/v1/stats", 401, 200}, {"GET", "/api/v1/incidents/abc", 401, 200},
		{"GET", "/api/v1/incidents/nobody", 401, 404}, {"GET", "/api/v1/suppressions", 401, 200}, {"GET", "/api/v1/nothing", 404, 404},
		{"GET", "/login", 200, 303}, {"GET", "/healthz", 200, 200}, {"GET", "/assets/base.css", 200, 200}, {"GET", "/assets/", 404, 404},
		{"GET", "/events", 401, 0},
	}
	for _, in := range []bool{false, true} {
		if in {
			f.login()
		}
		for _, tt := range tests {
			want := tt.out
			if in {
				want = tt.in
			}
			if want == 0 {
				continue
			}
			if w := f.do(tt.method, tt.path, "", "", "Sec-Fetch-Site", "same-origin"); w.Code != want {
				t.Errorf("logged in %v: %s %s gives %d, want %d", in, tt.method, tt.path, w.Code, want)
			}
		}
	}
}

func TestLoginLeadsBackInside(t *testing.T) {
	for next, want := range map[string]string{
		"/incidents/abc?x=1": "/incidents/abc?x=1", "": "/", "https://evil.example": "/", "//evil.example": "/",
		"/\\evil.example": "/", "/\t/evil.example": "/", "javascript:alert(1)": "/", "/login": "/",
	} {
		f := newFixture(t)
		w := f.post("/login", url.Values{"password": {testPassword}, "next": {next}})
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
		c := w.Result().Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %+v", c)
		}
	}
}

func TestLoginIsLimited(t *testing.T) {
	f := newFixture(t)
	for n := range attemptBurst + 1 {
		w := f.post("/login", url.Values{"password": {"wrong"}})
		want := http.StatusUnauthorized
		if n == attemptBurst {
			want = http.StatusTooManyRequests
		}
		if w.Code != want {
			t.Fatalf("attempt %d: status %d, want %d", n+1, w.Code, want)
		}
	}
	if w := f.post("/login", url.Values{"password": {testPassword}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("the right password passes the limit: %d", w.Code)
	}
}

func TestOtherOriginsAreRefused(t *testing.T) {
	f := newFixture(t)
	f.record(sample("abc", time.Now()))
	f.login()
	form := url.Values{"state": {"resolved"}}.Encode()
	tests := []struct {
		name string
		head []string
		want int
	}{
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a sibling", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser elsewhere", []string{"Origin", "https://evil.example"}, 403},
		{"a rebound name", []string{"Host", "evil.example", "Sec-Fetch-Site", "same-origin"}, http.StatusMisdirectedRequest},
		{"this site", []string{"Sec-Fetch-Site", "same-origin"}, 303},
	}
	for _, tt := range tests {
		if w := f.do("POST", "/incidents/abc/state", form, "application/x-www-form-urlencoded", tt.head...); w.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.want)
		}
	}
	if rec, err := f.store.Incident(t.Context(), "abc"); err != nil || rec.State != store.Resolved {
		t.Errorf("state %q, %v", rec.State, err)
	}
	// A form can not pretend to be the API.
	if w := f.do("POST", "/api/v1/incidents/abc/state", `{"state":"open"}`, "text/plain"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain passes: %d", w.Code)
	}
}

func TestHeaders(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/login", "/", "/api/v1/stats", "/assets/app.js", "/healthz"} {
		h := f.get(path).Header()
		csp := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: the policy lacks %s: %s", path, part, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: the policy is loose: %s", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

func TestHostileTextIsEscaped(t *testing.T) {
	f := newFixture(t)
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)' {{.}} </textarea>`
	inc := sample("evil", time.Now())
	inc.Title, inc.Reason, inc.Advice, inc.Filter = evil, evil, evil, evil
	inc.Actors, inc.Targets, inc.Techniques = []string{evil}, []string{evil}, []string{evil}
	inc.Behaviours, inc.CommunityIDs = []string{evil}, []string{evil}
	inc.Evidence[0].Name, inc.Evidence[0].Unit = evil, evil
	f.record(inc)
	check(t, f.store.SetState(t.Context(), time.Now(), "evil", store.Open, evil, evil))
	check(t, f.store.PutEvidence(t.Context(), time.Now(), "evil", store.EvidenceFlows, []byte("Src IP,"+`"<script>alert(1)</script>"`+"\n"+evil[:20]+",x\n")))
	check(t, f.store.PutEvidence(t.Context(), time.Now(), "evil", store.EvidenceFeatures, []byte(`{"class":"<script>","causes":[{"feature":"<script>alert(1)</script>","meaning":"\"><script>","unit":"<b>","moved":1}]}`)))
	check(t, f.store.Enqueue(t.Context(), []store.Alert{{Sink: evil, Key: evil, Kind: evil, Body: []byte("{}"), Created: time.Now()}}))
	f.login()
	for _, path := range []string{"/", "/incidents", "/incidents/evil", "/incidents?q=" + url.QueryEscape(evil), "/alerts", "/suppressions?source=" + url.QueryEscape(evil), "/login?next=" + url.QueryEscape("/"+evil), "/nothing" + url.PathEscape(evil)} {
		page := f.get(path).Body.String()
		for _, bad := range []string{"<script>alert", "<img src=x", `" onmouseover="`, "<script>\"", "<b>"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s shows %s as markup", path, bad)
			}
		}
		if strings.Contains(page, "style=") || strings.Contains(page, "<style") || strings.Contains(page, " onclick") {
			t.Errorf("%s has inline style or script, which its policy forbids", path)
		}
	}
}
