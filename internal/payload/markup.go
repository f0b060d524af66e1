package payload

import "bytes"

// probes are what people who try for cross-site scripting have the browser do, so
// as to see that it does.
var probes = []string{"alert(", "alert`", "confirm(", "confirm`", "prompt(", "prompt`", "print(", "document.cookie", "document.domain",
	"fromcharcode", "console.log(", "eval(", "fetch(", "new image", "xmlhttprequest", "localstorage", "window.location", "document.location", "document.write("}

// scripting scores markup or script that would run in whoever's browser shows the
// value. A body may well hold markup, and is judged by what the script does.
func (t *text) scripting(where place, score *scores) {
	b := t.bytes()
	n := 0
	if t.has('<') {
		n = tags(b)
	}
	if handlerBehind(b) {
		n = max(n, clearScore)
	}
	probe := probeAt(b)
	if i := bytes.Index(b, []byte("javascript:")); i >= 0 && (probe >= 0 || i == 0 && (t.has('(') || t.has('`'))) && !bytes.Contains(b, []byte("void(0)")) {
		n = max(n, clearScore)
	}
	if bytes.HasPrefix(b, []byte("data:text/html")) || bytes.HasPrefix(b, []byte("vbscript:")) {
		n = max(n, clearScore)
	}
	if probe > 0 && leaves(b[:probe]) {
		n = max(n, clearScore)
	}
	if bytes.Contains(b, []byte("expression(")) && bytes.Contains(b, []byte("style")) {
		n = max(n, 6)
	}
	if where == inForm && probe < 0 && n > 0 && n < foreign {
		n = hintScore - 1
	}
	score.raise(Scripting, score[Scripting]/2+n)
}

// probeAt is where the first call that proves a script begins; -1: nowhere.
func probeAt(b []byte) int {
	first := -1
	for _, p := range probes {
		if i := bytes.Index(b, []byte(p)); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// leaves says whether text before a script's call ends a string or a block of the
// page's own script: ';alert(1)// or '-alert(1)-'.
func leaves(b []byte) bool {
	rest := bytes.TrimRight(b, " ;,-*/&|^({")
	if len(rest) == 0 || len(rest) == len(b) {
		return false
	}
	switch rest[len(rest)-1] {
	case '\'', '"', '`', '}':
		return len(rest) <= 24
	}
	return false
}

// running are tags that fetch or run something on their own, and those by which
// people see whether any tag gets through.
var running = []string{"iframe", "svg", "img", "body", "object", "embed", "base", "meta", "video", "audio", "math", "marquee", "details", "input", "link", "style", "form", "a",
	"b", "i", "u", "s", "h1", "h2", "h3", "p", "div", "span", "font", "center", "x", "xss"}

// foreign is the score of a tag that brings its script from a bare address or holds it
// in its own address, which nobody's page needs.
const foreign = clearScore + 2

// brings says whether the inside of a tag does.
func brings(inside []byte, script bool) bool {
	if bytes.Contains(inside, []byte("=data:text/html")) || bytes.Contains(inside, []byte("=\"data:text/html")) {
		return true
	}
	_, host, found := bytes.Cut(inside, []byte("//"))
	return script && found && len(host) > 0 && digit(host[0])
}

// tags scores the tags of a value.
func tags(b []byte) (score int) {
	for i := bytes.IndexByte(b, '<'); i >= 0 && i+2 < len(b); {
		rest := b[i+1:]
		n := 0
		for n < len(rest) && letter(rest[n]) {
			n++
		}
		end := bytes.IndexByte(rest, '>')
		inside := rest
		if end >= 0 {
			inside = rest[:end]
		}
		switch {
		case n == 0 || n < len(rest) && rest[n] != ' ' && rest[n] != '/' && rest[n] != '>' && rest[n] != ':':
		case brings(inside, string(rest[:n]) == "script"):
			return foreign
		case string(rest[:n]) == "script":
			after := rest[n:]
			if bytes.Contains(after, []byte("</script")) || bytes.Contains(inside, []byte("src")) || probeAt(after) >= 0 {
				return clearScore + 1
			}
			score = max(score, 5)
		case handler(inside[min(n, len(inside)):]), bytes.Contains(inside, []byte("srcdoc=")):
			return clearScore
		case string(rest[:n]) == "base" && bytes.IndexByte(inside, '=') >= 0, string(rest[:n]) == "meta" && bytes.Contains(inside, []byte("http-equiv")):
			return clearScore
		case end >= 0 || bytes.IndexByte(inside, '=') >= 0:
			for _, tag := range running {
				if string(rest[:n]) == tag {
					score = max(score, hintScore)
				}
			}
		}
		next := bytes.IndexByte(b[i+1:], '<')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return score
}

// handler says whether a tag's attributes hold an event's: onerror=.
func handler(b []byte) bool {
	for i := 0; i+4 < len(b); i++ {
		if b[i] != 'o' || b[i+1] != 'n' || i == 0 || b[i-1] != ' ' && b[i-1] != '/' && b[i-1] != '"' && b[i-1] != '\'' && b[i-1] != 0 {
			continue
		}
		n := i + 2
		for n < len(b) && letter(b[n]) && n-i < 24 {
			n++
		}
		if n-i >= 5 && n < len(b) && (b[n] == '=' || b[n] == ' ' && n+1 < len(b) && b[n+1] == '=') {
			return true
		}
	}
	return false
}

// handlerBehind says whether a value leaves an attribute's quotes and sets an
// event's handler: " onmouseover="...
func handlerBehind(b []byte) bool {
	for i, c := range b {
		if c != '"' && c != '\'' {
			continue
		}
		n := i + 1
		for n < len(b) && (b[n] == ' ' || b[n] == '/' || letter(b[n]) && n-i < 14 && !bytes.HasPrefix(b[n:], []byte("on"))) {
			n++
		}
		if n > i+1 && bytes.HasPrefix(b[n:], []byte("on")) && handler(b[n-1:]) {
			return i < 48
		}
	}
	return false
}
