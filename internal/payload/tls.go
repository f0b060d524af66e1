package payload

import "firetower/internal/packet"

// Handshake is what a TLS handshake says in the clear.
type Handshake struct {
	Version uint16 // highest that the client offers in its hello
	SNI     uint32 // hash of the server name
	AppData [2]uint16
	Alerts  uint8
	Default bool  // the certificate is one that a framework of remote control makes unless told otherwise
	Hasty   bool  // the certificate has the answers that the tool suggests
	Windows bool  // the client's hello is of the stack that comes with Windows
	Again   uint8 // client's handshake records: the few of the first handshake, then those of others
	sealed  [2]bool
}

// Heartbeats are TLS records of type 24 (RFC 6520) in both directions. In the
// clear a request tells how much it wants back; once encrypted only the records'
// sizes are left.
type Heartbeats struct {
	Count     [2]uint16 // records
	Bytes     [2]uint32 // their bodies' bytes
	Largest   [2]uint16
	Smallest  [2]uint16
	Requests  uint16 // requests in the clear
	Oversized uint16 // requests that claim more payload than their record holds
	Claimed   uint16 // largest such claim
	Sealed    uint16 // records behind encryption
}

// looksTLS knows a record's header.
func looksTLS(b []byte) bool {
	return len(b) >= 5 && b[0] >= 20 && b[0] <= 24 && b[1] == 3 && b[2] <= 4 && be16(b, 3) <= 18432 && be16(b, 3) > 0
}

// tls walks the records of one packet; a record that goes on in later packets is
// skipped by its length, so that bulk data costs a subtraction.
func (s *Signals) tls(d int, b []byte, p *packet.Packet) bool {
	length := p.PayloadLen
	if s.skip[d] >= length {
		s.skip[d] -= length
		return false
	}
	at := s.skip[d]
	s.skip[d] = 0
	changed := false
	for range 16 {
		if uint64(at)+5 > uint64(len(b)) {
			if at < length { // the capture has cut the next header off
				return changed
			}
			break
		}
		r := b[at:]
		if !looksTLS(r) {
			return changed
		}
		n := uint32(be16(r, 3))
		body := r[5:]
		if uint32(len(body)) > n {
			body = body[:n]
		}
		changed = s.record(d, r[0], int(n), body) || changed
		at += 5 + n
		if at >= length {
			s.skip[d] = at - length
			break
		}
	}
	return changed
}

// looksDTLS knows the header of a record in a datagram (RFC 6347).
func looksDTLS(b []byte) bool {
	return len(b) >= 13 && b[0] >= 20 && b[0] <= 24 && b[1] == 0xfe && (b[2] == 0xff || b[2] == 0xfd) && b[3] == 0
}

// dtls walks the records of one datagram for its heartbeats. What is of a later
// epoch is encrypted.
func (s *Signals) dtls(d int, b []byte, _ *packet.Packet) (changed bool) {
	for looksDTLS(b) {
		n := be16(b, 11)
		body := b[13:]
		body = body[:min(n, len(body))]
		s.TLS.sealed[d] = b[4] != 0
		if b[0] == 24 {
			s.heartbeat(d, n, body)
			changed = true
		}
		b = b[13+len(body):]
	}
	return changed
}

// record takes one TLS record's type, length and what is there of its body.
func (s *Signals) record(d int, kind byte, n int, body []byte) bool {
	t := &s.TLS
	switch kind {
	case 20:
		t.sealed[d] = true
		s.Marks |= Sealed
	case 21:
		t.Alerts = min(254, t.Alerts) + 1
	case 22:
		if !t.sealed[0] && !t.sealed[1] {
			s.handshake(d, body)
		}
		if d == s.client() {
			t.Again = min(254, t.Again) + 1
		}
	case 23:
		inc16(&t.AppData[d])
		s.Marks |= Sealed
		t.sealed[d] = true
	case 24:
		s.heartbeat(d, n, body)
		return true
	}
	return false
}

// heartbeat counts one heartbeat record.
func (s *Signals) heartbeat(d, n int, body []byte) {
	h := &s.Beats
	inc16(&h.Count[d])
	h.Bytes[d] += uint32(n)
	h.Largest[d] = max(h.Largest[d], uint16(n))
	if h.Smallest[d] == 0 || uint16(n) < h.Smallest[d] {
		h.Smallest[d] = uint16(n)
	}
	// In the clear the first byte tells a request, 1, from an answer, 2; only long ones
	// go on in further records, of which the last is short: 64 KB and 19 bytes in all.
	if s.TLS.sealed[d] || h.Count[d] == 1 && n > 19 && n <= 2048 && len(body) > 0 && body[0] != 1 && body[0] != 2 {
		inc16(&h.Sealed)
		return
	}
	if len(body) >= 3 && body[0] == 1 {
		inc16(&h.Requests)
		// Type, length and at least 16 bytes of padding stand beside the payload.
		if claim := be16(body, 1); claim+19 > n {
			inc16(&h.Oversized)
			h.Claimed = max(h.Claimed, uint16(claim))
		}
	} else if len(body) == 0 && n < 19 { // whatever it claims, in another packet, it cannot hold
		inc16(&h.Requests)
		inc16(&h.Oversized)
	}
}

// handshake reads the first message of a handshake record.
func (s *Signals) handshake(d int, b []byte) {
	if len(b) < 6 {
		return
	}
	switch b[0] {
	case 1:
		s.Reversed = d == 1
		inc32(&s.Requests)
		s.clientHello(b)
	case 2:
		inc32(&s.Responses)
		s.certificate(b) // often in the same record
	case 11:
		s.certificate(b)
	}
}

const (
	renegotiation = 0xff01
	pointFormats  = 11
	leastName     = 13 // bytes of an extension that names a server: headers and four letters
)

// literal says whether a name is an IPv4 address in digits.
func literal(name []byte) bool {
	for _, c := range name {
		if !digit(c) && c != '.' {
			return false
		}
	}
	return len(name) >= 7
}

// clientHello reads versions, cipher suites and extensions.
func (s *Signals) clientHello(b []byte) {
	t := &s.TLS
	t.Version = uint16(be16(b, 4))
	at := 38
	if at >= len(b) {
		return
	}
	at += 1 + int(b[at])
	at += 2 + be16(b, at) // the cipher suites
	if at >= len(b) {
		return
	}
	at += 1 + int(b[at])
	end := at + 2 + be16(b, at)
	at += 2
	listed, named, first, last := at <= len(b), false, be16(b, at), 0
	if first == renegotiation { // which some put before all others
		first = be16(b, at+4+be16(b, at+2))
	}
	for at+4 <= len(b) {
		kind, n := be16(b, at), be16(b, at+2)
		last = kind
		if kind == 0 {
			named = true
			if at+9 <= len(b) {
				name := b[at+9:]
				if l := be16(b, at+7); l < len(name) {
					name = name[:l]
				}
				if literal(name) { // which RFC 6066 forbids: it says no more than the packet does
					s.Marks |= NoSNI
				} else {
					t.SNI = hash(name)
					s.Marks |= nameMarks(name)
				}
			}
		}
		at += 4 + n
	}
	// Schannel ends with the secure renegotiation of RFC 5746; OpenSSL and its kin say it
	// among the ciphers or first, browsers and Go in the midst.
	t.Windows = last == renegotiation && at == end && first != renegotiation
	// The whole list was there to see, but for the end of the last of it, such as padding,
	// or what the capture has cut holds no name; and OpenSSL puts the name before the formats of points.
	if listed && !named && (at >= end || end-len(b) < leastName || first == pointFormats) {
		s.Marks |= NoSNI
	}
}
