package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// http2Preface is what a client begins with that knows its server to speak HTTP/2
// (RFC 9113, 3.4).
const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Frames of HTTP/2 (RFC 9113, 6).
const (
	frameHead    = 9
	frameHeaders = 1
	frameReset   = 3
	lastFrame    = 9
)

// http2 counts the requests that a client makes and those that it takes back. A frame
// that goes on in later packets is skipped; after one whose head is not in the capture
// the next packet is tried.
func (s *Signals) http2(d int, b []byte, p *packet.Packet) bool {
	at := uint64(s.skip[d])
	s.skip[d] = 0
	if bytes.HasPrefix(b, []byte(http2Preface)) {
		at = uint64(len(http2Preface))
	}
	for range 64 {
		if at >= uint64(p.PayloadLen) {
			s.skip[d] = uint32(at - uint64(p.PayloadLen))
			return false
		}
		if at+frameHead > uint64(len(b)) {
			return false
		}
		f := b[at:]
		if f[3] > lastFrame || f[5]&0x80 != 0 {
			return false
		}
		if d == s.client() {
			switch f[3] {
			case frameHeaders:
				inc32(&s.Requests)
			case frameReset:
				inc16(&s.TakenBack)
			}
		}
		at += frameHead + uint64(f[0])<<16 + uint64(be16(f, 1))
	}
	return false
}
