package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// identifySIP knows SIP (RFC 3261) and RTSP (RFC 7826) by the version that ends a
// request's line or begins a reply's.
func (s *Signals) identifySIP(d int, b []byte) bool {
	line, _, _ := bytes.Cut(b[:min(len(b), 256)], []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case bytes.HasPrefix(line, []byte("SIP/2.0 ")):
		s.became(SIP, d, false)
	case bytes.HasSuffix(line, []byte(" SIP/2.0")):
		s.became(SIP, d, true)
	case bytes.HasPrefix(line, []byte("RTSP/1.0 ")):
		s.became(RTSP, d, false)
	case bytes.HasSuffix(line, []byte(" RTSP/1.0")):
		s.became(RTSP, d, true)
	default:
		return false
	}
	return true
}

// sip counts requests that carry credentials and what comes of them. The first
// request of a registration carries none and is answered by a challenge, and so is
// one whose challenge has become stale; neither is a refusal.
func (s *Signals) sip(_ int, b []byte, p *packet.Packet) bool {
	if len(b) < 12 || !letter(b[0]) {
		return false
	}
	if !bytes.HasPrefix(b, []byte("SIP/2.0 ")) && !bytes.HasPrefix(b, []byte("RTSP/1.0 ")) {
		inc32(&s.Requests)
		if bytes.HasPrefix(b, []byte("INVITE ")) {
			inc16(&s.Invites)
		}
		if i := foldIndex(b, "authorization:"); i >= 0 {
			value, _, _ := bytes.Cut(b[i+14:], []byte("\r"))
			s.credentials(bytes.Trim(value, ": ")) // hydra writes the colon twice
		} else if p.PayloadLen > uint32(len(b)) && foldPrefix(b, "register") {
			inc16(&s.LogIns) // whether it carries some is not in the capture; a success takes the doubt back
		}
		return false
	}
	inc32(&s.Responses)
	code := b[bytes.IndexByte(b, ' ')+1:]
	if code[0] >= '4' && code[0] <= '6' {
		inc16(&s.Declined)
	}
	switch {
	case foldPrefix(code, "404") && foldIndex(b, " register\r") >= 0: // asked for extension by extension
		inc16(&s.LogIns)
		if i := foldIndex(b, "\nto:"); i >= 0 {
			to, _, _ := bytes.Cut(b[i+4:], []byte("@"))
			s.Users.Add(hash(to))
		}
		return s.refused()
	case s.awaits() == 0:
	case foldPrefix(code, "401"), foldPrefix(code, "403"), foldPrefix(code, "407"):
		if foldIndex(b, "stale=true") >= 0 {
			s.LogIns--
			return false
		}
		return s.refused()
	case code[0] == '2':
		return s.accepted()
	}
	return false
}

// credentials notes what stands behind Authorization in SIP, RTSP and HTTP, and
// says whether it is a log-in: of NTLM's messages only the third is.
func (s *Signals) credentials(value []byte) bool {
	switch {
	case foldPrefix(value, "basic "):
		inc16(&s.LogIns)
		s.offer = hash(value) | 1
	case foldPrefix(value, "digest"):
		inc16(&s.LogIns)
		if i := foldIndex(value, "username="); i >= 0 { // else it is behind what the capture kept
			user, _, _ := bytes.Cut(value[i+9:], []byte(","))
			s.Users.Add(hash(bytes.TrimSpace(user)))
		}
		s.offer = 0
	case foldIndex(value[:min(len(value), 32)], " tlrmtvntuaada") > 0: // base64 of NTLMSSP, message 3
		inc16(&s.LogIns)
		s.offer = 0
	default:
		return false
	}
	return true
}
