package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"firetower/internal/capture"
	"firetower/internal/evefile"
	"firetower/internal/words"
)

type doctorOptions struct {
	watchOptions
	listen time.Duration
}

func newDoctorCommand() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor [-i INTERFACE]... [--config FILE]",
		Short: "Find out why Firetower would see or tell nothing",
		Long: `Doctor checks, with the configuration that the daemon would have: the right to
capture, the interfaces (is anything arriving, in both directions, twice, bigger than
the wire allows), the model, the store, the disks, and whether those who are to be
told can be reached. It says how to mend what is wrong.

Exit status: 0 all is well or nearly so, 1 something would not work, 2 wrong call.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, o) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.interfaces, "interface", "i", nil, "look at this `interface` (default: those of the configuration, or the first that is up)")
	f.StringVar(&o.config, "config", "", "configuration `file`")
	f.DurationVar(&o.listen, "listen", 3*time.Second, "how long to listen on each interface")
	return cmd
}

// patient is what doctor looks at, and where it writes down what it finds.
type patient struct {
	cfg    configuration
	out    io.Writer
	screen terminal
	failed int
}

// The findings: one line each, with a remedy where there is one to give.
func (p *patient) good(what, format string, args ...any) {
	p.line(p.screen.paint(greenText, "ok  "), what, format, args...)
}
func (p *patient) warn(what, format string, args ...any) {
	p.line(p.screen.paint(colourOf(2), "warn"), what, format, args...)
}
func (p *patient) fail(what, format string, args ...any) {
	p.failed++
	p.line(p.screen.paint(colourOf(1), "FAIL"), what, format, args...)
}

func (p *patient) line(mark, what, format string, args ...any) {
	below := strings.Repeat(" ", len("FAIL  configuration "))
	fmt.Fprintf(p.out, "%s  %-13s %s\n", mark, what, p.screen.wrap(below, fmt.Sprintf(format, args...)))
}

func runDoctor(cmd *cobra.Command, o doctorOptions) error {
	p := &patient{out: cmd.OutOrStdout(), screen: terminalOf(cmd.OutOrStdout())}
	cfg, err := o.configuration()
	p.cfg = cfg
	if err != nil {
		p.fail("configuration", "%v", err)
	} else if o.config != "" {
		p.good("configuration", "%s", o.config)
	}
	p.rights()
	p.interfaces(o.listen)
	p.model()
	p.store(cmd.Context())
	p.disks()
	p.secrets()
	p.receivers()
	if p.failed > 0 {
		return fmt.Errorf("%s would not work", words.Plural(p.failed, "thing"))
	}
	return nil
}

func (p *patient) rights() {
	src, err := capture.Live("lo", p.cfg.Capture)
	switch {
	case errors.Is(err, capture.ErrPermission):
		p.fail("rights", "no right to capture: run with sudo, or give it to the program: sudo setcap cap_net_raw,cap_net_admin=eip %s", program())
		return
	case err != nil:
		p.warn("rights", "could not be tried on lo: %v", err)
		return
	}
	src.Close()
	p.good("rights", "may capture")
}

func program() string {
	self, err := os.Executable()
	if err != nil {
		return "firetower"
	}
	return self
}

func (p *patient) model() {
	judge, err := openJudge(p.cfg.Model)
	if err != nil {
		p.fail("model", "%v", err)
		return
	}
	m := judge.Model()
	p.good("model", "%d trees on %d features of profile %s, trained on %s flows", len(m.Roots), len(m.Features), m.Meta.Profile, words.Count(m.Meta.Rows))
}

func (p *patient) store(ctx context.Context) {
	cfg := p.cfg.Store
	if _, err := os.Stat(filepath.Dir(cfg.Path)); cfg.PostgreSQL == "" && cfg.PostgreSQLFile == "" && errors.Is(err, os.ErrNotExist) {
		if err := canMake(filepath.Dir(cfg.Path)); err != nil {
			p.fail("store", "%s cannot be made: %v: run with sudo, or set store.path", cfg.Path, err)
			return
		}
		p.good("store", "%s will be made at the first start", cfg.Path)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	st, err := openStore(ctx, cfg)
	if err != nil {
		p.fail("store", "%v", err)
		return
	}
	defer st.Close()
	if err := st.Health(ctx); err != nil {
		p.fail("store", "%v", err)
		return
	}
	size, err := st.Size(ctx)
	if err != nil {
		p.fail("store", "%v", err)
		return
	}
	p.good("store", "%s takes entries; it holds %s", cfg, bytesOf(uint64(max(0, size))))
}

// disks looks for room: the store's limit, and a day of flow records.
func (p *patient) disks() {
	need := map[string]int64{}
	if p.cfg.Store.PostgreSQL == "" && p.cfg.Store.PostgreSQLFile == "" {
		need[filepath.Dir(p.cfg.Store.Path)] += p.cfg.Store.Retention.Bytes
	}
	if f := p.cfg.FlowLog; f.Dir != "" {
		need[f.Dir] += f.RotateBytes * int64(max(1, f.Keep))
	}
	if e := p.cfg.EVE; e.Path != "" {
		need[filepath.Dir(e.Path)] += e.RotateBytes * int64(1+max(0, e.Keep))
	}
	for dir, most := range need {
		var s unix.Statfs_t
		at := existing(dir)
		if err := unix.Statfs(at, &s); err != nil {
			p.warn("disk", "%s: %v", at, err)
			continue
		}
		free := int64(s.Bavail) * s.Bsize
		switch {
		case s.Blocks == 0: // not a disk
			p.fail("disk", "%s is no place for files: name another folder", at)
		case free < 64<<20:
			p.fail("disk", "%s has only %s left: make room, or name another folder", at, bytesOf(uint64(free)))
		case free < most:
			p.warn("disk", "%s has %s left, and what goes there may grow to %s: lower store.retention, flow_log.keep or eve.keep", at, bytesOf(uint64(free)), bytesOf(uint64(most)))
		default:
			p.good("disk", "%s has %s left", at, bytesOf(uint64(free)))
		}
	}
}

// canMake says whether a folder can be made.
func canMake(dir string) error {
	probe, err := os.MkdirTemp(existing(dir), ".firetower-")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// existing is the folder itself or the nearest one above it that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// secrets reads the passwords, tokens and certificates that the daemon will read, and
// says of those that only root can read what that means for the daemon.
func (p *patient) secrets() {
	if _, err := p.cfg.routes(nil); err != nil {
		p.fail("secrets", "%v", err)
		return
	}
	for _, path := range p.cfg.secretFiles() {
		if info, err := os.Stat(path); err == nil && os.Geteuid() == 0 && info.Mode().Perm()&0o004 == 0 {
			p.good("secrets", "%s is not for everybody: a daemon started as root reads it before it gives up its rights; to the systemd service give it with LoadCredential=", path)
		}
	}
}

// receivers tries to reach the servers that alerts go to; 'alert test' goes further
// and sends.
func (p *patient) receivers() {
	a := p.cfg.Alerts
	tried := 0
	try := func(kind, network, address string) {
		tried++
		c, err := net.DialTimeout(network, address, 5*time.Second)
		if err != nil {
			p.fail(kind, "%v: is the server up, and may this machine reach it?", err)
			return
		}
		c.Close()
		p.good(kind, "%s can be reached", address)
	}
	for _, m := range a.Mail {
		port := m.Port
		if port == 0 {
			port = map[string]int{"tls": 465, "none": 25}[m.TLS]
		}
		if port == 0 {
			port = 587
		}
		try("mail", "tcp", net.JoinHostPort(m.Host, strconv.Itoa(port)))
	}
	for _, s := range a.Syslog {
		if s.Network == "udp" {
			tried++
			p.good("syslog", "%s over UDP: nothing answers, so nothing can be tried", s.Address)
			continue
		}
		try("syslog", "tcp", s.Address)
	}
	if n := len(a.Webhook); n > 0 {
		tried += n
		p.good("webhook", "%s; 'firetower alert test' sends to each", words.Plural(n, "webhook"))
	}
	if p.cfg.EVE.Has(evefile.Alert) {
		tried++
		p.good("eve", "%s", p.cfg.EVE.Path)
	}
	if tried == 0 {
		p.warn("alerts", "nobody is told: set alerts.mail or another in the configuration (docs/alerts.md)")
	}
}
