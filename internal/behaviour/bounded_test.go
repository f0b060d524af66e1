package behaviour

import (
	"cmp"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// mine are the behaviours of hosts and services, those that a flood of forged
// sources reaches.
func mine() []Behaviour {
	cfg := DefaultConfig()
	return []Behaviour{
		newPortScan(cfg.PortScan), newFingerprint(), newBruteForce(cfg.BruteForce),
		newFlood(cfg.Flood), newHTTPFlood(cfg.HTTPFlood), newSlowDoS(cfg.SlowDoS),
	}
}

// TestMillionSources: a SYN flood from a million forged sources, 100,000 a second,
// hides neither a slow scan of the same host nor a brute force beside it, and
// takes no more memory than the stated limits.
func TestMillionSources(t *testing.T) {
	if testing.Short() {
		t.Skip("a million flows take a while")
	}
	quiet := &play{}
	each(12, second, func(i int) talk {
		return talk{src: mallory, dst: server, port: uint16(7000 + i), result: "refused"}
	})(quiet)
	each(12, second/2, func(i int) talk { x := ssh(i, false); x.src = ip("203.0.113.77"); x.lasts = second / 10; return x })(quiet)
	flood := newForged(1_000_000, 100_000)

	before := heap()
	all := mine()
	found := map[attack.Class]packet.Addr{}
	emit := func(f Finding) {
		if _, ok := found[f.Class]; !ok {
			found[f.Class] = f.Actor
		}
	}
	observe := func(e *flow.Event) {
		for _, b := range all {
			b.Observe(&Observation{Event: e}, emit)
			b.Advance(e.Time, emit)
		}
	}
	next := 0
	for {
		e, more := flood.next()
		if !more {
			break
		}
		for next < len(quiet.events) && quiet.events[next].Time <= e.Time {
			observe(&quiet.events[next])
			next++
		}
		observe(e)
	}
	for ; next < len(quiet.events); next++ {
		observe(&quiet.events[next])
	}
	Close(all, epoch+60*second, emit)
	held := heap() - before
	t.Logf("%d MB held after a million sources", held>>20)
	if held > 64<<20 {
		t.Errorf("%d MB held, want at most 64", held>>20)
	}
	if found[attack.PortScan] != mallory {
		t.Errorf("the scan was not found: %v", found)
	}
	if found[attack.BruteForce] != ip("203.0.113.77") {
		t.Errorf("the brute force was not found: %v", found)
	}
	if _, ok := found[attack.DDoS]; !ok {
		t.Errorf("the flood was not found: %v", found)
	}
	for _, b := range all {
		if s := b.Stats(); s.Entries > s.Limit {
			t.Errorf("%s holds %d entries, more than its limit of %d", b.Name(), s.Entries, s.Limit)
		}
	}
	runtime.KeepAlive(all)
}

// TestCarpetHidesNoScan: forged sources that aim at every port of a host do not hide
// one that comes back.
func TestCarpetHidesNoScan(t *testing.T) {
	flood := newForged(500_000, 100_000)
	flood.anyPort = true
	b := newPortScan(DefaultPortScanConfig())
	found := false
	emit := func(f Finding) { found = found || f.Actor == mallory }
	quiet := &play{}
	each(32, 0, func(i int) talk { // late in each second, when the crowd is there
		return talk{at: second*int64(i/8) + second/2 + int64(i%8)*second/20, src: mallory, dst: server, port: uint16(7000 + i), result: "refused"}
	})(quiet)
	slices.SortStableFunc(quiet.events, func(a, b flow.Event) int { return cmp.Compare(a.Time, b.Time) })
	next := 0
	for {
		e, more := flood.next()
		if !more {
			break
		}
		for next < len(quiet.events) && quiet.events[next].Time <= e.Time {
			b.Observe(&Observation{Event: &quiet.events[next]}, emit)
			next++
		}
		b.Observe(&Observation{Event: e}, emit)
	}
	if !found {
		t.Error("the scan was not found")
	}
}

// TestCarpet: forged sources at forged targets, each once: every table fills, none
// grows beyond its limit.
func TestCarpet(t *testing.T) {
	flood := newForged(100_000, 100_000)
	flood.anywhere = true
	all := mine()
	for {
		e, more := flood.next()
		if !more {
			break
		}
		for _, b := range all {
			b.Observe(&Observation{Event: e}, func(f Finding) {})
		}
	}
	evictions := uint64(0)
	for _, b := range all {
		s := b.Stats()
		evictions += s.Evictions
		if s.Entries > s.Limit {
			t.Errorf("%s holds %d entries, more than its limit of %d", b.Name(), s.Entries, s.Limit)
		}
	}
	if evictions == 0 {
		t.Error("no evictions counted")
	}
}

// forged makes SYNs from random sources.
type forged struct {
	left     int
	at, step int64
	rnd      *rand.Rand
	anywhere bool
	anyPort  bool
	event    flow.Event
}

func newForged(n, perSecond int) *forged {
	return &forged{left: n, step: int64(second / perSecond), rnd: rand.New(rand.NewPCG(1, 2))}
}

func (f *forged) next() (*flow.Event, bool) {
	if f.left == 0 {
		return nil, false
	}
	f.left--
	f.at += f.step
	src := packet.Addr{10: 0xff, 11: 0xff}
	n := f.rnd.Uint32()
	src[12], src[13], src[14], src[15] = 1+byte(n>>24)%100, byte(n>>16), byte(n>>8), byte(n)
	dst := server
	if f.anywhere {
		n = f.rnd.Uint32()
		dst[13], dst[14], dst[15] = byte(n>>16), byte(n>>8), byte(n)
	}
	port := uint16(80)
	if f.anyPort {
		port = uint16(f.rnd.Uint32())
	}
	f.event = flow.Event{Kind: flow.Started, Time: epoch + f.at, Record: flow.Record{
		ID: uint64(1<<40 + f.left), Tuple: flow.Tuple{Src: src, Dst: dst, SrcPort: uint16(n), DstPort: port, Proto: packet.TCP},
		Start: epoch + f.at, Last: epoch + f.at,
		Fwd: flow.Direction{Packets: 1, Flags: packet.SYN, FirstFlags: packet.SYN, SYN: 1},
	}}
	return &f.event, true
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkObserveFlood is what all behaviours cost a flow of a flood, begun and ended.
func BenchmarkObserveFlood(b *testing.B) {
	all := All(DefaultConfig())
	flood := newForged(b.N, 100_000)
	b.ReportAllocs()
	var o Observation
	for {
		var more bool
		if o.Event, more = flood.next(); !more {
			return
		}
		for _, kind := range []flow.Kind{flow.Started, flow.Ended} {
			o.Event.Kind = kind
			for _, x := range all {
				x.Observe(&o, func(Finding) {})
			}
		}
	}
}
