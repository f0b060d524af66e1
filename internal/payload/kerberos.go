package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// looksKerberos knows the application tags of Kerberos 5 messages (RFC 4120).
func looksKerberos(b []byte) bool {
	if len(b) < 10 {
		return false
	}
	switch b[0] {
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x7e:
	default:
		return false
	}
	i, ok := berLength(b, 1)
	// SEQUENCE, then the version 5 under tag 0 or 1.
	if !ok || i >= len(b) || b[i] != 0x30 {
		return false
	}
	i, ok = berLength(b, i+1)
	return ok && i+5 <= len(b) && (b[i] == 0xa0 || b[i] == 0xa1) && b[i+1] == 3 && b[i+2] == 2 && b[i+3] == 1 && b[i+4] == 5
}

// berLength steps over the length at i; ok is false if it is not there.
func berLength(b []byte, i int) (next int, ok bool) {
	if i >= len(b) {
		return 0, false
	}
	if b[i] < 0x80 {
		return i + 1, true
	}
	n := int(b[i] & 0x7f)
	return i + 1 + n, n >= 1 && n <= 4 && i+1+n <= len(b)
}

// kerberos counts requests for a ticket-granting ticket and the errors that
// answer them.
func (s *Signals) kerberos(d int, b []byte, p *packet.Packet) bool {
	if p.Proto == packet.TCP {
		if len(b) < 5 {
			return false
		}
		b = b[4:]
	}
	if !looksKerberos(b) {
		if d == s.client() && p.Proto == packet.TCP { // the rest of a request
			s.asksWeak(b)
		}
		return false
	}
	s.tickets(b)
	switch b[0] {
	case 0x6a:
		s.Reversed = d == 1
		inc32(&s.Requests)
		inc16(&s.LogIns)
		s.Users.Add(hash(principal(b)))
		return true
	case 0x6c:
		inc32(&s.Requests)
	case 0x6b:
		inc32(&s.Responses)
		return s.accepted()
	case 0x6d:
		inc32(&s.Responses)
		return s.Domain.Gathered&WeakTicket != 0
	case 0x7e:
		inc32(&s.Responses)
		switch kerberosError(b) {
		case 6, 18, 24, 23, 37: // unknown, revoked, wrong password, expired
			return s.refused()
		case 25: // pre-authentication required: the first step of every log-in
			s.LogIns -= min(s.LogIns, 1)
		}
	}
	return false
}

// kerberosError finds the error code under tag 6.
func kerberosError(b []byte) int {
	if i := bytes.Index(b, []byte{0xa6, 3, 2, 1}); i >= 0 && i+4 < len(b) {
		return int(b[i+4])
	}
	return 0
}

// principal is the client's name in an AS-REQ: the first string under tag 1 of the
// body.
func principal(b []byte) []byte {
	i := bytes.Index(b, []byte{0xa0, 3, 2, 1, 1, 0xa1}) // name-type NT-PRINCIPAL, name-string
	if i < 0 {
		if i = bytes.Index(b, []byte{0xa0, 3, 2, 1, 10, 0xa1}); i < 0 {
			return nil
		}
	}
	j := bytes.IndexByte(b[i:], 0x1b)
	if j < 0 || i+j+2 > len(b) {
		return nil
	}
	name := b[i+j+2:]
	return name[:min(len(name), int(b[i+j+1])&0x7f)]
}

// looksLDAP knows an LDAP message of the operations bind, search and their answers.
func looksLDAP(b []byte) bool {
	if len(b) < 9 || b[0] != 0x30 {
		return false
	}
	switch ldapOp(b) {
	case 0x60, 0x61, 0x63, 0x64, 0x65:
		return true
	}
	return false
}

// ldapOp is the operation's tag; 0 if the bytes are no LDAP message.
func ldapOp(b []byte) byte {
	i, ok := berLength(b, 1)
	if !ok || i+3 > len(b) || b[i] != 2 || b[i+1] < 1 || b[i+1] > 4 {
		return 0
	}
	i += 2 + int(b[i+1])
	if i >= len(b) {
		return 0
	}
	return b[i]
}

// ldap counts binds and what is answered: anything but success and a step of SASL
// (result 14) is a refusal (RFC 4511).
func (s *Signals) ldap(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		if before := s.Domain.Gathered; s.Domain.wants(b) != before {
			return true
		}
	}
	if !looksLDAP(b) {
		return false
	}
	switch ldapOp(b) {
	case 0x60:
		s.Reversed = d == 1
		inc32(&s.Requests)
		inc16(&s.LogIns)
		if i := bytes.IndexByte(b, 4); i > 0 && i+1 < len(b) { // the name, behind the version
			end := min(len(b), i+2+int(b[i+1]&0x7f))
			s.Users.Add(hash(b[i:end]))
			if end < len(b) && b[end] == 0x80 { // simple: the password follows
				s.offer = hash(b[i:]) | 1
			}
		}
	case 0x61:
		inc32(&s.Responses)
		if i := bytes.Index(b, []byte{0x0a, 1}); i >= 0 && i+2 < len(b) {
			switch b[i+2] {
			case 0:
				return s.accepted()
			case 14:
				return false
			}
			return s.refused()
		}
	case 0x63:
		inc32(&s.Requests)
	}
	return false
}
