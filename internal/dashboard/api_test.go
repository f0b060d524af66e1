package dashboard

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// call asks the API with a token.
func (f *fixture) call(token, method, path, content string) (int, map[string]any) {
	f.Helper()
	w := f.do(method, "/api/v1"+path, content, "application/json", "Authorization", "Bearer "+token)
	var out map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			f.Fatalf("%s %s: %v in %q", method, path, err, w.Body)
		}
	}
	return w.Code, out
}

func TestAPI(t *testing.T) {
	f := newFixture(t)
	now := time.Now()
	f.record(sample("abc", now.Add(-time.Hour)))
	read, _, err := CreateToken(t.Context(), f.store, now, "reader", ReadOnly, time.Time{})
	check(t, err)
	write, _, err := CreateToken(t.Context(), f.store, now, "writer", ReadWrite, time.Time{})
	check(t, err)
	const rule = `{"source":"203.0.113.7","class":"portscan","reason":"ours"}`
	tests := []struct {
		token, method, path, body string
		status                    int
		has                       string // in the answer
	}{
		{read, "GET", "/incidents", "", 200, `"total":1`},
		{read, "GET", "/incidents?class=ddos", "", 200, `"incidents":[]`},
		{read, "GET", "/incidents?class=nonsense", "", 400, "nonsense"},
		{read, "GET", "/incidents?limit=0", "", 400, "limit"},
		{read, "GET", "/incidents?since=yesterday", "", 400, "since"},
		{read, "GET", "/incidents/abc", "", 200, `"state":"open"`},
		{read, "GET", "/incidents/abc/history", "", 200, `"revision":1`},
		{read, "GET", "/incidents/nobody/history", "", 404, "error"},
		{read, "GET", "/incidents/abc/evidence", "", 200, `"evidence":[]`},
		{read, "GET", "/stats", "", 200, `"health"`},
		{read, "GET", "/series?range=1h", "", 200, `"step_seconds"`},
		{read, "GET", "/series?range=long", "", 400, "range"},
		{read, "GET", "/alerts", "", 200, `"alerts":[]`},
		{read, "POST", "/suppressions/preview", rule, 200, `"hidden":1`},
		{read, "POST", "/suppressions", rule, 403, "only read"},
		{read, "POST", "/incidents/abc/state", `{"state":"resolved"}`, 403, "only read"},
		{"firetower_none", "GET", "/stats", "", 401, "token"},
		{write, "POST", "/suppressions", `{"reason":"all"}`, 400, "at least one"},
		{write, "POST", "/suppressions", `{"sauce":"203.0.113.7","reason":"x"}`, 400, "sauce"},
		{write, "POST", "/suppressions", rule + rule, 400, "follows"},
		{write, "POST", "/suppressions", rule, 201, `"id":1`},
		{write, "GET", "/suppressions", "", 200, "token:writer"},
		{write, "DELETE", "/suppressions/1", "", 204, ""},
		{write, "DELETE", "/suppressions/1", "", 404, "error"},
		{write, "POST", "/incidents/abc/state", `{"state":"sold"}`, 400, "sold"},
		{write, "POST", "/incidents/abc/state", `{"state":"resolved","note":"done"}`, 200, `"state_by":"token:writer"`},
	}
	for _, tt := range tests {
		status, answer := f.call(tt.token, tt.method, tt.path, tt.body)
		b, _ := json.Marshal(answer)
		if status != tt.status || !strings.Contains(string(b), tt.has) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", tt.method, tt.path, tt.body, status, b, tt.status, tt.has)
		}
	}
}

func TestTokensEnd(t *testing.T) {
	f := newFixture(t)
	now := time.Now()
	text, tok, err := CreateToken(t.Context(), f.store, now, "short", ReadOnly, now.Add(time.Hour))
	check(t, err)
	keys, err := f.store.SecretKeys(t.Context(), tokenBucket, now)
	check(t, err)
	if len(keys) != 1 || strings.Contains(keys[0], text) {
		t.Errorf("the token is kept in clear: %v", keys)
	}
	if status, _ := f.call(text, "GET", "/stats", ""); status != 200 {
		t.Errorf("a good token: %d", status)
	}
	if all, err := ListTokens(t.Context(), f.store, now); err != nil || len(all) != 1 || all[0].Used.IsZero() {
		t.Errorf("tokens %+v, %v", all, err)
	}
	f.server.now = func() time.Time { return now.Add(2 * time.Hour) }
	if status, _ := f.call(text, "GET", "/stats", ""); status != 401 {
		t.Errorf("an expired token: %d", status)
	}
	f.server.now = time.Now
	check(t, RevokeToken(t.Context(), f.store, now, tok.ID))
	if status, _ := f.call(text, "GET", "/stats", ""); status != 401 {
		t.Errorf("a revoked token: %d", status)
	}
}

func TestANewPasswordEndsSessions(t *testing.T) {
	f := newFixture(t)
	f.login()
	if w := f.get("/settings"); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	check(t, SetPassword(t.Context(), f.store, time.Now(), "another long password"))
	if w := f.get("/settings"); w.Code != http.StatusSeeOther {
		t.Errorf("the old session still gives %d", w.Code)
	}
	stored, err := f.store.Secret(t.Context(), passwordBucket, User, time.Now())
	check(t, err)
	if !checkHash(string(stored), "another long password") || checkHash(string(stored), testPassword) || checkHash("$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "") {
		t.Error("the hash does not tell passwords apart")
	}
}

func TestASlowSubscriberIsCutOff(t *testing.T) {
	h := newHub()
	slow, err := h.subscribe()
	check(t, err)
	quick, err := h.subscribe()
	check(t, err)
	for range maxPending + 1 { // nobody reads slow; this would hang if it were waited for
		h.send("rates", 1)
		<-quick
	}
	n := 0
	for range slow {
		n++
	}
	if n != maxPending || h.cut != 1 || len(h.subs) != 1 {
		t.Errorf("%d messages, %d cut, %d left", n, h.cut, len(h.subs))
	}
	h.close()
	if _, err := h.subscribe(); err == nil {
		t.Error("a closed hub takes a subscriber")
	}
}

func TestConfig(t *testing.T) {
	good := DefaultConfig()
	for name, change := range map[string]func(*Config){
		"all addresses, no TLS": func(c *Config) { c.Listen = ":8900" },
		"no port":               func(c *Config) { c.Listen = "127.0.0.1" },
		"half a certificate":    func(c *Config) { c.TLSKey = "x" },
		"a URL that is none":    func(c *Config) { c.URL = "firetower" },
		"a short session":       func(c *Config) { c.Session = 0 },
	} {
		c := good
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	good.Listen, good.PlainHTTP = "0.0.0.0:8900", true
	check(t, good.Validate())
}

func TestRates(t *testing.T) {
	at, c := time.Now(), Counters{Packets: 10, Verdicts: map[string]uint64{"dos": 1}}
	m := newMeter(func() Counters { return c })
	if _, ok := m.measure(at); ok {
		t.Error("a rate from one reading")
	}
	c = Counters{Packets: 30, Verdicts: map[string]uint64{"dos": 5}}
	r, ok := m.measure(at.Add(2 * time.Second))
	if !ok || r.Packets != 10 || r.Verdicts["dos"] != 2 {
		t.Errorf("%+v", r)
	}
	c = Counters{} // begun anew
	if r, _ = m.measure(at.Add(3 * time.Second)); r.Packets != 0 {
		t.Errorf("a restart gives %v packets a second", r.Packets)
	}
	if _, ok := m.measure(at); ok {
		t.Error("a rate backwards in time")
	}
}
