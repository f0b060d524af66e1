package payload

// Framing follows how a protocol that is none of those known tells where its messages
// end, as far as the first messages of both sides show. Trojans that bring a protocol of
// their own put the length in four bytes at the front, behind a tag or not; protocols
// that were published do so with two or three, or behind a longer head.
type Framing struct {
	shapes uint16   // those that all messages of the run have
	run    [2]uint8 // messages in a row of each side that have one in common
}

// Where the length may stand, by the bytes before it.
var lengthAt = [...]int{0, 2, 4}

// inText is the shape of messages that are text in Base64, each ended by signs that are none.
const inText = 1 << (4 * len(lengthAt))

// Counted is true where all messages of both sides stand behind their length.
func (f *Framing) Counted() bool { return f.kept() && f.shapes < inText }

// Coded is true where all messages of both sides are text in Base64.
func (f *Framing) Coded() bool { return f.kept() && f.shapes >= inText }

func (f *Framing) kept() bool { return min(f.run[0], f.run[1]) >= 2 }

// add takes one message, which the capture may have cut.
func (f *Framing) add(d int, b []byte, length uint32) {
	shapes, counts := shapesOf(b, length)
	switch both := f.shapes & shapes; {
	case both != 0:
		f.shapes = both
	case counts:
		*f = Framing{shapes: shapes}
	default:
		*f = Framing{}
		return
	}
	inc8(&f.run[d])
}

// shapesOf are the shapes that a message may have; counts is false if it counts to
// nothing, which any zeros do.
func shapesOf(b []byte, length uint32) (shapes uint16, counts bool) {
	for i, at := range lengthAt {
		if len(b) < at+4 {
			break
		}
		for j, n := range [...]uint32{le32(b, at), be32(b, at)} {
			if n == length { // all of it
				shapes |= 1 << (4*i + 2*j)
				counts = true
			}
			if n == length-uint32(at)-4 { // what follows
				shapes |= 2 << (4*i + 2*j)
				counts = counts || n > 0
			}
		}
	}
	if text := withoutEnd(b); uint32(len(b)) == length && len(text) >= 8 && len(text)%4 == 0 && inBase64(text) && mixed(text) {
		return shapes | inText, true
	}
	return shapes, counts
}

// withoutEnd is a message without the few signs that end it.
func withoutEnd(b []byte) []byte {
	for n := 0; n < 5 && len(b) > 0; n++ {
		if c := b[len(b)-1]; letter(c) || digit(c) || c == '=' {
			break
		}
		b = b[:len(b)-1]
	}
	return b
}

// mixed is true for letters of both cases.
func mixed(b []byte) bool {
	upper, small := false, false
	for _, c := range b {
		upper = upper || c >= 'A' && c <= 'Z'
		small = small || c >= 'a' && c <= 'z'
	}
	return upper && small
}
