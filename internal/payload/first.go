package payload

import "math"

// First is the shape of a direction's first payload.
type First struct {
	Length    uint16 // bytes on the wire
	Printable uint8  // percent of printable ASCII among the bytes kept
	Entropy   uint8  // of the bytes kept, in 1/32 bit a byte: 255 is nearly 8 bits
}

// Noise is true for bytes without any order: nearly as much entropy as so many can
// have, and not mostly text. Fewer than four are nothing.
func (f First) Noise() bool {
	n := min(f.Length, 256)
	return n >= 4 && f.Printable <= 75 && float64(f.Entropy) >= 0.85*32*math.Log2(float64(n))
}

// Digits is true for text of so few signs as numbers have, hexadecimal ones too.
func (f First) Digits() bool { return f.Length >= 8 && f.Printable == 100 && f.Entropy <= 32*4 }

// firstOf measures at most the first 256 bytes.
func firstOf(b []byte, length uint32) First {
	f := First{Length: uint16(min(length, 65535))}
	if len(b) > 256 {
		b = b[:256]
	}
	if len(b) == 0 {
		return f
	}
	var count [256]uint16
	printable := 0
	for _, c := range b {
		count[c]++
		if c >= 32 && c < 127 || c == '\r' || c == '\n' || c == '\t' {
			printable++
		}
	}
	f.Printable = uint8(100 * printable / len(b))
	f.Entropy = uint8(min(255, 32*entropy(&count, len(b))))
	return f
}

// entropy in bits a byte of n bytes so distributed.
func entropy(count *[256]uint16, n int) float64 {
	bits := 0.0
	for _, c := range count {
		if c != 0 {
			share := float64(c) / float64(n)
			bits -= share * math.Log2(share)
		}
	}
	return bits
}

// Of Signals.first: bit d is set once the first payload of direction d was seen, and
// these.
const (
	answerFirst = 1 << 2 // the responder's came before the initiator's
	underKey    = 1 << 3 // the initiator's is under a key that repeats
	meshShift   = 4      // from here on: Mesh of the initiator's
)

// AnswerFirst is true where the responder spoke up before it was asked anything.
func (s *Signals) AnswerFirst() bool { return s.first&answerFirst != 0 }

// Disguised is true where the initiator began, over no known protocol, with text under
// a key of one byte.
func (s *Signals) Disguised() bool { return s.first&underKey != 0 }

// Mesh is that of the initiator's first datagram.
func (s *Signals) Mesh() Mesh { return Mesh(s.first >> meshShift) }
