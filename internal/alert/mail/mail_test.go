package mail_test

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mime/quotedprintable"

	"firetower/internal/alert"
	"firetower/internal/alert/alerttest"
	"firetower/internal/alert/mail"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/incident"
	"firetower/internal/secret"
)

func bruteForce() *incident.Incident {
	at := time.Date(2026, 11, 23, 6, 24, 0, 1000, time.UTC)
	return &incident.Incident{EventType: "incident", ID: "bf-1", Class: attack.BruteForce, Title: "Brute force of 192.0.2.10 port 22 by 203.0.113.7",
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22}, ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1,
		Start: at, End: at.Add(94 * time.Second), Detected: at.Add(6 * time.Second), Flows: 312, Confidence: 0.984, Severity: 2,
		Techniques: []string{"T1110.001"}, Reason: "203.0.113.7 opened 312 short connections to SSH on 192.0.2.10 within 94 s; 309 ended after the same 1.9 kB, as failed log-ins do.",
		Advice: "Look in the log of sshd on 192.0.2.10 for a log-in from 203.0.113.7 that succeeded after 06:24. If there is one, treat the account as stolen. Otherwise block the address or allow keys only.",
		Evidence: []behaviour.Evidence{{Name: "connections a minute", Value: 199.1489, Normal: 2}, {Name: "share that look alike", Value: 0.99, Normal: 0.2},
			{Name: "median answer", Value: 1903, Unit: "bytes"}},
		Behaviours: []string{"bruteforce"}, Filter: "ip.addr == 203.0.113.7 && ip.addr == 192.0.2.10 && tcp.port == 22", Revision: 1}
}

func config(s *alerttest.SMTP) mail.Config {
	c := mail.DefaultConfig()
	c.Host, c.Port, c.CAFile = "localhost", s.Port, s.CA
	c.Username, c.Password = alerttest.Username, alerttest.Password
	c.From, c.To = "Firetower <firetower@example.org>", []string{"admin@example.org"}
	c.Dashboard, c.Sensor = "https://sensor.example.org:8443/", "sensor-1"
	return c
}

func sink(t *testing.T, c mail.Config) *mail.Sink {
	t.Helper()
	s, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message(id string, items ...alert.Item) *alert.Message {
	for i := range items {
		items[i].Created = time.Date(2026, 11, 23, 6, 24, 6, 0, time.UTC)
	}
	return &alert.Message{ID: id, Items: items}
}

// parts gives the text and the HTML of a mail.
func parts(t *testing.T, m *netmail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(b)
		} else {
			text = string(b)
		}
	}
}

