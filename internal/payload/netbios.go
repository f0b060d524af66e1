package payload

import "firetower/internal/packet"

// NetBIOS names (RFC 1002, section 4.2): a header as DNS has it and a name of 16
// bytes spelt in 32 letters, the last of which says what kind of service has it.
const netbiosName = 12 + 1 + 32 + 1

// looksNetBIOS knows a question for the name of a machine or its file server, or
// an answer that a single machine has it. Names of groups have many owners.
func looksNetBIOS(b []byte) bool {
	if len(b) < netbiosName+4 || b[2]&0x78 != 0 || b[12] != 32 || b[netbiosName-1] != 0 || be16(b, netbiosName) != 0x20 {
		return false
	}
	for _, c := range b[13 : netbiosName-1] {
		if c < 'A' || c > 'P' {
			return false
		}
	}
	if b[2]&0x80 == 0 {
		return be16(b, 4) == 1 && be16(b, 6) == 0
	}
	return be16(b, 4) == 0 && be16(b, 6) == 1
}

// netbios counts one message. Names are hashed as they would be in DNS, so that one
// asked for in both ways is one name.
func (s *Signals) netbios(d int, b []byte, _ *packet.Packet) bool {
	if !looksNetBIOS(b) {
		return false
	}
	var spelt [16]byte
	for i := range spelt {
		spelt[i] = (b[13+2*i]-'A')<<4 | b[14+2*i] - 'A'
	}
	if spelt[15] != 0 && spelt[15] != 0x20 { // neither a machine nor its file server
		return false
	}
	n := 15
	for n > 0 && spelt[n-1] == ' ' {
		n--
	}
	name := hash(spelt[:n])
	if b[2]&0x80 == 0 {
		s.Reversed = d == 1
		inc32(&s.Requests)
		s.Names.Add(name)
		return true
	}
	inc32(&s.Responses)
	const data = netbiosName + 10 // behind type, class, time to live and length
	if len(b) < data+6 || b[3]&15 != 0 || be16(b, data)&0x8000 != 0 {
		return false
	}
	s.DNS.Answered.Add(name)
	s.DNS.Given.Addrs = [4]uint32{AddrHash(packet.Addr{10: 0xff, 11: 0xff, 12: b[data+2], 13: b[data+3], 14: b[data+4], 15: b[data+5]})}
	inc16(&s.DNS.Given.Answers)
	return true
}
