package payload

import "bytes"

// mostFields is how many values of one packet are read.
const mostFields = 48

// queries reads name=value pairs, each for itself.
func (t *text) queries(b []byte, where place, score *scores) {
	sole := where == inQuery && bytes.IndexByte(b, '&') < 0
	for n := 0; len(b) > 0 && n < mostFields; n++ {
		var pair []byte
		pair, b, _ = bytes.Cut(b, []byte("&"))
		name, value, found := bytes.Cut(pair, []byte("="))
		if !found {
			name, value = nil, pair
		}
		if len(name) > 8 {
			t.operators(name, score)
			t.decode(name)
			t.match(anywhere, score, where)
			if t.has(' ') && t.has(';') {
				score.raise(SQLInjection, t.sql())
			}
		}
		if len(value) < 2 {
			continue
		}
		t.decode(value)
		t.judge(name, where, score)
		if sole && t.typed(name) {
			score.raise(Command, clearScore)
		}
		if t.plain || t.n > 16 {
			t.sealed(value, where, score)
		}
	}
}

// cookies reads a cookie header.
func (t *text) cookies(b []byte, score *scores) {
	for n := 0; len(b) > 0 && n < mostFields; n++ {
		var pair []byte
		pair, b, _ = bytes.Cut(b, []byte(";"))
		name, value, found := bytes.Cut(bytes.TrimSpace(pair), []byte("="))
		if !found {
			name, value = nil, pair
		}
		if foldPrefix(name, "x-beresource") || foldPrefix(name, "x-anonresource-backend") { // Exchange's proxy is told whom to ask
			score.raise(Inclusion, clearScore)
		}
		if foldPrefix(name, "globals[") { // PHP's own variables
			score.raise(Code, clearScore)
		}
		if len(value) > 3 {
			t.decode(value)
			t.judge(name, inCookie, score)
			t.sealed(value, inCookie, score)
		}
	}
}

// body reads a body by the shape of its first byte.
func (t *text) body(b []byte, score *scores) {
	trimmed := bytes.TrimLeft(b, " \t\r\n")
	switch {
	case len(trimmed) == 0:
	case bytes.HasPrefix(b, []byte("\xac\xed\x00\x05")):
		t.read(b)
		t.objects(inForm, score)
	case bytes.HasPrefix(trimmed, []byte("--")):
		t.parts(b, score)
	case trimmed[0] == '{' && bytes.IndexByte(trimmed, '"') >= 0, trimmed[0] == '[' && bytes.IndexByte(trimmed, '"') >= 0:
		var own scores
		t.strings(trimmed, &own)
		if own != (scores{}) && !reportsEvent(trimmed) {
			score.join(&own)
		}
	case trimmed[0] == '<' && bytes.IndexByte(trimmed, '=') != 1 && bytes.IndexByte(trimmed, '%') != 1:
		t.elements(trimmed, score)
	case !printable(b):
	default:
		t.pairs(b, score)
	}
}

// pairs reads a form's body. One without a pair is one value, and may be code.
func (t *text) pairs(b []byte, score *scores) {
	if i := bytes.IndexByte(b, '='); i < 1 || i > 256 || bytes.ContainsAny(b[:i], " \n(<{") {
		t.decode(b)
		t.judge(nil, inForm, score)
		return
	}
	t.queries(b, inForm, score)
}

// parts reads a multipart body: fields, and files with their names.
func (t *text) parts(b []byte, score *scores) {
	for n := 0; len(b) > 0 && n < mostFields; n++ {
		part := b
		if i := bytes.Index(b, []byte("\n--")); i >= 0 {
			part, b = b[:i], b[i+3:]
		} else {
			b = nil
		}
		head, value, found := bytes.Cut(part, []byte("\r\n\r\n"))
		if i := foldIndex(head, "filename=\""); i >= 0 {
			name, _, _ := bytes.Cut(head[i+10:], []byte("\""))
			t.upload(name, value, score)
		} else if found && len(value) > 2 {
			t.read(bytes.TrimRight(value, "\r"))
			t.judge(nil, inForm, score)
		}
	}
}

