package packet

import "testing"

// wifi11 is an 802.11 data frame with the given frame control bytes.
func wifi11(fc string, header int, inner []byte) []byte {
	return join(unhex(fc), zeros(header-2), inner)
}

var (
	snapped = llcSNAP(etherIPv4, ip4(TCP, plain)) // 48 bytes
	amsdu   = join(unhex("0200 0000 0000 0200 0000 0001 0030"), snapped)
)

var linkTests = []decodeTest{
	{"raw", LinkRaw, ip4(TCP, plain), 0, basic + " wire 40" + syn},
	{"raw IPv6", LinkRaw, ip6(TCP, plain), 0, basic6 + " wire 60" + syn},
	{"raw, number 12", LinkRaw12, ip4(TCP, plain), 0, basic + " wire 40" + syn},
	{"raw, number 14", LinkRaw14, ip4(TCP, plain), 0, basic + " wire 40" + syn},
	{"IPv4", LinkIPv4, ip4(TCP, plain), 0, basic + " wire 40" + syn},
	{"IPv6", LinkIPv6, ip6(TCP, plain), 0, basic6 + " wire 60" + syn},
	{"raw, neither", LinkRaw, zeros(40), 0, "bad IP version"},
	{"raw, nothing", LinkRaw, nil, 0, "cut in link header"},
	{"null, little endian", LinkNull, join(unhex("02000000"), ip4(TCP, plain)), 0, basic + " wire 44" + syn},
	{"null, big endian", LinkNull, join(unhex("00000002"), ip4(TCP, plain)), 0, basic + " wire 44" + syn},
	{"null, IPv6 of macOS", LinkNull, join(unhex("1e000000"), ip6(TCP, plain)), 0, basic6 + " wire 64" + syn},
	{"loop, IPv6 of OpenBSD", LinkLoop, join(unhex("00000018"), ip6(TCP, plain)), 0, basic6 + " wire 64" + syn},
	{"null, another family", LinkNull, join(unhex("07000000"), ip4(TCP, plain)), 0, "not IP"},
	{"null, cut", LinkNull, zeros(3), 0, "cut in link header"},
	{"cooked", LinkCooked, join(zeros(14), u16(etherIPv4), ip4(TCP, plain)), 0, basic + " wire 56" + syn},
	{"cooked VLAN", LinkCooked, join(zeros(14), u16(etherVLAN), tag(9, etherIPv4, ip4(TCP, plain))), 0, basic + " wire 60 hdr 20" + tail + " vlan 9"},
	{"cooked ARP", LinkCooked, join(zeros(14), u16(etherARP), zeros(28)), 0, "ARP"},
	{"cooked 802.2", LinkCooked, join(zeros(14), u16(4), llcSNAP(etherIPv4, ip4(TCP, plain))), 0, basic + " wire 64" + syn},
	{"cooked v2", LinkCookedV2, join(u16(etherIPv6), zeros(18), ip6(TCP, plain)), 0, basic6 + " wire 80" + syn},
	{"cooked v2, cut", LinkCookedV2, zeros(19), 0, "cut in link header"},
	{"PPP with HDLC framing", LinkPPP, join(unhex("ff030021"), ip4(TCP, plain)), 0, basic + " wire 44" + syn},
	{"PPP without", LinkPPP, join(unhex("0021"), ip4(TCP, plain)), 0, basic + " wire 42" + syn},
	{"PPP, compressed protocol", LinkPPP, join(unhex("21"), ip4(TCP, plain)), 0, basic + " wire 41" + syn},
	{"PPP, IPv6", LinkPPPSerial, join(unhex("ff030057"), ip6(TCP, plain)), 0, basic6 + " wire 64" + syn},
	{"PPP, MPLS", LinkPPP, join(unhex("ff030281"), label(true, ip4(TCP, plain))), 0, basic + " wire 48" + syn},
	{"PPP, link control", LinkPPP, join(unhex("ff03c021"), zeros(10)), 0, "not IP"},
	{"serial, Cisco HDLC", LinkPPPSerial, join(unhex("0f000800"), ip4(TCP, plain)), 0, basic + " wire 44" + syn},
	{"Cisco HDLC", LinkCiscoHDLC, join(unhex("8f0086dd"), ip6(TCP, plain)), 0, basic6 + " wire 64" + syn},
	{"PPP with direction", LinkPPPDir, join(unhex("01ff030021"), ip4(TCP, plain)), 0, basic + " wire 45" + syn},
	{"PPPoE", LinkPPPoE, join(unhex("11000001 002a 0021"), ip4(TCP, plain)), 0, basic + " wire 48" + syn},
	{"802.11", LinkWiFi, wifi11("0801", 24, snapped), 0, basic + " wire 72" + syn},
	{"802.11, four addresses", LinkWiFi, wifi11("0803", 30, snapped), 0, basic + " wire 78" + syn},
	{"802.11 QoS", LinkWiFi, wifi11("8802", 26, snapped), 0, basic + " wire 74" + syn},
	{"802.11 QoS, padded by the driver", LinkWiFi, wifi11("8802", 26, join(zeros(2), snapped)), 0, basic + " wire 76" + syn},
	{"802.11 QoS with HT control", LinkWiFi, wifi11("8882", 30, snapped), 0, basic + " wire 78" + syn},
	{"802.11 A-MSDU", LinkWiFi, join(unhex("8802"), zeros(22), unhex("8000"), amsdu), 0, basic + " wire 88" + syn},
	{"802.11 beacon", LinkWiFi, wifi11("8000", 24, zeros(40)), 0, "802.11 without data"},
	{"802.11 null data", LinkWiFi, wifi11("4801", 24, nil), 0, "802.11 without data"},
	{"802.11 acknowledgement", LinkWiFi, unhex("d400 0000 020000000001"), 0, "802.11 without data"},
	{"802.11 encrypted", LinkWiFi, wifi11("0841", 24, zeros(60)), 0, "802.11 encrypted"},
	{"802.11 cut", LinkWiFi, wifi11("0801", 20, nil), 0, "cut in link header"},
	{"radiotap", LinkRadiotap, join(unhex("00000a00 00000000 0000"), wifi11("0801", 24, snapped)), 0, basic + " wire 82" + syn},
	{"radiotap of no length", LinkRadiotap, join(zeros(8), wifi11("0801", 24, snapped)), 0, "cut in link header"},
	{"Prism", LinkPrism, join(unhex("00000044 00000090"), zeros(136), wifi11("0801", 24, snapped)), 0, basic + " wire 216" + syn},
	{"AVS", LinkAVS, join(unhex("80211001 00000040"), zeros(56), wifi11("0801", 24, snapped)), 0, basic + " wire 136" + syn},
	{"AVS, cut", LinkPrism, join(unhex("80211001 00000040"), zeros(50)), 0, "cut in link header"},
	{"PPI with 802.11", LinkPPI, join(unhex("00000c00 69000000 00000000"), wifi11("0801", 24, snapped)), 0, basic + " wire 84" + syn},
	{"PPI with Ethernet", LinkPPI, join(unhex("00000800 01000000"), eth(etherIPv4, ip4(TCP, plain))), 0, basic + " wire 62" + syn},
	{"PPI in PPI", LinkPPI, join(unhex("00000800 c0000000"), zeros(60)), 0, "unknown link type"},
	{"netfilter log", LinkNFLOG, join(unhex("02000005 0500 0a00 61000000 2c00 0900"), ip4(TCP, plain)), 0, basic + " wire 56" + syn},
	{"netfilter log without a packet", LinkNFLOG, join(unhex("02000005"), zeros(256)), 0, "cut in link header"},
	{"PKTAP with Ethernet", LinkPKTAP, join(unhex("1c000000 01000000 01000000"), zeros(16), eth(etherIPv4, ip4(TCP, plain))), 0, basic + " wire 82" + syn},
	{"PKTAP with raw IP", LinkPKTAP, join(unhex("10000000 01000000 0c000000"), zeros(4), ip4(TCP, plain)), 0, basic + " wire 56" + syn},
	{"PKTAP in PKTAP", LinkPKTAP, join(unhex("10000000 01000000 02010000"), zeros(40)), 0, "unknown link type"},
	{"PKTAP, cut", LinkPKTAP, join(unhex("6c000000 01000000 01000000"), zeros(16)), 0, "cut in link header"},
	{"FDDI", LinkFDDI, join(unhex("50"), zeros(12), snapped), 0, basic + " wire 61" + syn},
	{"FDDI, ring management", LinkFDDI, join(unhex("c2"), zeros(12), snapped), 0, "not IP"},
	{"token ring", LinkTokenRing, join(unhex("1040"), zeros(12), snapped), 0, basic + " wire 62" + syn},
	{"token ring with a route", LinkTokenRing, join(unhex("1040"), zeros(6), unhex("800000000000 0630 0011 0020"), snapped), 0, basic + " wire 68" + syn},
	{"token ring, ring management", LinkTokenRing, join(unhex("1000"), zeros(12), snapped), 0, "not IP"},
	{"USB", 249, zeros(60), 0, "unknown link type"},
}

func TestDecodeLinks(t *testing.T) { runDecodeTests(t, linkTests) }

// TestSupported holds Supported against Decode.
func TestSupported(t *testing.T) {
	for link := range LinkType(1000) {
		var p Packet
		v := Decode(zeros(64), link, 64, 0, &p)
		if known := v != UnknownLink; known != link.Supported() {
			t.Errorf("link type %v: supported %v, decoded as %v", link, link.Supported(), v)
		}
	}
}

func TestLinkTypeString(t *testing.T) {
	for link, want := range map[LinkType]string{1: "1 (EN10MB)", 249: "249 (USBPCAP)", 9999: "9999"} {
		if got := link.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	var a, b Counts
	for v := range Verdict(NumVerdicts) {
		a[v]++
		b[v] += 2
		if v.String() == "" || v.Malformed() != (v >= TruncatedLink) {
			t.Errorf("verdict %d: %q", v, v.String())
		}
	}
	if a.Add(&b); a.Total() != 3*NumVerdicts {
		t.Errorf("total %d", a.Total())
	}
	if got := Verdict(200).String(); got != "verdict 200" {
		t.Error(got)
	}
}
