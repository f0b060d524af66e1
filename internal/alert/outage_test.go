package alert_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"firetower/internal/alert"
	"firetower/internal/alert/alerttest"
	"firetower/internal/alert/eve"
	"firetower/internal/alert/mail"
	"firetower/internal/attack"
	"firetower/internal/evefile"
	"firetower/internal/incident"
	"firetower/internal/store"
	"firetower/internal/store/sqlite"
)

// The tests of this file kill a process between two steps, so they start this
// test binary again with a role.
const roleVariable = "FIRETOWER_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "sensor":
		sensor()
	case "fulldisk":
		fullDisk()
	}
}

func bruteForce(n int) *incident.Incident {
	at := time.Date(2026, 11, 23, 6, 24, 0, 0, time.UTC)
	return &incident.Incident{EventType: "incident", ID: fmt.Sprintf("i%06d", n), Class: attack.BruteForce, Title: fmt.Sprintf("Brute force %d", n),
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22}, ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1,
		Start: at, End: at, Detected: at, Flows: 300, Confidence: 0.98, Severity: 2, Reason: "because", Revision: 1}
}

// sensor is a small daemon: it records the incidents whose numbers it reads on
// standard input, says so, and delivers to the sink of its environment.
func sensor() {
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	s, err := sqlite.Open(ctx, os.Getenv("STORE"))
	check(err)
	var sink alert.Sink
	p := alert.MachinePolicy()
	if port := os.Getenv("SMTP_PORT"); port != "" {
		c := mail.DefaultConfig()
		c.Host, c.CAFile, c.Username, c.Password = "localhost", os.Getenv("SMTP_CA"), alerttest.Username, "${SMTP_PASSWORD}"
		c.Port, err = strconv.Atoi(port)
		check(err)
		c.From, c.To = "firetower@example.org", []string{"admin@example.org"}
		sink, err = mail.New(c)
	} else {
		sink = eve.NewSink(evefile.New(evefile.Config{Path: os.Getenv("EVE")}), "")
	}
	check(err)
	r, err := alert.NewRouter(s, []alert.Route{{Name: "out", Sink: sink, Policy: p}}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	check(err)
	go func() { check(r.Run(ctx)) }()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		n, err := strconv.Atoi(in.Text())
		check(err)
		check(r.Handle(ctx, bruteForce(n)))
		fmt.Println("recorded", n)
	}
	select {}
}

// child starts this binary in a role; it is killed at the end of the test.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *bytes.Buffer
}

func start(t *testing.T, role string, env ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(exe), err: &bytes.Buffer{}}
	c.cmd.Env = append(os.Environ(), append(env, roleVariable+"="+role)...)
	c.cmd.Stderr = c.err
	in, err1 := c.cmd.StdinPipe()
	out, err2 := c.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, c.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	c.in, c.out = in, bufio.NewScanner(out)
	t.Cleanup(func() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() })
	return c
}

// kill9 ends it as kill -9 does, and waits.
func (c *child) kill9() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// record has it record an incident and waits until it says that it did.
func (c *child) record(t *testing.T, n int) {
	t.Helper()
	if _, err := fmt.Fprintln(c.in, n); err != nil {
		t.Fatal(err, c.err)
	}
	if !c.out.Scan() || c.out.Text() != fmt.Sprint("recorded ", n) {
		t.Fatalf("it said %q: %s", c.out.Text(), c.err)
	}
}

func smtpEnv(s *alerttest.SMTP) []string {
	return []string{fmt.Sprint("SMTP_PORT=", s.Port), "SMTP_CA=" + s.CA, "SMTP_PASSWORD=" + alerttest.Password}
}

// TestKillBetweenRecordingAndDelivery: the mail server is down, the process is
// killed, the server comes up, the process starts again: the mail comes, once.
func TestKillBetweenRecordingAndDelivery(t *testing.T) {
	server := alerttest.NewSMTP(t)
	env := append(smtpEnv(server), "STORE="+filepath.Join(t.TempDir(), "f.db"))
	first := start(t, "sensor", env...)
	first.record(t, 1)
	first.kill9()
	server.Start(t)
	start(t, "sensor", env...)
	got := server.Wait(t, 1)
	if subject := alerttest.Parse(t, got[0]).Header.Get("Subject"); !strings.Contains(subject, "Brute force: 203.0.113.7 -> 192.0.2.10") {
		t.Errorf("subject %q", subject)
	}
	time.Sleep(500 * time.Millisecond)
	if n := len(server.Mails(t)); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// TestMailServerDownForTheWholeAttack: nothing comes, then everything.
func TestMailServerDownForTheWholeAttack(t *testing.T) {
	server := alerttest.NewSMTP(t)
	c := start(t, "sensor", append(smtpEnv(server), "STORE="+filepath.Join(t.TempDir(), "f.db"))...)
	for n := range 3 {
		c.record(t, n)
	}
	time.Sleep(time.Second)
	server.Start(t)
	got := server.Wait(t, 3)      // within the first retry
	seen := make(map[string]bool) // Exim delivers them in any order
	for _, raw := range got {
		seen[alerttest.Parse(t, raw).Header.Get("X-Firetower-Incident")] = true
	}
	if len(got) != 3 || len(seen) != 3 {
		t.Errorf("%d mails of %d incidents, want 3 of 3", len(got), len(seen))
	}
}

// TestKillAtAnyMoment kills a busy process again and again: whatever it had
// reported as recorded is in the store and reaches the sink.
func TestKillAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a process many times; not with -short")
	}
	dir := t.TempDir()
	env := []string{"STORE=" + filepath.Join(dir, "f.db"), "EVE=" + filepath.Join(dir, "eve.json")}
	n := 0
	for round := range 25 {
		c := start(t, "sensor", env...)
		kill := time.AfterFunc(time.Duration(30+round*11)*time.Millisecond, func() { _ = c.cmd.Process.Kill() })
		for {
			if _, err := fmt.Fprintln(c.in, n); err != nil {
				break
			}
			if !c.out.Scan() {
				break
			}
			n++
		}
		kill.Stop()
		c.kill9()
	}
	if n < 50 {
		t.Fatalf("only %d incidents were recorded", n)
	}
	start(t, "sensor", env...)
	seen := make(map[string]bool)
	for range 200 {
		clear(seen)
		for _, l := range eveLines(t, filepath.Join(dir, "eve.json")) {
			seen[l.Firetower.Incident.ID] = true
		}
		if len(seen) >= n {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "f.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range n {
		id := fmt.Sprintf("i%06d", i)
		if _, err := s.Incident(context.Background(), id); err != nil {
			t.Errorf("%s was reported as recorded: %v", id, err)
		}
		if !seen[id] {
			t.Errorf("%s was recorded and never told", id)
		}
	}
	t.Logf("%d incidents over 25 kills", n)
}

