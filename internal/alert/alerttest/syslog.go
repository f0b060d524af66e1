package alerttest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Syslog is an rsyslogd that writes what it understood of each message as a line
// "priority|host|app|msgid|structured data|text".
type Syslog struct {
	Network string // udp, tcp or tls
	Port    int
	CA      string // of its certificate, for tls

	dir, rsyslogd string
	cmd           *exec.Cmd
}

const rsyslogConfig = `
global(workDirectory="%[1]s" maxMessageSize="64k")
%[2]s
template(name="parsed" type="string" string="%%pri%%|%%hostname%%|%%app-name%%|%%msgid%%|%%structured-data%%|%%msg%%\n")
action(type="omfile" file="%[1]s/got" template="parsed" asyncWriting="off" flushOnTXEnd="on")
`

// NewSyslog makes the configuration; Start starts the daemon.
func NewSyslog(t *testing.T, network string) *Syslog {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a syslog daemon; not with -short")
	}
	program, err := exec.LookPath("rsyslogd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/rsyslogd"); err != nil {
			t.Skip("no rsyslogd here; Debian: apt-get install rsyslog rsyslog-gnutls")
		}
	}
	dir, err := os.MkdirTemp("", "ftsyslog")
	if err != nil {
		t.Fatal(err)
	}
	s := &Syslog{Network: network, Port: FreePort(t), dir: dir, rsyslogd: program}
	t.Cleanup(func() {
		s.Stop()
		_ = os.RemoveAll(dir)
	})
	var input string
	switch network {
	case "udp":
		input = fmt.Sprintf("module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"%d\")", s.Port)
	case "tcp":
		input = fmt.Sprintf("module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"%d\")", s.Port)
	case "tls":
		if found, _ := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_gtls.so"); len(found) == 0 {
			t.Skip("rsyslog has no TLS here; Debian: apt-get install rsyslog-gnutls")
		}
		cert, key := Certificate(t, dir)
		s.CA = cert
		input = fmt.Sprintf(`global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="%[1]s" defaultNetstreamDriverCertFile="%[1]s" defaultNetstreamDriverKeyFile="%[2]s")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="%[3]d")`, cert, key, s.Port)
	}
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(fmt.Sprintf(rsyslogConfig, dir, input)), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

// Start starts the daemon, or starts it again, and waits until it listens.
func (s *Syslog) Start(t *testing.T) {
	t.Helper()
	out, err := os.OpenFile(filepath.Join(s.dir, "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.cmd = exec.Command(s.rsyslogd, "-n", "-f", filepath.Join(s.dir, "conf"), "-i", filepath.Join(s.dir, "pid"))
	s.cmd.Stdout, s.cmd.Stderr = out, out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Skipf("rsyslogd does not start: %v", err)
	}
	if !s.listens() {
		said, _ := os.ReadFile(out.Name())
		t.Fatalf("rsyslogd does not listen: %s", said)
	}
}

func (s *Syslog) listens() bool {
	if s.Network != "udp" {
		return waitTCP(s.Port)
	}
	for range 200 { // a UDP port that is taken is one that somebody listens on
		c, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", s.Port))
		if err != nil {
			return true
		}
		_ = c.Close()
		time.Sleep(25 * time.Millisecond)
	}
	return false
}

// Stop ends the daemon.
func (s *Syslog) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Address is where to send.
func (s *Syslog) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.Port) }

// Wait waits for n messages and gives their fields.
func (s *Syslog) Wait(t *testing.T, n int) [][]string {
	t.Helper()
	var lines []string
	for range 200 {
		b, _ := os.ReadFile(filepath.Join(s.dir, "got"))
		lines = lines[:0]
		for _, l := range strings.Split(string(b), "\n") {
			if l != "" && !strings.Contains(l, "|rsyslogd|") {
				lines = append(lines, l)
			}
		}
		if len(lines) >= n {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(lines) < n {
		t.Fatalf("%d messages came, want %d: %q", len(lines), n, lines)
	}
	out := make([][]string, len(lines))
	for i, l := range lines {
		out[i] = strings.SplitN(l, "|", 6)
	}
	return out
}
