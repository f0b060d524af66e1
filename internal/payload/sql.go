package payload

import "bytes"

// token is a piece of a query: what follows from its kind, the word itself where it
// is one.
type token struct {
	kind byte // one of the constants below, or ( ) , ; as they stand
	word []byte
}

// Kinds of token.
const (
	numeral = 'n'
	word    = 'w'
	quote   = 'q'
	compare = 'o'
	joining = 'j' // and, or and their signs
	remark  = 'c' // the beginning of a comment: what follows is none of the query's
	other   = 'x'
)

// tokens are a value's first ones.
type tokens []token

// tokenise splits a value as a query's grammar does.
func (t *text) tokenise(buf []token) tokens {
	b := t.bytes()
	out := tokens(buf[:0])
	for i := 0; i < len(b) && len(out) < cap(buf); {
		c := b[i]
		n := 1
		kind := byte(other)
		switch {
		case digit(c):
			hex := c == '0' && i+1 < len(b) && b[i+1] == 'x'
			for i+n < len(b) && (digit(b[i+n]) || b[i+n] == '.' || hex && letter(b[i+n])) {
				n++
			}
			kind = numeral
		case letter(c) || c == '_' || c == '@' || c >= 0x80:
			for i+n < len(b) && (letter(b[i+n]) || digit(b[i+n]) || b[i+n] == '_' || b[i+n] == '.' || b[i+n] == '@' || b[i+n] == '$' || b[i+n] >= 0x80) {
				n++
			}
			kind = wordKind(b[i : i+n])
		case c == '*':
			kind = word
		case c == '\'' || c == '"':
			kind = quote
		case c == '(' || c == ')' || c == ',' || c == ';':
			kind = c
		case c == '#', i+1 < len(b) && (c == '-' && b[i+1] == '-' || c == '/' && b[i+1] == '*'):
			return append(out, token{remark, b[i:]})
		case c == '=' || c == '<' || c == '>' || c == '!' && i+1 < len(b) && b[i+1] == '=':
			for i+n < len(b) && (b[i+n] == '=' || b[i+n] == '>') {
				n++
			}
			kind = compare
		case i+1 < len(b) && (c == '|' || c == '&') && b[i+1] == c:
			n, kind = 2, joining
		case c == '^':
			kind = joining
		case c == ' ' || c == '`' || c == '-' || c == '.':
			i++
			continue
		}
		out = append(out, token{kind, b[i : i+n]})
		i += n
	}
	return out
}

// wordKind tells words that join or compare from others.
func wordKind(w []byte) byte {
	switch string(w) {
	case "or", "and", "xor":
		return joining
	case "like", "regexp", "rlike", "between", "is", "in", "similar":
		return compare
	}
	return word
}

// kind is that of the i-th token, 0 beyond the last.
func (k tokens) kind(i int) byte {
	if i < 0 || i >= len(k) {
		return 0
	}
	return k[i].kind
}

// is says whether the i-th token is one of the words.
func (k tokens) is(i int, words ...string) bool {
	if k.kind(i) != word {
		return false
	}
	for _, w := range words {
		if string(k[i].word) == w {
			return true
		}
	}
	return false
}

// operand is what stands on one side of an operator.
type operand struct {
	next    int  // the token behind it; 0: there is none
	call    bool // of a function that injections call, or a query in parentheses
	literal bool // a number, or text in quotes
	quoted  bool
}

// asked are functions and beginnings of queries within a query; names from the
// cheat sheets of sqlmap and of OWASP.
var asked = []string{"select", "exists", "sleep", "if", "iif", "length", "len", "substring", "substr", "mid", "left", "right", "ascii", "ord", "user",
	"database", "version", "updatexml", "extractvalue", "benchmark", "row", "char", "chr", "concat", "count", "cast", "convert", "pg_sleep", "rand",
	"elt", "make_set", "exp", "json_keys", "gtid_subset", "unicode", "hex", "case", "load_file", "ifnull", "string", "randomblob", "db_name"}

