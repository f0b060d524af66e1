package payload

import "firetower/internal/packet"

// socksPassword is the method of user name and password (RFC 1929), which the
// server chooses before the client sends them.
const socksPassword = 2

// socks counts the sub-negotiation of user name and password. What goes through
// the proxy afterwards is a flow of its own kind.
func (s *Signals) socks(d int, b []byte, _ *packet.Packet) bool {
	switch {
	case d == s.client() && b[0] == 1:
		inc16(&s.LogIns)
		s.offer = hash(b) | 1
	case d != s.client() && len(b) == 2 && b[0] == 1 && (s.awaits() > 0 || b[1] != 0 && s.unseen(s.client())):
		if b[1] != 0 {
			return s.refused()
		}
		s.Proto = Unknown
		return s.accepted()
	}
	return false
}
