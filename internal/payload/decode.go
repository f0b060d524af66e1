package payload

import "bytes"

// decode fills the text. What is longer than the buffer is cut.
func (t *text) decode(b []byte) {
	if len(b) > len(t.b) {
		b = b[:len(t.b)]
	}
	t.n = copy(t.b[:], b)
	for _, dots := range []string{"/.%2e", "%2e./", "%2e%2e", "/.%%32%65"} {
		t.dots = t.dots || foldIndex(b, dots) >= 0
	}
	for range 2 {
		if n := t.unescape(); n == 0 {
			break
		}
	}
	t.fold()
	for _, c := range t.b[:t.n] {
		t.present[c] = true
	}
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
	t.escapes += undone
	return undone
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
		case c == '+' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || c == 0x0b:
			c = ' '
		case c == '\\':
			c = '/'
		case c == 0xc0 && i+1 < t.n && t.b[i+1] == 0xaf, c == 0xc1 && i+1 < t.n && (t.b[i+1] == 0x9c || t.b[i+1] == 0x1c):
			c = '/'
			i++
			t.deep = true
		case c == '/' && i+1 < t.n && t.b[i+1] == '*':
			if end := bytes.Index(t.b[i+2:t.n], []byte("*/")); end >= 0 && end < 64 {
				if end > 0 && t.b[i+2] == '!' { // MySQL runs what stands in /*!50000 here */
					i += 2
					for i+1 < t.n && digit(t.b[i+1]) {
						i++
					}
					continue
				}
				i += end + 3
				c = ' '
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

// joins are the words after which a comparison may stand.
var joins = []string{"or", "and", "||", "&&", "xor", "having", "where", "like", "not"}

// tautology scores comparisons of constants behind a joining word: or 1=1,
// and 'a'='a, and 4522=8913.
func tautology(b []byte) int {
	best := 0
	for i := 1; i < len(b); i++ {
		if b[i] != '=' && b[i] != '<' && b[i] != '>' {
			continue
		}
		left, quotedL := operandBefore(b[:i])
		right, quotedR := operandAfter(b[i+1:])
		if len(left) == 0 || len(right) == 0 {
			continue
		}
		numbers := allDigits(left) && allDigits(right)
		if !numbers && !(quotedL && quotedR) {
			continue
		}
		if !joinBefore(b[:i], len(left)) {
			continue
		}
		score := 6
		if bytes.Equal(left, right) {
			score = 8
		} else if numbers && len(left) >= 3 && len(right) >= 3 {
			score = 8 // sqlmap's false half
		}
		best = max(best, score)
	}
	return best
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !digit(c) {
			return false
		}
	}
	return true
}

func filler(c byte) bool { return c == ' ' || c == '\'' || c == '"' || c == '(' || c == ')' }

// operandBefore is the word that ends b, without blanks, quotes and parentheses.
func operandBefore(b []byte) (word []byte, quoted bool) {
	end := len(b)
	for end > 0 && filler(b[end-1]) {
		quoted = quoted || b[end-1] == '\'' || b[end-1] == '"'
		end--
	}
	begin := end
	for begin > 0 && (letter(b[begin-1]) || digit(b[begin-1]) || b[begin-1] == '_') && end-begin < 24 {
		begin--
	}
	return b[begin:end], quoted || begin > 0 && (b[begin-1] == '\'' || b[begin-1] == '"')
}

// operandAfter is the word that begins b.
func operandAfter(b []byte) (word []byte, quoted bool) {
	begin := 0
	for begin < len(b) && (filler(b[begin]) || b[begin] == '=') {
		quoted = quoted || b[begin] == '\'' || b[begin] == '"'
		begin++
	}
	end := begin
	for end < len(b) && (letter(b[end]) || digit(b[end]) || b[end] == '_') && end-begin < 24 {
		end++
	}
	return b[begin:end], quoted
}

// joinBefore says whether the operand of n bytes that ends b follows a joining
// word.
func joinBefore(b []byte, n int) bool {
	end := len(b)
	for end > 0 && filler(b[end-1]) {
		end--
	}
	end -= n
	for end > 0 && filler(b[end-1]) {
		end--
	}
	for _, j := range joins {
		if end > len(j) && string(b[end-len(j):end]) == j && (!letter(j[0]) || !letter(b[end-len(j)-1]) && b[end-len(j)-1] != '&') {
			return true
		}
	}
	return false
}

// commandWords are programs that an injected command runs first.
var commandWords = map[string]int{
	"id": 5, "ls": 5, "dir": 5, "cat": 7, "wget": 8, "curl": 7, "uname": 8, "whoami": 8, "ping": 6, "nc": 6, "ncat": 7, "sleep": 6,
	"echo": 5, "ifconfig": 8, "ipconfig": 8, "netstat": 8, "bash": 7, "sh": 5, "python": 7, "perl": 6, "tftp": 8, "rm": 6, "cd": 6,
	"busybox": 8, "chmod": 8, "net": 5, "type": 4, "powershell": 8, "certutil": 8, "nslookup": 8, "pwd": 5, "ps": 4, "telnet": 6, "reboot": 7, "set": 3,
}

// commands scores a shell's separator with a command behind it.
func commands(b []byte) int {
	best := 0
	for i := 0; i+2 < len(b); i++ {
		j := i + 1
		switch {
		case b[i] == ';' || b[i] == '`' || b[i] == '|':
		case b[i] == '&' && b[i+1] == '&', b[i] == '$' && b[i+1] == '(':
			j++
		default:
			continue
		}
		for j < len(b) && (b[j] == ' ' || b[j] == '|' || b[j] == '/' || b[j] == 0) {
			j++
		}
		end := j
		for end < len(b) && letter(b[end]) && end-j < 12 {
			end++
		}
		score := commandWords[string(b[j:end])]
		if score == 0 || end < len(b) && (b[end] == '=' || b[end] == ':' || b[end] == '_' || digit(b[end]) || b[end] == '"') {
			continue
		}
		if end < len(b) && b[end] == '.' {
			continue
		}
		if end+1 < len(b) && b[end] == ' ' && (b[end+1] == '/' || b[end+1] == '-' || b[end+1] == '.' || bytes.HasPrefix(b[end+1:], []byte("http"))) {
			score += 3
		}
		if i > 0 && digit(b[i-1]) && b[i] != '|' {
			score++
		}
		if b[i] == '|' && end < len(b) && b[end] == '|' {
			score -= 3 // a list with bars between
		}
		best = max(best, score)
	}
	return best
}

// scriptUpload says whether a multipart body brings a file that a server would run.
func scriptUpload(b []byte) bool {
	i := bytes.Index(b, []byte("filename=\""))
	if i < 0 {
		return false
	}
	name := b[i+10:]
	if j := bytes.IndexByte(name, '"'); j >= 0 {
		name = name[:j]
	}
	for _, e := range []string{".php", ".phtml", ".php5", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".war", ".cgi", ".pht", ".phar"} {
		if bytes.HasSuffix(name, []byte(e)) || bytes.Contains(name, []byte(e+".")) || bytes.Contains(name, []byte(e+"\x00")) {
			return true
		}
	}
	return false
}
