package flow

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"firetower/internal/packet"
)

// CommunityID is the Community ID, version 1 with seed 0, by which Zeek, Suricata,
// Wireshark and others name the same flow (github.com/corelight/community-id-spec).
func (r *Record) CommunityID() string {
	return r.Tuple.CommunityID(r.ICMPType, r.ICMPCode)
}

// CommunityID is that of a tuple; type and code count for ICMP and ICMPv6 only.
func (k Tuple) CommunityID(icmpType, icmpCode uint8) string {
	oneWay := false
	switch k.Proto {
	case packet.ICMP:
		k.SrcPort, k.DstPort, oneWay = icmpPorts(icmpAnswers, icmpType, icmpCode)
	case packet.ICMPv6:
		k.SrcPort, k.DstPort, oneWay = icmpPorts(icmp6Answers, icmpType, icmpCode)
	}
	if c := bytes.Compare(k.Src[:], k.Dst[:]); !oneWay && (c > 0 || c == 0 && k.SrcPort > k.DstPort) {
		k = k.Reverse()
	}
	b := make([]byte, 2, 64) // the seed, 0
	from := 0
	if k.Src.Is4() && k.Dst.Is4() {
		from = 12
	}
	b = append(b, k.Src[from:]...)
	b = append(b, k.Dst[from:]...)
	b = append(b, k.Proto, 0)
	switch k.Proto {
	case packet.TCP, packet.UDP, packet.SCTP, packet.ICMP, packet.ICMPv6:
		b = binary.BigEndian.AppendUint16(b, k.SrcPort)
		b = binary.BigEndian.AppendUint16(b, k.DstPort)
	}
	sum := sha1.Sum(b)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// icmpPorts stands in for ports: a message with an answer has the answer's type as
// its other port, one without is told apart by its code and has one direction.
func icmpPorts(answers map[uint8]uint8, icmpType, icmpCode uint8) (src, dst uint16, oneWay bool) {
	if answer, ok := answers[icmpType]; ok {
		return uint16(icmpType), uint16(answer), false
	}
	return uint16(icmpType), uint16(icmpCode), true
}

var (
	icmpAnswers = map[uint8]uint8{
		8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 10: 9, 9: 10, 17: 18, 18: 17,
	}
	icmp6Answers = map[uint8]uint8{
		128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130,
		139: 140, 140: 139, 144: 145, 145: 144,
	}
)
