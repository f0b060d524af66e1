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

// ssh follows the banners and the key exchange; behind it only sizes are left. The
// server's first small sealed packet accepts the authentication service; each
// further one refuses a try, the first of which is the client's question what it
// may try. The message that lets it in is the shortest there is, shorter than the
// acceptance under every cipher (the idea is Zeek's), and so are those that open
// and close its channels.
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
	if d == 0 {
		inc32(&s.Requests)
		return false
	}
	inc32(&s.Responses)
	accepted := &s.left[1]
	switch {
	case s.Requests == 0: // extensions, which may be of any size
	case p.PayloadLen > 120: // a banner, or several messages at once
	case *accepted == 0:
		*accepted = uint8(p.PayloadLen)
	case p.PayloadLen < uint32(*accepted):
		s.Marks |= LoggedIn
	case s.Marks.Any(LoggedIn):
	case s.left[0] == 0:
		s.left[0] = 1
	default:
		inc16(&s.LogIns)
		return s.LogIns >= 2
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
