package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// mysql counts log-ins by what the server says after the client's second packet:
// error 1045, or OK.
func (s *Signals) mysql(d int, b []byte, _ *packet.Packet) bool {
	if len(b) < 7 {
		return false
	}
	if d == s.client() {
		inc32(&s.Requests)
		if b[3] == 1 {
			inc16(&s.LogIns)
			if len(b) > 40 {
				user, _, _ := bytes.Cut(b[36:], []byte{0})
				s.Users.Add(hash(user))
			}
		}
		return false
	}
	switch {
	case b[4] == 0xff && (le16(b, 5) == 1045 || le16(b, 5) == 1044 || le16(b, 5) == 1698):
		return s.refused()
	case b[3] == 2 && b[4] == 0 && s.LogIns > s.Successes:
		return s.accepted()
	}
	return false
}

// postgres counts log-ins: a password message, then R or an error of class 28.
func (s *Signals) postgres(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		inc32(&s.Requests)
		if b[0] == 'p' {
			inc16(&s.LogIns)
		}
		if i := bytes.Index(b, []byte("user\x00")); i >= 0 && b[0] == 0 {
			user, _, _ := bytes.Cut(b[i+5:], []byte{0})
			s.Users.Add(hash(user))
		}
		return false
	}
	switch {
	case b[0] == 'E' && (bytes.Contains(b, []byte("C28P01\x00")) || bytes.Contains(b, []byte("C28000\x00"))):
		return s.refused()
	case b[0] == 'R' && len(b) >= 9 && be32(b, 5) == 0:
		return s.accepted()
	}
	return false
}

// mssql counts TDS log-ins: type 16, then error 18456 or a login acknowledgement.
// The log-in is usually inside TLS, whose failure is told by the clear reply.
func (s *Signals) mssql(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		inc32(&s.Requests)
		if b[0] == 0x10 {
			inc16(&s.LogIns)
		}
		if b[0] == 1 && (wide(b, "xp_cmdshell") || wide(b, "sp_oacreate")) {
			s.Domain.Gathered |= Commanded
			return true
		}
		return false
	}
	if b[0] != 4 || len(b) < 9 {
		return false
	}
	switch {
	case bytes.Contains(b, []byte{0x18, 0x48, 0, 0}) && bytes.IndexByte(b, 0xaa) >= 0:
		return s.refused()
	case bytes.IndexByte(b, 0xad) >= 0 && s.LogIns > s.Successes+s.Failures:
		return s.accepted()
	}
	return false
}

// looksMongo knows a message of MongoDB's wire protocol by its header: its length, and
// the operations OP_MSG, OP_QUERY, OP_REPLY and OP_COMPRESSED.
func looksMongo(b []byte) bool {
	if len(b) < 16 || le32(b, 0) < 16 || le32(b, 0) > 48_000_000 {
		return false
	}
	switch le32(b, 12) {
	case 2013, 2004, 2012:
		return true
	case 1:
		return le32(b, 8) != 0 && len(b) >= 36
	}
	return false
}

// mongo counts log-ins by SCRAM (saslStart, or offered ahead within the greeting) and
// the server's answer: error 18, or that the exchange is done.
func (s *Signals) mongo(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		inc32(&s.Requests)
		if !bytes.Contains(b, []byte("saslStart\x00")) && !bytes.Contains(b, []byte("speculativeAuthenticate\x00")) {
			return false
		}
		inc16(&s.LogIns)
		if _, user, ok := bytes.Cut(b, []byte("n,,n=")); ok {
			user, _, _ = bytes.Cut(user, []byte(","))
			s.Users.Add(hash(user))
		}
		return false
	}
	inc32(&s.Responses)
	switch {
	case bytes.Contains(b, []byte("Authentication failed")) || bytes.Contains(b, []byte("\x10code\x00\x12\x00\x00\x00")):
		return s.refused()
	case bytes.Contains(b, []byte("\x08done\x00\x01")) && s.awaits() > 0:
		return s.accepted()
	}
	return false
}
