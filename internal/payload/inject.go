package payload

import "bytes"

// Kinds of injection.
const (
	SQLInjection = iota
	Scripting    // cross-site scripting
	Traversal    // path traversal and reading of local files
	Inclusion    // remote file inclusion and stream wrappers
	Command      // command injection
	Shellshock   // CVE-2014-6271
	Lookup       // JNDI look-ups, CVE-2021-44228
	Expression   // template and expression languages: OGNL, SpEL, Jinja
	Code         // code for the server's interpreter, web shells and their upload
	Entity       // XML external entities
	Overflow     // worms' and exploits' overlong or impossible values
	Probe        // a path that only vulnerability scanners ask for
	Kinds
)

// KindNames are the kinds as a sentence names them.
var KindNames = [Kinds]string{"SQL injection", "cross-site scripting", "path traversal", "file inclusion", "command injection",
	"Shellshock", "JNDI look-up (Log4Shell)", "expression injection", "web shell or script upload", "XML external entity", "an overflow", "vulnerability probe"}

// A request whose patterns of one kind sum to clear is an injection; from hint on
// it is weak evidence, which only counts when it repeats.
const (
	clearScore = 8
	hintScore  = 4
)

// pattern is text that a decoded request holds if it attacks: lower case, blanks
// folded. In heads only those with head set are looked for.
type pattern struct {
	text  string
	kind  int
	score int
	head  bool
}

// text is a request decoded for reading: percent escapes undone twice, blanks and
// SQL comments folded, lower case, back slashes turned.
type text struct {
	b       [1536]byte
	n       int
	present [256]bool
	escapes int
	deep    bool // escapes within escapes, or an overlong form
	dots    bool // two dots of which one is escaped at least
}

// judge scores a request's target or body and counts what it finds.
func (s *Signals) judge(b []byte, body, multipart bool) bool {
	var t text
	t.decode(b)
	w := &s.HTTP
	special := 0
	for _, c := range t.b[:t.n] {
		switch c {
		case '\'', '"', '<', '>', '(', ')', ';', '|', '`', '$', '{', '}':
			special++
		}
	}
	w.Specials = uint16(min(65535, int(w.Specials)+special))
	w.Escapes = uint16(min(65535, int(w.Escapes)+t.escapes))
	var score [Kinds]int
	t.match(&score, false)
	t.extra(&score)
	if body && multipart && scriptUpload(t.b[:t.n]) {
		score[Code] += 7
	}
	if body { // what people write into forms is not what attackers put into addresses
		score[Scripting] -= 3
		score[Probe] = 0
	}
	return w.count(&score)
}

// judgeHeaders scores a request's head with the patterns that no head needs.
func (s *Signals) judgeHeaders(h *headers) bool {
	if bytes.IndexByte(h.raw, '(') < 0 && bytes.IndexByte(h.raw, '{') < 0 && bytes.IndexByte(h.raw, '`') < 0 && bytes.IndexByte(h.raw, '\'') < 0 {
		return false
	}
	var t text
	t.decode(h.raw)
	var score [Kinds]int
	t.match(&score, true)
	if score[Shellshock] < 10 {
		score[Shellshock] = 0
	}
	return s.HTTP.count(&score)
}

// count adds one request's scores; true if one is clear.
func (w *Web) count(score *[Kinds]int) (clear bool) {
	for k, n := range score {
		switch {
		case n >= clearScore && k != Probe:
			w.Clear[k] = min(254, w.Clear[k]) + 1
			clear = true
		case n >= hintScore:
			w.Hints[k] = min(254, w.Hints[k]) + 1
			clear = clear || w.Hints[k]&(w.Hints[k]-1) == 0
		}
		w.Score[k] = uint8(max(int(w.Score[k]), min(n, 255)))
	}
	return clear
}

// match adds the patterns that the text holds.
func (t *text) match(score *[Kinds]int, head bool) {
	b := t.b[:t.n]
	for i := range patterns {
		p := &patterns[i]
		if head && !p.head || !t.present[p.text[0]] || !t.present[p.text[len(p.text)-1]] {
			continue
		}
		if bytes.Contains(b, []byte(p.text)) {
			score[p.kind] += p.score
		}
	}
}

// extra adds what takes more than a word: comparisons that are always true,
// climbing paths, a separator with a command behind it.
func (t *text) extra(score *[Kinds]int) {
	b := t.b[:t.n]
	if t.present['='] || t.present['<'] || t.present['>'] {
		score[SQLInjection] += tautology(b)
	}
	if climbs := bytes.Count(b, []byte("../")); climbs >= 2 {
		score[Traversal] += min(3+climbs, 7)
		if t.deep {
			score[Traversal] += 4
		}
	} else if climbs == 1 && t.deep {
		score[Traversal] += 4
	}
	if t.dots {
		score[Traversal] += 5 // clients resolve dots before they send them, and need not escape them
	}
	if i := bytes.Index(b, []byte("=http://")); i >= 0 {
		if includes(b[:i]) && digitAfter(b, "=http://") {
			score[Inclusion] += 8 // a page that is to come from a bare address
		}
		if j := bytes.Index(b[i:], []byte(".txt?")); j > 0 {
			score[Inclusion] += 8
		} else if bytes.HasSuffix(b, []byte("?")) || bytes.Contains(b[i:], []byte(".txt")) && bytes.Contains(b[:i], []byte(".php?")) {
			score[Inclusion] += 5
		}
	}
	if bytes.Contains(b, []byte("<!entity")) && (bytes.Contains(b, []byte(" system ")) || bytes.Contains(b, []byte("file:"))) {
		score[Entity] += 4
	}
	if bytes.Contains(b, []byte(" order by ")) && digitAfter(b, " order by ") {
		score[SQLInjection] += 6
	}
	if bytes.HasSuffix(b, []byte("'")) || bytes.HasSuffix(b, []byte("--")) || bytes.HasSuffix(b, []byte("-- -")) || bytes.HasSuffix(b, []byte("-- ")) {
		score[SQLInjection] += 2
	}
	score[Command] += commands(b) + shellParameter(b)
}

// shellParameter scores a parameter of a web shell: cmd=whoami.
func shellParameter(b []byte) int {
	for _, name := range []string{"cmd=", "exec=", "command=", "execute="} {
		i := bytes.Index(b, []byte(name))
		if i < 1 && (i < 0 || len(b) > 0 && i != 0) || i > 0 && b[i-1] != '?' && b[i-1] != '&' {
			continue
		}
		word := b[i+len(name):]
		end := 0
		for end < len(word) && letter(word[end]) && end < 12 {
			end++
		}
		if score := commandWords[string(word[:end])]; score >= 5 && (end == len(word) || word[end] == ' ' || word[end] == '&' || word[end] == ';') {
			if end < len(word) && word[end] == ' ' {
				score += 2
			}
			return score
		}
	}
	return 0
}

// digitAfter says whether a digit follows the words.
func digitAfter(b []byte, words string) bool {
	i := bytes.Index(b, []byte(words)) + len(words)
	return i < len(b) && digit(b[i])
}

// includes says whether text ends in the name of a parameter that names a file to
// include.
func includes(b []byte) bool {
	for _, name := range []string{"page", "file", "inc", "include", "path", "template", "document", "folder", "module"} {
		if n := len(b) - len(name); n > 0 && string(b[n:]) == name && (b[n-1] == '?' || b[n-1] == '&') {
			return true
		}
	}
	return false
}
