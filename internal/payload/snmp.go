package payload

import "firetower/internal/packet"

// snmpResponse is the tag of an answer; those of requests lie on either side.
const snmpResponse = 0xa2

// snmpMessage gives the PDU's tag and the community of a message of SNMP 1 or 2c
// (RFC 3416, RFC 1157); 0 if it is none.
func snmpMessage(b []byte) (pdu byte, community []byte) {
	if len(b) < 12 || b[0] != 0x30 {
		return 0, nil
	}
	i, ok := berLength(b, 1)
	if !ok || i+5 > len(b) || b[i] != 2 || b[i+1] != 1 || b[i+2] > 1 || b[i+3] != 4 || b[i+4] > 64 {
		return 0, nil
	}
	end := i + 5 + int(b[i+4])
	if end >= len(b) || b[end] < 0xa0 || b[end] > 0xa8 {
		return 0, nil
	}
	return b[end], b[i+5 : end]
}

// snmp counts a log-in for each community that was not seen before. An agent does
// not answer a wrong one.
func (s *Signals) snmp(d int, b []byte, _ *packet.Packet) bool {
	pdu, community := snmpMessage(b)
	switch {
	case pdu == 0:
	case pdu == snmpResponse:
		inc32(&s.Responses)
		if s.Successes == 0 {
			return s.accepted()
		}
	case d == s.client():
		inc32(&s.Requests)
		before := s.Secrets
		s.Secrets.Add(hash(community))
		if s.Secrets != before {
			inc16(&s.LogIns)
			return true
		}
	}
	return false
}
