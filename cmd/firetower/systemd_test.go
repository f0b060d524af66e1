package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSystemdIsTold plays systemd: readiness, the watchdog, a reload and the end.
func TestSystemdIsTold(t *testing.T) {
	s := newSegment(t)
	dir := publicDir(t)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := os.Chmod(filepath.Join(dir, "notify"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(dir, "notify"))
	t.Setenv("WATCHDOG_USEC", "900000")
	expect := func(want string) {
		t.Helper()
		buf := make([]byte, 4096)
		var got []string
		_ = socket.SetReadDeadline(time.Now().Add(20 * time.Second))
		for {
			n, err := socket.Read(buf)
			if err != nil {
				t.Fatalf("no %q, but %q: %v", want, got, err)
			}
			if got = append(got, string(buf[:n])); strings.HasPrefix(got[len(got)-1], want) {
				return
			}
		}
	}
	w := s.watch("-i", "v1", "--config", quietConfig(t, dir, ""))
	expect("READY=1")
	expect("WATCHDOG=1") // also when no packet comes
	expect("STATUS=")
	if err := w.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	expect("RELOADING=1\nMONOTONIC_USEC=")
	expect("READY=1")
	w.stop()
	expect("STOPPING=1")
}

// quietConfig writes a configuration with its store in dir and without a dashboard.
func quietConfig(t *testing.T, dir, more string) string {
	t.Helper()
	path := filepath.Join(dir, "firetower.yaml")
	text := fmt.Sprintf("store: {path: %s/state/f.db}\ndashboard: {listen: \"\"}\n%s\n", dir, more)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnitFileLetsTheDaemonWork runs the daemon as the unit file does, as a user with
// the one capability, and holds the system calls that it makes to the unit's filter:
// one that is missing there would end it.
func TestUnitFileLetsTheDaemonWork(t *testing.T) {
	for _, tool := range []string{"strace", "systemd-analyze"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	allowed := unitFilter(t)
	s := newSegment(t)
	dir := publicDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	metrics := `metrics: {listen: "127.0.0.1:0"}`
	config := quietConfig(t, dir, fmt.Sprintf("flow_log: {dir: %s/flows}\neve: {path: %[1]s/log/eve.json}\n%s", dir, metrics))
	trace := filepath.Join(dir, "trace")
	self, err := os.ReadFile("/proc/self/exe") // go test has it where no other user may look
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "firetower")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	inner := s.in(s.victim, "firetower")
	args := append(inner.Args[:4:4], "setpriv", "--reuid", "4242", "--regid", "4242", "--clear-groups", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw",
		"strace", "-f", "-qq", "-o", trace, program, "watch", "-i", "v1", "--config", config)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = inner.Env
	w := s.start(cmd)
	s.scan()
	w.scanned()
	strace := w.cmd.Process.Pid // keeps SIGTERM to itself
	child, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", strace))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(child), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-w.ended; err != nil {
		t.Errorf("%v:\n%s", err, w.logged())
	}
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	call := regexp.MustCompile(`^\d+ +([a-z0-9_]+)\(`)
	denied, calls := map[string]bool{}, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if m := call.FindStringSubmatch(lines.Text()); m != nil {
			calls++
			denied[m[1]] = denied[m[1]] || !allowed[m[1]]
		}
	}
	for name, bad := range denied {
		if bad {
			t.Errorf("the unit file does not let it call %s", name)
		}
	}
	if calls < 100 {
		t.Errorf("only %d calls were seen", calls)
	}
}

// unitFilter gives the system calls that the unit file allows.
func unitFilter(t *testing.T) map[string]bool {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join("..", "..", "deploy", "firetower.service"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	filterSet(t, "@default", func(call string) { allowed[call] = true })
	for _, m := range regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllStringSubmatch(string(unit), -1) {
		for _, set := range strings.Fields(m[2]) {
			filterSet(t, set, func(call string) { allowed[call] = m[1] == "" })
		}
	}
	return allowed
}

// filterSet expands a system call or a named set of them.
func filterSet(t *testing.T, set string, use func(string)) {
	t.Helper()
	if !strings.HasPrefix(set, "@") {
		use(set)
		return
	}
	out, err := exec.Command("systemd-analyze", "syscall-filter", set).Output()
	if err != nil {
		t.Skipf("systemd-analyze does not know %s: %v", set, err)
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && line != set && !strings.HasPrefix(line, "#") {
			filterSet(t, line, use)
		}
	}
}
