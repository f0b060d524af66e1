package lab

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// needsNamespaces skips a test where it cannot run.
func needsNamespaces(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("making network namespaces needs root")
	}
	for _, p := range []string{"ip", "ethtool", "tcpdump", "ping", "openssl"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: lab/install", p)
		}
	}
	if err := namespaces(); err != nil {
		t.Skipf("this machine does not allow network namespaces: %v", err)
	}
}

// namespaces tries once whether they can be made.
var namespaces = sync.OnceValue(func() error {
	name := fmt.Sprintf("%s-try%d", Prefix, os.Getpid())
	defer remove(name)
	return exec.Command("ip", "netns", "add", name).Run()
})

// TestWorld makes a network, sends a ping through it, records it and removes it.
func TestWorld(t *testing.T) {
	needsNamespaces(t)
	ctx := t.Context()
	id := fmt.Sprintf("t%d", os.Getpid()) // others may test at the same time
	dir := filepath.Join(t.TempDir(), "w")
	w, err := Open(ctx, Config{ID: id, Dir: dir, Inside: netip.MustParsePrefix("10.9.8.0/24"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		w.Close()
		t.Fatal(err)
	}
	defer w.Close()
	in, err := w.Host(ctx, "in", w.At(10))
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Host(ctx, "out", netip.MustParseAddr("203.0.113.5"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x.pcap")
	tap, err := w.Record(ctx, file, "icmp")
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Command(ctx, "ping", "-c", "2", "-i", "0.2", "-W", "2", in.Addr.String()).Run(); err != nil {
		t.Errorf("no way from outside to inside: %v", err)
	}
	if err := out.Command(ctx, "ping", "-c", "1", "-W", "1", "8.8.8.8").Run(); err == nil {
		t.Error("the lab reaches the Internet")
	}
	if err := tap.Stop(); err != nil {
		t.Fatal(err)
	}
	if n, _, err := pack(file); err != nil || n != 4 {
		t.Errorf("%d packets recorded, want 2 requests and 2 answers; %v", n, err)
	}
	w.Close()
	if n := Sweep(id); n != 0 {
		t.Errorf("%d namespaces left", n)
	}
	if exists(dir) {
		t.Error("files left")
	}
}

// TestWorldOfBothKinds has hosts with two addresses, reached by either.
func TestWorldOfBothKinds(t *testing.T) {
	needsNamespaces(t)
	ctx := t.Context()
	w, err := Open(ctx, Config{ID: fmt.Sprintf("s%d", os.Getpid()), Dir: filepath.Join(t.TempDir(), "w"), Inside: netip.MustParsePrefix("10.9.7.0/24"),
		Setting: Setting{V6: true}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		w.Close()
		t.Fatal(err)
	}
	defer w.Close()
	in, err := w.Host(ctx, "in", w.At(10))
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.Host(ctx, "out", netip.MustParseAddr("203.0.113.5"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []netip.Addr{in.Addr, in.V6} {
		if err := out.Command(ctx, "ping", "-c", "1", "-w", "20", a.String()).Run(); err != nil {
			t.Errorf("no way to %s: %v", a, err)
		}
	}
	// What belongs to a pool of addresses is the pool's, also when given twice.
	for range 2 {
		if err := out.Own(ctx, netip.MustParsePrefix("198.18.4.0/24")); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Command(ctx, "ping", "-c", "1", "-W", "3", "198.18.4.77").Run(); err != nil {
		t.Errorf("no way to an address of the pool: %v", err)
	}
}
