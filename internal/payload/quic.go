package payload

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"

	"firetower/internal/packet"
)

// quicVersion is what a version of QUIC has of its own: how a client's first packets
// are marked, and by what their keys are made (RFC 9001, RFC 9369).
type quicVersion struct {
	number  uint32
	initial byte // the packet's type, bits 4 and 5 of the first byte
	salt    string
	labels  string // prefix of the labels of keys
}

var quicVersions = [...]quicVersion{
	{1, 0, "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a", "quic "},
	{0x6b3343cf, 1, "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9", "quicv2 "},
	{0xff00001d, 0, "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99", "quic "}, // draft 29
}

// quicHello takes the hello out of a client's first datagram, false if it is none.
// Whoever sees the packet can open it: its keys are made of the connection's
// identifier. It is read without its seal (AES-GCM is a counter's stream under a
// tag), so that what a short capture has kept is enough; that a hello comes out
// shows that the key was right.
func (s *Signals) quicHello(d int, b []byte) bool {
	v := quicInitial(b)
	if v == nil {
		return false
	}
	plain := v.open(b)
	var hello [2048]byte
	n := quicCrypto(plain, hello[:])
	if n < 40 || hello[0] != 1 || hello[1] != 0 || hello[4] != 3 {
		return false
	}
	s.became(QUIC, d, true)
	inc32(&s.Requests)
	s.clientHello(hello[:n])
	return true
}

// quicInitial tells the version if the datagram has the head of a client's first.
func quicInitial(b []byte) *quicVersion {
	if len(b) < 64 || b[0]&0xc0 != 0xc0 || b[5] < 8 || b[5] > 20 {
		return nil
	}
	for i := range quicVersions {
		if v := &quicVersions[i]; be32(b, 1) == v.number && b[0]>>4&3 == v.initial {
			return v
		}
	}
	return nil
}

// open decrypts what is there of a client's first packet; nil if its head is broken.
func (v *quicVersion) open(b []byte) []byte {
	id := b[6 : 6+int(b[5])]
	at := 6 + len(id)
	at += 1 + int(b[at]) // the client's own identifier
	token, at := varint(b, at)
	if at == 0 || token > uint64(len(b)) {
		return nil
	}
	length, at := varint(b, at+int(token))
	if at == 0 || at+20 > len(b) || length < 20 {
		return nil
	}
	secret, err := hkdf.Extract(sha256.New, id, []byte(v.salt))
	if err != nil {
		return nil
	}
	secret = expand(secret, "client in", sha256.Size)
	mask := [16]byte(b[at+4:])
	if c := block(expand(secret, v.labels+"hp", 16)); c != nil {
		c.Encrypt(mask[:], mask[:])
	}
	counter := [16]byte{15: 2} // AES-GCM counts the text's blocks from 2
	copy(counter[:12], expand(secret, v.labels+"iv", 12))
	digits := 1 + int((b[0]^mask[0])&3)
	for i := range digits {
		counter[12-digits+i] ^= b[at+i] ^ mask[1+i]
	}
	end := min(uint64(len(b)), uint64(at)+length-16)
	sealed := b[at+digits : max(at+digits, int(end))]
	plain := make([]byte, len(sealed))
	if c := block(expand(secret, v.labels+"key", 16)); c != nil {
		cipher.NewCTR(c, counter[:]).XORKeyStream(plain, sealed)
	}
	return plain
}

// block is AES under a key of 16 bytes.
func block(key []byte) cipher.Block {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	return c
}

// expand is HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446, 7.1).
func expand(secret []byte, label string, n int) []byte {
	info := "\x00" + string([]byte{byte(n), byte(6 + len(label))}) + "tls13 " + label + "\x00"
	key, err := hkdf.Expand(sha256.New, secret, info, n)
	if err != nil {
		return nil
	}
	return key
}

// quicCrypto puts the pieces of the handshake in a packet's frames together, as far
// as they join on from its beginning: senders shuffle them. It gives their length.
func quicCrypto(b, into []byte) int {
	type piece struct{ from, to int }
	var pieces [32]piece
	n := 0
	for at := 0; at < len(b) && n < len(pieces); {
		switch b[at] {
		case 0, 1: // padding, ping
			at++
			continue
		case 6:
		default: // an acknowledgement comes behind a server's answer only
			at = len(b)
			continue
		}
		offset, next := varint(b, at+1)
		if next == 0 {
			break
		}
		length, next := varint(b, next)
		if next == 0 || offset+length > uint64(len(into)) {
			break
		}
		got := copy(into[offset:offset+length], b[next:])
		pieces[n] = piece{int(offset), int(offset) + got}
		n++
		at = next + int(length)
	}
	whole := 0
	for range n { // each round may join on one that came before its turn
		for _, p := range pieces[:n] {
			if p.from <= whole {
				whole = max(whole, p.to)
			}
		}
	}
	return whole
}

// varint reads a number of QUIC's own length (RFC 9000, 16) and gives the offset
// behind it; 0 if it is not there.
func varint(b []byte, at int) (v uint64, next int) {
	if at < 0 || at >= len(b) {
		return 0, 0
	}
	n := 1 << (b[at] >> 6)
	if at+n > len(b) {
		return 0, 0
	}
	v = uint64(b[at] & 0x3f)
	for _, c := range b[at+1 : at+n] {
		v = v<<8 | uint64(c)
	}
	return v, at + n
}

// quic has nothing more to read: all that follows the hello is sealed.
func (*Signals) quic(int, []byte, *packet.Packet) bool { return false }
