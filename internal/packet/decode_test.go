package packet

import (
	"bytes"
	"testing"
)

const (
	basic  = "10.0.0.1:1000 > 10.0.0.2:80 proto 6 ttl 64"
	basic6 = "2001:db8::1:1000 > 2001:db8::2:80 proto 6 ttl 63"
	inner  = "192.168.0.1:1000 > 192.168.0.2:80 proto 6 ttl 64"
	tail   = " flags 2 win 512 seq 7 ack 9"
	syn    = " hdr 20" + tail
)

var (
	plain  = tcp20(SYN, nil)
	inside = lan(TCP, plain)
)

// decodeTest is one frame and what is to become of it.
type decodeTest struct {
	name  string
	link  LinkType
	frame []byte
	wire  int // length on the wire, if more than the frame's
	want  string
}

var decodeTests = []decodeTest{
	{"TCP", LinkEthernet, eth(etherIPv4, ip4(TCP, plain)), 0, basic + " wire 54" + syn},
	{"payload", LinkEthernet, eth(etherIPv4, ip4(TCP, tcp20(ACK, zeros(5)))), 0, basic + " wire 59 hdr 20 pay 5 cap 5 flags 16 win 512 seq 7 ack 9"},
	{"Ethernet padding", LinkEthernet, join(eth(etherIPv4, ip4(TCP, plain)), zeros(6)), 0, basic + " wire 60 hdr 20 trailer 6" + tail},
	{"cut capture", LinkEthernet, eth(etherIPv4, ip4(TCP, tcp20(SYN, zeros(1000))))[:100], 1054, basic + " wire 1054 hdr 20 pay 1000 cap 46" + tail},
	{"cut capture with padding", LinkEthernet, eth(etherIPv4, ip4(TCP, tcp20(SYN, zeros(4))))[:54], 60, basic + " wire 60 hdr 20 pay 4 trailer 2" + tail},
	{"cut within TCP, behind the flags", LinkEthernet, eth(etherIPv4, ip4(TCP, plain))[:48], 54, basic + " wire 54 hdr 20 flags 2 seq 7 ack 9"},
	{"cut within TCP", LinkEthernet, eth(etherIPv4, ip4(TCP, plain))[:46], 54, "cut in transport header"},
	{"TCP options", LinkEthernet, eth(etherIPv4, ip4(TCP, join(unhex("03e80050 00000007 00000009 80020200 00000000"), zeros(12), zeros(3)))), 0, basic + " wire 69 hdr 32 pay 3 cap 3" + tail},
	{"TCP data offset too small", LinkEthernet, eth(etherIPv4, ip4(TCP, unhex("03e80050 00000007 00000009 00020200 00000000 ffff"))), 0, basic + " wire 56 hdr 20 pay 2 cap 2" + tail},
	{"TCP data offset too large", LinkEthernet, eth(etherIPv4, ip4(TCP, unhex("03e80050 00000007 00000009 f0020200 00000000 ffff"))), 0, basic + " wire 56 hdr 22" + tail},
	{"TCP header too short on the wire", LinkEthernet, eth(etherIPv4, ip4(TCP, plain[:16])), 0, "bad transport header"},
	{"UDP", LinkEthernet, eth(etherIPv4, ip4(UDP, udp8(53, 5353, zeros(9)))), 0, "10.0.0.1:53 > 10.0.0.2:5353 proto 17 ttl 64 wire 51 hdr 8 pay 9 cap 9"},
	{"UDP header too short", LinkEthernet, eth(etherIPv4, ip4(UDP, zeros(7))), 0, "bad transport header"},
	{"SCTP", LinkEthernet, eth(etherIPv4, ip4(SCTP, join(u16(5), u16(6), zeros(8), zeros(3)))), 0, "10.0.0.1:5 > 10.0.0.2:6 proto 132 ttl 64 wire 49 pay 3 cap 3"},
	{"ICMP echo", LinkEthernet, eth(etherIPv4, ip4(ICMP, icmp8(8, 0, zeros(56)))), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 1 ttl 64 wire 98 pay 56 cap 56 icmp 8"},
	{"IGMP", LinkEthernet, eth(etherIPv4, ip4(IGMP, zeros(8))), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 2 ttl 64 wire 42 pay 8 cap 8"},
	{"port unreachable", LinkEthernet, eth(etherIPv4, ip4(ICMP, icmp8(3, 3, lan(UDP, udp8(40000, 53, nil))))), 0,
		"10.0.0.1:0 > 10.0.0.2:0 proto 1 ttl 64 wire 70 pay 28 cap 28 icmp 3 code 3 quotes 192.168.0.1:40000 > 192.168.0.2:53 proto 17"},
	{"unreachable, quote cut", LinkEthernet, eth(etherIPv4, ip4(ICMP, icmp8(3, 3, lan(UDP, nil)[:10]))), 0,
		"10.0.0.1:0 > 10.0.0.2:0 proto 1 ttl 64 wire 52 pay 10 cap 10 icmp 3 code 3"},
	{"ICMPv6 unreachable", LinkEthernet, eth(etherIPv6, ip6(ICMPv6, icmp8(1, 4, ip6(UDP, udp8(40000, 53, nil))))), 0,
		"2001:db8::1:0 > 2001:db8::2:0 proto 58 ttl 63 wire 110 pay 48 cap 48 icmp 1 code 4 quotes 2001:db8::1:40000 > 2001:db8::2:53 proto 17"},
	{"ICMPv6 neighbour", LinkEthernet, eth(etherIPv6, ip6(ICMPv6, icmp8(135, 0, zeros(16)))), 0,
		"2001:db8::1:0 > 2001:db8::2:0 proto 58 ttl 63 wire 78 pay 16 cap 16 icmp 135"},

	{"IPv4 options", LinkEthernet, eth(etherIPv4, join(unhex("4600002c 00010000 4006 0000 0a000001 0a000002 01010101"), plain)), 0, basic + " wire 58" + syn},
	{"IPv4 length zero (TSO)", LinkEthernet, eth(etherIPv4, join(unhex("45000000 00010000 4006 0000 0a000001 0a000002"), tcp20(SYN, zeros(100)))), 70054, basic + " wire 70054 hdr 20 pay 70000 cap 100" + tail},
	{"IPv4 length beyond the frame", LinkEthernet, eth(etherIPv4, join(unhex("4500ffff 00010000 4006 0000 0a000001 0a000002"), tcp20(SYN, zeros(10)))), 0, basic + " wire 64 hdr 20 pay 10 cap 10" + tail},
	{"IPv4 length less than the header", LinkEthernet, eth(etherIPv4, join(unhex("45000013 00010000 4006 0000 0a000001 0a000002"), plain)), 0, "bad IP length"},
	{"IPv4 header length 16", LinkEthernet, eth(etherIPv4, join(unhex("44000028 00010000 4006 0000 0a000001 0a000002"), plain)), 0, "bad IP header"},
	{"IPv4 version 5", LinkEthernet, eth(etherIPv4, join(unhex("55000028 00010000 4006 0000 0a000001 0a000002"), plain)), 0, "bad IP version"},
	{"IPv4 cut in capture", LinkEthernet, eth(etherIPv4, ip4(TCP, plain))[:30], 54, "cut in IP header"},
	{"IPv4 too short on the wire", LinkEthernet, eth(etherIPv4, zeros(19)), 0, "bad IP header"},
	{"IPv4 with AH", LinkEthernet, eth(etherIPv4, ip4(51, join(unhex("0604 0000"), zeros(20), plain))), 0, basic + " wire 78" + syn},

	{"IPv6", LinkEthernet, eth(etherIPv6, ip6(TCP, plain)), 0, basic6 + " wire 74" + syn},
	{"IPv6 padding", LinkEthernet, join(eth(etherIPv6, ip6(TCP, plain)), zeros(3)), 0, basic6 + " wire 77 hdr 20 trailer 3" + tail},
	{"IPv6 extensions", LinkEthernet, eth(etherIPv6, ip6(0, ext(43, 0, ext(60, 2, ext(TCP, 0, plain))))), 0, basic6 + " wire 114" + syn},
	{"IPv6 atomic fragment", LinkEthernet, eth(etherIPv6, ip6(44, ip6frag(TCP, 5, 0, plain))), 0, basic6 + " wire 82" + syn},
	{"IPv6 first fragment", LinkEthernet, eth(etherIPv6, ip6(44, ip6frag(TCP, 5, 1, plain))), 0, basic6 + " wire 82 hdr 20" + tail + " id 5 more"},
	{"IPv6 later fragment", LinkEthernet, eth(etherIPv6, ip6(44, ip6frag(TCP, 5, 1448, plain))), 0, "2001:db8::1:0 > 2001:db8::2:0 proto 6 ttl 63 wire 82 pay 20 cap 20 id 5 fragment"},
	{"IPv6 nothing next", LinkEthernet, eth(etherIPv6, ip6(59, nil)), 0, "2001:db8::1:0 > 2001:db8::2:0 proto 59 ttl 63 wire 54"},
	{"IPv6 endless extensions", LinkEthernet, eth(etherIPv6, ip6(0, join(bytes.Repeat(ext(0, 0, nil), 10), ext(TCP, 0, plain)))), 0, "bad IP length"},
	{"IPv6 extension cut", LinkEthernet, eth(etherIPv6, ip6(0, ext(TCP, 4, plain)))[:60], 114, "cut in IP header"},
	{"IPv6 extension beyond the packet", LinkEthernet, eth(etherIPv6, ip6(0, []byte{TCP, 200, 0, 0})), 0, "bad IP length"},

	{"first fragment", LinkEthernet, eth(etherIPv4, ip4frag(UDP, 77, 0x2000, udp8(53, 9, zeros(16)))), 0, "10.0.0.1:53 > 10.0.0.2:9 proto 17 ttl 64 wire 58 hdr 8 pay 16 cap 16 id 77 more"},
	{"middle fragment", LinkEthernet, eth(etherIPv4, ip4frag(UDP, 77, 0x2003, zeros(24))), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 17 ttl 64 wire 58 pay 24 cap 24 id 77 fragment more"},
	{"last fragment", LinkEthernet, eth(etherIPv4, ip4frag(UDP, 77, 6, zeros(9))), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 17 ttl 64 wire 43 pay 9 cap 9 id 77 fragment"},
	{"TCP header in two, first", LinkEthernet, eth(etherIPv4, ip4frag(TCP, 77, 0x2000, plain[:8])), 0, basic + " wire 42 hdr 8 seq 7 id 77 more"},
	{"TCP header in two, second", LinkEthernet, eth(etherIPv4, ip4frag(TCP, 77, 1, plain[8:])), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 6 ttl 64 wire 46 pay 12 cap 12 flags 2 win 512 id 77 fragment"},

	{"VLAN", LinkEthernet, eth(etherVLAN, tag(0x2005, etherIPv4, ip4(TCP, plain))), 0, basic + " wire 58 hdr 20" + tail + " vlan 5"},
	{"QinQ", LinkEthernet, eth(etherQinQ, tag(100, etherVLAN, tag(5, etherIPv6, ip6(TCP, plain)))), 0, basic6 + " wire 82 hdr 20" + tail + " vlan 100"},
	{"too many tags", LinkEthernet, eth(etherVLAN, join(bytes.Repeat(tag(1, etherVLAN, nil), 8), tag(1, etherIPv4, ip4(TCP, plain)))), 0, "too many tags"},
	{"VLAN cut", LinkEthernet, eth(etherVLAN, zeros(3)), 0, "cut in link header"},
	{"MPLS", LinkEthernet, eth(etherMPLS, label(false, label(true, ip4(TCP, plain)))), 0, basic + " wire 62" + syn},
	{"MPLS IPv6", LinkEthernet, eth(etherMPLS, label(true, ip6(TCP, plain))), 0, basic6 + " wire 78" + syn},
	{"MPLS pseudowire", LinkEthernet, eth(etherMPLS, label(true, join(zeros(4), eth(etherIPv4, ip4(TCP, plain))))), 0, basic + " wire 76" + syn},
	{"MPLS without an end", LinkEthernet, eth(etherMPLS, zeros(64)), 0, "too many tags"},
	{"PPPoE", LinkEthernet, eth(etherPPPoE, join(unhex("11000001 002a 0021"), ip4(TCP, plain))), 0, basic + " wire 62" + syn},
	{"PPPoE IPv6 in VLAN", LinkEthernet, eth(etherVLAN, tag(7, etherPPPoE, join(unhex("11000001 003e 0057"), ip6(TCP, plain)))), 0, basic6 + " wire 86 hdr 20" + tail + " vlan 7"},
	{"PPPoE discovery", LinkEthernet, eth(0x8863, zeros(40)), 0, "not IP"},
	{"PPP link control", LinkEthernet, eth(etherPPPoE, join(unhex("11000001 0010 c021"), zeros(14))), 0, "not IP"},
	{"SNAP", LinkEthernet, eth(48, llcSNAP(etherIPv4, ip4(TCP, plain))), 0, basic + " wire 62" + syn},
	{"spanning tree", LinkEthernet, eth(38, join(unhex("424203"), zeros(35))), 0, "not IP"},
	{"ARP", LinkEthernet, eth(etherARP, zeros(28)), 0, "ARP"},
	{"LLDP", LinkEthernet, eth(0x88cc, zeros(28)), 0, "not IP"},
	{"Ethernet header cut", LinkEthernet, zeros(13), 0, "cut in link header"},
	{"nothing", LinkEthernet, nil, 0, "cut in link header"},
}

func TestDecode(t *testing.T) { runDecodeTests(t, decodeTests) }

func runDecodeTests(t *testing.T, tests []decodeTest) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			decode := func() Verdict {
				return Decode(test.frame, test.link, uint32(max(test.wire, len(test.frame))), 42, &p)
			}
			p.Payload, p.Tunnelled, p.HasUnreachable = zeros(1), true, true // must not survive
			got := decode().String()
			if got == "decoded" {
				got = describe(&p)
			}
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
			if p.Time != 42 {
				t.Errorf("time %d", p.Time)
			}
			if n := testing.AllocsPerRun(10, func() { decode() }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

// TestDecodeCut cuts every frame of the tables at every length: nothing may panic,
// and a verdict of a broken packet must not come from a cut capture.
func TestDecodeCut(t *testing.T) {
	for _, test := range append(append(decodeTests, linkTests...), tunnelTests...) {
		for n := range test.frame {
			var p Packet
			Decode(test.frame[:n], test.link, uint32(n), 42, &p)
			v := Decode(test.frame[:n:n], test.link, uint32(max(test.wire, len(test.frame))), 42, &p)
			var whole Packet
			full := Decode(test.frame, test.link, uint32(max(test.wire, len(test.frame))), 42, &whole)
			if v.Malformed() && v > TruncatedPorts && v != full {
				t.Errorf("%s cut to %d bytes: %v, in full: %v", test.name, n, v, full)
			}
			if v == OK && full == OK && !whole.Tunnelled && whole.Proto != protoGRE && p.PayloadLen != whole.PayloadLen {
				t.Errorf("%s cut to %d bytes: payload %d, in full %d", test.name, n, p.PayloadLen, whole.PayloadLen)
			}
		}
	}
}

// TestARP: who asks for whom.
func TestARP(t *testing.T) {
	body := func(op byte, src, dst string) []byte {
		return join(unhex("0001 0800 0604 00"), []byte{op}, zeros(6), unhex(src), zeros(6), unhex(dst))
	}
	for _, test := range []struct {
		name string
		body []byte
		want Ask
	}{
		{"request", body(1, "0a000001", "0a000002"), Asks},
		{"reply", body(2, "0a000002", "0a000001"), Answered},
		{"announcement", body(1, "0a000001", "0a000001"), NoAsk},
		{"is an address free", body(1, "00000000", "0a000002"), NoAsk},
		{"of another protocol", join(unhex("0001 809b 0604 0001"), zeros(20)), NoAsk},
		{"cut", body(1, "0a000001", "0a000002")[:20], NoAsk},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p Packet
			frame := eth(etherARP, test.body)
			if v := Decode(frame, LinkEthernet, uint32(len(frame)), 5, &p); v != ARP || p.Ask != test.want {
				t.Errorf("verdict %s, ask %d; want %d", v, p.Ask, test.want)
			}
			if p.Ask == Asks && (p.Src.String() != "10.0.0.1" || p.Dst.String() != "10.0.0.2") {
				t.Errorf("%s asks for %s", p.Src, p.Dst)
			}
		})
	}
}
