package payload

import "bytes"

// Kinds of injection.
const (
	SQLInjection = iota // also into the queries of document stores, directories and XML
	Scripting           // cross-site scripting
	Traversal           // path traversal and reading of local files
	Inclusion           // remote file inclusion, stream wrappers, requests forged for the server
	Command             // command injection
	Shellshock          // CVE-2014-6271
	Lookup              // JNDI look-ups, CVE-2021-44228
	Expression          // template and expression languages: OGNL, SpEL, Jinja
	Code                // code for the server's interpreter, web shells and their upload
	Entity              // XML external entities
	Overflow            // worms' and exploits' overlong or impossible values
	Object              // serialised objects that run code when they are read
	Smuggling           // a request within a request, a header within a value
	Probe               // a path that only vulnerability scanners ask for
	Kinds
)

// KindNames are the kinds as a sentence names them.
var KindNames = [Kinds]string{"SQL injection", "cross-site scripting", "path traversal", "file inclusion", "command injection",
	"Shellshock", "JNDI look-up (Log4Shell)", "expression injection", "web shell or script upload", "XML external entity", "an overflow",
	"object injection", "request smuggling", "vulnerability probe"}

// A request whose patterns of one kind sum to clear is an injection; from hint on
// it is weak evidence, which only counts when it repeats.
const (
	clearScore = 8
	hintScore  = 4
)

// place says where in a request a piece of text stands: the same words are an
// attack in an address and everyday in an article.
type place uint8

const (
	inPath place = 1 << iota
	inQuery
	inForm   // a value of a body: form, JSON, XML, multipart
	inFile   // the content of an uploaded file
	inHead   // a header's value
	inCookie // a cookie's value

	inValue    = inQuery | inForm | inCookie
	everywhere = inPath | inValue | inFile | inHead
)

// scores of one request by kind.
type scores [Kinds]int

// raise keeps the higher score: two signs of the same thing are not two things.
func (s *scores) raise(kind, n int) { s[kind] = max(s[kind], n) }

// judgeTarget scores a request's address.
func (s *Signals) judgeTarget(target []byte) bool {
	t := texts.Get().(*text)
	defer texts.Put(t)
	var score scores
	path, query, _ := bytes.Cut(target, []byte("?"))
	t.decode(target)
	t.match(addresses, &score, inPath|inQuery)
	if repeats(target) {
		score.raise(Overflow, clearScore)
	}
	t.decode(path)
	t.judgePath(&score)
	if !passesOn(target) {
		t.queries(query, inQuery, &score)
	}
	if guessesNames(query) {
		score.raise(Probe, clearScore)
	}
	return s.HTTP.count(&score)
}

// passesOn knows addresses of interfaces that take what is not theirs: lines of
// logs, which hold what attackers sent elsewhere (Elasticsearch's bulk, Loki, Splunk's
// collector, OpenTelemetry), and commands to run in containers (Kubernetes, Docker).
func passesOn(target []byte) bool {
	path, _, _ := bytes.Cut(target, []byte("?"))
	if foldIndex(path, "/loki/api/v1/") >= 0 || foldIndex(path, "/services/search/") >= 0 {
		return true
	}
	for _, end := range [...]string{"/_bulk", "/services/collector", "/services/collector/event", "/v1/logs"} {
		if len(path) >= len(end) && foldPrefix(path[len(path)-len(end):], end) {
			return true
		}
	}
	exec := len(path) > 5 && foldPrefix(path[len(path)-5:], "/exec")
	return exec && (foldPrefix(path, "/api/v1/namespaces/") && foldIndex(path, "/pods/") > 0 || foldIndex(path, "/containers/") >= 0)
}

// repeats says whether an address holds one letter so often on end that it can only
// be meant to overflow something.
func repeats(b []byte) bool {
	run := 1
	for i := 1; i < len(b); i++ {
		if run++; b[i] != b[i-1] || !letter(b[i]) {
			run = 1
		}
		if run >= 240 {
			return true
		}
	}
	return false
}

