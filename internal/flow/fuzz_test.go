package flow

import (
	"encoding/binary"
	"reflect"
	"testing"

	"firetower/internal/packet"
)

// scramble makes packets of arbitrary bytes: few hosts and ports, so that flows meet
// all rules, and time that mostly moves forward.
func scramble(data []byte) []packet.Packet {
	var out []packet.Packet
	now := epoch
	protos := [...]uint8{packet.TCP, packet.TCP, packet.TCP, packet.UDP, packet.ICMP, packet.SCTP, packet.ICMPv6, 47}
	for len(data) >= 8 {
		b := data[:8]
		data = data[8:]
		step := int64(binary.LittleEndian.Uint16(b)) << (b[2] & 15)
		if b[2]&0x80 != 0 {
			step = -step
		}
		now += step
		p := tcp(now-epoch, b[3]&1 != 0, b[4], uint32(b[5]))
		p.SrcPort, p.DstPort = p.SrcPort+uint16(b[3]>>1&1), p.DstPort+uint16(b[3]>>1&1)
		p.Src[15], p.Dst[15] = p.Src[15]^b[3]>>6, p.Dst[15]^b[3]>>6
		p.Proto = protos[b[6]&7]
		p.ICMPType, p.ICMPCode = b[7]&3, b[7]>>2&3
		p.Trailer = uint32(b[7] >> 5)
		p.Seq, p.Payload = uint32(b[7]), b[:b[5]&7]
		if p.HasUnreachable = p.Proto == packet.ICMP; p.HasUnreachable {
			p.Unreachable = packet.Quoted{Src: p.Dst, Dst: p.Src, SrcPort: p.DstPort, DstPort: p.SrcPort, Proto: protos[b[5]&7]}
		}
		out = append(out, p)
	}
	return out
}

// FuzzTable: whatever the packets, nothing panics, each flow ends once, and every
// packet is in a flow or counted as a straggler.
func FuzzTable(f *testing.F) {
	f.Add([]byte("Firetower watches a network with a random forest."), uint8(0))
	f.Add(make([]byte, 400), uint8(0xff))
	f.Fuzz(func(t *testing.T, data []byte, mode uint8) {
		cfg := DefaultConfig()
		if mode&1 != 0 {
			cfg = ExactConfig(CICFixed)
			cfg.Retransmissions = 5
		}
		if mode&2 != 0 {
			cfg.Profile = CIC2017
		}
		if mode&32 != 0 {
			cfg.Profile = CICV4
		}
		if mode&4 != 0 {
			cfg.MaxFlows = 3
		}
		if mode&16 != 0 {
			cfg.MaxRunning = 2
		}
		if mode&8 != 0 {
			cfg.IdleTimeout = 0
		}
		packets := scramble(data)
		tab := New(cfg)
		var out Batch
		for i := range packets {
			tab.Add(&packets[i], &out)
			if s := tab.Stats(); s.Entries > cfg.MaxFlows {
				t.Fatalf("%d entries, limit %d", s.Entries, cfg.MaxFlows)
			}
		}
		tab.Flush(&out)
		checkEvents(t, out.Events, tab.Stats(), uint64(len(packets)))
		checkEmpty(t, tab)
		var again Batch
		tab = New(cfg)
		tab.AddAll(packets, &again)
		for tab.Drain(&again, 2) {
			continue
		}
		if !reflect.DeepEqual(again.Events, out.Events) {
			t.Error("the same packets gave other events through AddAll and Drain")
		}
	})
}

func checkEvents(t *testing.T, events []Event, s Stats, packets uint64) {
	t.Helper()
	started, ended := map[uint64]bool{}, map[uint64]bool{}
	metered := uint64(0)
	for i := range events {
		r := &events[i].Record
		switch events[i].Kind {
		case Started:
			started[r.ID] = true
		case Ended:
			if ended[r.ID] || r.Reason == NotEnded {
				t.Fatalf("flow %d ended twice, or for no reason", r.ID)
			}
			ended[r.ID] = true
			metered += uint64(r.Fwd.Packets) + uint64(r.Bwd.Packets)
			if d := r.Sums(new(Detail)); d.Fwd.Payload.N != r.Fwd.Packets || d.Bwd.Payload.N != r.Bwd.Packets {
				t.Fatalf("flow %d: the two counts of its packets differ", r.ID)
			}
		}
		if !started[r.ID] {
			t.Fatalf("flow %d has an event before it started", r.ID)
		}
	}
	if len(started) != len(ended) || uint64(len(started)) != s.Flows {
		t.Errorf("%d flows started, %d ended, %d counted", len(started), len(ended), s.Flows)
	}
	if s.Packets != packets || metered+s.Stragglers != packets {
		t.Errorf("%d packets given, %d counted, %d in flows, %d stragglers", packets, s.Packets, metered, s.Stragglers)
	}
}

// checkEmpty: a flushed table holds nothing.
func checkEmpty(t *testing.T, tab *Table) {
	t.Helper()
	if n := tab.entries.live() + tab.states.live() + tab.signals.live() + tab.sent.live() + tab.index.count; n != 0 {
		t.Errorf("after Flush the table still holds %d things", n)
	}
	for id, l := range tab.lists {
		if l != (list{}) {
			t.Errorf("after Flush list %d is not empty", id)
		}
	}
}