// operandAt reads one, quotes, signs and parentheses around it left aside.
func (k tokens) operandAt(i int) (o operand) {
	open := 0
	for k.kind(i) == quote || k.kind(i) == '(' || k.is(i, "not", "binary", "distinct") || k.kind(i) == other {
		o.quoted = o.quoted || k.kind(i) == quote
		if k.kind(i) == '(' {
			open++
		}
		i++
	}
	switch k.kind(i) {
	case numeral:
		o.literal = true
	case word:
		o.literal = o.quoted || k.is(i, "true", "false", "null")
		switch {
		case open > 0 && k.is(i, "select", "case"): // a query within, not a word in parentheses
			o.call = k.kind(i+1) != ')' && k.kind(i+1) != 0
		case k.kind(i+1) == '(':
			o.call = k.is(i, asked...) || bytes.HasPrefix(k[i].word, []byte("utl_")) || bytes.HasPrefix(k[i].word, []byte("dbms_"))
		}
	default:
		if o.quoted && k.kind(i) != 0 || o.quoted && k.kind(i-1) == quote { // '' is a text too
			o.literal, o.next = true, i
		}
		return o
	}
	for i++; k.kind(i) == quote || k.kind(i) == ')'; i++ {
		o.quoted = o.quoted || k.kind(i) == quote
	}
	o.next = i
	return o
}

// statement says whether a value is a whole query, as programs send them to a
// database over HTTP: what is injected completes a query that begins elsewhere.
func (t *text) statement() bool {
	first, rest, found := bytes.Cut(bytes.TrimLeft(t.bytes(), " "), []byte(" "))
	if !found || len(rest) == 0 {
		return false
	}
	switch string(first) {
	case "select", "insert", "update", "delete", "show", "explain", "describe", "create", "with", "alter", "set", "begin", "use", "drop", "replace", "prefix", "call":
		return true
	}
	return false
}

// sql scores what a value does to a query that it becomes part of: it leaves its
// quotes, and goes on as a query's grammar has it.
func (t *text) sql() (score int) {
	b := t.bytes()
	if t.statement() {
		return 0
	}
	var buf [96]token
	k := t.tokenise(buf[:])
	var odd [256]bool // whether a quote's number is
	odd['\''], odd['"'] = bytes.Count(b, []byte("'"))&1 == 1, bytes.Count(b, []byte(`"`))&1 == 1
	for i := range k {
		n := 0
		switch k[i].kind {
		case joining:
			n = k.condition(i, &odd)
		case remark:
			n = k.remarked(i, &odd)
		case ';':
			n = k.stacked(i)
		case word:
			n = k.clause(i)
		}
		score = max(score, n)
	}
	if len(b) > 0 && b[0] != '(' && (bytes.Contains(b, []byte("*)(")) || bytes.Contains(b, []byte(")(&)")) || bytes.Contains(b, []byte(")(|("))) {
		score = max(score, clearScore) // a directory's filter closed and opened again
	}
	if t.comment && score > 0 {
		score += 2
	}
	return max(score, t.tautology())
}

// condition scores what a value adds to a query's condition: ' or 1=1, 5 and
// sleep(5), x'||(select ...)||'.
func (k tokens) condition(i int, odd *[256]bool) int {
	before, quoted, open := i-1, false, false
	for k.kind(before) == quote || k.kind(before) == ')' {
		if k.kind(before) == quote {
			quoted, open = true, open || odd[k[before].word[0]]
		}
		before--
	}
	o := k.operandAt(i + 1)
	after := k.kind(o.next)
	ended := after == remark || k.kind(len(k)-1) == remark
	switch {
	case o.next == 0:
		return 0
	case o.call && (quoted || before == 0 && k[0].kind == numeral):
		return clearScore
	case o.call && before == 0:
		return hintScore
	case quoted && before < 0 && o.literal && after == compare, // ' or ''='
		quoted && before == 1 && k.kind(0) == quote && k.kind(1) == compare,                                  // '=' or '
		quoted && k[i].word[0] == '|' && after == joining && k.kind(o.next+1) == quote && o.next+2 == len(k): // '||1||'
		return clearScore
	case quoted && open:
		if after == compare || o.quoted || o.literal || after == remark {
			return clearScore
		}
		return hintScore
	case before != 0 || k.kind(0) == word && !ended:
		return 0
	case after == compare && k[0].kind == numeral && o.literal:
		if right := k.operandAt(o.next + 1); right.literal || right.call || k.kind(right.next) == '(' {
			return clearScore
		}
	case o.literal && ended, k.is(o.next-1, "true", "false") && after == 0:
		return clearScore
	}
	return 0
}