// judgeBody scores what one packet holds of a request's body.
func (s *Signals) judgeBody(b []byte, framed uint8) bool {
	if s.state&others != 0 {
		return false
	}
	t := texts.Get().(*text)
	defer texts.Put(t)
	var score scores
	if framed == chunkedAndLength { // RFC 9112 6.1: ought to be handled as an error
		score.raise(Smuggling, hintScore)
		if i := bytes.Index(b, []byte("0\r\n\r\n")); i >= 0 && i+5 < len(b) || bytes.Contains(b, []byte(" HTTP/1.")) {
			score.raise(Smuggling, clearScore)
		}
	}
	if s.state&inChunks != 0 {
		var whole [1024]byte
		b = joinChunks(b, whole[:0])
		if foldPrefix(b, "fffffff") { // a chunk of a negative length
			score.raise(Overflow, clearScore)
		}
	}
	t.body(b, &score)
	return s.HTTP.count(&score)
}

// tellsShell counts as a hint what may be told to a web shell, under a browser's name and
// without what browsers send.
func (s *Signals) tellsShell(b []byte) bool {
	if !s.Marks.Any(ServerScript) || s.Marks.Any(BrowserSeen|ScriptAgent|NamedAgent|OddAgent|NoAgent) || !codedBody(b) {
		return false
	}
	return s.HTTP.count(&scores{Code: hintScore})
}

// joinChunks appends to whole, as far as it holds them, the chunks (RFC 9112, 7.1) that b
// begins with; b itself is what is left of a chunk.
func joinChunks(b, whole []byte) []byte {
	for len(b) > 0 && len(whole) < cap(whole) {
		size, rest, found := bytes.Cut(b[:min(len(b), 64)], []byte("\n"))
		size, _, _ = bytes.Cut(size, []byte(";"))
		n := 0
		size = bytes.TrimSpace(size)
		for _, c := range size {
			if unhex(c) < 0 || len(size) > 6 {
				found = false
				break
			}
			n = n<<4 | unhex(c)
		}
		if !found || len(size) == 0 {
			return append(whole, b[:min(len(b), cap(whole)-len(whole))]...)
		}
		b = b[len(b[:min(len(b), 64)])-len(rest):]
		n = min(n, len(b))
		whole = append(whole, b[:min(n, cap(whole)-len(whole))]...)
		b = bytes.TrimPrefix(b[n:], []byte("\r\n"))
	}
	return whole
}

// takesLogs knows the addresses to which programs send lines of logs, by their last word.
func takesLogs(target []byte) bool {
	path, _, _ := bytes.Cut(target, []byte("?"))
	switch string(path[bytes.LastIndexByte(path, '/')+1:]) {
	case "log", "logs", "gelf", "ingest", "syslog":
		return true
	}
	return false
}

// judgeHeaders scores a request's head. Browsers escape what they put there, so
// headers but for cookies are read as they stand.
func (s *Signals) judgeHeaders(h *headers) bool {
	if h.forged {
		return s.HTTP.count(&scores{Smuggling: clearScore})
	}
	if bytes.IndexByte(h.raw, '(') < 0 && bytes.IndexByte(h.raw, '{') < 0 && bytes.IndexByte(h.raw, '`') < 0 && bytes.IndexByte(h.raw, '\'') < 0 &&
		bytes.IndexByte(h.raw, '<') < 0 && len(h.cookie) == 0 {
		return false
	}
	t := texts.Get().(*text)
	defer texts.Put(t)
	var score scores
	eachLine(h.raw, func(line []byte) {
		name, value, found := bytes.Cut(line, []byte(":"))
		switch {
		case !found || len(value) < 6:
		case foldPrefix(name, "referer") && !bytes.ContainsAny(value[1:], " '<{`"): // escaped, as browsers do
		case foldPrefix(name, "cookie"):
			t.cookies(value, &score)
		case !bytes.ContainsAny(value, "'\"<{`$") && (bytes.IndexByte(value, '(') < 0 || foldPrefix(value, " mozilla/")) && !foldPrefix(name, "range"):
		default:
			t.read(bytes.TrimSpace(value))
			t.judge(name, inHead, &score)
		}
	})
	return s.HTTP.count(&score)
}

