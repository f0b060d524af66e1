package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// States of an SSH flow.
const (
	sshBanners = iota
	sshSealed
	sshAsked // sealed, and the client waits for an answer to a request as long as a log-in's
)

// sshNewKeys is the message after which SSH is encrypted.
const sshNewKeys = 21

// leastAccepted is the length of the shortest acceptance of the authentication
// service, 17 bytes in blocks of 8 behind a length and before a tag (RFC 4253): what
// comes first and is shorter means that the log-in went another way (multipath TCP).
const leastAccepted = 44

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
		s.sshSides(d, b)
		rest, sealed := newKeys(b, p.PayloadLen)
		if !sealed {
			return false
		}
		s.state = sshSealed
		s.Marks |= Sealed
		if d == s.client() && rest > 0 { // the request for the service comes along
			inc32(&s.Requests)
			return s.sshRequest(rest)
		}
		return false
	}
	if d == s.client() {
		inc32(&s.Requests)
		return s.sshRequest(p.PayloadLen)
	}
	inc32(&s.Responses)
	accepted := &s.left[1]
	alone := s.unseen(s.client())
	switch {
	case s.Requests == 0 && !alone: // extensions, which may be of any size
	case p.PayloadLen > 120: // a banner, or several messages at once
	case *accepted == 0 && p.PayloadLen >= leastAccepted:
		*accepted = uint8(p.PayloadLen)
	case p.PayloadLen < uint32(*accepted) || *accepted == 0:
		before := s.Marks
		s.Marks |= LoggedIn
		return s.Marks != before
	case s.Marks.Any(LoggedIn):
	case s.state != sshAsked && !alone: // what a client types is shorter than a request to log in
	case s.left[0] == 0:
		s.state, s.left[0] = sshSealed, 1
	default:
		s.state = sshSealed
		inc16(&s.LogIns)
		return s.LogIns >= 2
	}
	return false
}

// sshRequest notes a sealed packet of the client. One that carries a public key is
// no guess. Where the server is not in the capture, a packet shorter than the first,
// the request for the service, is one of a channel: it was let in.
func (s *Signals) sshRequest(length uint32) (changed bool) {
	switch {
	case !s.unseen(1 - s.client()):
		if length > uint32(s.left[1]) && length < leastKey {
			s.state = sshAsked
		}
	case s.left[1] == 0:
		s.left[1] = uint8(min(length, 255))
	case length < uint32(s.left[1]) && !s.Marks.Any(LoggedIn):
		s.Marks |= LoggedIn
		return true
	}
	return false
}

// leastKey is the length from which a request carries an RSA key of 2048 bits.
const leastKey = 300

// sshSides tells client and server apart by the messages of the key exchange that
// only one of them sends (RFC 4253, RFC 4419).
func (s *Signals) sshSides(d int, b []byte) {
	if len(b) < 6 || be32(b, 0) > 35000 {
		return
	}
	switch b[5] {
	case 30, 34: // the client's half, the client's wishes for a group
		s.Reversed = d == 1
	case 31, 33:
		s.Reversed = d == 0
	}
}

// newKeys walks the unencrypted binary packets of one segment to NEWKEYS and gives
// how many bytes come behind it. That message is of 16 bytes with its padding, and
// the last before encryption: where the capture has cut so many off, it was it.
func newKeys(b []byte, length uint32) (rest uint32, found bool) {
	at := uint32(0)
	for int(at)+6 <= len(b) {
		n := be32(b, int(at))
		if n < 2 || n > 35000 {
			return 0, false
		}
		number := b[at+5]
		at += 4 + n
		if number == sshNewKeys {
			return length - min(length, at), true
		}
	}
	return 0, at > 0 && int(at) > len(b)-6 && length == at+newKeysLength
}

// newKeysLength is one byte of message in the least of blocks (RFC 4253, section 6).
const newKeysLength = 16