// eveLines reads whole lines; the last may be cut by a kill, and the next writer
// starts behind it.
func eveLines(t *testing.T, path string) (out []eve.Event) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		var e eve.Event
		if json.Unmarshal([]byte(l), &e) == nil && e.Firetower.Incident != nil {
			out = append(out, e)
		}
	}
	return out
}

// TestDiskFull runs fullDisk on a small file system of its own.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("mounts a file system; not with -short")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
		`mkdir "$DIR/small" && mount -t tmpfs -o size=4m tmpfs "$DIR/small" || { echo "cannot mount" >&2; exit 77; }; exec "$EXE"`)
	cmd.Env = append(os.Environ(), "DIR="+dir, "EXE="+exe, roleVariable+"=fulldisk")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && (exit.ExitCode() == 77 || strings.Contains(string(out), "unshare failed") || strings.Contains(string(out), "Operation not permitted")):
		t.Skipf("no mount namespace of a user's own can be made here: %s", out)
	case err != nil && exit == nil:
		t.Skipf("unshare does not run here: %v", err)
	case err != nil:
		t.Errorf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

// fullDisk fills the disk of a store and looks that the alerts still go out,
// that it is said, and that all is recorded when there is room again.
func fullDisk() {
	ctx := context.Background()
	fail := func(format string, args ...any) {
		fmt.Printf(format+"\n", args...)
		os.Exit(1)
	}
	dir := os.Getenv("DIR")
	s, err := sqlite.Open(ctx, filepath.Join(dir, "small", "f.db"))
	if err != nil {
		fail("open: %v", err)
	}
	c := evefile.Config{Path: filepath.Join(dir, "eve.json")}
	sink := eve.NewSink(evefile.New(c), "")
	var log bytes.Buffer
	r, err := alert.NewRouter(s, []alert.Route{{Name: "out", Sink: sink, Policy: alert.MachinePolicy()}}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		fail("%v", err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(run) }()
	if err := r.Handle(ctx, bruteForce(0)); err != nil {
		fail("before: %v", err)
	}
	filler := filepath.Join(dir, "small", "filler")
	f, err := os.Create(filler)
	if err != nil {
		fail("%v", err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	_ = f.Close()
	failed := 0
	const total = 400 // more than the log of the database has room for already
	for n := 1; n < total; n++ {
		if err := r.Handle(ctx, bruteForce(n)); err != nil {
			failed++
			if !errors.Is(err, store.ErrFull) {
				fail("a full disk gives %v", err)
			}
		}
	}
	told := func() int {
		seen := make(map[string]bool)
		b, _ := os.ReadFile(c.Path)
		for l := range strings.Lines(string(b)) {
			var e eve.Event
			if json.Unmarshal([]byte(l), &e) == nil && e.Firetower.Incident != nil {
				seen[e.Firetower.Incident.ID] = true
			}
		}
		return len(seen)
	}
	for range 200 {
		if told() == total {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	status := r.Status(ctx)
	if failed == 0 || status.Backlog == 0 || status.StoreError == "" {
		fail("the disk was not full: %d failed, %+v", failed, status)
	}
	if n := told(); n != total {
		fail("%d of %d incidents were told while the disk was full", n, total)
	}
	b, _ := os.ReadFile(c.Path)
	if !strings.Contains(string(b), "Firetower can not write its store") {
		fail("nobody was told that the disk is full")
	}
	if err := os.Remove(filler); err != nil {
		fail("%v", err)
	}
	for range 200 {
		if r.Status(ctx).Backlog == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	page, err := s.FindIncidents(ctx, store.Query{})
	if err != nil || page.Total != total {
		fail("%d of %d incidents are recorded after there was room again, %v; %+v", page.Total, total, err, r.Status(ctx))
	}
	stop()
	<-done
	if err := s.Close(); err != nil {
		fail("%v", err)
	}
	fmt.Printf("%d of %d incidents met a full disk; all were told at once and recorded later\n", failed, total)
	os.Exit(0)
}