// remarked scores a quote whose rest of the query is made a comment: admin'--.
func (k tokens) remarked(i int, odd *[256]bool) int {
	before := i - 1
	for k.kind(before) == ')' || k.kind(before) == ';' {
		before--
	}
	switch {
	case k.kind(before) != quote || !odd[k[before].word[0]]:
		return 0
	case k[i].word[0] == '#' && len(k[i].word) > 2:
		return hintScore - 1
	}
	return clearScore
}

// stacked scores a second query behind a semicolon, if what stands before it looks
// like the end of a value.
func (k tokens) stacked(i int) int {
	if i == 0 || i > 6 || i > 1 && k[0].kind != numeral && k[0].kind != quote && k.kind(i-1) != quote && k.kind(i-1) != numeral {
		return 0
	}
	switch {
	case k.is(i+1, "drop", "create", "alter", "truncate") && k.is(i+2, "table", "database", "user", "function", "procedure", "login", "schema"),
		k.is(i+1, "update") && k.is(i+3, "set"), k.is(i+1, "delete") && k.is(i+2, "from"), k.is(i+1, "insert") && k.is(i+2, "into"),
		k.is(i+1, "exec", "execute", "declare", "waitfor", "shutdown", "copy", "call") && k.kind(i+2) != compare,
		k.is(i+1, "if", "iif") && k.kind(i+2) == '(':
		return clearScore + 1
	case k.is(i+1, "select"):
		if o := k.operandAt(i + 2); o.literal || o.call || k.kind(i+3) == '(' || k.is(o.next, "from") || k.kind(o.next) == ',' {
			return clearScore + 1
		}
	}
	return 0
}

// clause scores a union with another query, and columns counted by order.
func (k tokens) clause(i int) int {
	switch {
	case k.is(i, "union"):
		for i++; k.is(i, "all", "distinct") || k.kind(i) == '('; i++ {
		}
		if !k.is(i, "select") {
			return 0
		}
		o := k.operandAt(i + 1)
		switch after := k.kind(o.next); {
		case o.next == 0:
			return hintScore - 1
		case o.literal || o.call || after != word && after != 0 || k.is(o.next, "from") || string(k[o.next-1].word) == "*":
			return clearScore + 1
		case after == 0:
			return hintScore + 1
		}
	case i > 0 && k.is(i, "order", "group") && k.is(i+1, "by") && k.kind(i+2) == numeral && k.kind(i+3) != word:
		return clearScore
	case k.is(i, "sleep", "benchmark") && k.kind(i+1) == '(' && k.kind(i+2) == numeral && (k.kind(i-1) == ',' || k.kind(i-1) == '(' || k.kind(i-1) == numeral):
		return clearScore // a part of an expression
	case i == 1 && k.kind(0) == numeral && (k.is(1, "update") && k.is(3, "set") || k.is(1, "delete") && k.is(2, "from") || k.is(1, "insert") && k.is(2, "into")):
		return clearScore // SQL Server needs no semicolon
	case i > 0 && k.is(i, "having") && k.kind(i+1) == numeral && k.kind(i+2) == compare:
		return clearScore
	}
	return 0
}

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

// secretName says whether a parameter's name is that of the secret to log in with.
func secretName(name []byte) bool {
	return len(name) > 0 && (foldIndex(name, "pass") >= 0 || foldIndex(name, "pwd") >= 0 || foldIndex(name, "token") >= 0)
}

// operators scores a document store's operator where a password ought to be:
// password[$ne]=. Lists of users are filtered so by their names.
func (t *text) operators(name []byte, score *scores) {
	i := bytes.IndexByte(name, '[')
	if i < 0 || !secretName(name[:i]) && i > 0 {
		return
	}
	for _, op := range []string{"[$ne]", "[$gt]", "[$gte]", "[$lt]", "[$regex]", "[$nin]", "[$in]", "[$exists]", "[$where]"} {
		if foldIndex(name, op) == i {
			score.raise(SQLInjection, clearScore)
		}
	}
}
