package payload

import (
	"bytes"
	"sync"
)

// text is one value of a request, decoded for reading: escapes undone twice, blanks
// and SQL comments folded, lower case, back slashes turned. It is reused from value
// to value.
type text struct {
	b       [1024]byte
	n       int
	present set  // of the bytes in it
	binary  bool // control bytes, as of hashes and keys
	plain   bool // nothing but letters, digits, dots and the like
	deep    bool // escapes within escapes, or an overlong form
	dots    bool // two dots of which one is escaped at least
	comment bool // an SQL comment stood between words
	lines   int  // line ends
	line    int  // where the first was; -1: nowhere
}

// bytes gives what was read.
func (t *text) bytes() []byte { return t.b[:t.n] }

// has says whether the text holds the byte.
func (t *text) has(c byte) bool { return t.present.has(c) }

// set is a set of bytes.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// all says whether every member of o is one of s.
func (s *set) all(o *set) bool {
	return o[0]&^s[0]|o[1]&^s[1]|o[2]&^s[2]|o[3]&^s[3] == 0
}

// texts are those not in use: each is too large to be made anew for every request.
var texts = sync.Pool{New: func() any { return new(text) }}

// decode reads what is percent-escaped.
func (t *text) decode(b []byte) {
	t.reset(b)
	if b = t.bytes(); bytes.IndexByte(b, '%') >= 0 {
		t.dots = escapedDots.in(b)
		for range 2 {
			if t.unescape() == 0 {
				break
			}
		}
	}
	t.finish()
}

// escapedDots are two dots, for which nobody has to escape one.
var escapedDots = vocabularyOf([]string{"/.%2e", "%2e./", "%2e%2e", "/.%%32%65"})

// read reads what is not escaped, or has been undone before.
func (t *text) read(b []byte) {
	t.reset(b)
	t.finish()
}

// reset takes the bytes. What is longer than the buffer is cut.
func (t *text) reset(b []byte) {
	t.n = copy(t.b[:], b)
	t.deep, t.dots, t.comment, t.lines, t.line = false, false, false, 0, -1
}

func (t *text) finish() {
	if bytes.IndexByte(t.b[:t.n], '&') >= 0 {
		t.entities()
	}
	t.fold()
	t.present = set{}
	t.plain = true
	controls := 0
	for _, c := range t.b[:t.n] {
		if c < 9 || c > 13 && c < 32 {
			controls++
		}
		t.present.add(c)
		if !letter(c) && !digit(c) && c != '.' && c != '-' && c != '_' && c != ':' && c != ',' {
			t.plain = false
		}
	}
	t.binary = controls >= 2
}

// unescape undoes one layer of percent escapes and gives how many there were.
func (t *text) unescape() (undone int) {
	out := 0
	for i := 0; i < t.n; i++ {
		c := t.b[i]
		if c == '%' && i+2 < t.n {
			if hi, lo := unhex(t.b[i+1]), unhex(t.b[i+2]); hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 2
				undone++
				if c == '%' {
					t.deep = true
				}
			} else if lower(t.b[i+1]) == 'u' && i+5 < t.n && unhex(t.b[i+4]) >= 0 && unhex(t.b[i+5]) >= 0 {
				c = byte(unhex(t.b[i+4])<<4 | unhex(t.b[i+5])) // IIS' %u0027, also the full-width forms %uff07
				if unhex(t.b[i+2]) == 15 {
					c += 0x20
				}
				i += 5
				undone++
				t.deep = true
			}
		}
		t.b[out] = c
		out++
	}
	t.n = out
	return undone
}

// entities undoes the character references of HTML and XML.
func (t *text) entities() {
	out := 0
	for i := 0; i < t.n; i++ {
		c := t.b[i]
		if c == '&' {
			if r, n := entity(t.b[i:t.n]); n > 0 {
				c = r
				i += n - 1
			}
		}
		t.b[out] = c
		out++
	}
	t.n = out
}

// named are the references by name that injections need.
var named = []struct {
	name string
	c    byte
}{{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}, {"&lpar;", '('}, {"&colon;", ':'}}

// entity reads one character reference and gives its length; 0 if it is none.
func entity(b []byte) (c byte, n int) {
	for i := range named {
		if foldPrefix(b, named[i].name) {
			return named[i].c, len(named[i].name)
		}
	}
	if len(b) < 4 || b[1] != '#' {
		return 0, 0
	}
	base, at, value := 10, 2, 0
	if lower(b[2]) == 'x' {
		base, at = 16, 3
	}
	for begin := at; at < len(b) && at-begin < 7; at++ {
		d := unhex(b[at])
		if d < 0 || d >= base {
			break
		}
		value = value*base + d
	}
	if value == 0 || value > 126 || at >= len(b) || b[at] != ';' {
		return 0, 0
	}
	return byte(value), at + 1
}

func unhex(c byte) int {
	switch c = lower(c); {
	case digit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// fold makes lower case, turns plus signs, controls and SQL comments into blanks,
// joins blanks, turns back slashes and overlong UTF-8 slashes.
func (t *text) fold() {
	out := 0
	blank := false
	for i := 0; i < t.n; i++ {
		c := lower(t.b[i])
		switch {
		case c == '\n':
			if t.lines++; t.line < 0 {
				t.line = out
			}
			c = ' '
		case c == '+' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x0b || c == 0x0c:
			c = ' '
		case c == '\\':
			c = '/'
		case c == 0xc0 && i+1 < t.n && t.b[i+1] == 0xaf, c == 0xc1 && i+1 < t.n && (t.b[i+1] == 0x9c || t.b[i+1] == 0x1c):
			c = '/'
			i++
			t.deep = true
		case c == '/' && i+1 < t.n && t.b[i+1] == '*':
			if end := bytes.Index(t.b[i+2:t.n], []byte("*/")); end >= 0 && end < 64 {
				t.comment = true
				if end > 0 && t.b[i+2] == '!' { // MySQL runs what stands in /*!50000 here */
					i += 2
					c = ' '
					for i+1 < t.n && digit(t.b[i+1]) {
						i++
					}
				} else {
					i += end + 3
					c = ' '
				}
			}
		case c == '*' && i+1 < t.n && t.b[i+1] == '/':
			i++
			c = ' '
		}
		if c == ' ' {
			if blank {
				continue
			}
			blank = true
		} else {
			blank = false
		}
		t.b[out] = c
		out++
	}
	t.n = out
}

// article says whether a value is a text of its own, as editors and forums save
// them, rather than what a field of a form is for.
func (t *text) article() bool {
	return t.lines > 3 || t.n > 400 || t.n > 2 && t.b[0] == '#' && t.b[1] == '!'
}

// queryWords are words of query languages, which prose has too.
var queryWords = []string{"union", "select", "and", "or", "from", "where", "order", "group", "by", "all", "null", "like", "not", "as", "limit", "having", "distinct"}

// prose counts the words of plain language before the first sign of another one.
// What is injected stands at a value's beginning, or behind one word; whoever
// writes about it begins with words.
func (t *text) prose() (words int) {
	b := t.bytes()
	for len(b) > 0 {
		n := 0
		for n < len(b) && letter(b[n]) {
			n++
		}
		stop := n < len(b) && (b[n] == '.' || b[n] == ',' || b[n] == ':') && n+1 < len(b) && b[n+1] == ' '
		if n == 0 || n < len(b) && b[n] != ' ' && !stop {
			return words
		}
		words++
		for _, w := range queryWords {
			if string(b[:n]) == w {
				words--
			}
		}
		b = bytes.TrimLeft(b[n:], " .,:")
	}
	return words
}
