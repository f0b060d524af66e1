package feature

import (
	"math"
	"net/netip"
	"strings"
	"testing"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestHeaders(t *testing.T) {
	for profile, want := range map[flow.Profile]int{flow.CICFixed: 94, flow.CIC2017: 85} {
		header := strings.Split(strings.TrimSpace(string(For(profile).AppendHeader(nil))), ",")
		if len(header) != want {
			t.Errorf("%s: %d columns, want %d", profile, len(header), want)
		}
	}
	old := string(For(flow.CIC2017).AppendHeader(nil))
	for _, part := range []string{"Flow ID, Source IP", ",Flow Bytes/s, Flow Packets/s,", ",Init_Win_bytes_forward, Init_Win"} {
		if !strings.Contains(old, part) {
			t.Errorf("the 2017 header lacks %q: blanks are part of its names", part)
		}
	}
}

func TestLookupByAnyName(t *testing.T) {
	s := For(flow.CICFixed)
	want, _ := s.Lookup("FWD Init Win Bytes")
	for _, name := range []string{" Init_Win_bytes_forward", "Init Fwd Win Byts", "fwd init win bytes"} {
		if got, ok := s.Lookup(name); !ok || got != want {
			t.Errorf("Lookup(%q) = %d, %v, want %d", name, got, ok, want)
		}
	}
	if _, ok := s.Lookup("Label"); ok {
		t.Error("a label is no feature")
	}
	if _, err := s.Indices([]string{"Dst Port", "Nonsense"}); err == nil || !strings.Contains(err.Error(), "Nonsense") {
		t.Errorf("error = %v", err)
	}
}

func TestSchemasDiffer(t *testing.T) {
	if For(flow.CICFixed).Hash() == For(flow.CIC2017).Hash() {
		t.Error("the profiles have one hash")
	}
}

// TestPortScanOf2017 derives a row of the published data by hand: one SYN, answered
// by an RST in a padded frame 57 µs later.
func TestPortScanOf2017(t *testing.T) {
	s := For(flow.CIC2017)
	scanner, target := packet.AddrFrom(addr("172.16.0.1")), packet.AddrFrom(addr("192.168.10.50"))
	packets := []packet.Packet{
		{Time: 1e15, Proto: packet.TCP, Src: scanner, Dst: target, SrcPort: 1, DstPort: 2, Flags: packet.SYN, HeaderLen: 40, Window: 29200, WireLen: 74},
		{Time: 1e15 + 57, Proto: packet.TCP, Src: target, Dst: scanner, SrcPort: 2, DstPort: 1, Flags: packet.RST | packet.ACK, HeaderLen: 20, Trailer: 6, WireLen: 60},
	}
	r := last(t, flow.CIC2017, packets)
	check(t, s, &r, map[string]float64{
		"Flow Bytes/s": 105263.15789473684, "Flow Packets/s": 35087.71929824561,
		"Packet Length Mean": 2, "Packet Length Std": math.Sqrt(12), "Packet Length Variance": 12,
		"Average Packet Size": 3, "PSH Flag Count": 1, "SYN Flag Count": 0, "Down/Up Ratio": 1,
		"Init_Win_bytes_forward": 29200, "Init_Win_bytes_backward": 0, "act_data_pkt_fwd": 0, "min_seg_size_forward": 40,
	})
}

// TestPSHFirstOf2017 is a flow whose first of two packets carries data.
func TestPSHFirstOf2017(t *testing.T) {
	s := For(flow.CIC2017)
	a, b := packet.AddrFrom(addr("192.0.2.1")), packet.AddrFrom(addr("192.0.2.2"))
	r := last(t, flow.CIC2017, []packet.Packet{
		{Time: 1e15, Proto: packet.TCP, Src: a, Dst: b, Flags: packet.PSH | packet.ACK, HeaderLen: 20, PayloadLen: 31},
		{Time: 1e15 + 9, Proto: packet.TCP, Src: a, Dst: b, Flags: packet.ACK, HeaderLen: 20, Trailer: 6},
	})
	check(t, s, &r, map[string]float64{
		"Packet Length Mean": 68.0 / 3, "Average Packet Size": 34, "Fwd PSH Flags": 1, "SYN Flag Count": 1, "ACK Flag Count": 1,
	})
}

func TestOnePacketFlow(t *testing.T) {
	s := For(flow.CICFixed)
	a, b := packet.AddrFrom(addr("192.0.2.1")), packet.AddrFrom(addr("192.0.2.2"))
	r := last(t, flow.CICFixed, []packet.Packet{
		{Time: 1e15, Proto: packet.TCP, Src: a, Dst: b, Flags: packet.SYN, HeaderLen: 24, Window: 1024},
	})
	if r.Detail != nil {
		t.Fatal("a flow of one packet has a Detail")
	}
	check(t, s, &r, map[string]float64{
		"Flow Bytes/s": -1, "Flow Packets/s": -1, "Fwd Packets/s": 0, "SYN Flag Count": 1, "FWD Init Win Bytes": 1024,
		"Fwd Seg Size Min": 24, "ICMP Type": -1, "Total Fwd Packet": 1, "Flow IAT Mean": 0,
	})
	dst := make([]float32, s.Len())
	all := make([]int, s.Len())
	for i := range all {
		all[i] = i
	}
	s.Vector(&r, all, dst)
	for i := range all {
		if float64(dst[i]) != float64(float32(s.Value(&r, i))) {
			t.Errorf("%s: vector %v, value %v", s.Names()[i], dst[i], s.Value(&r, i))
		}
	}
	if n := testing.AllocsPerRun(100, func() { s.Vector(&r, all, dst) }); n != 0 {
		t.Errorf("Vector allocates %v times", n)
	}
}

// TestNothingIsNaN: profile cic-fixed is finite whatever the packets.
func TestNothingIsNaN(t *testing.T) {
	s := For(flow.CICFixed)
	a, b := packet.AddrFrom(addr("192.0.2.1")), packet.AddrFrom(addr("192.0.2.2"))
	r := last(t, flow.CICFixed, []packet.Packet{ // time runs backwards
		{Time: 1e15 + 50, Proto: packet.UDP, Src: a, Dst: b, PayloadLen: 9},
		{Time: 1e15, Proto: packet.UDP, Src: b, Dst: a, PayloadLen: 9},
	})
	for i, name := range s.Names() {
		if x := s.Value(&r, i); math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%s = %v", name, x)
		}
	}
}

// last meters packets and gives the last flow to end.
func last(t *testing.T, profile flow.Profile, packets []packet.Packet) flow.Record {
	t.Helper()
	tab := flow.New(flow.ExactConfig(profile))
	var out flow.Batch
	for i := range packets {
		tab.Add(&packets[i], &out)
	}
	tab.Flush(&out)
	return out.Events[len(out.Events)-1].Record
}

func check(t *testing.T, s *Schema, r *flow.Record, want map[string]float64) {
	t.Helper()
	names := s.Names()
	for name, x := range want {
		found := false
		for i := range names {
			if names[i] == name {
				found = true
				if got := s.Value(r, i); math.Abs(got-x) > 1e-9*math.Abs(x) {
					t.Errorf("%s = %v, want %v", name, got, x)
				}
				break
			}
		}
		if !found {
			t.Errorf("no column %q", name)
		}
	}
}