// count adds one request's scores; true if one is clear.
func (w *Web) count(score *scores) (clear bool) {
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

// judge scores one value, which the text holds decoded, by its place.
func (t *text) judge(name []byte, where place, score *scores) {
	if t.n == 0 || t.binary {
		return
	}
	if t.plain { // as nearly all values are: only a web shell's command or a class's name can be meant
		t.shell(name, score)
		t.objects(where, score)
		if t.has('_') {
			t.match(anywhere, score, where)
		}
		return
	}
	var own scores
	t.match(anywhere, score, where)
	t.lookups(score)
	t.function(score)
	t.objects(where, score)
	article := where == inForm && t.article()
	if where&(inFile|inForm) != 0 || where == inQuery && (t.has('"') || t.has('\'') || t.has('$') || t.has(';')) {
		t.begins(article, &own)
	}
	if where == inFile || article {
		score.join(&own)
		return
	}
	t.match(patterns, &own, where)
	prose := t.prose() >= 2
	if where != inHead || ownWords(name) {
		own.half(SQLInjection, t.statement())
		own[SQLInjection] += t.sql()
	}
	if where&(inValue|inHead) != 0 && !prose {
		t.scripting(where, &own)
	}
	if where&inValue != 0 && t.has('<') {
		t.declarations(&own)
	}
	if where == inPath && (t.has(' ') || t.has('$')) {
		t.commands(&own)
		t.expressions(&own)
	}
	if where&inValue != 0 {
		if !passwordName(lowerName(name, new([40]byte))) {
			t.commands(&own)
		}
		t.shell(name, &own)
		t.files(name, where, &own)
		t.expressions(&own)
	}
	if where == inHead && bytes.HasPrefix(t.bytes(), []byte("../../")) {
		own.raise(Traversal, clearScore)
	}
	if where == inForm && writing(name) {
		for _, kind := range [...]int{SQLInjection, Command, Code, Traversal} {
			own[kind] = min(own[kind], clearScore-1)
		}
	}
	if prose {
		if i := bytes.IndexAny(t.bytes(), "'\""); i > 0 && t.b[i-1] == ' ' { // quoted in a sentence; what is injected ends a word
			own.half(SQLInjection, true)
		}
		own.half(Command, true)
		own.half(Expression, true)
		own.half(Code, true)
		own.half(Traversal, true)
	}
	score.join(&own)
}

// writing says whether a field's name says that it takes what somebody writes, perhaps
// about attacks. Whoever attacks such a field has its readers in mind.
func writing(name []byte) bool {
	switch string(lowerName(name, new([40]byte))) {
	case "body", "text", "message", "msg", "comment", "content", "description", "note", "notes", "title", "subject", "summary", "prompt", "question", "answer":
		return true
	}
	return false
}

// ownWords says whether a header's value is what a program or person says of
// itself, without a grammar that has quotes.
func ownWords(name []byte) bool {
	for _, n := range []string{"x-", "user-agent", "referer", "host", "client-ip", "true-client", "forwarded", "api"} {
		if foldPrefix(name, n) {
			return true
		}
	}
	return false
}

// half takes half of what a kind has scored if that is said of ordinary text.
func (s *scores) half(kind int, ordinary bool) int {
	if ordinary {
		s[kind] = min(s[kind]/2, hintScore-1)
	}
	return s[kind]
}

// join takes each kind's higher score.
func (s *scores) join(o *scores) {
	for k, n := range o {
		s[k] = max(s[k], n)
	}
}
