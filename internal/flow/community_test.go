package flow

import (
	"net/netip"
	"testing"

	"firetower/internal/packet"
)

// The expected ids are those of the specification's baseline.
func TestCommunityID(t *testing.T) {
	cases := []struct {
		src, dst         string
		srcPort, dstPort uint16
		proto            uint8
		icmpType, code   uint8
		want             string
		oneWay           bool
	}{
		{"128.232.110.120", "66.35.250.204", 34855, 80, packet.TCP, 0, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", false},
		{"192.168.1.52", "8.8.8.8", 54585, 53, packet.UDP, 0, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", false},
		{"192.168.0.89", "192.168.0.1", 0, 0, packet.ICMP, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", true},
		{"192.168.170.8", "192.168.170.56", 7, 7, packet.SCTP, 0, 0, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", false},
		{"10.1.12.1", "10.1.12.2", 0, 0, 46, 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=", false},
		{"fe80::200:86ff:fe05:80da", "ff02::2", 0, 0, packet.ICMPv6, 133, 0, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=", true},
	}
	for _, c := range cases {
		k := Tuple{
			Src: packet.AddrFrom(netip.MustParseAddr(c.src)), Dst: packet.AddrFrom(netip.MustParseAddr(c.dst)),
			SrcPort: c.srcPort, DstPort: c.dstPort, Proto: c.proto,
		}
		if got := k.CommunityID(c.icmpType, c.code); got != c.want {
			t.Errorf("%s -> %s: %s, want %s", c.src, c.dst, got, c.want)
		}
		if c.oneWay {
			continue
		}
		if got := k.Reverse().CommunityID(c.icmpType, c.code); got != c.want {
			t.Errorf("%s -> %s, reversed: %s, want %s", c.src, c.dst, got, c.want)
		}
	}
}

// TestCommunityIDOfAnswers: an echo and its reply have one id.
func TestCommunityIDOfAnswers(t *testing.T) {
	k := Tuple{Src: client, Dst: server, Proto: packet.ICMP}
	if a, b := k.CommunityID(8, 0), k.Reverse().CommunityID(0, 0); a != b {
		t.Errorf("echo %s, reply %s", a, b)
	}
}
