package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/alert/webhook"
	"firetower/internal/attack"
	"firetower/internal/incident"
	"firetower/internal/secret"
)

const evil = "x\r\nX: y\n<!channel> @everyone <https://evil.example|click> [a](https://evil.example) *b* `c` \xff\x00\u202e"

func message(text string) *alert.Message {
	at := time.Date(2026, 11, 23, 6, 24, 0, 1000, time.UTC)
	return &alert.Message{ID: "abc123", Items: []alert.Item{{Kind: alert.New, Created: at, Incident: &incident.Incident{EventType: "incident", ID: "ps-1",
		Class: attack.PortScan, Title: text, Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, ActorsTotal: 1, TargetsTotal: 1,
		Start: at, End: at, Flows: 1000, Confidence: 0.98, Severity: 3, Reason: text, Advice: text, Revision: 1}}}}
}

// listener is a real HTTP server that answers as told and keeps what it got.
type listener struct {
	*httptest.Server
	status int
	header http.Header
	body   string
	path   string
	hits   int
}

func listen(t *testing.T, tls bool) *listener {
	t.Helper()
	l := &listener{status: http.StatusOK}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		l.header, l.body, l.path = r.Header, string(b), r.URL.Path
		l.hits++
		if l.status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(l.status)
		if l.status == http.StatusOK {
			_, _ = io.WriteString(w, `{"id":"x"}`) // as ntfy does
			return
		}
		_, _ = io.WriteString(w, "said <b>\r\nthis")
	})
	if tls {
		l.Server = httptest.NewTLSServer(h)
	} else {
		l.Server = httptest.NewServer(h)
	}
	t.Cleanup(l.Close)
	return l
}

func sink(t *testing.T, url string, change func(*webhook.Config)) alert.Sink {
	t.Helper()
	c := webhook.DefaultConfig()
	c.URL, c.Dashboard, c.Sensor = secret.Text(url), "https://s:8443", "sensor-1"
	if change != nil {
		change(&c)
	}
	s, err := webhook.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSON(t *testing.T) {
	l := listen(t, true)
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	token := filepath.Join(dir, "token")
	for path, b := range map[string][]byte{ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.Certificate().Raw}), token: []byte("t0ken\n")} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := sink(t, l.URL+"/hook", func(c *webhook.Config) { c.CAFile, c.TokenFile, c.Secret = ca, token, "key" })
	if err := s.Deliver(context.Background(), message(evil)); err != nil {
		t.Fatal(err)
	}
	var p webhook.Payload
	if err := json.Unmarshal([]byte(l.body), &p); err != nil {
		t.Fatal(err)
	}
	if p.Version != 1 || p.MessageID != "abc123" || p.Sensor != "sensor-1" || len(p.Alerts) != 1 ||
		p.Alerts[0].Incident.ID != "ps-1" || p.Alerts[0].Headline != "Port scan: 203.0.113.7 -> 192.0.2.10 (sure: 98 %)" ||
		p.Alerts[0].Link != "https://s:8443/incidents/ps-1" || p.Alerts[0].Kind != alert.New {
		t.Errorf("payload %s", l.body)
	}
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(l.body))
	for name, want := range map[string]string{"Content-Type": "application/json", "Idempotency-Key": "abc123", "Authorization": "Bearer t0ken",
		"X-Firetower-Signature": "sha256=" + hex.EncodeToString(mac.Sum(nil))} {
		if got := l.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if err := sink(t, l.URL, nil).Deliver(context.Background(), message("x")); err == nil {
		t.Error("a certificate of an unknown authority is trusted")
	}
}

func TestAnswers(t *testing.T) {
	l := listen(t, false)
	for status, permanent := range map[int]bool{500: false, 503: false, 429: false, 408: false, 400: true, 404: true, 302: true, 307: true} {
		l.status, l.hits = status, 0
		err := sink(t, l.URL+"/s3cret", nil).Deliver(context.Background(), message("x"))
		if err == nil || alert.IsPermanent(err) != permanent || l.hits != 1 {
			t.Errorf("%d: %v (permanent %v), %d requests", status, err, alert.IsPermanent(err), l.hits)
			continue
		}
		if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%d: %q", status, err)
		}
	}
	l.status = 204
	if err := sink(t, l.URL, nil).Deliver(context.Background(), message("x")); err != nil {
		t.Errorf("204: %v", err)
	}
	l.Close()
	err := sink(t, l.URL+"/s3cret?token=s3cret", nil).Deliver(context.Background(), message("x"))
	if err == nil || alert.IsPermanent(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("server down: %v", err)
	}
}

