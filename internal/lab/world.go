package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Prefix begins the name of every namespace the lab makes; Sweep removes by it.
const Prefix = "ftlab"

// Config says what a World looks like.
type Config struct {
	ID     string       // distinguishes worlds that live at once
	Dir    string       // scratch directory, removed by Close
	Inside netip.Prefix // the watched network, a /24
	// Delay is the one-way delay to hosts outside, drawn per host between the two
	// bounds. Zero connects them directly, as floods need.
	DelayMin, DelayMax time.Duration
	Setting            Setting
	Assets             string // the programs of the lab that are not Go: lab of the source tree
	Keep               bool   // leave in Dir the logs of all programs
	Log                *slog.Logger
}

// World is one bridge with a router and hosts inside and outside of it.
//
//	hosts inside --- br0 (the tap) --- router --- [delay] --- br1 --- hosts outside
//
// Bridge and router live in one namespace, so nothing of it appears in the
// machine's own. The router throws away what goes to addresses nobody has, which is
// where answers to spoofed sources end.
type World struct {
	Config
	ns    string
	mu    sync.Mutex
	hosts map[string]*Host
	procs []*exec.Cmd
	count int
}

// Outside lists the networks that stand for the Internet: those that RFC 5737 and
// RFC 2544 reserve for documentation and benchmarks.
var Outside = []netip.Prefix{
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
}

// Open makes the namespaces. The caller closes the World even if ctx is cancelled.
func Open(ctx context.Context, c Config) (*World, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("the lab makes network namespaces: run it as root")
	}
	w := &World{Config: c, ns: Prefix + c.ID, hosts: map[string]*Host{}}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the scratch directory: %w", err)
	}
	router := c.Inside.Masked().Addr().Next()
	out := "br1"
	steps := []string{
		"ip netns add " + w.ns,
		"ip -n NS link set lo up",
		"ip -n NS link add br0 type bridge forward_delay 0 mcast_snooping 0",
		"ip -n NS link add br1 type bridge forward_delay 0 mcast_snooping 0",
		"ip -n NS link set br0 up", "ip -n NS link set br1 up",
		fmt.Sprintf("ip -n NS addr add %s/%d dev br0", router, c.Inside.Bits()),
	}
	if c.DelayMax > 0 {
		out = "wan"
		steps = append(steps, "ip -n NS link add wan type veth peer name wan0",
			"ip -n NS link add ext type veth peer name ext0", "ip -n NS link set ext0 master br1")
		for _, d := range []string{"wan", "wan0", "ext", "ext0"} {
			steps = append(steps, "ip -n NS link set "+d+" up", plain(d))
		}
	}
	for _, p := range Outside {
		steps = append(steps, fmt.Sprintf("ip -n NS addr add %s/%d dev %s", p.Addr().Next(), p.Bits(), out))
	}
	if c.Setting.V6 {
		steps = append(steps, "ip -n NS addr add "+inside6.Addr().Next().String()+"/64 dev br0 nodad", "ip -n NS addr add "+outside6.Addr().Next().String()+"/64 dev "+out+" nodad")
	}
	steps = append(steps, "ip -n NS route add blackhole default",
		"ip netns exec NS sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.icmp_ratelimit=0"+
			" net.ipv4.conf.all.send_redirects=0"+c.Setting.sysctl()+" net.ipv6.conf.all.forwarding=1",
		// Where the machine filters bridged packets (-e: where it can), a switch does not.
		"ip netns exec NS sysctl -eqw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call-arptables=0")
	for _, s := range steps {
		if err := sh(ctx, strings.ReplaceAll(s, "NS", w.ns)); err != nil {
			return w, err
		}
	}
	if c.DelayMax > 0 {
		return w, w.startDelay(ctx)
	}
	return w, nil
}

// plain switches off what would make a recording differ from a wire: segments
// larger than the MTU and checksums left for hardware to fill in.
func plain(device string) string {
	return "ip netns exec NS ethtool -K " + device + " tx off tso off gso off gro off"
}

func sh(ctx context.Context, line string) error {
	f := strings.Fields(line)
	out, err := exec.CommandContext(ctx, f[0], f[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// track remembers a process that Close must end.
func (w *World) track(c *exec.Cmd) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.procs = append(w.procs, c)
}

// Close ends every process of the World and removes its namespaces and files.
func (w *World) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.procs {
		_ = syscall.Kill(-p.Process.Pid, syscall.SIGTERM) // an exited one is no fault
	}
	names := []string{w.ns}
	for _, h := range w.hosts {
		names = append(names, h.ns)
	}
	time.Sleep(200 * time.Millisecond) // long enough for a server to write its last line
	for _, n := range names {
		remove(n)
	}
	if !w.Keep {
		_ = os.RemoveAll(w.Dir)
		return
	}
	_ = filepath.WalkDir(w.Dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(p) != ".log" {
			return os.Remove(p)
		}
		return nil
	})
}

// remove ends what runs in a namespace and deletes it.
func remove(ns string) {
	out, _ := exec.Command("ip", "netns", "pids", ns).Output()
	for _, f := range strings.Fields(string(out)) {
		if pid, err := strconv.Atoi(f); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	_ = exec.Command("ip", "netns", "del", ns).Run()
	_ = os.RemoveAll(filepath.Join("/etc/netns", ns))
}

// Sweep removes every namespace whose name begins with Prefix and id, those of a
// run that was killed. An empty id removes all of the lab's.
func Sweep(id string) int {
	out, _ := exec.Command("ip", "netns", "list").Output()
	n := 0
	for _, line := range strings.Split(string(out), "\n") {
		if name, _, _ := strings.Cut(line, " "); strings.HasPrefix(name, Prefix+id) {
			remove(name)
			n++
		}
	}
	return n
}

// resolver is where the hosts look names up: the inside host .53.
func (w *World) resolver() netip.Addr { return w.At(53) }

// At gives the n-th address inside.
func (w *World) At(n byte) netip.Addr {
	b := w.Inside.Masked().Addr().As4()
	b[3] += n
	return netip.AddrFrom4(b)
}
