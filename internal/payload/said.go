package payload

// Said tells monotonous datagrams and shapeless ones from those of a program: a
// program's messages differ, but share the header of its protocol.
type Said struct {
	Contents Sketch    // distinct contents, by their ends and lengths
	Heads    [2]Sketch // distinct first bytes; distinct fourth bytes, which stand still where a counter comes first
}

// mostSaid is how many datagrams of a flow are looked at.
const mostSaid = 512

func (s *Said) add(b []byte, length uint32) {
	s.Contents.Add(hash(b[:min(len(b), 16)]) ^ hash(b[max(0, len(b)-16):])*31 ^ length*0x9e3779b1)
	s.Heads[0].Add(uint32(b[0]))
	s.Heads[1].Add(uint32(b[min(3, len(b)-1)]))
}

// Join adds what another flow said.
func (s *Said) Join(o *Said) {
	s.Contents |= o.Contents
	s.Heads[0] |= o.Heads[0]
	s.Heads[1] |= o.Heads[1]
}

// Same is true where it was the same all the time.
func (s *Said) Same() bool { return s.Contents != 0 && s.Contents.Count() <= 2 }

// Noise is true where no header is left: neither byte is one of few.
func (s *Said) Noise() bool { return min(s.Heads[0].Count(), s.Heads[1].Count()) >= noise }

// noise is more than the bytes that half of a hundred packets can have if they are
// not drawn at random.
const noise = 60
