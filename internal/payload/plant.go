package payload

import "firetower/internal/packet"

// Telecontrol of plants by IEC 60870-5-104: each message is 0x68, its length, four
// bytes of control and, unless it only controls the connection, what is told of or
// ordered from the objects of a station, which are numbered with three bytes.
const (
	planted   = 0x68
	activates = 6 // cause of transmission: do it
)

// looksPlant knows the messages that begin a connection, and orders.
func looksPlant(b []byte) bool {
	if len(b) < 6 || b[0] != planted {
		return false
	}
	if b[1] == 4 { // STARTDT, TESTFR: one bit set of six
		switch b[2] {
		case 0x07, 0x0b, 0x43, 0x83:
			return b[3] == 0 && b[4] == 0 && b[5] == 0
		}
		return false
	}
	return switches(b) && b[1] >= 14
}

// switches says whether a message orders that one object be switched: a single, double
// or step command, without or with its time.
func switches(b []byte) bool {
	return len(b) >= 15 && b[0] == planted && b[2]&1 == 0 && b[4]&1 == 0 && (b[6] >= 45 && b[6] <= 47 || b[6] >= 58 && b[6] <= 60) && b[7] == 1 && b[8]&0x3f == activates
}

// Who switches this many objects within so many seconds does not look what becomes of
// one before the next; an operator does.
const (
	switchedMany = 24
	switchedTime = 60
)

// plant counts the objects that are switched one after another.
func (s *Signals) plant(d int, b []byte, p *packet.Packet) bool {
	for range 16 {
		if len(b) < 6 || b[0] != planted {
			return false
		}
		if switches(b) {
			inc32(&s.Requests)
			if now := uint32(p.Time / 1e6); now-s.offer > switchedTime {
				s.offer, s.Names = now, 0
			}
			if s.Names.Add(hash(b[12:15])); s.Names.Count() >= switchedMany {
				s.Domain.Gathered |= Switching
			}
		}
		b = b[min(len(b), 2+int(b[1])):]
	}
	return false
}
