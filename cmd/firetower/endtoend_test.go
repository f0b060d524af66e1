package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"firetower/internal/alert/alerttest"
)

// bruteForce tries passwords on an SSH server, three in a connection, from an address.
func bruteForce(from, server string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 2 * time.Second}
	for n := range 60 {
		conn, err := dialer.Dial("tcp", server)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		tries := 0
		guess := func() (string, error) { tries++; return fmt.Sprintf("guess%d-%d", n, tries), nil }
		_, _, _, err = ssh.NewClientConn(conn, server, &ssh.ClientConfig{
			User: "root", HostKeyCallback: ssh.InsecureIgnoreHostKey(), ClientVersion: "SSH-2.0-libssh_0.9.6",
			Auth: []ssh.AuthMethod{ssh.RetryableAuthMethod(ssh.PasswordCallback(guess), 3)},
		})
		if err == nil {
			os.Exit(1) // it is nobody's password
		}
		conn.Close()
	}
}

// serveSSH is an SSH server that lets nobody in. It ends with its standard input.
func serveSSH(address string) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		panic(err)
	}
	cfg := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
		time.Sleep(10 * time.Millisecond)
		return nil, errors.New("no")
	}}
	cfg.AddHostKey(signer)
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("listening")
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			ssh.NewServerConn(conn, cfg)
		}()
	}
}

// bridged is a network around a bridge of this namespace: attackers 10.78.0.1 and
// 10.78.0.3 in one namespace, a victim 10.78.0.2 in another.
func bridged(t *testing.T) (s segment, bridge string) {
	t.Helper()
	s = newNamespaces(t)
	bridge = fmt.Sprintf("ftb%d", os.Getpid())
	s.ip("link", "add", bridge, "type", "bridge", "forward_delay", "0") // no 15 s of learning
	t.Cleanup(func() { exec.Command("ip", "link", "del", bridge).Run() })
	for i, ns := range []string{s.attacker, s.victim} {
		port := fmt.Sprintf("ft%d-%d", i, os.Getpid())
		s.ip("link", "add", "e0", "netns", ns, "type", "veth", "peer", "name", port)
		t.Cleanup(func() { exec.Command("ip", "link", "del", port).Run() })
		s.ip("link", "set", port, "master", bridge, "up")
		s.ip("-n", ns, "link", "set", "e0", "up")
	}
	s.ip("link", "set", bridge, "up")
	s.ip("-n", s.attacker, "addr", "add", "10.78.0.1/24", "dev", "e0")
	s.ip("-n", s.attacker, "addr", "add", "10.78.0.3/24", "dev", "e0")
	s.ip("-n", s.victim, "addr", "add", "10.78.0.2/24", "dev", "e0")
	return s, bridge
}

