package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// mqttBody steps over the fixed header of an MQTT packet.
func mqttBody(b []byte) []byte {
	for i := 1; i < len(b) && i < 5; i++ {
		if b[i] < 0x80 {
			return b[i+1:]
		}
	}
	return nil
}

// looksMQTT knows CONNECT of MQTT 3.1, 3.1.1 and 5.
func looksMQTT(b []byte) bool {
	if b[0] != 0x10 {
		return false
	}
	body := mqttBody(b)
	return bytes.HasPrefix(body, []byte("\x00\x04MQTT")) || bytes.HasPrefix(body, []byte("\x00\x06MQIsdp"))
}

// mqtt counts CONNECT and the reason code that answers it.
func (s *Signals) mqtt(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		inc32(&s.Requests)
		if !looksMQTT(b) {
			return false
		}
		inc16(&s.LogIns)
		body := mqttBody(b)
		head := 2 + be16(body, 0)
		if len(body) <= head+4 || body[head+1]&0xc0 == 0 {
			return false
		}
		// Name and password come last; the client's own name may differ each time.
		rest := body[head+4:]
		if n := 2 + be16(rest, 0); body[head] < 5 && n < len(rest) {
			s.offer = hash(rest[n:]) | 1
		}
		return false
	}
	inc32(&s.Responses)
	if b[0] != 0x20 || len(b) < 4 || s.awaits() == 0 {
		return false
	}
	switch b[3] {
	case 0:
		return s.accepted()
	case 4, 5, 0x86, 0x87: // bad user name or password, not authorised; the same in MQTT 5
		return s.refused()
	}
	return false
}
