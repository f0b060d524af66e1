package flow

import (
	"encoding/binary"
	"testing"
	"time"

	"firetower/internal/packet"
)

// farewell closes the connection of handshake.
func farewell() []packet.Packet {
	return []packet.Packet{
		tcp(5000, true, packet.ACK|packet.FIN, 0), tcp(6000, false, packet.ACK|packet.FIN, 0), tcp(7000, true, packet.ACK, 0),
	}
}

// TestClosedFlowsArePrompt: other traffic moves the clock, and a closed flow comes
// out within Linger and a second.
func TestClosedFlowsArePrompt(t *testing.T) {
	cfg := DefaultConfig()
	tab := New(cfg)
	var out Batch
	for _, p := range append(handshake(), farewell()...) {
		tab.Add(&p, &out)
	}
	other := udp(0, true, 1)
	for at := int64(0); at < 10*second; at += second / 10 {
		other.Time = epoch + at
		tab.Add(&other, &out)
		if e := ends(out.Events); len(e) > 0 {
			if late := at - 7000 - cfg.Linger.Microseconds(); late < 0 || late > 2*second {
				t.Errorf("ended %v after its linger", time.Duration(late)*time.Microsecond)
			}
			break
		}
	}
	if got := ends(out.Events); len(got) != 1 || got[0].Reason != Closed {
		t.Fatalf("ended: %+v", got)
	}
	late := tcp(20*second, false, packet.ACK, 0)
	tab.Add(&late, &out)
	again := tcp(21*second, true, packet.SYN, 0)
	tab.Add(&again, &out)
	tab.Flush(&out)
	if s := tab.Stats(); s.Stragglers != 1 {
		t.Errorf("%d stragglers, want 1", s.Stragglers)
	}
	if got := ends(out.Events); len(got) != 3 {
		t.Errorf("%d flows, want the closed one, the new one and the other traffic", len(got))
	}
}

// TestExactKeepsClosedFlowsOpen: as CICFlowMeter does, until a SYN.
func TestExactKeepsClosedFlowsOpen(t *testing.T) {
	packets := append(handshake(), farewell()...)
	packets = append(packets, tcp(60*second, false, packet.RST, 0), tcp(61*second, true, packet.SYN, 0))
	got := ends(meter(ExactConfig(CICFixed), packets...))
	if len(got) != 2 || got[0].Bwd.Packets != 3 || got[1].Fwd.Packets != 1 {
		t.Errorf("flows: %+v", got)
	}
}

func TestFirst2017FINEnds(t *testing.T) {
	got := ends(meter(ExactConfig(CIC2017), append(handshake(), farewell()...)...))
	if len(got) != 2 || got[0].Fwd.Packets != 3 || got[1].Src != server || got[1].Bwd.Packets+got[1].Fwd.Packets != 2 {
		t.Errorf("flows: %+v", got)
	}
}

func TestRetransmissions(t *testing.T) {
	data := tcp(3000, true, packet.ACK, 100)
	data.Seq = 7
	repeat := data
	repeat.Time += 200_000
	next := data
	next.Seq, next.Time = 107, data.Time+300_000
	packets := append(handshake(), data, repeat, next)
	packets[2].Seq = 1
	r := ends(meter(ExactConfig(CICFixed), packets...))[0]
	if r.Detail.Fwd.Retransmitted != 1 || r.Detail.Bwd.Retransmitted != 0 {
		t.Errorf("retransmitted %d, %d; want 1, 0", r.Detail.Fwd.Retransmitted, r.Detail.Bwd.Retransmitted)
	}
	cfg := ExactConfig(CICFixed)
	cfg.Retransmissions = 0
	if r := ends(meter(cfg, packets...))[0]; r.Detail.Fwd.Retransmitted != 0 {
		t.Error("retransmissions counted although switched off")
	}
}

// TestFullTableOfRunningFlows: without one-packet flows, what goes is among the least
// recently active.
func TestFullTableOfRunningFlows(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxFlows = 10
	tab := New(cfg)
	var out Batch
	at := int64(0)
	send := func(port uint16) {
		p := udp(at, true, 1)
		p.SrcPort = port
		tab.Add(&p, &out)
		at++
	}
	for port := range uint16(10) {
		send(port)
		send(port)
	}
	for port := range uint16(10) {
		if port != 3 {
			send(port)
		}
	}
	send(100)
	got := ends(out.Events)
	if len(got) != 1 || got[0].SrcPort != 3 || got[0].Reason != Evicted || tab.Stats().Evictions != 1 {
		t.Errorf("evicted: %+v", got)
	}
}

// TestFloodIsBounded: ten times more flows than the table holds.
func TestFloodIsBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxFlows = 1000
	tab := New(cfg)
	var out Batch
	for i := range uint32(10_000) {
		p := tcp(int64(i), true, packet.SYN, 0)
		binary.BigEndian.PutUint32(p.Src[12:], i)
		tab.Add(&p, &out)
	}
	tab.Flush(&out)
	s := tab.Stats()
	if s.Evictions != 9000 || s.Flows != 10_000 || s.Ended[Evicted] != 9000 || s.Ended[Flushed] != 1000 {
		t.Errorf("stats: %+v", s)
	}
	if int(tab.entries.used) > cfg.MaxFlows {
		t.Errorf("memory for %d entries, limit %d", tab.entries.used, cfg.MaxFlows)
	}
}

// TestAddDoesNotAllocate once table and batch have grown.
func TestAddDoesNotAllocate(t *testing.T) {
	packets := webTraffic(20_000)
	tab := New(DefaultConfig())
	var out Batch
	round := func() {
		for i := range packets {
			tab.Add(&packets[i], &out)
			packets[i].Time += 100 * second
			report(&out)
		}
	}
	round()
	if n := testing.AllocsPerRun(3, round); n > 5 {
		t.Errorf("%v allocations in 20,000 packets", n)
	}
}
