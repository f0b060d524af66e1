package payload

import "bytes"

// query is a value read as a part of a query.
type query struct {
	tokens
	single, double bool // its quotes of that kind are odd in number
}

// sql scores what a value does to a query that it becomes part of: it leaves its
// quotes, and goes on as a query's grammar has it.
func (t *text) sql() (score int) {
	if t.statement() {
		return 0
	}
	b := t.bytes()
	var buf [96]token
	q := query{t.tokenise(buf[:]), bytes.Count(b, []byte("'"))&1 == 1, bytes.Count(b, []byte(`"`))&1 == 1}
	for i := range q.tokens {
		n := 0
		switch q.kind(i) {
		case joining:
			n = q.condition(i)
		case remark:
			n = q.remarked(i)
		case ';':
			n = q.stacked(i)
		case word:
			n = q.clause(i)
		}
		score = max(score, n)
	}
	if reopens(b) {
		score = max(score, clearScore)
	}
	if t.comment && score > 0 {
		score += 2
	}
	return max(score, t.tautology())
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

// reopens says whether a value closes a directory's filter and opens another
// (RFC 4515).
func reopens(b []byte) bool {
	return len(b) > 0 && b[0] != '(' && (bytes.Contains(b, []byte("*)(")) || bytes.Contains(b, []byte(")(&)")) || bytes.Contains(b, []byte(")(|(")))
}

// leaves says whether the i-th token is a quote that ends what was quoted around the
// value.
func (q *query) leaves(i int) bool {
	return q.kind(i) == quote && (q.tokens[i].word[0] == '\'' && q.single || q.tokens[i].word[0] == '"' && q.double)
}

// condition scores what a value adds to a query's condition behind the i-th token:
// ' or 1=1, 5 and sleep(5), x'||(select ...)||'.
func (q *query) condition(i int) int {
	before, quoted, left := i-1, false, false
	for q.kind(before) == quote || q.kind(before) == ')' {
		quoted, left = quoted || q.kind(before) == quote, left || q.leaves(before)
		before--
	}
	o := q.operandAt(i + 1)
	after := q.kind(o.next)
	alone := before == 0 // one word or number stands before
	number := alone && q.kind(0) == numeral
	remarked := after == remark || q.kind(len(q.tokens)-1) == remark
	switch {
	case o.next == 0:
		return 0
	case o.call && (quoted || number):
		return clearScore
	case o.call && alone:
		return hintScore
	case quoted && before < 0 && o.literal && after == compare, // ' or ''='
		quoted && before == 1 && q.kind(0) == quote && q.kind(1) == compare,                                                // '=' or '
		quoted && q.tokens[i].word[0] == '|' && after == joining && q.kind(o.next+1) == quote && o.next+2 == len(q.tokens): // '||1||'
		return clearScore
	case left && (after == compare || o.quoted || o.literal || after == remark):
		return clearScore
	case left:
		return hintScore
	case !alone || q.kind(0) == word && !remarked:
		return 0
	case number && after == compare && o.literal:
		if right := q.operandAt(o.next + 1); right.literal || right.call || q.kind(right.next) == '(' {
			return clearScore
		}
	case o.literal && remarked, q.is(o.next-1, "true", "false") && after == 0:
		return clearScore
	}
	return 0
}

// remarked scores a quote whose rest of the query is made a comment: admin'--.
func (q *query) remarked(i int) int {
	before := i - 1
	for q.kind(before) == ')' || q.kind(before) == ';' {
		before--
	}
	switch w := q.tokens[i].word; {
	case !q.leaves(before):
		return 0
	case w[0] == '#' && len(w) > 2: // or an anchor
		return hintScore - 1
	}
	return clearScore
}

// stacked scores a second query behind a semicolon, if what stands before it looks
// like the end of a value.
func (q *query) stacked(i int) int {
	ends := i == 1 || q.kind(0) == numeral || q.kind(0) == quote || q.kind(i-1) == quote || q.kind(i-1) == numeral
	switch next := i + 1; {
	case i == 0 || i > 6 || !ends:
		return 0
	case q.changes(next),
		q.is(next, "drop", "create", "alter", "truncate") && q.is(next+1, "table", "database", "user", "function", "procedure", "login", "schema"),
		q.is(next, "exec", "execute", "declare", "waitfor", "shutdown", "copy", "call") && q.kind(next+1) != compare,
		q.is(next, "if", "iif") && q.kind(next+1) == '(':
		return clearScore + 1
	case q.is(next, "select"):
		if o := q.operandAt(next + 1); o.literal || o.call || q.kind(next+2) == '(' || q.is(o.next, "from") || q.kind(o.next) == ',' {
			return clearScore + 1
		}
	}
	return 0
}

// changes says whether a query that changes rows begins with the i-th token.
func (k tokens) changes(i int) bool {
	return k.is(i, "update") && k.is(i+2, "set") || k.is(i, "delete") && k.is(i+1, "from") || k.is(i, "insert") && k.is(i+1, "into")
}

// clause scores what the i-th token begins behind a value: a union with another query,
// columns counted by order, a condition on groups, a function that takes its time.
func (q *query) clause(i int) int {
	switch {
	case q.is(i, "union"):
		return q.union(i + 1)
	case i > 0 && q.is(i, "order", "group") && q.is(i+1, "by") && q.kind(i+2) == numeral && q.kind(i+3) != word,
		i > 0 && q.is(i, "having") && q.kind(i+1) == numeral && q.kind(i+2) == compare,
		i == 1 && q.kind(0) == numeral && q.changes(1): // SQL Server needs no semicolon
		return clearScore
	case q.is(i, "sleep", "benchmark") && q.kind(i+1) == '(' && q.kind(i+2) == numeral:
		if before := q.kind(i - 1); before == ',' || before == '(' || before == numeral { // a part of an expression
			return clearScore
		}
	}
	return 0
}

// union scores the query that one is joined with.
func (q *query) union(i int) int {
	for q.is(i, "all", "distinct") || q.kind(i) == '(' {
		i++
	}
	if !q.is(i, "select") {
		return 0
	}
	o := q.operandAt(i + 1)
	switch after := q.kind(o.next); {
	case o.next == 0:
		return hintScore - 1
	case o.literal || o.call || after != word && after != 0 || q.is(o.next, "from") || string(q.tokens[o.next-1].word) == "*":
		return clearScore + 1
	case after == 0:
		return hintScore + 1
	}
	return 0
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