// TestEndToEnd is the whole: a scan and a brute force cross a bridge that Firetower
// watches, and a mail server, a webhook, a syslog daemon and the dashboard learn of
// one incident each.
func TestEndToEnd(t *testing.T) {
	mail, syslog := alerttest.NewSMTP(t), alerttest.NewSyslog(t, "tcp")
	s, bridge := bridged(t)
	mail.Start(t)
	syslog.Start(t)
	hook := newHook(t)
	page := fmt.Sprintf("127.0.0.1:%d", alerttest.FreePort(t))
	dir := publicDir(t)
	config, password := filepath.Join(dir, "firetower.yaml"), filepath.Join(dir, "password")
	// Of root alone, as it should be: all three are read before the rights are given up.
	if err := os.WriteFile(password, []byte(alerttest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, `
interfaces: [%s]
store: {path: %s/state/f.db}
eve: {path: %[2]s/log/eve.json}
dashboard: {listen: "%s"}
alerts:
  mail:
    - {host: localhost, port: %d, ca_file: %s, username: %s, password_file: %s, from: firetower@example.org, to: [admin@example.org], policy: {growth: 0}}
  webhook:
    - {url: "%s", policy: {growth: 0}}
  syslog:
    - {address: "%s", network: tcp, policy: {growth: 0}}
`, bridge, dir, page, mail.Port, mail.CA, alerttest.Username, password, hook.URL, syslog.Address()), 0o600); err != nil {
		t.Fatal(err)
	}
	w := s.watchHere("--config", config)
	if err := w.cmd.Process.Signal(syscall.SIGHUP); err != nil { // and may be read again, unchanged
		t.Fatal(err)
	}
	w.await("configuration taken up")
	w.await("password ")

	server := s.in(s.victim, "sshd", "10.78.0.2:22")
	hold, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hold.Close(); server.Wait() })
	time.Sleep(500 * time.Millisecond)

	began := time.Now()
	if out, err := s.in(s.attacker, "scanner", "10.78.0.2").CombinedOutput(); err != nil {
		t.Fatalf("scan: %v: %s", err, out)
	}
	defer func() {
		if t.Failed() {
			t.Log(w.logged())
		}
	}()
	mail.Wait(t, 1)
	t.Logf("scan: %.1f s from the first packet to the mail", time.Since(began).Seconds())
	began = time.Now()
	if out, err := s.in(s.attacker, "bruteforcer", "10.78.0.3", "10.78.0.2:22").CombinedOutput(); err != nil {
		t.Fatalf("brute force: %v: %s", err, out)
	}
	mails := mail.Wait(t, 2)
	t.Logf("brute force: %.1f s from the first packet to the mail", time.Since(began).Seconds())

	var subjects []string
	for _, raw := range mails {
		subjects = append(subjects, alerttest.Parse(t, raw).Header.Get("Subject"))
	}
	told := strings.Join(subjects, "\n")
	if len(mails) != 2 || !strings.Contains(told, "10.78.0.1") || !strings.Contains(told, "10.78.0.3") {
		t.Errorf("mails: %q", subjects)
	}
	if lines := syslog.Wait(t, 2); len(lines) != 2 {
		t.Errorf("syslog: %q", lines)
	}
	if got := hook.wait(t, 2); len(got) != 2 {
		t.Errorf("webhook: %v", got)
	}
	c := logIn(t, "http://"+page, w.logged())
	list := c.get("/incidents")
	for _, want := range []string{"10.78.0.1", "10.78.0.3"} {
		if !strings.Contains(list, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	w.stop()
	if strings.Contains(w.logged(), alerttest.Password) {
		t.Error("the mail password is in the log")
	}
	classes := map[string]bool{}
	for len(w.incidents) > 0 {
		i := <-w.incidents
		classes[i.ID+" "+string(i.Class)] = true
	}
	if len(classes) != 2 {
		t.Errorf("incidents: %v", classes)
	}
	readEVE(t, filepath.Join(dir, "log", "eve.json"))
}

// readEVE reads a file as an EVE reader does: every line an event of a known type,
// alerts with what Suricata's have, and each alert's flow among the flows.
func readEVE(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		Timestamp string
		EventType string  `json:"event_type"`
		FlowID    float64 `json:"flow_id"`
		SrcIP     string  `json:"src_ip"`
		DestIP    string  `json:"dest_ip"`
		Proto     string
		Alert     struct {
			Signature, Category, Action string
			ID                          int `json:"signature_id"`
		}
	}
	n, flows, alerts := map[string]int{}, map[float64]bool{}, []event{}
	for line := range strings.Lines(string(text)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.999999999Z0700", e.Timestamp); err != nil {
			t.Error(err)
		}
		n[e.EventType]++
		switch e.EventType {
		case "flow":
			flows[e.FlowID] = true
		case "alert":
			alerts = append(alerts, e)
		}
	}
	if n["alert"] < 2 || n["flow"] < 200 || n["stats"] == 0 || len(n) != 3 {
		t.Errorf("events: %v", n)
	}
	for _, a := range alerts {
		if !flows[a.FlowID] || a.SrcIP == "" || a.DestIP != "10.78.0.2" || a.Proto != "TCP" || a.Alert.Action != "allowed" ||
			a.Alert.ID < 100 || !strings.HasPrefix(a.Alert.Signature, "Firetower: ") || a.Alert.Category == "" {
			t.Errorf("alert %+v", a)
		}
	}
}

// hook is a webhook that keeps the incidents it is told.
type hook struct {
	*httptest.Server
	mu  sync.Mutex
	ids map[string]bool
}

func newHook(t *testing.T) *hook {
	h := &hook{ids: map[string]bool{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Alerts []struct {
				Incident struct{ ID string }
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Errorf("webhook: %v", err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, a := range body.Alerts {
			h.ids[a.Incident.ID] = true
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) wait(t *testing.T, n int) map[string]bool {
	t.Helper()
	for range 100 {
		h.mu.Lock()
		if len(h.ids) >= n {
			defer h.mu.Unlock()
			return h.ids
		}
		h.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the webhook was told of %v", h.ids)
	return nil
}

// browser is somebody who has logged in to a dashboard.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

// logIn takes the password from what the daemon has printed.
func logIn(t *testing.T, base, printed string) *browser {
	t.Helper()
	found := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(printed)
	if found == nil {
		t.Fatalf("no password in %s", printed)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t, base, &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	req, err := http.NewRequestWithContext(context.Background(), "POST", base+"/login", strings.NewReader(url.Values{"password": {found[1]}, "next": {"/"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	res, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || strings.HasSuffix(res.Request.URL.Path, "/login") {
		t.Fatalf("log-in: %s at %s", res.Status, res.Request.URL)
	}
	return b
}

func (b *browser) get(path string) string {
	b.t.Helper()
	res, err := b.http.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s, %v", path, res.Status, err)
	}
	return string(text)
}
