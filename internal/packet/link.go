package packet

import "strconv"

// LinkType is the type of a frame's outermost header, a LINKTYPE_ number of
// https://www.tcpdump.org/linktypes.html.
type LinkType uint16

// The link types that Decode reads.
const (
	LinkNull      LinkType = 0   // BSD loopback: address family in the writer's byte order
	LinkEthernet  LinkType = 1   // IEEE 802.3
	LinkTokenRing LinkType = 6   // IEEE 802.5
	LinkPPP       LinkType = 9   // PPP, with or without HDLC framing
	LinkFDDI      LinkType = 10  // ANSI X3T9.5
	LinkRaw12     LinkType = 12  // raw IP, DLT_RAW of most systems
	LinkRaw14     LinkType = 14  // raw IP, DLT_RAW of OpenBSD
	LinkPPPSerial LinkType = 50  // PPP in HDLC-like framing (RFC 1662)
	LinkPPPoE     LinkType = 51  // PPPoE session packets (RFC 2516)
	LinkRaw       LinkType = 101 // raw IP, version by its first nibble
	LinkCiscoHDLC LinkType = 104 // Cisco HDLC
	LinkWiFi      LinkType = 105 // IEEE 802.11
	LinkLoop      LinkType = 108 // OpenBSD loopback: address family in network byte order
	LinkCooked    LinkType = 113 // Linux cooked capture v1
	LinkPrism     LinkType = 119 // IEEE 802.11 behind a Prism or AVS header
	LinkRadiotap  LinkType = 127 // IEEE 802.11 behind a radiotap header
	LinkAVS       LinkType = 163 // IEEE 802.11 behind an AVS header
	LinkPPI       LinkType = 192 // another link type behind per-packet information
	LinkPPPDir    LinkType = 204 // PPP behind a byte of direction
	LinkIPv4      LinkType = 228 // raw IPv4
	LinkIPv6      LinkType = 229 // raw IPv6
	LinkNFLOG     LinkType = 239 // Linux netfilter log
	LinkPKTAP     LinkType = 258 // another link type behind what macOS knows of the packet
	LinkCookedV2  LinkType = 276 // Linux cooked capture v2
)

// linkNames are the names of the link types that Decode reads, and of those that
// users are likely to bring although it does not.
var linkNames = map[LinkType]string{
	LinkNull: "NULL", LinkEthernet: "EN10MB", LinkPPP: "PPP", LinkRaw12: "RAW",
	LinkRaw14: "RAW", LinkPPPSerial: "PPP_SERIAL", LinkPPPoE: "PPP_ETHER",
	LinkRaw: "RAW", LinkCiscoHDLC: "C_HDLC", LinkWiFi: "IEEE802_11",
	LinkLoop: "LOOP", LinkCooked: "LINUX_SLL", LinkRadiotap: "IEEE802_11_RADIO",
	LinkPPPDir: "PPP_WITH_DIR", LinkIPv4: "IPV4", LinkIPv6: "IPV6",
	LinkCookedV2: "LINUX_SLL2", LinkPrism: "PRISM_HEADER", LinkAVS: "IEEE802_11_AVS",
	LinkPPI: "PPI", LinkNFLOG: "NFLOG", LinkPKTAP: "PKTAP",
	LinkTokenRing: "IEEE802_5", LinkFDDI: "FDDI",

	7: "ARCNET_BSD", 8: "SLIP", 100: "ATM_RFC1483",
	107: "FRELAY", 114: "LTALK", 117: "PFLOG",
	122: "IP_OVER_FC", 123: "SUNATM", 138: "APPLE_IP_OVER_IEEE1394",
	143: "DOCSIS", 147: "USER0", 165: "BACNET_MS_TP",
	177: "LINUX_LAPD", 186: "USB", 187: "BLUETOOTH_HCI_H4", 189: "USB_LINUX",
	190: "CAN20B", 195: "IEEE802_15_4_WITHFCS",
	201: "BLUETOOTH_HCI_H4_WITH_PHDR", 220: "USB_LINUX_MMAPPED",
	227: "CAN_SOCKETCAN", 240: "NETANALYZER", 247: "INFINIBAND",
	249: "USBPCAP", 251: "BLUETOOTH_LE_LL", 252: "WIRESHARK_UPPER_PDU",
	253: "NETLINK", 254: "BLUETOOTH_LINUX_MONITOR",
	266: "USB_DARWIN", 272: "NORDIC_BLE", 283: "IEEE802_15_4_TAP",
}

// Supported says whether Decode reads frames of this link type.
func (l LinkType) Supported() bool {
	switch l {
	case LinkNull, LinkEthernet, LinkPPP, LinkRaw12, LinkRaw14, LinkPPPSerial, LinkPPPoE,
		LinkRaw, LinkCiscoHDLC, LinkWiFi, LinkLoop, LinkCooked, LinkRadiotap, LinkPPPDir,
		LinkIPv4, LinkIPv6, LinkCookedV2, LinkPrism, LinkAVS, LinkPPI, LinkNFLOG,
		LinkTokenRing, LinkFDDI, LinkPKTAP:
		return true
	}
	return false
}

// String gives the number and, where it is known, the name: "113 (LINUX_SLL)".
func (l LinkType) String() string {
	s := strconv.Itoa(int(l))
	if name, ok := linkNames[l]; ok {
		s += " (" + name + ")"
	}
	return s
}
