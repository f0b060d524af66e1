package behaviour

import (
	"cmp"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

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
	all := All(DefaultConfig())
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

// TestEveryTableBounded: forged sources at forged targets, each once, with all that
// behaviours keep state of: bare SYNs, pings, requests over HTTP, look-ups, log-ins,
// encrypted sessions, datagrams of no protocol. Every table fills, none grows beyond
// its limit, and what is given up is counted.
func TestEveryTableBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("two hundred thousand flows take a while")
	}
	before := heap()
	cfg := DefaultConfig()
	cfg.RecordsOnly = true
	all := All(cfg)
	flood := newForged(200_000, 100_000)
	flood.anywhere = true
	o := Observation{Verdict: detect.Verdict{Class: attack.Bot, Probability: 0.99}}
	for n := 0; ; n++ {
		e, more := flood.next()
		if !more {
			break
		}
		o.Event = e
		disguise(&e.Record, n)
		for _, kind := range []flow.Kind{flow.Started, flow.Updated, flow.Ended} {
			if e.Kind = kind; kind == flow.Ended && n%2 == 0 {
				break // half of them never end
			}
			for _, b := range all {
				b.Observe(&o, func(Finding) {})
			}
		}
		for _, b := range all {
			if l, ok := b.(Listener); ok {
				l.Asked(&flow.Ask{Time: e.Time, Src: e.Record.Src, Dst: e.Record.Dst}, func(Finding) {})
			}
			if w, ok := b.(Watcher); ok {
				w.Framed(&flow.Frame{Time: e.Time, Sign: packet.Parts, Network: packet.Station(e.Record.Dst[10:])}, func(Finding) {})
			}
		}
	}
	held := heap() - before
	t.Logf("%d MB held", held>>20)
	if held > 192<<20 {
		t.Errorf("%d MB held, want at most 192", held>>20)
	}
	for _, b := range all {
		s := b.Stats()
		if s.Entries > s.Limit {
			t.Errorf("%s holds %d entries, more than its limit of %d", b.Name(), s.Entries, s.Limit)
		}
		if s.Evictions == 0 && b.Name() != "fingerprint" && b.Name() != "forest" { // these let in who comes twice
			t.Errorf("%s holds %d entries of at most %d and has evicted none: let disguise make more of what it remembers", b.Name(), s.Entries, s.Limit)
		}
	}
	runtime.KeepAlive(all)
}

// disguise makes the flow one of many kinds.
func disguise(r *flow.Record, n int) {
	conversation := func(port uint16, s payload.Signals) {
		r.DstPort, r.Established, r.Signals = port, true, &s
		r.Fwd = flow.Direction{Packets: 6, DataPackets: 2, Payload: 400, Flags: packet.SYN | packet.ACK, FirstFlags: packet.SYN, SYN: 1}
		r.Bwd = flow.Direction{Packets: 5, DataPackets: 2, Payload: 600, Flags: packet.SYN | packet.ACK, FirstFlags: packet.SYN | packet.ACK, SYN: 1}
	}
	hash := uint32(n) * 0x9e3779b1
	switch n % 10 {
	case 0:
		if n%20 == 0 {
			return
		}
		conversation(5355, payload.Signals{Proto: payload.DNS, Requests: 1})
		r.Proto, r.Dst, r.Bwd = packet.UDP, packet.Addr{10: 0xff, 11: 0xff, 12: 224, 15: 252}, flow.Direction{}
	case 1:
		s := payload.Signals{Proto: payload.HTTP, Requests: 3, Responses: 3, Marks: payload.RawHost | payload.NoAgent | payload.ExeFetched}
		s.HTTP.Path, s.HTTP.Host, s.HTTP.Posts = hash, hash, 3
		s.Names.Add(hash)
		s.HTTP.Hints[payload.SQLInjection] = 1
		conversation(80, s)
	case 2:
		s := payload.Signals{Proto: payload.DNS, Requests: 1, Responses: 1}
		s.DNS.Parent, s.DNS.Long, s.DNS.Missing = hash, 1, 1
		s.Names.Add(hash)
		conversation(53, s)
		r.Proto = packet.UDP
	case 3:
		if n%20 == 3 {
			conversation(502, payload.Signals{Proto: payload.Modbus, Requests: 1, Responses: 1, Plant: payload.Plant{Absent: 1}})
			return
		}
		conversation(22, payload.Signals{Proto: payload.SSH, LogIns: 3, Failures: 3, Marks: payload.Sealed})
	case 4:
		s := payload.Signals{Proto: payload.TLS, Requests: 1, Marks: payload.NoSNI | payload.SelfSigned}
		s.Beats.Count, s.Beats.Largest = [2]uint16{1, 1}, [2]uint16{40, 9000}
		conversation(443, s)
	case 5:
		conversation(445, payload.Signals{Proto: payload.SMB, Marks: payload.AdminShare | payload.ServicePipe | payload.ExeWritten})
	case 6:
		conversation(uint16(1024+n%50_000), payload.Signals{Marks: payload.RATWords, Looked: [2]uint16{2, 2}})
		r.Proto, r.Unreachable = packet.UDP, n%3 == 0
	case 7:
		s := payload.Signals{Requests: 1, Responses: 1, Altered: 1}
		s.Names.Add(hash)
		conversation(0, s)
		r.Proto, r.ICMPType = packet.ICMP, 8
	case 8:
		r.Established, r.Bwd = true, flow.Direction{Packets: 1, Flags: packet.SYN | packet.ACK, FirstFlags: packet.SYN | packet.ACK, SYN: 1} // held open
		r.Fwd.Packets, r.Fwd.Flags, r.Since, r.Start = 2, packet.SYN|packet.ACK, r.Start-5*second, r.Start-5*second
	case 9:
		conversation(21, payload.Signals{Proto: payload.FTP, LogIns: 2, Failures: 2})
		r.Dst = packet.Addr{10: 0xff, 11: 0xff, 12: 10, 13: r.Dst[13], 14: r.Dst[14], 15: r.Dst[15]}
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
