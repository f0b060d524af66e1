package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// Plant is what a client asks of the controllers of a plant and orders from them, in
// their own protocols.
type Plant struct {
	Absent   uint16 // questions to units that are not there (Modbus)
	Stops    uint8  // orders to stop (S7)
	Switched uint8  // the most objects switched within a minute (IEC 104)
}

// Telecontrol of plants by IEC 60870-5-104: each message is 0x68, its length, four
// bytes of control and, unless it only controls the connection, what is told of or
// ordered from the objects of a station, which are numbered with three bytes.
const (
	iec104Start = 0x68
	activates   = 6 // cause of transmission: do it
)

// looksPlant knows the messages that begin a connection, and orders.
func looksPlant(b []byte) bool {
	if len(b) < 6 || b[0] != iec104Start {
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
	return len(b) >= 15 && b[0] == iec104Start && b[2]&1 == 0 && b[4]&1 == 0 && (b[6] >= 45 && b[6] <= 47 || b[6] >= 58 && b[6] <= 60) && b[7] == 1 && b[8]&0x3f == activates
}

// switchedTime is in how many seconds objects are switched one after another.
const switchedTime = 60

// iec104 counts the objects that are switched one after another. What it says grows with
// each that is more than there were in any minute before.
func (s *Signals) iec104(d int, b []byte, p *packet.Packet) bool {
	most := s.Plant.Switched
	for range 16 {
		if len(b) < 6 || b[0] != iec104Start {
			break
		}
		if switches(b) {
			inc32(&s.Requests)
			if now := uint32(p.Time / 1e6); now-s.offer > switchedTime {
				s.offer, s.Names = now, 0
			}
			s.Names.Add(hash(b[12:15]))
			s.Plant.Switched = max(s.Plant.Switched, uint8(min(255, s.Names.Count())))
		}
		b = b[min(len(b), 2+int(b[1])):]
	}
	return s.Plant.Switched > most
}

// looksModbus knows Modbus over TCP (Modbus Messaging on TCP/IP 1.0b, 3.1): protocol 0,
// a length that is that of the packet, a function that there is.
func looksModbus(b []byte, p *packet.Packet) bool {
	return len(b) >= 9 && b[2] == 0 && b[3] == 0 && be16(b, 4)+6 == int(p.PayloadLen) && be16(b, 4) <= 254 && modbusFunction(b[7]&0x7f)
}

// modbusFunction is true for the functions that the protocol has for everybody
// (Modbus Application Protocol 1.1b3, 5.1).
func modbusFunction(f byte) bool {
	return f >= 1 && f <= 8 || f == 11 || f == 12 || f >= 15 && f <= 17 || f >= 20 && f <= 24 || f == 43
}

// Exceptions of a gateway: no way to the unit, or no answer from it.
const (
	modbusNoPath   = 0x0a
	modbusNoTarget = 0x0b
)

// modbus counts requests, the units that they are for, and those that are not there.
func (s *Signals) modbus(d int, b []byte, p *packet.Packet) bool {
	switch {
	case !looksModbus(b, p):
	case d == s.client():
		inc32(&s.Requests)
		s.Names.Add(hash(b[6:7]))
	default:
		inc32(&s.Responses)
		if b[7]&0x80 != 0 && (b[8] == modbusNoPath || b[8] == modbusNoTarget) {
			inc16(&s.Plant.Absent)
		}
	}
	return false
}

// looksS7 knows Siemens' S7 within X.224 data within TPKT.
func looksS7(b []byte) bool {
	return len(b) >= 17 && b[0] == 3 && b[1] == 0 && b[4] == 2 && b[5] == 0xf0 && b[7] == 0x32 && b[8] >= 1 && b[8] <= 7
}

// S7: kinds of message, and the function that stops a controller.
const (
	s7Job      = 1
	s7Userdata = 7
	s7Stop     = 0x29
)

// s7 counts jobs and questions, and orders to stop.
func (s *Signals) s7(d int, b []byte, _ *packet.Packet) bool {
	if d != s.client() || !looksS7(b) || b[8] != s7Job && b[8] != s7Userdata {
		return false
	}
	inc32(&s.Requests)
	if b[8] == s7Job && len(b) > 18 && b[17] == s7Stop && bytes.Contains(b[18:], []byte("P_PROGRAM")) {
		inc8(&s.Plant.Stops)
		return true
	}
	return false
}
