// Package alerttest starts the real servers that alerts are tested against, on
// loopback and in a directory of the test: Exim as mail server and rsyslog as
// syslog daemon. A test skips, with a hint, where they are not installed.
package alerttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The log-in that the mail server takes.
const (
	Username = "firetower"
	Password = "correct horse"
)

// Certificate writes a certificate for localhost and its key, and gives their
// paths. The certificate is its own authority.
func Certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "EC PRIVATE KEY", keyDER)
}

// FreePort gives a TCP port of loopback that nobody listens on just now.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// SMTP is an Exim that takes mail for example.org after STARTTLS and a log-in,
// into a Maildir.
type SMTP struct {
	Port int
	CA   string // the certificate that it shows

	dir  string
	exim string
	cmd  *exec.Cmd
}

// NewSMTP makes the configuration; Start starts the server.
func NewSMTP(t *testing.T) *SMTP {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a mail server; not with -short")
	}
	exim, err := exec.LookPath("exim4")
	if err != nil {
		if exim, err = exec.LookPath("/usr/sbin/exim4"); err != nil {
			t.Skip("no exim4 here; Debian: apt-get install exim4-daemon-light")
		}
	}
	dir, err := os.MkdirTemp("", "ftsmtp")
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{Port: FreePort(t), dir: dir, exim: exim}
	t.Cleanup(func() {
		s.Stop()
		_ = os.RemoveAll(dir)
	})
	cert, key := Certificate(t, dir)
	s.CA = cert
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // Exim gives up root for a user of its own
		if who, err = user.Lookup("Debian-exim"); err != nil {
			t.Skip("no user Debian-exim")
		}
	}
	for _, d := range []string{"spool", "mail", "log"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	own(t, dir, who)
	group, err := user.LookupGroupId(who.Gid)
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(eximConfig, exim, dir, s.Port, cert, key, Username, Password, who.Username, group.Name)
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

func own(t *testing.T, dir string, who *user.User) {
	t.Helper()
	uid, err1 := strconv.Atoi(who.Uid)
	gid, err2 := strconv.Atoi(who.Gid)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, uid, gid)
	})
	if err != nil {
		t.Skipf("cannot give the mail server its directory: %v", err)
	}
}

const eximConfig = `
exim_path = %[1]s
spool_directory = %[2]s/spool
log_file_path = %[2]s/log/%%slog
pid_file_path = %[2]s/exim.pid
primary_hostname = mail.example.org
daemon_smtp_ports = %[3]d
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = %[4]s
tls_privatekey = %[5]s
keep_environment =
never_users =
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
begin acl
check_rcpt:
  deny condition = ${if eq{$tls_in_cipher}{}}
       message = TLS first
  deny !authenticated = *
       message = log in first
  deny local_parts = nobody
       message = no such person
  accept domains = example.org
  deny message = not my domain
check_data:
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{%[6]s}}{eq{$auth3}{%[7]s}}}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = %[2]s/mail
  maildir_format
  user = %[8]s
  group = %[9]s
begin retry
* * F,2h,15m
`

// TLSOnConnect makes the server speak TLS from the first byte. Call it before Start.
func (s *SMTP) TLSOnConnect(t *testing.T) {
	t.Helper()
	path := filepath.Join(s.dir, "exim.conf")
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append([]byte(fmt.Sprintf("tls_on_connect_ports = %d\n", s.Port)), b...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Start starts the server, or starts it again, and waits until it answers.
func (s *SMTP) Start(t *testing.T) {
	t.Helper()
	out, err := os.OpenFile(filepath.Join(s.dir, "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.cmd = exec.Command(s.exim, "-C", filepath.Join(s.dir, "exim.conf"), "-bdf")
	s.cmd.Stdout, s.cmd.Stderr = out, out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Skipf("exim4 does not start: %v", err)
	}
	if !waitTCP(s.Port) {
		said, _ := os.ReadFile(out.Name())
		t.Fatalf("exim4 does not answer: %s", said)
	}
}

func waitTCP(port int) bool {
	for range 200 {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			_ = c.Close()
			return true
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}

// Stop ends the server; connections are refused then.
func (s *SMTP) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Mails gives the raw mails that have arrived, oldest first.
func (s *SMTP) Mails(t *testing.T) (raw []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "mail", "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	type mailed struct {
		at   time.Time
		body string
	}
	var all []mailed
	for _, f := range files {
		st, err1 := os.Stat(f)
		b, err2 := os.ReadFile(f)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		all = append(all, mailed{st.ModTime(), string(b)})
	}
	slices.SortFunc(all, func(a, b mailed) int { return a.at.Compare(b.at) })
	for _, m := range all {
		raw = append(raw, m.body)
	}
	return raw
}

// Wait waits until n mails are there.
func (s *SMTP) Wait(t *testing.T, n int) []string {
	t.Helper()
	for range 400 {
		if got := s.Mails(t); len(got) >= n {
			return got
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log", "mainlog"))
	t.Fatalf("%d mails came, want %d; the server's log:\n%s", len(s.Mails(t)), n, log)
	return nil
}

// Parse reads a raw mail.
func Parse(t *testing.T, raw string) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("the mail can not be read: %v\n%s", err, raw)
	}
	return m
}