func subject(t *testing.T, m *netmail.Message) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRealServerOverSTARTTLS(t *testing.T) {
	server := alerttest.NewSMTP(t)
	server.Start(t)
	ctx := context.Background()
	s := sink(t, config(server))
	inc := bruteForce()
	if err := s.Deliver(ctx, message("m1", alert.Item{Kind: alert.New, Incident: inc})); err != nil {
		t.Fatal(err)
	}
	server.Wait(t, 1) // Exim delivers two at once in any order
	grown := bruteForce()
	grown.Revision, grown.Flows = 7, 4120
	if err := s.Deliver(ctx, message("m2", alert.Item{Kind: alert.Growth, Incident: grown, Before: 312})); err != nil {
		t.Fatal(err)
	}
	raw := server.Wait(t, 2)
	first, second := alerttest.Parse(t, raw[0]), alerttest.Parse(t, raw[1])
	if !strings.Contains(raw[0], "TLS") || !strings.Contains(raw[0], "esmtpsa") {
		t.Errorf("the mail did not come over TLS with a log-in: %s", raw[0])
	}
	if got, want := subject(t, first), "[Firetower] Brute force: 203.0.113.7 -> 192.0.2.10 port 22 (sure: 98 %)"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	if got := subject(t, second); !strings.HasSuffix(got, "(sure: 98 %; grown from 312 to 4120 flows)") {
		t.Errorf("subject of growth %q", got)
	}
	if id, ref := first.Header.Get("Message-Id"), second.Header.Get("References"); id == "" || id != ref || second.Header.Get("Message-Id") == id {
		t.Errorf("not one thread: %q, then %q with %q", id, second.Header.Get("Message-Id"), ref)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Firetower-Class": "bruteforce", "X-Firetower-Severity": "2"} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	text, html := parts(t, first)
	for _, want := range []string{inc.Reason, inc.Advice, "192.0.2.10", "https://sensor.example.org:8443/incidents/bf-1", "T1110.001",
		"connections a minute", "sensor-1", "firetower suppress add --source 203.0.113.7 --class bruteforce"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
		if !strings.Contains(html, want) {
			t.Errorf("the HTML lacks %q", want)
		}
	}
	if dir := os.Getenv("FIRETOWER_MAIL_DIR"); dir != "" { // to look at it
		if err := os.WriteFile(filepath.Join(dir, "mail.html"), []byte(html), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Println(text)
	}
}

func TestRealServerOverTLS(t *testing.T) {
	server := alerttest.NewSMTP(t)
	server.TLSOnConnect(t)
	server.Start(t)
	c := config(server)
	c.TLS = mail.TLS
	if err := sink(t, c).Deliver(context.Background(), message("m", alert.Item{Kind: alert.New, Incident: bruteForce()})); err != nil {
		t.Fatal(err)
	}
	if raw := server.Wait(t, 1)[0]; !strings.Contains(raw, "esmtpsa") {
		t.Errorf("the mail did not come over TLS with a log-in: %s", raw)
	}
}

// TestWhatCannotBeReadIsFoundAtTheStart, not when the first mail is due.
func TestWhatCannotBeReadIsFoundAtTheStart(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for name, change := range map[string]func(*mail.Config){
		"FIRETOWER_NO_SUCH": func(c *mail.Config) { c.Password = "${FIRETOWER_NO_SUCH}" },
		"password":          func(c *mail.Config) { c.PasswordFile = none },
		"ca_file":           func(c *mail.Config) { c.Password, c.CAFile = "x", none },
	} {
		c := mail.DefaultConfig()
		c.Host, c.Username, c.From, c.To = "mail.example.org", "u", "a@example.org", []string{"b@example.org"}
		change(&c)
		if _, err := mail.New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	server := alerttest.NewSMTP(t)
	ctx := context.Background()
	down := sink(t, config(server)).Deliver(ctx, message("m", alert.Item{Kind: alert.New, Incident: bruteForce()}))
	if down == nil || alert.IsPermanent(down) {
		t.Errorf("with the server down: %v, want a temporary error", down)
	}
	server.Start(t)
	tests := []struct {
		name   string
		change func(*mail.Config)
	}{
		{"unknown authority", func(c *mail.Config) { c.CAFile = "" }},
		{"another name in the certificate", func(c *mail.Config) { c.ServerName = "mail.example.com" }},
		{"wrong password", func(c *mail.Config) { c.Password = "wrong" }},
		{"recipient", func(c *mail.Config) { c.To = []string{"nobody@example.org"} }},
		{"no TLS at that port", func(c *mail.Config) { c.TLS = mail.TLS }},
	}
	for _, tt := range tests {
		c := config(server)
		tt.change(&c)
		err := sink(t, c).Deliver(ctx, message("m", alert.Item{Kind: alert.New, Incident: bruteForce()}))
		if err == nil || strings.Contains(err.Error(), alerttest.Password) {
			t.Errorf("%s: %v", tt.name, err)
		}
		t.Logf("%s: permanent %v: %v", tt.name, alert.IsPermanent(err), err)
	}
	if got := server.Mails(t); len(got) != 0 {
		t.Errorf("%d mails came", len(got))
	}
}

func TestOneRefusedRecipientKeepsNobodyElseWaiting(t *testing.T) {
	server := alerttest.NewSMTP(t)
	server.Start(t)
	c := config(server)
	c.To = []string{"ana@example.org", "nobody@example.org", "ben@example.org"}
	s := sink(t, c)
	for range 3 { // as the outbox tries again
		err := s.Deliver(context.Background(), message("m", alert.Item{Kind: alert.New, Incident: bruteForce()}))
		if !alert.IsPermanent(err) || !strings.Contains(err.Error(), "nobody@example.org") {
			t.Errorf("got %v", err)
		}
	}
	server.Wait(t, 2)
	time.Sleep(200 * time.Millisecond)
	var to []string
	for _, raw := range server.Mails(t) {
		to = append(to, alerttest.Parse(t, raw).Header.Get("To"))
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{"<ana@example.org>", "<ben@example.org>"}) {
		t.Errorf("mails to %q, want one each to ana and ben", to)
	}
}

// TestNoSTARTTLSNoMail has a server that does not offer TLS, as an attacker in
// the middle makes it look: the mail must not go in clear.
func TestNoSTARTTLSNoMail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(30 * time.Second))
		_, _ = io.WriteString(c, "220 mail.example.org\r\n")
		buf := make([]byte, 512)
		n, _ := c.Read(buf)
		all := string(buf[:n])
		_, _ = io.WriteString(c, "250-mail.example.org\r\n250 AUTH PLAIN\r\n")
		rest, _ := io.ReadAll(c)
		heard <- all + string(rest)
	}()
	c := mail.DefaultConfig()
	c.Host, c.Port = "127.0.0.1", l.Addr().(*net.TCPAddr).Port
	c.Username, c.Password, c.From, c.To = "u", "hunter2", "f@example.org", []string{"a@example.org"}
	if err := sink(t, c).Deliver(context.Background(), message("m", alert.Item{Kind: alert.New, Incident: bruteForce()})); err == nil {
		t.Error("the mail was sent without TLS")
	}
	// What was heard comes only when the connection is closed: it must not be left.
	if s := <-heard; strings.Contains(s, "MAIL FROM") || strings.Contains(s, "AUTH") {
		t.Errorf("the server heard %q", s)
	}
}

