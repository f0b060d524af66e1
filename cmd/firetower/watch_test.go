package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
)

// TestMain lets the test binary play other roles: firetower itself, so that tests run
// the real program as a process of its own, and an attacker inside a namespace.
func TestMain(m *testing.M) {
	switch os.Getenv("FIRETOWER_TEST_ROLE") {
	case "firetower":
		main()
	case "scanner":
		scan(os.Args[1])
	case "bruteforcer":
		bruteForce(os.Args[1], os.Args[2])
	case "sender":
		sendUDP(os.Args[1], os.Args[2])
	case "sshd":
		serveSSH(os.Args[1])
	default:
		os.Exit(m.Run())
	}
}

// scan tries 200 ports of a host.
func scan(host string) {
	for port := 1; port <= 200; port++ {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", host, port), 200*time.Millisecond)
		if err == nil {
			c.Close()
		}
	}
}

// segment is two network namespaces joined by a cable: an attacker at 10.77.0.1 and
// a victim at 10.77.0.2, whose interface v1 Firetower watches.
type segment struct {
	t                *testing.T
	attacker, victim string
}

// newNamespaces makes the two namespaces without a cable.
func newNamespaces(t *testing.T) segment {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip (Debian: iproute2) to make network namespaces")
	}
	s := segment{t, fmt.Sprintf("ftt-a%d", os.Getpid()), fmt.Sprintf("ftt-v%d", os.Getpid())}
	if out, err := exec.Command("ip", "netns", "add", s.attacker).CombinedOutput(); err != nil {
		t.Skipf("cannot make network namespaces: %v: %s", err, out)
	}
	s.ip("netns", "add", s.victim)
	t.Cleanup(func() {
		exec.Command("ip", "netns", "del", s.attacker).Run()
		exec.Command("ip", "netns", "del", s.victim).Run()
	})
	return s
}

func newSegment(t *testing.T) segment {
	t.Helper()
	s := newNamespaces(t)
	s.cable()
	s.ip("-n", s.victim, "link", "set", "lo", "up")
	return s
}

// cable joins the two.
func (s segment) cable() {
	s.t.Helper()
	s.ip("link", "add", "v0", "netns", s.attacker, "type", "veth", "peer", "name", "v1", "netns", s.victim)
	s.ip("-n", s.attacker, "addr", "add", "10.77.0.1/24", "dev", "v0")
	s.ip("-n", s.victim, "addr", "add", "10.77.0.2/24", "dev", "v1")
	s.ip("-n", s.attacker, "link", "set", "v0", "up")
	s.ip("-n", s.victim, "link", "set", "v1", "up")
}

func (s segment) ip(args ...string) {
	s.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("ip %v: %v: %s", args, err, out)
	}
}

// in makes the command that plays a role in a namespace.
func (s segment) in(namespace, role string, args ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", namespace, "/proc/self/exe"}, args...)...)
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Args[4] = self
	cmd.Env = append(os.Environ(), "FIRETOWER_TEST_ROLE="+role)
	return cmd
}

// watching is a running daemon.
type watching struct {
	t         *testing.T
	cmd       *exec.Cmd
	incidents chan incident.Incident
	mu        sync.Mutex
	log       bytes.Buffer
	ended     chan error
}

// watch starts a daemon beside the victim.
func (s segment) watch(args ...string) *watching {
	s.t.Helper()
	return s.start(s.in(s.victim, "firetower", append([]string{"watch"}, args...)...))
}

// watchHere starts a daemon in the namespace of the test.
func (s segment) watchHere(args ...string) *watching {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"watch"}, args...)...)
	cmd.Env = append(os.Environ(), "FIRETOWER_TEST_ROLE=firetower")
	return s.start(cmd)
}

func (s segment) start(cmd *exec.Cmd) *watching {
	s.t.Helper()
	w := &watching{t: s.t, cmd: cmd, incidents: make(chan incident.Incident, 100), ended: make(chan error, 1)}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	w.cmd.Stderr = w
	if err := w.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { w.cmd.Process.Kill() })
	go w.read(out)
	w.await("watching")
	return w
}

func (w *watching) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var i incident.Incident
		if err := json.Unmarshal(lines.Bytes(), &i); err == nil {
			w.incidents <- i
		}
	}
	w.ended <- w.cmd.Wait()
}

func (w *watching) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

func (w *watching) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// await waits until the daemon has logged a text.
func (w *watching) await(text string) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(w.logged(), text) {
			return
		}
	}
	w.t.Fatalf("the daemon did not log %q:\n%s", text, w.logged())
}

// scanned waits for the report of a port scan.
func (w *watching) scanned() incident.Incident {
	w.t.Helper()
	select {
	case i := <-w.incidents:
		if i.Class != "portscan" || len(i.Actors) != 1 || i.Actors[0] != "10.77.0.1" {
			w.t.Fatalf("reported %+v", i)
		}
		return i
	case err := <-w.ended:
		w.t.Fatalf("the daemon ended: %v\n%s", err, w.logged())
	case <-time.After(30 * time.Second):
		w.t.Fatalf("nothing was reported:\n%s", w.logged())
	}
	return incident.Incident{}
}