// strings reads the strings of JSON. A name stands before a colon.
func (t *text) strings(b []byte, score *scores) {
	var raw [1024]byte
	var name []byte
	for n := 0; n < mostFields; n++ {
		i := bytes.IndexByte(b, '"')
		if i < 0 {
			return
		}
		b = b[i+1:]
		end, out := 0, 0
		for end < len(b) && b[end] != '"' {
			c, width := jsonByte(b[end:])
			if out < len(raw) {
				raw[out] = c
				out++
			}
			end += width
		}
		value := b[:min(end, len(b))]
		b = b[min(end+1, len(b)):]
		if rest := bytes.TrimLeft(b, " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
			if len(value) > 2 && value[0] == '$' && secretName(name) {
				t.operators([]byte("["+string(value)+"]"), score)
			}
			if name = value; len(name) < 3 {
				name = nil // too short to say what it is
			}
			t.read(value)
			t.match(anywhere, score, inForm)
			continue
		}
		if out > 1 {
			t.read(raw[:out])
			t.judge(name, inForm, score)
			if string(name) == "$where" && t.has('(') {
				score.raise(SQLInjection, clearScore)
			}
		}
	}
}

// JSON's names of when something happened and how grave it was, of who did it and with
// what, and of what was said about it.
var (
	eventTimes = []string{"timestamp", "@timestamp", "datetime", "logged_at"}
	eventGrave = []string{"level", "severity", "loglevel", "log_level", "priority"}
	eventParts = []string{"src", "src_ip", "source_ip", "client_ip", "clientip", "remote_addr", "remote_ip", "ddsource", "logger", "facility", "user_agent", "useragent",
		"rule", "rule_id", "signature", "event_type", "status", "status_code", "uri", "request", "referer", "stacktrace", "trace_id", "fields", "tags"}
	eventWords = []string{"message", "msg", "short_message", "log", "event", "line"}
)

// reportsEvent says whether JSON is a report of something that happened, as logs and
// alerts are: two of the parts that such have, of which its words are but one. What it
// quotes was meant for somebody else.
func reportsEvent(b []byte) bool {
	times, grave, parts, words := namedIn(b, eventTimes), namedIn(b, eventGrave), namedIn(b, eventParts), namedIn(b, eventWords)
	return parts >= 2 || times+grave > 0 && parts > 0 || grave > 0 && times+words > 0
}

// namedIn counts the names that JSON has, each once.
func namedIn(b []byte, names []string) (n int) {
	for _, name := range names {
		for at := b; ; {
			i := foldIndex(at, name)
			if i < 0 {
				break
			}
			end := i + len(name)
			if i > 0 && at[i-1] == '"' && end+1 < len(at) && at[end] == '"' && at[end+1] == ':' {
				n++
				break
			}
			at = at[end:]
		}
	}
	return n
}

// jsonByte reads one character of a string, escaped or not, and its width.
func jsonByte(b []byte) (c byte, width int) {
	if b[0] != '\\' || len(b) < 2 {
		return b[0], 1
	}
	switch b[1] {
	case 'n':
		return '\n', 2
	case 't', 'r', 'b', 'f':
		return ' ', 2
	case 'u':
		if len(b) >= 6 && unhex(b[4]) >= 0 && unhex(b[5]) >= 0 {
			return byte(unhex(b[4])<<4 | unhex(b[5])), 6
		}
	}
	return b[1], 2
}

// elements reads the text between XML's tags, and what is declared before them.
func (t *text) elements(b []byte, score *scores) {
	t.read(b[:min(len(b), len(t.b))])
	t.match(anywhere, score, inForm)
	t.declarations(score)
	t.objects(inForm, score)
	t.begins(true, score)
	for n := 0; n < mostFields; n++ {
		i := bytes.IndexByte(b, '>')
		if i < 0 {
			return
		}
		b = b[i+1:]
		end := bytes.IndexByte(b, '<')
		if end < 0 {
			end = len(b)
		}
		if value := bytes.TrimSpace(b[:end]); len(value) > 1 {
			t.read(value)
			t.judge(nil, inForm, score)
		}
		b = b[end:]
	}
}
