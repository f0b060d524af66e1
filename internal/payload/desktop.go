package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// rdp reads the connection request; what follows is encrypted. TLS inside it is
// walked for its records' sake.
func (s *Signals) rdp(d int, b []byte, p *packet.Packet) bool {
	if looksTLS(b) || s.skip[d] > 0 {
		return s.tls(d, b, p)
	}
	if len(b) < 11 || b[0] != 3 {
		return false
	}
	switch b[5] & 0xf0 {
	case 0xf0: // data: the client's channel list is in the clear under RDP's own encryption
		if d == s.client() && bytes.Contains(b, []byte("MS_T120\x00")) {
			s.Marks |= RemoteExploit // BlueKeep binds a channel that only the server may
		}
		if d == s.client() && fewChannels(b) {
			s.Marks |= Crashes
		}
	case 0xe0:
		s.Reversed = d == 1
		inc32(&s.Requests)
		inc16(&s.LogIns)
		if i := bytes.Index(b, []byte("mstshash=")); i >= 0 {
			user, _, _ := bytes.Cut(b[i+9:], []byte("\r"))
			s.Users.Add(hash(user))
		}
	case 0xd0:
		inc32(&s.Responses)
	}
	return false
}

// vnc counts the RFB security result: four bytes, the last 1 or 2 for a failure.
func (s *Signals) vnc(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		if len(b) == 16 {
			inc16(&s.LogIns)
			s.state = 1
		}
		return false
	}
	if s.state == 0 && foldIndex(b, "oo many") > 0 { // "Too many security failures": shut out for having guessed
		return s.refused()
	}
	if len(b) == 16 && s.unseen(s.client()) { // its challenge
		s.state = 1
		return false
	}
	if s.state == 1 && len(b) >= 4 && b[0] == 0 && b[1] == 0 && b[2] == 0 {
		s.state = 0
		if b[3] == 0 {
			return s.accepted()
		}
		return s.refused()
	}
	return false
}

// fewChannels knows the connect-initial message of T.125 that wants a domain of at most
// five channels, as only MS12-020 does; clients want 34 ([MS-RDPBCGR], 2.2.1.3).
func fewChannels(b []byte) bool {
	const upward = "\x01\x01\xff\x30" // true; then the parameters wanted
	i := bytes.Index(b[:min(len(b), 40)], []byte(upward))
	if i < 0 || !bytes.Contains(b[:i], []byte("\x7f\x65")) {
		return false
	}
	b = b[i+len(upward):]
	if len(b) < 4 || b[1] != 2 || len(b) < 3+int(b[2]) { // an integer
		return false
	}
	n := 0
	for _, c := range b[3 : 3+min(int(b[2]), 4)] {
		n = n<<8 | int(c)
	}
	return b[2] > 0 && n <= 5
}