func (w *watching) stop() {
	w.t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	select {
	case err := <-w.ended:
		if err != nil {
			w.t.Errorf("the daemon ended with %v:\n%s", err, w.logged())
		}
	case <-time.After(20 * time.Second):
		w.t.Fatalf("the daemon did not end:\n%s", w.logged())
	}
}

// TestWatch is the life of a daemon: it gives up its rights, reports a scan, takes up
// a changed configuration, outlives its interface's going down and up, reports
// another scan, and on SIGTERM loses nothing.
func TestWatch(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	config := filepath.Join(dir, "firetower.yaml")
	text := fmt.Sprintf("store: {path: %s/state/f.db}\nflow_log: {dir: %s/flows}\n", dir, dir)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	w := s.watch("-i", "v1", "--config", config)
	s.scan()
	first := w.scanned()
	if d := first.Detected.Sub(first.Start); d > 10*time.Second {
		t.Errorf("detected after %s", d)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65534\t65534", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("rights are left over: no %q in\n%s", want, status)
		}
	}

	if err := os.WriteFile(config, []byte(text+"health: {blind_after: 1s}\nflow: {idle_timeout: 1m}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.cmd.Process.Signal(syscall.SIGHUP)
	w.await("configuration taken up")
	w.await("at the next start only\" settings=flow\n")

	s.ip("-n", s.victim, "link", "set", "v1", "down")
	w.await("interface is down")
	s.ip("-n", s.victim, "link", "set", "v1", "up")
	w.await("interface is back")

	s.scan()
	w.stop()
	if !strings.Contains(w.logged(), "stopped") {
		t.Errorf("no last words:\n%s", w.logged())
	}
	rows := 0
	files, _ := filepath.Glob(filepath.Join(dir, "flows", "*.csv"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		rows += bytes.Count(text, []byte{'\n'}) - 1
	}
	if rows < 200 {
		t.Errorf("%d flow records of at least 200", rows)
	}
	if st, err := openStore(context.Background(), storeAt(dir)); err != nil {
		t.Error(err)
	} else {
		defer st.Close()
		if got, err := st.Incident(context.Background(), first.ID); err != nil || got.Class != "portscan" {
			t.Errorf("the store has %+v, %v", got, err)
		}
		flows, err := st.Evidence(context.Background(), first.ID, store.EvidenceFlows)
		if n := bytes.Count(flows, []byte{'\n'}); err != nil || n < 20 || n > 1+recentFlows || !bytes.Contains(flows, []byte("10.77.0.1")) {
			t.Errorf("%d lines of flows with the incident, %v", n, err)
		}
		if why, err := st.Evidence(context.Background(), first.ID, store.EvidenceFeatures); err != nil || !bytes.Contains(why, []byte(`"moved"`)) {
			t.Errorf("why: %s, %v", why, err)
		}
	}
}

// publicDir is a folder that every user may pass through, which t.TempDir's is not.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "firetower-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAStoreThatTheDaemonsUserCannotReach is found at the start, not when the first
// incident is lost.
func TestAStoreThatTheDaemonsUserCannotReach(t *testing.T) {
	s := newSegment(t)
	dir := t.TempDir() // of root alone
	config := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "store: {path: %s/state/f.db}\n", dir), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := s.in(s.victim, "firetower", "watch", "-i", "v1", "--config", config)
	stop := time.AfterFunc(20*time.Second, func() { cmd.Process.Signal(syscall.SIGTERM) })
	defer stop.Stop()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "nobody") {
		t.Errorf("%v: %s", err, out)
	}
}

func storeAt(dir string) store.Config {
	cfg := store.DefaultConfig()
	cfg.Path = filepath.Join(dir, "state", "f.db")
	return cfg
}

func (s segment) scan() {
	s.t.Helper()
	if out, err := s.in(s.attacker, "scanner", "10.77.0.2").CombinedOutput(); err != nil {
		s.t.Fatalf("scan: %v: %s", err, out)
	}
}

// TestWatchRefusals are the ways in which a daemon does not start, each in one line.
func TestWatchRefusals(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to get as far as the interface")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "c.yaml")
	os.WriteFile(config, fmt.Appendf(nil, "store: {path: %s/f.db}\n", dir), 0o644)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-i", "nosuch0"}, "nosuch0"},
		{[]string{"-i", "lo", "--config", filepath.Join(dir, "none.yaml")}, "none.yaml"},
	} {
		if len(c.args) == 2 {
			c.args = append(c.args, "--config", config)
		}
		code, _, stderr := call(t, "", append([]string{"watch"}, c.args...)...)
		if code != 1 || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: status %d: %s", c.args, code, stderr)
		}
	}
}
