package actor

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRunNamesItsActors(t *testing.T) {
	err := Run(t.Context(), []string{"nobody"})
	if err == nil || !strings.Contains(err.Error(), "beacon") {
		t.Errorf("got %v", err)
	}
}

// count serves pages and remembers what was asked.
type count struct {
	mu    sync.Mutex
	paths []string
	hosts map[string]bool
}

func (c *count) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.paths = append(c.paths, r.URL.String())
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	c.hosts[host] = true
	c.mu.Unlock()
	fmt.Fprint(w, `<link href="/a.css"><img src="/b.png"><img src="/b.png"><a href="/next">next</a>`)
}

func serve(t *testing.T) (*count, string) {
	c := &count{hosts: map[string]bool{}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return c, s.URL
}

func TestBrowseFetchesWhatAPageRefersTo(t *testing.T) {
	c, url := serve(t)
	if err := Run(t.Context(), []string{"browse", "-url", url + "/", "-pages", "2", "-think", "1ms"}); err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	for _, p := range c.paths {
		asked[p]++
	}
	if asked["/"] != 1 || asked["/next"] != 1 || asked["/a.css"] != 1 || asked["/b.png"] != 1 {
		t.Errorf("asked %v, want each once: what was seen is in the cache", asked)
	}
}

func TestFloodNeverAsksTheSame(t *testing.T) {
	c, url := serve(t)
	if err := Run(t.Context(), []string{"flood", "-url", url + "/x?a=b", "-workers", "3", "-rate", "100", "-for", "300ms", "-from", "127.0.0.0/24"}); err != nil {
		t.Fatal(err)
	}
	if len(c.paths) < 10 || len(c.hosts) != 3 {
		t.Errorf("%d requests from %d addresses", len(c.paths), len(c.hosts))
	}
	seen := map[string]bool{}
	for _, p := range c.paths {
		if seen[p] || !strings.HasPrefix(p, "/x?a=b&") {
			t.Fatalf("asked %s", p)
		}
		seen[p] = true
	}
}

func TestBeaconKeepsItsDistance(t *testing.T) {
	c, url := serve(t)
	if err := Run(t.Context(), []string{"beacon", "-url", url + "/beat", "-every", "50ms", "-for", "480ms", "-task", "0"}); err != nil {
		t.Fatal(err)
	}
	if n := len(c.paths); n < 4 || n > 11 {
		t.Errorf("%d calls in 480 ms at 50 ms", n)
	}
}

func TestProbeSendsItsList(t *testing.T) {
	c, url := serve(t)
	for kind := range probes {
		if err := Run(t.Context(), []string{"probe", "-url", url + "/s?q=", "-kind", kind, "-count", "5", "-every", "1ms"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.paths) != 5*len(probes) {
		t.Errorf("%d requests", len(c.paths))
	}
	if err := Run(t.Context(), []string{"probe", "-kind", "none"}); err == nil {
		t.Error("an unknown list is no error")
	}
}

func TestBleedGivesWhatIsAskedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, []string{"bleed", "-listen", addr}) }()
	args := []string{"heartbeat", "-to", addr, "-reads", "3", "-size", "40000", "-every", "1ms", "-connections", "2"}
	for range 50 {
		if err = Run(ctx, args); err == nil || !strings.Contains(err.Error(), "refused") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Errorf("reading: %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serving: %v", err)
	}
}

func TestNth(t *testing.T) {
	for _, c := range []struct {
		network string
		i       int
		want    string
	}{{"198.18.4.0/22", 0, "198.18.4.1"}, {"198.18.4.0/22", 255, "198.18.5.0"}, {"198.18.4.0/22", 1022, "198.18.4.1"}, {"192.0.2.0/24", 253, "192.0.2.254"}} {
		got, err := nth(c.network, c.i)
		if err != nil || got.String() != c.want {
			t.Errorf("nth(%s, %d) = %v %v, want %s", c.network, c.i, got, err, c.want)
		}
	}
	if _, err := nth("x", 1); err == nil {
		t.Error("no error for no network")
	}
}

func TestDelayedFramesLeaveInOrder(t *testing.T) {
	var q frames
	now := time.Now()
	for _, ms := range []int{30, 10, 20, 5} {
		heap.Push(&q, frame{now.Add(time.Duration(ms) * time.Millisecond), []byte{byte(ms)}})
	}
	for _, want := range []byte{5, 10, 20, 30} {
		if got := heap.Pop(&q).(frame).data[0]; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func TestSynFrameAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	b := synFrame(net.HardwareAddr{2, 0, 0, 0, 0, 1}, netip.MustParseAddr("10.1.2.3"))
	seen := map[string]bool{}
	for range 1000 {
		aim(b, rng)
		if got := fold(b[14:34], 0); got != 0xffff {
			t.Fatalf("IP header sums up to %#x", got)
		}
		if got := fold(b[34:54], uint32(fold(b[26:34], 6+20))); got != 0xffff {
			t.Fatalf("TCP sums up to %#x", got)
		}
		seen[string(b[26:30])+string(b[34:36])] = true
	}
	if len(seen) < 999 {
		t.Errorf("%d flows of 1000 packets", len(seen))
	}
}

func TestBleedOverMailInPieces(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- Run(ctx, []string{"bleed", "-listen", addr, "-starttls"}) }()
	args := []string{"heartbeat", "-to", addr, "-starttls", "-segment", "40", "-reads", "2", "-size", "600", "-every", "1ms"}
	for range 50 {
		if err = Run(ctx, args); err == nil || !strings.Contains(err.Error(), "refused") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Errorf("reading: %v", err)
	}
	if err := Run(ctx, []string{"heartbeat", "-to", addr, "-reads", "1"}); err == nil {
		t.Error("a mail server took TLS that nobody asked it for")
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serving: %v", err)
	}
}

func TestPiecesWritesAll(t *testing.T) {
	a, b := net.Pipe()
	go func() { _, _ = pieces{a, 3}.Write([]byte("ten octets")); a.Close() }()
	var sizes []int
	got, buf := "", make([]byte, 64)
	for {
		n, err := b.Read(buf)
		if err != nil {
			break
		}
		sizes, got = append(sizes, n), got+string(buf[:n])
	}
	if got != "ten octets" || len(sizes) != 4 {
		t.Errorf("%q in pieces of %v", got, sizes)
	}
}
