package payload

import "bytes"

// joins are the words after which a comparison may stand.
var joins = []string{"or", "and", "||", "&&", "xor", "having", "where", "like", "not"}

// tautology scores comparisons of constants behind a joining word: or 1=1,
// and 'a'='a, and 4522=8913.
func (t *text) tautology() int {
	if !t.has('=') && !t.has('<') && !t.has('>') {
		return 0
	}
	b := t.bytes()
	best := 0
	for i := 1; i < len(b); i++ {
		if b[i] != '=' && b[i] != '<' && b[i] != '>' {
			continue
		}
		left, quotedL := operandBefore(b[:i])
		right, quotedR, rest := operandAfter(b[i+1:])
		if len(left) == 0 || len(right) == 0 || len(rest) > 0 && letter(rest[0]) && !joinsOn(rest) {
			continue
		}
		numbers := allDigits(left) && allDigits(right)
		if !numbers && !(quotedL && quotedR) {
			continue
		}
		if !joinBefore(b[:i], len(left)) {
			continue
		}
		score := hintScore + 2
		if bytes.Equal(left, right) || numbers && len(left) >= 3 && len(right) >= 3 { // sqlmap's false half is of large numbers
			score = clearScore
		}
		best = max(best, score)
	}
	return best
}

// joinsOn says whether a query goes on behind a comparison.
func joinsOn(b []byte) bool {
	for _, w := range []string{"or ", "and ", "union", "limit", "order", "group", "into", "procedure", "having", "xor", "rlike"} {
		if bytes.HasPrefix(b, []byte(w)) {
			return true
		}
	}
	return false
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

// operandAfter is the word that begins b, and what follows.
func operandAfter(b []byte) (word []byte, quoted bool, rest []byte) {
	begin := 0
	for begin < len(b) && (filler(b[begin]) || b[begin] == '=') {
		quoted = quoted || b[begin] == '\'' || b[begin] == '"'
		begin++
	}
	end := begin
	for end < len(b) && (letter(b[end]) || digit(b[end]) || b[end] == '_') && end-begin < 24 {
		end++
	}
	return b[begin:end], quoted, bytes.TrimLeft(b[end:], " ")
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