func TestInjection(t *testing.T) {
	server := alerttest.NewSMTP(t)
	server.Start(t)
	evil := "x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script><a href=\"javascript:x\">\xff\x00\u202egnp\u2028.\r\n.\r\nMAIL FROM:<x>"
	inc := bruteForce()
	inc.ID, inc.Title, inc.Reason, inc.Advice, inc.Filter = evil, evil, evil, evil, evil
	inc.Class = attack.Class(evil)
	inc.Actors, inc.Targets, inc.Techniques = []string{evil}, []string{evil, evil}, []string{evil}
	inc.Evidence = []behaviour.Evidence{{Name: evil, Value: 1, Unit: evil}}
	c := config(server)
	c.Sensor = evil
	m := message(evil, alert.Item{Kind: alert.New, Incident: inc})
	m.HeldBack = evil
	notice := message("n", alert.Item{Kind: alert.Notice, Notice: &alert.NoticeText{Key: evil, Title: evil, Text: evil}})
	digest := message("d", alert.Item{Kind: alert.New, Incident: inc, Held: evil}, alert.Item{Kind: alert.New, Incident: inc})
	digest.Digest = true
	for _, m := range []*alert.Message{m, notice, digest} {
		if err := sink(t, c).Deliver(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range server.Wait(t, 3) {
		got := alerttest.Parse(t, raw)
		for name := range got.Header {
			switch name {
			case "Return-Path", "Envelope-To", "Delivery-Date", "Received", "Date", "Mime-Version", "Message-Id", "Subject", "From", "To",
				"Content-Type", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Firetower-Kind", "X-Firetower-Severity", "X-Firetower-Class", "X-Firetower-Incident",
				"Importance", "Priority", "X-Priority", "X-Msmail-Priority":
			default:
				t.Errorf("a header %q came in", name)
			}
		}
		if to := got.Header["To"]; len(to) != 1 || strings.Contains(to[0], "victim") {
			t.Errorf("to %q", to)
		}
		text, html := parts(t, got)
		for _, bad := range []string{"<script", "href=\"javascript", "\x00", "\u202e", "\u2028"} {
			if strings.Contains(html, bad) {
				t.Errorf("the HTML has %q", bad)
			}
		}
		if strings.Contains(text, "\nBcc:") || strings.Contains(text, "\n.") || strings.Contains(text, "\u202e") {
			t.Errorf("the text has a line of the attacker's:\n%s", text)
		}
		if strings.ContainsAny(subject(t, got), "\r\n\x00\u202e") {
			t.Errorf("subject %q", subject(t, got))
		}
	}
	if n := len(server.Mails(t)); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}

func TestDigest(t *testing.T) {
	server := alerttest.NewSMTP(t)
	server.Start(t)
	var items []alert.Item
	for i := range 230 {
		inc := bruteForce()
		inc.ID = fmt.Sprint("i", i)
		inc.Actors = []string{fmt.Sprintf("198.51.100.%d", i)}
		inc.Title = fmt.Sprintf("Brute force of 192.0.2.10 port 22 by 198.51.100.%d", i)
		inc.Severity = 1 + i%3
		items = append(items, alert.Item{Kind: alert.New, Incident: inc, Held: "quiet hours"})
	}
	m := message("d", items...)
	m.Digest, m.HeldBack = true, "Held back until now: 230 by the quiet hours."
	if err := sink(t, config(server)).Deliver(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	got := alerttest.Parse(t, server.Wait(t, 1)[0])
	if s := subject(t, got); s != "[Firetower] 230 incidents, 77 of them urgent" {
		t.Errorf("subject %q", s)
	}
	text, html := parts(t, got)
	for _, body := range []string{text, html} {
		if !strings.Contains(body, m.HeldBack) || !strings.Contains(body, "198.51.100.199") || strings.Contains(body, "198.51.100.200") ||
			!strings.Contains(body, "30 more are not listed here") {
			t.Error("the digest does not say what it holds")
		}
	}
	if dir := os.Getenv("FIRETOWER_MAIL_DIR"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, "digest.html"), []byte(html), 0o644)
	}
}

func TestConfig(t *testing.T) {
	good := mail.DefaultConfig()
	good.Host, good.From, good.To = "mail.example.org", "f@example.org", []string{"a@example.org"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*mail.Config){
		"no host": func(c *mail.Config) { c.Host = "" }, "odd tls": func(c *mail.Config) { c.TLS = "ssl" },
		"clear text to elsewhere": func(c *mail.Config) { c.TLS = mail.None },
		"clear password":          func(c *mail.Config) { c.TLS, c.Host, c.Username, c.Password = mail.None, "localhost", "u", "p" },
		"no password":             func(c *mail.Config) { c.Username = "u" }, "nobody": func(c *mail.Config) { c.To = nil },
		"from": func(c *mail.Config) { c.From = "x" }, "to": func(c *mail.Config) { c.To = []string{"a@b\r\nBcc: c@d"} },
		"port": func(c *mail.Config) { c.Port = 70000 }, "policy": func(c *mail.Config) { c.Policy.Severity = 9 },
	} {
		c := good
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	good.Password = secret.Text("hunter2")
	if s := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(s, "hunter2") {
		t.Errorf("the password prints: %s", s)
	}
}
