package packet

import "testing"

const (
	carrier = "10.0.0.1:0 > 10.0.0.2:0 proto 47 ttl 64"
	through = syn + " tunnelled"
)

func gre4(flags, etype int, rest ...[]byte) []byte {
	return eth(etherIPv4, ip4(protoGRE, join(u16(flags), u16(etype), join(rest...))))
}

func overUDP(port int, rest ...[]byte) []byte {
	return eth(etherIPv4, ip4(UDP, udp8(5555, port, join(rest...))))
}

// nested puts a packet into n levels of IP in IP.
func nested(n int) []byte {
	b := ip4(TCP, plain)
	for range n {
		b = ip4(protoIPIP, b)
	}
	return eth(etherIPv4, b)
}

var (
	vni       = unhex("08000000 00000100")
	erspan2   = unhex("10000000 00000000")
	innerEth  = eth(etherIPv4, inside)
	innerPPP  = join(unhex("0021"), inside)
	sequence  = zeros(4)
	asVXLAN   = "10.0.0.1:5555 > 10.0.0.2:4789 proto 17 ttl 64"
	asGeneve  = "10.0.0.1:5555 > 10.0.0.2:6081 proto 17 ttl 64"
	asGTP     = "10.0.0.1:5555 > 10.0.0.2:2152 proto 17 ttl 64"
	innerIPv6 = "2001:db8::1:1000 > 2001:db8::2:80 proto 6 ttl 63"
)

