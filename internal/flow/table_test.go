package flow

import (
	"net/netip"
	"testing"
	"time"

	"firetower/internal/packet"
)

const second = 1_000_000

var (
	client = packet.AddrFrom(netip.MustParseAddr("192.0.2.1"))
	server = packet.AddrFrom(netip.MustParseAddr("198.51.100.7"))
)

// tcp makes a packet of the connection client:40000 -> server:80; at is in
// microseconds after an arbitrary beginning.
func tcp(at int64, fromClient bool, flags uint8, size uint32) packet.Packet {
	p := packet.Packet{
		Time: epoch + at, Proto: packet.TCP, Flags: flags, HeaderLen: 20, PayloadLen: size, WireLen: 54 + size,
		Src: client, SrcPort: 40000, Dst: server, DstPort: 80, Window: 1000,
	}
	if !fromClient {
		p.Src, p.Dst, p.SrcPort, p.DstPort = p.Dst, p.Src, p.DstPort, p.SrcPort
	}
	return p
}

func udp(at int64, fromClient bool, size uint32) packet.Packet {
	p := tcp(at, fromClient, 0, size)
	p.Proto, p.HeaderLen, p.Window = packet.UDP, 8, 0
	return p
}

func icmp(at int64, kind, code uint8) packet.Packet {
	return packet.Packet{Time: epoch + at, Proto: packet.ICMP, Src: client, Dst: server, ICMPType: kind, ICMPCode: code}
}

const epoch = int64(1_700_000_000) * second

// meter runs packets through a new table and flushes it.
func meter(cfg Config, packets ...packet.Packet) []Event {
	t := New(cfg)
	var out Batch
	for i := range packets {
		t.Add(&packets[i], &out)
	}
	t.Flush(&out)
	return out.Events
}

func ends(events []Event) []Record {
	var r []Record
	for _, e := range events {
		if e.Kind == Ended {
			r = append(r, e.Record)
		}
	}
	return r
}

// handshake is SYN, SYN+ACK, ACK at 0, 1 and 2 ms.
func handshake() []packet.Packet {
	return []packet.Packet{
		tcp(0, true, packet.SYN, 0),
		tcp(1000, false, packet.SYN|packet.ACK, 0),
		tcp(2000, true, packet.ACK, 0),
	}
}

func TestEventsOfOneConnection(t *testing.T) {
	packets := append(handshake(),
		tcp(3000, true, packet.ACK|packet.PSH, 100),
		tcp(4000, false, packet.ACK|packet.PSH, 1000),
		tcp(5000, true, packet.ACK|packet.FIN, 0),
		tcp(6000, false, packet.ACK|packet.FIN, 0),
		tcp(7000, true, packet.ACK, 0),
	)
	tab := New(DefaultConfig())
	var out Batch
	for i := range packets {
		tab.Add(&packets[i], &out)
	}
	tab.Advance(epoch+10*second, &out)
	var kinds []Kind
	for _, e := range out.Events {
		kinds = append(kinds, e.Kind)
	}
	want := []Kind{Started, Updated, Updated, Updated, Updated, Ended}
	if len(kinds) != len(want) {
		t.Fatalf("kinds = %v, want %v", kinds, want)
	}
	r := out.Events[len(out.Events)-1].Record
	if !r.Established || r.MidStream || r.Reason != Closed || r.Detail == nil {
		t.Errorf("record = %+v", r)
	}
	if r.Src != client || r.DstPort != 80 || r.Fwd.Packets != 5 || r.Bwd.Packets != 3 ||
		r.Fwd.Payload != 100 || r.Bwd.Payload != 1000 || r.Fwd.FIN != 1 || r.Duration() != 7000 {
		t.Errorf("record = %+v", r)
	}
	if out.Events[2].Record.Established != true || out.Events[1].Record.Established {
		t.Error("Established must turn true at the client's first ACK")
	}
}

