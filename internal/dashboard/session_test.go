package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"firetower/internal/store"
)

func TestASessionEnds(t *testing.T) {
	f := newFixture(t)
	f.server.sessions.Lifetime = time.Second // the configuration asks for a minute or more
	f.login()
	if w := f.get("/incidents?q=x"); w.Code != http.StatusOK {
		t.Fatalf("a fresh session: %d", w.Code)
	}
	time.Sleep(1200 * time.Millisecond)
	w := f.get("/incidents?q=x")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/login?next="+url.QueryEscape("/incidents?q=x") {
		t.Errorf("an old session: %d to %q", w.Code, to)
	}
}

func TestLogOutEndsTheSession(t *testing.T) {
	f := newFixture(t)
	f.login()
	if w := f.post("/logout", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Errorf("log-out: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := f.get("/settings"); w.Code != http.StatusSeeOther {
		t.Errorf("the cookie of before still opens a page: %d", w.Code)
	}
}

// noSecrets is a store on a full disk.
type noSecrets struct{ store.Secrets }

var errFull = errors.New("no space left on device")

func (noSecrets) PutSecret(context.Context, string, string, []byte, time.Time) error { return errFull }
func (noSecrets) DeleteSecret(context.Context, string, string) error                 { return store.ErrNotFound }
func (noSecrets) Secret(context.Context, string, string, time.Time) ([]byte, error) {
	return nil, store.ErrNotFound
}

// A full disk is when somebody wants to look: the session is kept in memory then, and
// not for ever, and not without limit.
func TestSessionsWithoutAStore(t *testing.T) {
	s := &sessionStore{store: noSecrets{}, log: slog.New(slog.NewTextHandler(io.Discard, nil)), memory: map[string]keptSession{}}
	check(t, s.Commit("a", []byte("data"), time.Now().Add(time.Hour)))
	if b, found, err := s.Find("a"); string(b) != "data" || !found || err != nil {
		t.Errorf("kept %q, %v, %v", b, found, err)
	}
	check(t, s.Delete("a"))
	if _, found, err := s.Find("a"); found || err != nil {
		t.Errorf("a deleted one is found: %v, %v", found, err)
	}
	check(t, s.Commit("old", nil, time.Now().Add(-time.Second)))
	if _, found, _ := s.Find("old"); found {
		t.Error("an expired one is found")
	}
	for n := range 3 * maxSessionsInMemory {
		check(t, s.Commit(fmt.Sprint(n), nil, time.Now().Add(time.Hour)))
	}
	if len(s.memory) > maxSessionsInMemory {
		t.Errorf("%d sessions in memory", len(s.memory))
	}
}

func TestAttempts(t *testing.T) {
	at := time.Now()
	exhaust := func(a *attempts, from string) {
		for range attemptBurst {
			if a.wait(from, at) != 0 {
				t.Fatalf("%s waits too early", from)
			}
		}
	}
	a := newAttempts()
	exhaust(a, "[2001:db8:1:2::1]:1000")
	for from, waits := range map[string]bool{
		"[2001:db8:1:2:ffff::9]:5": true,  // the same customer
		"[2001:db8:1:3::1]:5":      false, // the next one
		"192.0.2.1:5":              false,
	} {
		if got := a.wait(from, at) > 0; got != waits {
			t.Errorf("%s waits: %v, want %v", from, got, waits)
		}
	}
	if a.wait("[2001:db8:1:2::1]:1000", at.Add(attemptEvery)) != 0 {
		t.Error("one attempt is free again after its time")
	}
	a = newAttempts()
	exhaust(a, "192.0.2.1:1000")
	if a.wait("[::ffff:192.0.2.1]:1000", at) == 0 {
		t.Error("an address of IPv4 in IPv6 counts apart")
	}
	a.forgive("192.0.2.1:1")
	if a.wait("192.0.2.1:1000", at) != 0 {
		t.Error("who has logged in still waits")
	}
	a = newAttempts()
	free := 0
	for n := range 100 { // from everywhere at once
		if a.wait(fmt.Sprintf("198.51.100.%d:1", n), at) == 0 {
			free++
		}
	}
	if free != burstAll {
		t.Errorf("%d attempts at once from many, want %d", free, burstAll)
	}
	for n := range maxSources + 10 {
		a.wait(fmt.Sprintf("10.%d.%d.1:1", n/256, n%256), at)
	}
	if len(a.from) > maxSources {
		t.Errorf("%d addresses are remembered", len(a.from))
	}
}

func TestSettings(t *testing.T) {
	const next = "a password that is long enough"
	for name, tt := range map[string]struct {
		old, new, again string
		status          int
		says            string
	}{
		"another current one": {"wrong", next, next, 400, "another one"},
		"a misspelt one":      {testPassword, next, next + "x", 400, "differ"},
		"a short one":         {testPassword, "short", "short", 400, "12"},
		"a good one":          {testPassword, next, next, 303, ""},
	} {
		f := newFixture(t)
		f.login()
		w := f.post("/settings/password", url.Values{"old": {tt.old}, "new": {tt.new}, "again": {tt.again}})
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d, want %d with %q", name, w.Code, tt.status, tt.says)
		}
		if in := f.get("/settings").Code == http.StatusOK; in == (tt.status == 303) {
			t.Errorf("%s: logged in afterwards: %v", name, in)
		}
	}
	f := newFixture(t)
	f.login()
	for range attemptBurst {
		f.post("/settings/password", url.Values{"old": {"guess"}})
	}
	if w := f.post("/settings/password", url.Values{"old": {testPassword}, "new": {next}, "again": {next}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("guessing the password in an open browser: %d", w.Code)
	}
}

func TestTokensOnThePage(t *testing.T) {
	f := newFixture(t)
	f.login()
	if w := f.post("/settings/tokens", url.Values{"name": {""}, "scope": {"read"}}); w.Code != 400 {
		t.Errorf("a token without a name: %d", w.Code)
	}
	if w := f.post("/settings/tokens", url.Values{"name": {"x"}, "scope": {"all"}}); w.Code != 400 {
		t.Errorf("a token of no known scope: %d", w.Code)
	}
	page := f.post("/settings/tokens", url.Values{"name": {"<b>grafana"}, "scope": {"read"}, "days": {"30"}}).Body.String()
	if !strings.Contains(page, tokenPrefix) || !strings.Contains(page, "&lt;b&gt;grafana") || strings.Contains(page, "<b>grafana") {
		t.Error("the new token is not shown, or its name as markup")
	}
	if strings.Contains(f.get("/settings").Body.String(), tokenPrefix) {
		t.Error("a token is shown twice")
	}
	all, err := ListTokens(t.Context(), f.store, time.Now())
	if err != nil || len(all) != 1 || all[0].Expires.IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, want := range []int{303, 404} { // the second time it is gone
		if w := f.post("/settings/tokens/"+all[0].ID+"/revoke", nil); w.Code != want {
			t.Errorf("revoking: %d, want %d", w.Code, want)
		}
	}
}

func TestSuppressionsOnThePage(t *testing.T) {
	f := newFixture(t)
	f.record(sample("abc", time.Now().Add(-time.Hour)))
	f.login()
	rule := url.Values{"source": {"203.0.113.7"}, "class": {"portscan"}, "days": {"7"}}
	with := func(changes ...string) url.Values {
		v := url.Values{}
		for name, values := range rule {
			v[name] = values
		}
		for i := 0; i+1 < len(changes); i += 2 {
			v.Set(changes[i], changes[i+1])
		}
		return v
	}
	for _, tt := range []struct {
		form   url.Values
		status int
		says   string
	}{
		{with("do", "preview"), 200, "Would have hidden 1 of 1 incidents in the last week."},
		{with("do", "preview", "source", "192.0.2.99"), 200, "Would have hidden 0 of 1"},
		{with("do", "preview", "ports", "22, x"), 400, "Port &#34;x&#34; is not a number"},
		{with("do", "add"), 400, "eason"},
		{with("do", "add", "reason", "ours", "source", "router"), 400, "router"},
		{with("do", "add", "reason", "ours", "days", "-1"), 400, "days"},
		{url.Values{"do": {"add"}, "reason": {"all"}}, 400, "at least one"},
		{with("do", "add", "reason", "our <i>scanner</i>"), 303, ""},
	} {
		w := f.post("/suppressions", tt.form)
		if body := w.Body.String(); w.Code != tt.status || !strings.Contains(strings.ToLower(body), strings.ToLower(tt.says)) {
			_, after, _ := strings.Cut(body, `<form class="rule"`)
			t.Errorf("%v: %d, want %d with %q: %.600s", tt.form, w.Code, tt.status, tt.says, after)
		}
	}
	page := f.get("/suppressions").Body.String()
	for _, want := range []string{"Port scan from 203.0.113.7", "our &lt;i&gt;scanner&lt;/i&gt;", `action="/suppressions/1/remove"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for path, want := range map[string]int{"/suppressions/x/remove": 404, "/suppressions/99/remove": 404, "/suppressions/1/remove": 303} {
		if w := f.post(path, nil); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if rules, err := f.store.ActiveSuppressions(t.Context(), time.Now()); err != nil || len(rules) != 0 {
		t.Errorf("left: %v, %v", rules, err)
	}
}

// Files of evidence and the report come from outside: a browser must not run them.
func TestWhatIsServedAsAFile(t *testing.T) {
	f := newFixture(t, func(_ *Config, d *Dependencies) {
		d.Model = func() Model { return Model{Name: "m", Report: []byte("<script>alert(1)</script>")} }
	})
	f.record(sample("abc", time.Now()))
	check(t, f.store.PutEvidence(t.Context(), time.Now(), "abc", store.EvidenceFlows, []byte("<script>alert(1)</script>")))
	f.login()
	w := f.get("/incidents/abc/evidence/flows.csv")
	if h := w.Header(); h.Get("Content-Type") != "application/octet-stream" || h.Get("Content-Disposition") != `attachment; filename="firetower-abc-flows.csv"` || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("evidence: %v", h)
	}
	if w := f.get("/incidents/abc/evidence/none"); w.Code != 404 {
		t.Errorf("evidence that is not there: %d", w.Code)
	}
	csp := f.get("/model/report").Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("the report may run scripts: %s", csp)
	}
}
