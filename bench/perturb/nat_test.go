package main

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"firetower/bench/truth"
	"firetower/internal/capture"
	"firetower/internal/packet"
)

// tcp makes an Ethernet frame with the head of a TCP segment.
func tcp(src, dst string, sport, dport uint16, flags byte) capture.Frame {
	b := make([]byte, 54)
	b[12] = 8
	ip := b[14:]
	ip[0], ip[3], ip[8], ip[9] = 0x45, 40, 64, protoTCP
	s, d := netip.MustParseAddr(src).As4(), netip.MustParseAddr(dst).As4()
	copy(ip[12:], s[:])
	copy(ip[16:], d[:])
	binary.BigEndian.PutUint16(ip[20:], sport)
	binary.BigEndian.PutUint16(ip[22:], dport)
	ip[32], ip[33] = 0x50, flags
	return capture.Frame{Data: b, Link: packet.LinkEthernet, WireLen: uint32(len(b))}
}

func TestOutsideOfNAT(t *testing.T) {
	const syn, synAck = 2, 0x12
	in := telling{truth: truth.Capture{Class: "bot", Attacker: "10.1.2.101", Victim: "198.51.100.9"}, frames: []capture.Frame{
		tcp("10.1.2.101", "10.1.2.22", 5000, 22, syn), // stays inside
		tcp("10.1.2.101", "198.51.100.9", 5000, 443, syn),
		tcp("10.1.2.102", "198.51.100.9", 5000, 443, syn),
		tcp("198.51.100.9", "10.1.2.101", 443, 5000, synAck),
		tcp("192.0.2.7", "10.1.2.10", 4000, 80, syn),
		tcp("10.1.2.10", "192.0.2.7", 80, 4000, synAck),
	}}
	got := outsideOfNAT(in, nil)
	if len(got.frames) != 5 || got.truth.Attacker != "203.0.113.77" || got.truth.Victim != "198.51.100.9" {
		t.Fatalf("%d frames, %s against %s", len(got.frames), got.truth.Attacker, got.truth.Victim)
	}
	ports := func(i int) (uint16, uint16) {
		ip := got.frames[i].Data[14:]
		return binary.BigEndian.Uint16(ip[20:]), binary.BigEndian.Uint16(ip[22:])
	}
	first, _ := ports(0)
	second, _ := ports(1)
	_, answered := ports(2)
	_, called := ports(3)
	answers, _ := ports(4)
	if first == second || answered != first || called != 80 || answers != 80 {
		t.Errorf("clients' ports %d and %d, answer to %d, server called as %d, answers from %d", first, second, answered, called, answers)
	}
	if in.frames[1].Data[14+12] != 10 {
		t.Error("the capture itself was changed")
	}
}

func TestOutsideOfNATLeavesWhatHasNoOutside(t *testing.T) {
	beside := telling{truth: truth.Capture{Class: "portscan", Attacker: "10.1.2.101", Victim: "10.1.2.10"}, frames: []capture.Frame{tcp("10.1.2.101", "10.1.2.10", 5000, 22, 2)}}
	sweep := telling{truth: truth.Capture{Class: "portscan", Attacker: "192.0.2.7", Victim: "10.1.2.10"}}
	for _, a := range []string{"10.1.2.1", "10.1.2.2", "10.1.2.3", "10.1.2.4"} {
		sweep.frames = append(sweep.frames, tcp("192.0.2.7", a, 5000, 22, 2))
	}
	public := telling{truth: truth.Capture{Class: "benign"}, frames: []capture.Frame{tcp("192.0.2.7", "198.51.100.9", 5000, 22, 2)}}
	for name, in := range map[string]telling{"an attack inside": beside, "a sweep": sweep, "no private network": public} {
		if got := outsideOfNAT(in, nil); got.truth != in.truth || len(got.frames) != len(in.frames) || string(got.frames[0].Data) != string(in.frames[0].Data) {
			t.Errorf("%s was changed", name)
		}
	}
}
