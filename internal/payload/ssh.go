package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// States of an SSH flow.
const (
	sshBanners = iota
	sshSealed
)

// sshNewKeys is the message after which SSH is encrypted.
const sshNewKeys = 21

// ssh follows the banners and the key exchange; behind it only sizes are left. A
// refused password is one small client packet answered by one small packet; each
// such exchange counts as an attempt, until something larger shows a session.
func (s *Signals) ssh(d int, b []byte, p *packet.Packet) bool {
	if bytes.HasPrefix(b, []byte("SSH-")) {
		if i := foldIndex(b, "libssh"); i >= 0 || foldIndex(b, "paramiko") >= 0 || foldIndex(b, "hydra") >= 0 ||
			foldIndex(b, "ncrack") >= 0 || foldIndex(b, "nmap") >= 0 || foldIndex(b, "jsch") >= 0 || foldIndex(b, "medusa") >= 0 || foldIndex(b, "-go") >= 0 {
			s.Marks |= ScriptAgent
		}
		return false
	}
	if s.state == sshBanners {
		if i := bytes.Index(b, []byte{sshNewKeys}); len(b) >= 6 && be32(b, 0) < 35000 && (b[5] == sshNewKeys || i > 0 && lastMessage(b) == sshNewKeys) {
			s.state = sshSealed
			s.Marks |= Sealed
		}
		return false
	}
	switch {
	case d == 0:
		inc32(&s.Requests)
		if p.PayloadLen >= 80 && p.PayloadLen <= 200 {
			s.left[0] = 1
		} else {
			s.left[0] = 0
		}
	default:
		inc32(&s.Responses)
		if s.left[0] == 1 && p.PayloadLen <= 120 {
			inc16(&s.LogIns)
			s.left[0] = 0
			return s.LogIns >= 2
		}
		if p.PayloadLen > 400 {
			s.Marks |= LoggedIn
		}
	}
	return false
}

// lastMessage walks the unencrypted binary packets to the number of the last one.
func lastMessage(b []byte) byte {
	var last byte
	for at := 0; at+6 <= len(b); {
		n := be32(b, at)
		if n < 2 || n > 35000 {
			break
		}
		last = b[at+5]
		at += 4 + int(n)
	}
	return last
}
