// Package packet turns the bytes of one captured frame into a Packet: addresses,
// ports, lengths on the wire and the transport's flags, seen through VLAN tags,
// MPLS, PPPoE and tunnels to the innermost IP packet.
//
// Decode writes into a struct that its caller owns, allocates nothing, and cannot
// fail: a frame it cannot use is counted by the Verdict it returns.
package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// Addr is an IP address of either family; IPv4 is held as ::ffff:a.b.c.d. It has
// no pointer inside, so that it can be part of a map key that the garbage
// collector never looks into; netip.Addr has one.
type Addr [16]byte

// AddrFrom gives the Addr of a netip.Addr, without its zone.
func AddrFrom(a netip.Addr) Addr { return a.As16() }

// Netip gives the address for printing and comparing; IPv4 comes back unmapped.
func (a Addr) Netip() netip.Addr { return netip.AddrFrom16(a).Unmap() }

// Is4 says whether the address is IPv4.
func (a Addr) Is4() bool {
	return binary.LittleEndian.Uint64(a[:]) == 0 && binary.LittleEndian.Uint32(a[8:]) == 0xffff0000
}

// Local says whether the address is one that is not routed between networks:
// private (RFC 1918, RFC 4193), loopback or link-local.
func (a Addr) Local() bool {
	if !a.Is4() {
		loopback := binary.LittleEndian.Uint64(a[:]) == 0 && binary.BigEndian.Uint64(a[8:]) == 1
		return loopback || a[0]&0xfe == 0xfc || a[0] == 0xfe && a[1]&0xc0 == 0x80
	}
	switch b := a[12:]; b[0] {
	case 10, 127:
		return true
	case 172:
		return b[1]&0xf0 == 16
	case 192:
		return b[1] == 168
	case 169:
		return b[1] == 254
	}
	return false
}

// Many says whether the address stands for more than one host: multicast, the
// broadcast of IPv4, and its 0.0.0.0.
func (a Addr) Many() bool {
	if !a.Is4() {
		return a[0] == 0xff
	}
	b := binary.BigEndian.Uint32(a[12:])
	return b>>28 == 0xe || b == 0 || b == 1<<32-1
}

func (a Addr) String() string { return a.Netip().String() }

// MarshalText writes the address for configuration files and JSON.
func (a Addr) MarshalText() ([]byte, error) { return a.Netip().MarshalText() }

// UnmarshalText reads what MarshalText writes.
func (a *Addr) UnmarshalText(text []byte) error {
	var n netip.Addr
	if err := n.UnmarshalText(text); err != nil {
		return err
	}
	if !n.IsValid() {
		return errors.New("an address is empty")
	}
	*a = AddrFrom(n)
	return nil
}

// TCP flags as they stand in byte 13 of the header (RFC 9293).
const (
	FIN uint8 = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// IP protocol numbers that the meter knows.
const (
	ICMP   uint8 = 1
	IGMP   uint8 = 2
	TCP    uint8 = 6
	UDP    uint8 = 17
	ICMPv6 uint8 = 58
	SCTP   uint8 = 132
)

// ProtocolName is the keyword that IANA has registered for an IP protocol whose header
// is read here; "" for any other.
func ProtocolName(protocol uint8) string {
	switch protocol {
	case ICMP:
		return "ICMP"
	case IGMP:
		return "IGMP"
	case TCP:
		return "TCP"
	case UDP:
		return "UDP"
	case ICMPv6:
		return "IPv6-ICMP"
	case SCTP:
		return "SCTP"
	}
	return ""
}

// Packet is one decoded packet. All lengths are those on the wire, also where the
// capture kept fewer bytes.
type Packet struct {
	Time int64 // microseconds since the Unix epoch

	Src, Dst         Addr
	SrcPort, DstPort uint16 // 0 where the protocol has none
	Proto            uint8  // IP protocol of the innermost packet
	Flags            uint8  // TCP flags; 0 for others
	ICMPType         uint8  // ICMP and ICMPv6
	ICMPCode         uint8
	TTL              uint8 // TTL or hop limit of the innermost packet
	Tunnelled        bool  // seen through GRE, IP in IP, VXLAN or Geneve
	Fragment         bool  // a fragment other than the first: no ports of its own
	MoreFragments    bool  // a fragment other than the last; without Fragment it is the first
	Broken           bool  // a fragment that fits no packet: it reaches beyond 65,535 bytes, or back into the first
	HasUnreachable   bool  // an ICMP error whose quoted packet is in Unreachable
	Window           uint16
	VLAN             uint16  // outermost VLAN id, 0 if untagged
	HeaderLen        uint16  // transport header: TCP data offset x 4, UDP 8, else 0
	FragmentID       uint32  // of fragments only; what Fragments pairs them by
	FragmentOffset   uint16  // of fragments only, in bytes
	Sign             Sign    // what the frame tells by itself, whatever it carries
	Sender           Station // of a frame with a Sign: the link address that it was sent under
	Network          Station // of a frame that parts: the wireless network
	Ask              Ask     // behind the verdict ARP: whether Src asks for the neighbour Dst, or answers it
	Station          Station // of ARP: what is said to be the link address of Src

	Seq, Ack   uint32
	WireLen    uint32 // whole frame
	PayloadLen uint32 // transport payload, bounded by the IP length; excludes padding. Behind 8 bytes of ICMP, 12 of SCTP; all the IP payload of other protocols
	Trailer    uint32 // bytes behind the outermost IP packet within the frame (Ethernet padding)

	// Payload is what the capture kept of the transport payload. It aliases the
	// frame and is valid only until the next frame is decoded.
	Payload []byte

	// Unreachable is the packet that an ICMP error quotes.
	Unreachable Quoted
}

// Ask says what a packet has to do with finding neighbours by ARP (RFC 826).
type Ask uint8

// The kinds of Ask. Who asks for its own address announces it, and does not count.
const (
	NoAsk    Ask = iota
	Asks         // Src wants the link address of Dst
	Answered     // Src tells Dst its link address
)

// Sign is what a frame tells by its link header alone.
type Sign uint8

// The signs.
const (
	NoSign  Sign = iota
	Nobodys      // sent under the address of a group, which no station has (IEEE 802)
	Parts        // takes a station off a wireless network (IEEE 802.11 deauthentication or disassociation)
)

// Station is a link address of Ethernet.
type Station [6]byte

// String writes it as everybody does.
func (s Station) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", s[0], s[1], s[2], s[3], s[4], s[5])
}

// Quoted is the 5-tuple of the packet inside an ICMP error, in its own direction.
type Quoted struct {
	Src, Dst         Addr
	SrcPort, DstPort uint16
	Proto            uint8
}