func TestLifecycle(t *testing.T) {
	cases := map[string]struct {
		packets []packet.Packet
		counts  [][2]uint32 // forward and backward packets of each flow that ends
		reasons []EndReason
	}{
		"a lone SYN": {
			[]packet.Packet{tcp(0, true, packet.SYN, 0)},
			[][2]uint32{{1, 0}}, []EndReason{Flushed},
		},
		"a SYN+ACK first is turned round": {
			[]packet.Packet{tcp(0, false, packet.SYN|packet.ACK, 0), tcp(1, true, packet.ACK, 0)},
			[][2]uint32{{1, 1}}, []EndReason{Flushed},
		},
		"RST ends": {
			[]packet.Packet{tcp(0, true, packet.SYN, 0), tcp(9, false, packet.RST|packet.ACK, 0)},
			[][2]uint32{{1, 1}}, []EndReason{Reset},
		},
		"a SYN after the close is a new flow": {
			[]packet.Packet{
				tcp(0, true, packet.SYN, 0), tcp(9, false, packet.RST|packet.ACK, 0),
				tcp(20, true, packet.SYN, 0),
			},
			[][2]uint32{{1, 1}, {1, 0}}, []EndReason{Reset, Flushed},
		},
		"stragglers are no flow": {
			[]packet.Packet{
				tcp(0, true, packet.SYN, 0), tcp(9, false, packet.RST|packet.ACK, 0),
				tcp(10*second, false, packet.RST, 0),
			},
			[][2]uint32{{1, 1}}, []EndReason{Reset},
		},
		"the active timeout keeps the direction of TCP": {
			[]packet.Packet{
				tcp(0, true, packet.ACK, 5), tcp(60*second, false, packet.ACK, 5),
				tcp(121*second, false, packet.ACK, 5), tcp(122*second, true, packet.ACK, 5),
			},
			[][2]uint32{{1, 1}, {1, 1}}, []EndReason{Active, Flushed},
		},
		"a UDP dialogue keeps its direction": {
			[]packet.Packet{udp(0, true, 5), udp(100*second, true, 5), udp(130*second, false, 5)},
			[][2]uint32{{2, 0}, {0, 1}}, []EndReason{Active, Flushed},
		},
		"UDP after a long silence is a new dialogue": {
			[]packet.Packet{udp(0, true, 5), udp(1, true, 5), udp(130*second, false, 5)},
			[][2]uint32{{2, 0}, {1, 0}}, []EndReason{Active, Flushed},
		},
		"ICMP of another type and code is another flow": {
			[]packet.Packet{icmp(0, 8, 0), icmp(1, 0, 0), icmp(2, 3, 1), icmp(3, 3, 3)},
			[][2]uint32{{2, 0}, {2, 0}}, []EndReason{Active, Flushed},
		},
		"the idle timeout forgets": {
			[]packet.Packet{tcp(0, true, packet.ACK, 5), tcp(900*second, false, packet.ACK, 5)},
			[][2]uint32{{1, 0}, {1, 0}}, []EndReason{Active, Flushed},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ends(meter(DefaultConfig(), c.packets...))
			if len(got) != len(c.counts) {
				t.Fatalf("%d flows, want %d: %+v", len(got), len(c.counts), got)
			}
			for i, r := range got {
				if n := [2]uint32{r.Fwd.Packets, r.Bwd.Packets}; n != c.counts[i] || r.Reason != c.reasons[i] {
					t.Errorf("flow %d: %v packets, reason %d; want %v, %d", i, n, r.Reason, c.counts[i], c.reasons[i])
				}
			}
		})
	}
}

func TestUnreachableMarksTheFlow(t *testing.T) {
	probe := udp(0, true, 5)
	answer := packet.Packet{
		Time: epoch + 500, Proto: packet.ICMP, ICMPType: 3, ICMPCode: 3, Src: server, Dst: client,
		HasUnreachable: true,
		Unreachable:    packet.Quoted{Src: client, Dst: server, SrcPort: 40000, DstPort: 80, Proto: packet.UDP},
	}
	events := meter(DefaultConfig(), probe, answer)
	var marked bool
	for _, e := range events {
		marked = marked || e.Kind == Updated && e.Record.Unreachable && e.Record.Proto == packet.UDP
	}
	if !marked || len(ends(events)) != 2 {
		t.Errorf("events = %+v", events)
	}
}

func TestFullTableEvictsOldestSingles(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxFlows = 2
	a, b, c := udp(0, true, 1), udp(0, true, 1), udp(1, true, 1)
	b.SrcPort, c.SrcPort = 2, 3
	again := udp(0, true, 1)
	got := ends(meter(cfg, a, again, b, c))
	if len(got) != 3 || got[0].SrcPort != 2 || got[0].Reason != Evicted {
		t.Errorf("ended: %+v", got)
	}
}

func TestTimeoutsNeedNoPacketOfTheFlow(t *testing.T) {
	tab := New(DefaultConfig())
	var out Batch
	p := udp(0, true, 1)
	tab.Add(&p, &out)
	tab.Advance(p.Time+int64(200*time.Second/time.Microsecond), &out)
	if got := ends(out.Events); len(got) != 1 || tab.Stats().Entries != 0 {
		t.Errorf("ended %v, entries %d", got, tab.Stats().Entries)
	}
}