func TestNtfyThroughShoutrrr(t *testing.T) {
	l := listen(t, false)
	address := "ntfy://" + strings.TrimPrefix(l.URL, "http://") + "/topic-s3cret?scheme=http"
	if err := sink(t, address, nil).Deliver(context.Background(), message(evil)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(l.path+l.body, "topic-s3cret") || !strings.Contains(l.body, "Port scan: 203.0.113.7 → 192.0.2.10") || !strings.Contains(l.body, "https://s:8443/incidents/ps-1") {
		t.Errorf("ntfy got %s %q", l.path, l.body)
	}
	l.status = 500
	if err := sink(t, address, nil).Deliver(context.Background(), message("x")); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("500: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := sink(t, address, nil).Deliver(ctx, message("x")); err == nil {
		t.Error("delivered after the end")
	}
}

// captured sends what goes to the fixed hosts of Slack, Discord and Teams to a
// listener instead.
type captured struct{ bodies []string }

func (c *captured) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	c.bodies = append(c.bodies, r.URL.Host+" "+string(b))
	status := http.StatusOK
	if strings.Contains(r.URL.Host, "discord") {
		status = http.StatusNoContent
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader("")), Header: http.Header{}, Request: r}, err
}

func TestChatsGetNoMarkupOfAnAttacker(t *testing.T) {
	c := &captured{}
	before := http.DefaultTransport
	beforeClient := http.DefaultClient.Transport
	http.DefaultTransport, http.DefaultClient.Transport = c, c
	defer func() { http.DefaultTransport, http.DefaultClient.Transport = before, beforeClient }()
	for _, address := range []string{
		"slack://hook:T00000000-B00000000-XXXXXXXXXXXXXXXXXXXXXXXX@webhook",
		"discord://" + strings.Repeat("x", 68) + "@123456789012345678",
		"teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=test.webhook.office.com",
	} {
		c.bodies = nil
		if err := sink(t, address, nil).Deliver(context.Background(), message(evil)); err != nil && len(c.bodies) == 0 {
			t.Errorf("%s: %v", address[:8], err)
			continue
		}
		all := strings.Join(c.bodies, "\n")
		if !strings.Contains(all, "203.0.113.7") {
			t.Errorf("%s: the text is missing: %s", address[:8], all)
		}
		for _, bad := range []string{"<!", `\u003c!`, "@everyone", "https://evil", "](", "`c`", "*b*"} {
			if strings.Contains(all, bad) {
				t.Errorf("%s: %q gets through in %s", address[:8], bad, all)
			}
		}
	}
}

func TestManyFitOneChatMessage(t *testing.T) {
	l := listen(t, false)
	m := message("x")
	for i := range 100 {
		it := m.Items[0]
		inc := *it.Incident
		inc.ID = fmt.Sprint(i)
		it.Incident = &inc
		m.Items = append(m.Items, it)
	}
	m.Digest, m.HeldBack = true, "Held back until now: 101 by the quiet hours."
	if err := sink(t, "ntfy://"+strings.TrimPrefix(l.URL, "http://")+"/topic?scheme=http", nil).Deliver(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	if len(l.body) > 2800 || !strings.Contains(l.body, "more") || !strings.Contains(l.body, "101 by the quiet hours") {
		t.Errorf("%d bytes: %s", len(l.body), l.body)
	}
}

func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*webhook.Config){
		"no url": func(c *webhook.Config) { c.URL = "" }, "two urls": func(c *webhook.Config) { c.URLFile = "x" },
		"no host": func(c *webhook.Config) { c.URL = "https://" }, "unknown service": func(c *webhook.Config) { c.URL = "nosuch://s3cret" },
		"broken service": func(c *webhook.Config) { c.URL = "slack://s3cret" }, "no scheme": func(c *webhook.Config) { c.URL = "s3cret" },
		"two secrets": func(c *webhook.Config) { c.Secret, c.SecretFile = "a", "b" }, "ca": func(c *webhook.Config) { c.CAFile = "/none" },
		"environment": func(c *webhook.Config) { c.URL = "${FIRETOWER_NO_SUCH}" },
	} {
		c := webhook.DefaultConfig()
		c.URL = "https://example.org/s3cret"
		change(&c)
		_, err := webhook.New(c)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
