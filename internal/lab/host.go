package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Host is a namespace with one interface, or a router's leg with many addresses.
type Host struct {
	Name string
	Addr netip.Addr
	V6   netip.Addr // its second address, in a network of both
	Dir  string     // scratch of this host
	w    *World
	ns   string
}

// Host gives the host of that name, making it with addr at the first call. An
// address inside joins the watched bridge, any other the Internet's.
func (w *World) Host(ctx context.Context, name string, addr netip.Addr) (*Host, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h, ok := w.hosts[name]; ok {
		return h, nil
	}
	w.count++
	h := &Host{Name: name, Addr: addr, w: w, ns: w.ns + "-" + name, Dir: filepath.Join(w.Dir, name)}
	bridge, bits, gateway := "br1", 32, netip.Addr{}
	nets := append([]netip.Prefix{w.Inside}, Outside...)
	for i, p := range nets {
		if p.Contains(addr) {
			bits, gateway = p.Bits(), p.Masked().Addr().Next()
			if i == 0 {
				bridge = "br0"
			}
		}
	}
	if !gateway.IsValid() {
		return nil, fmt.Errorf("%s: %s is in no network of the lab", name, addr)
	}
	if err := os.MkdirAll(h.Dir, 0o755); err != nil {
		return nil, err
	}
	if err := h.accounts(); err != nil {
		return nil, err
	}
	w.hosts[name] = h
	port := fmt.Sprintf("p%d", w.count)
	steps := []string{
		"ip netns add " + h.ns,
		"ip -n NS link set lo up",
		"ip -n " + w.ns + " link add " + port + " type veth peer name eth0 netns " + h.ns,
		"ip -n " + w.ns + " link set " + port + " master " + bridge,
		"ip -n " + w.ns + " link set " + port + " up",
		strings.ReplaceAll(plain(port), "NS", w.ns),
		"ip netns exec NS sysctl -qw net.ipv4.tcp_syncookies=1 net.ipv4.icmp_ratelimit=1000" + w.Setting.sysctl(),
		fmt.Sprintf("ip -n NS addr add %s/%d dev eth0", addr, bits),
		"ip -n NS link set eth0 up",
		plain("eth0"),
		fmt.Sprintf("ip -n NS route add default via %s", gateway),
	}
	if w.Setting.V6 {
		net := outside6
		if bridge == "br0" {
			net = inside6
		}
		h.V6 = map6(net, addr)
		steps = append(steps, fmt.Sprintf("ip -n NS addr add %s/64 dev eth0 nodad", h.V6), fmt.Sprintf("ip -n NS route add default via %s", net.Addr().Next()))
	}
	for _, s := range steps {
		if err := sh(ctx, strings.ReplaceAll(s, "NS", h.ns)); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Own gives the host a whole network outside, as a botnet or a NAT pool has: every
// address of it is the host's own, and the router sends it there.
func (h *Host) Own(ctx context.Context, p netip.Prefix) error {
	if err := sh(ctx, fmt.Sprintf("ip -n %s route replace local %s dev lo", h.ns, p)); err != nil {
		return err
	}
	return sh(ctx, fmt.Sprintf("ip -n %s route replace %s via %s", h.w.ns, p, h.Addr))
}

// Command prepares a program to run in the host's namespace, as the head of a
// process group that cancelling ctx ends. Its output goes to a log beside the host.
func (h *Host) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return command(ctx, h.ns, h.Dir, name, args...)
}

func command(ctx context.Context, ns, dir, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", ns, name}, args...)...)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
	c.WaitDelay = 3 * time.Second
	c.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8")
	return c
}

// Run runs a program to its end. That tools of attack exit with a status of their
// own when they found nothing is no error of the lab, so the status is only logged.
func (h *Host) Run(ctx context.Context, name string, args ...string) {
	c := h.Command(ctx, name, args...)
	if f, err := os.OpenFile(filepath.Join(h.Dir, filepath.Base(name)+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
		defer f.Close()
		fmt.Fprintf(f, "$ %s %s\n", name, strings.Join(args, " "))
		c.Stdout, c.Stderr = f, f
	}
	began := time.Now()
	err := c.Run()
	h.w.Log.Debug("ran", "host", h.Name, "command", name, "args", strings.Join(args, " "), "took", time.Since(began).Round(time.Millisecond), "status", err)
}

// Shell runs a line of shell.
func (h *Host) Shell(ctx context.Context, format string, args ...any) {
	h.Run(ctx, "sh", "-c", fmt.Sprintf(format, args...))
}

// Self runs an actor of the lab's own program, see the actor package.
func (h *Host) Self(ctx context.Context, args ...string) {
	h.Run(ctx, self(), append([]string{"actor"}, args...)...)
}

func self() string {
	p, err := os.Executable()
	if err != nil {
		return "/proc/self/exe"
	}
	return p
}

// Serve starts a server that lives until the World is closed.
func (h *Host) Serve(name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil { // the program to start is ip, which would say so to a log only
		return fmt.Errorf("starting a server on %s: %w; lab/install installs what the lab needs", h.Name, err)
	}
	c := h.Command(context.Background(), name, args...)
	f, err := os.OpenFile(filepath.Join(h.Dir, filepath.Base(name)+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	c.Stdout, c.Stderr = f, f
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting %s on %s: %w", name, h.Name, err)
	}
	h.w.track(c)
	go c.Wait() //nolint:errcheck // ends when the World does
	return nil
}

// Listening waits until something on the host listens on the TCP port.
func (h *Host) Listening(ctx context.Context, port int) error {
	for range 400 { // a busy machine is slow to start servers
		out, _ := exec.CommandContext(ctx, "ip", "netns", "exec", h.ns, "ss", "-Hltn", fmt.Sprintf("sport = :%d", port)).Output()
		if len(out) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return fmt.Errorf("nothing listens on %s port %d after 40 s, see the logs in %s", h.Name, port, h.Dir)
}

// mac gives the hardware address of a host, or of the router's leg outside.
func (w *World) mac(ctx context.Context, h *Host) (string, error) {
	ns, device := w.ns, "br1"
	if w.DelayMax > 0 {
		device = "wan"
	}
	if h != nil {
		ns, device = h.ns, "eth0"
	}
	out, err := exec.CommandContext(ctx, "ip", "netns", "exec", ns, "cat", "/sys/class/net/"+device+"/address").Output()
	return strings.TrimSpace(string(out)), err
}

// batch runs many ip commands in a namespace at once.
func batch(ctx context.Context, ns, lines string) error {
	c := exec.CommandContext(ctx, "ip", "-n", ns, "-batch", "-")
	c.Stdin = strings.NewReader(lines)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("ip -batch in %s: %w: %s", ns, err, out)
	}
	return nil
}
