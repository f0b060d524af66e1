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