var tunnelTests = []decodeTest{
	{"IP in IP", LinkEthernet, eth(etherIPv4, ip4(protoIPIP, inside)), 0, inner + " wire 74" + through},
	{"IPv6 in IPv4", LinkEthernet, eth(etherIPv4, ip4(protoIPv6, ip6(TCP, plain))), 0, innerIPv6 + " wire 94" + through},
	{"IPv4 in IPv6", LinkEthernet, eth(etherIPv6, ip6(protoIPIP, inside)), 0, inner + " wire 94" + through},
	{"IP in IP, padded", LinkEthernet, join(eth(etherIPv4, ip4(protoIPIP, inside)), zeros(5)), 0, inner + " wire 79 hdr 20 trailer 5" + tail + " tunnelled"},
	{"IP in IP in VLAN", LinkEthernet, eth(etherVLAN, tag(8, etherIPv4, ip4(protoIPIP, inside))), 0, inner + " wire 78 hdr 20" + tail + " vlan 8 tunnelled"},
	{"IP in IP with nothing readable", LinkEthernet, eth(etherIPv4, ip4(protoIPIP, zeros(30))), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 4 ttl 64 wire 64 pay 30 cap 30"},
	{"as deep as allowed", LinkEthernet, nested(4), 0, basic + " wire 134" + through},
	{"too deep", LinkEthernet, nested(5), 0, "10.0.0.1:0 > 10.0.0.2:0 proto 4 ttl 64 wire 154 pay 40 cap 40 tunnelled"},

	{"GRE", LinkEthernet, gre4(0, etherIPv4, inside), 0, inner + " wire 78" + through},
	{"GRE with checksum, key and sequence", LinkEthernet, gre4(0xb000, etherIPv6, zeros(12), ip6(TCP, plain)), 0, innerIPv6 + " wire 110" + through},
	{"GRE with MPLS", LinkEthernet, gre4(0, etherMPLS, label(true, inside)), 0, inner + " wire 82" + through},
	{"NVGRE", LinkEthernet, gre4(0x2000, etherTEB, zeros(4), innerEth), 0, inner + " wire 96" + through},
	{"PPTP", LinkEthernet, gre4(0x3081, etherPPP, zeros(12), innerPPP), 0, inner + " wire 92" + through},
	{"ERSPAN I", LinkEthernet, gre4(0, etherERSPAN, innerEth), 0, inner + " wire 92" + through},
	{"ERSPAN II", LinkEthernet, gre4(0x1000, etherERSPAN, sequence, erspan2, innerEth), 0, inner + " wire 104" + through},
	{"ERSPAN III", LinkEthernet, gre4(0x1000, etherERSPAN3, sequence, zeros(12), innerEth), 0, inner + " wire 108" + through},
	{"ERSPAN III with subheader", LinkEthernet, gre4(0x1000, etherERSPAN3, sequence, zeros(11), []byte{1}, zeros(8), innerEth), 0, inner + " wire 116" + through},
	{"GRE of something else", LinkEthernet, gre4(0, 0x883e, zeros(40)), 0, carrier + " wire 78 pay 44 cap 44"},
	{"GRE with source routing", LinkEthernet, gre4(0x4000, etherIPv4, inside), 0, carrier + " wire 78 pay 44 cap 44"},
	{"GRE cut short", LinkEthernet, gre4(0x3000, etherIPv4), 0, carrier + " wire 38 pay 4 cap 4"},
	{"GRE in a first fragment", LinkEthernet, eth(etherIPv4, ip4frag(protoGRE, 7, 0x2000, join(zeros(2), u16(etherIPv4), inside))), 0, carrier + " wire 78 pay 44 cap 44 id 7 more"},

	{"VXLAN", LinkEthernet, overUDP(4789, vni, innerEth), 0, inner + " wire 104" + through},
	{"VXLAN, port of Linux", LinkEthernet, overUDP(8472, vni, innerEth), 0, inner + " wire 104" + through},
	{"VXLAN with VLAN inside", LinkEthernet, overUDP(4789, vni, eth(etherVLAN, tag(3, etherIPv4, inside))), 0, inner + " wire 108" + through},
	{"VXLAN, ARP inside", LinkEthernet, overUDP(4789, vni, eth(etherARP, zeros(28))), 0, asVXLAN + " wire 92 hdr 8 pay 50 cap 50"},
	{"VXLAN port without its flag", LinkEthernet, overUDP(4789, zeros(8), innerEth), 0, asVXLAN + " wire 104 hdr 8 pay 62 cap 62"},
	{"VXLAN port, other traffic", LinkEthernet, overUDP(4789, vni, zeros(3)), 0, asVXLAN + " wire 53 hdr 8 pay 11 cap 11"},
	{"Geneve", LinkEthernet, overUDP(6081, unhex("00006558 00000100"), innerEth), 0, inner + " wire 104" + through},
	{"Geneve with options", LinkEthernet, overUDP(6081, unhex("02006558 00000100"), zeros(8), innerEth), 0, inner + " wire 112" + through},
	{"Geneve, IPv6 inside", LinkEthernet, overUDP(6081, unhex("000086dd 00000100"), ip6(TCP, plain)), 0, innerIPv6 + " wire 110" + through},
	{"Geneve of another version", LinkEthernet, overUDP(6081, unhex("40006558 00000100"), innerEth), 0, asGeneve + " wire 104 hdr 8 pay 62 cap 62"},
	{"GTP", LinkEthernet, overUDP(2152, unhex("30ff0028 00000001"), inside), 0, inner + " wire 90" + through},
	{"GTP with a sequence number", LinkEthernet, overUDP(2152, unhex("32ff002c 00000001 00010000"), inside), 0, inner + " wire 94" + through},
	{"GTP with an extension", LinkEthernet, overUDP(2152, unhex("34ff0030 00000001 00000085 01100900"), inside), 0, inner + " wire 98" + through},
	{"GTP, IPv6 inside", LinkEthernet, overUDP(2152, unhex("30ff003c 00000001"), ip6(TCP, plain)), 0, innerIPv6 + " wire 110" + through},
	{"GTP echo request", LinkEthernet, overUDP(2152, unhex("32010004 00000000 00010000")), 0, asGTP + " wire 54 hdr 8 pay 12 cap 12"},
	{"GTP with an extension of no length", LinkEthernet, overUDP(2152, unhex("34ff0030 00000001 00000085 00100900"), inside), 0, asGTP + " wire 98 hdr 8 pay 56 cap 56"},
	{"error inside a tunnel", LinkEthernet, eth(etherIPv4, ip4(protoIPIP, lan(ICMP, icmp8(3, 1, ip4(TCP, plain))))), 0,
		"192.168.0.1:0 > 192.168.0.2:0 proto 1 ttl 64 wire 102 pay 40 cap 40 icmp 3 code 1 tunnelled quotes 10.0.0.1:1000 > 10.0.0.2:80 proto 6"},
}

func TestDecodeTunnels(t *testing.T) { runDecodeTests(t, tunnelTests) }
