package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// Web counts what a flow's HTTP requests and replies were.
type Web struct {
	Methods      uint16    // set of methods: bit i is methods[i]
	Status       [6]uint16 // replies by hundreds; [0] is anything else
	Unauthorized uint16    // 401
	Forbidden    uint16    // 403
	NotFound     uint16    // 404
	Gets, Posts  uint16
	BarePosts    uint16 // POSTs without a referrer
	CheckIns     uint16 // requests whose parameters describe a machine
	Detail       uint8  // the highest weight of such a description
	Repeats      uint16 // requests for the same path as the one before
	SmallReplies uint16 // replies of at most 512 bytes by their own account
	Whole        uint16 // requests whose head ended in the packet it began in
	Escapes      uint16 // percent escapes in requests
	Specials     uint16 // characters that injections need: ' " < > ( ) ; | ` $ { }

	Clear [Kinds]uint8 // requests that are injections of that kind beyond doubt
	Hints [Kinds]uint8 // requests that might be
	Score [Kinds]uint8 // highest score of one request

	Path, Host, Agent uint32 // hashes of the last request's path, host and user agent; 0: none, or cut
	Address           bool   // last Host was an IP address
}

// methods are those of HTTP and WebDAV.
var methods = [...]string{
	"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PROPFIND", "PROPPATCH",
	"MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK",
}

// methodOf gives 1 + the index of the method that b begins with, 0 if none.
func methodOf(b []byte) int {
	if len(b) < 5 || b[0] < 'C' || b[0] > 'U' {
		return 0
	}
	for i, m := range methods {
		if len(b) > len(m)+1 && b[0] == m[0] && b[len(m)] == ' ' && string(b[:len(m)]) == m {
			if c := b[len(m)+1]; c == '/' || c == '*' || letter(c) || digit(c) {
				return i + 1
			}
			return 0
		}
	}
	return 0
}

// Bits of Signals.state for HTTP: how many more packets of a request's body are
// read, and what is awaited of the reply.
const (
	bodyPackets   = 0x07
	replyBody     = 0x08 // the next packet of the reply begins its body
	calledData    = 0x10 // the reply calls itself an image or text
	askedExe      = 0x20 // the request names an executable
	askedPicture  = 0x40 // the request names an image or a style sheet
	basicAuth     = 0x80 // the request carries credentials
	bodyPacketMax = 4
)

// http takes one packet of an HTTP flow.
func (s *Signals) http(d int, b []byte, p *packet.Packet) bool {
	if m := methodOf(b); m != 0 {
		s.Reversed = d == 1
		return s.request(b, m-1, p)
	}
	if d == s.client() {
		if s.state&bodyPackets == 0 {
			return false
		}
		s.state--
		return s.judge(b, true, false)
	}
	if bytes.HasPrefix(b, []byte("HTTP/")) {
		return s.reply(b, len(b) == int(p.PayloadLen))
	}
	if s.Responses == 0 && s.Looked[d] == 1 && s.Requests > 0 {
		s.Marks |= BareReply // asked in HTTP, answered in something else
	}
	if s.state&replyBody != 0 {
		s.state &^= replyBody
		s.body(b)
	}
	return false
}

// request reads one request's line, headers and the beginning of its body.
func (s *Signals) request(b []byte, method int, p *packet.Packet) bool {
	inc32(&s.Requests)
	w := &s.HTTP
	w.Methods |= 1 << method
	s.state = 0
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	target := line[len(methods[method])+1:]
	h := headers{hidden: int(p.PayloadLen) - len(b)}
	if i := bytes.LastIndex(target, []byte(" HTTP/")); i >= 0 {
		h.old = bytes.HasPrefix(target[i+6:], []byte("1.0"))
		target = target[:i]
	}
	body := h.read(rest)
	if h.whole {
		inc16(&w.Whole)
	}
	s.noteTarget(target, method)
	s.noteHeaders(&h, method, len(target))
	changed := s.judge(target, false, false)
	changed = s.judgeHeaders(&h) || changed
	if method == methodPut && scriptName(target) {
		changed = s.HTTP.count(&[Kinds]int{Code: clearScore}) || changed
	}
	if len(body) > 0 {
		changed = s.judge(body, true, h.multipart) || changed
		s.noteParameters(body, h.hidden > 0)
	}
	if method == methodPost || method == methodPut {
		s.state |= bodyPacketMax
	}
	return changed || s.Requests&(s.Requests-1) == 0 || s.HTTP.CheckIns > 0
}

// Indices in methods.
const (
	methodGet  = 0
	methodPost = 1
	methodPut  = 3
)

// noteTarget counts distinct URIs and repeated paths.
func (s *Signals) noteTarget(target []byte, method int) {
	path, query, asked := bytes.Cut(target, []byte("?"))
	s.Names.Add(hash(target))
	h := hash(path)
	if s.Requests > 1 && h == s.HTTP.Path {
		inc16(&s.HTTP.Repeats)
	}
	s.HTTP.Path = h
	switch {
	case method == methodPost:
		inc16(&s.HTTP.Posts)
	case method == methodGet:
		inc16(&s.HTTP.Gets)
	}
	switch extension(path) {
	case "php", "asp", "aspx", "jsp", "cgi", "pl":
		s.Marks |= ServerScript
	case "exe", "dll", "scr", "bat", "ps1", "msi", "hta", "elf":
		s.state |= askedExe
	case "gif", "jpg", "jpeg", "png", "bmp", "ico", "css", "txt", "avi", "mp3", "pdf", "js", "htm", "html":
		s.state |= askedPicture
	}
	if asked {
		if e := extension(query); e == "exe" || e == "dll" {
			s.state |= askedExe
		}
		s.noteParameters(query, false)
	}
	if stagerURI(path, asked) {
		s.Marks |= StagerURI
	}
}

// scriptName says whether a path that something is put under would be run by the
// server, a trailing slash or space that fools its check left aside.
func scriptName(target []byte) bool {
	path, _, _ := bytes.Cut(target, []byte("?"))
	switch extension(bytes.TrimRight(path, "/ ")) {
	case "php", "asp", "aspx", "jsp":
		return true
	}
	return false
}

// extension is what stands behind the last dot, in lower case, if it is short.
func extension(path []byte) string {
	i := bytes.LastIndexByte(path, '.')
	if i < 0 || len(path)-i > 5 || len(path)-i < 3 {
		return ""
	}
	var e [4]byte
	n := copy(e[:], path[i+1:])
	for j := range e[:n] {
		e[j] = lower(e[j])
	}
	return string(e[:n])
}

// stagerURI knows the paths by which Metasploit's reverse HTTP stagers and the
// frameworks that copied them ask for a stage: four or more letters and digits
// whose sum modulo 256 is one of four numbers, without extension or query.
func stagerURI(path []byte, query bool) bool {
	if query || len(path) < 5 || len(path) > 200 || path[0] != '/' {
		return false
	}
	sum, mixed := 0, 0
	for _, c := range path[1:] {
		if !letter(c) && !digit(c) && c != '-' && c != '_' {
			return false
		}
		sum += int(c)
		switch {
		case digit(c):
			mixed |= 1
		case c >= 'A' && c <= 'Z':
			mixed |= 2
		case c != '-' && c != '_':
			mixed |= 4
		}
	}
	sum &= 255
	return (sum == 92 || sum == 93 || sum == 80 || sum == 88 || sum == 95 || sum == 98) && mixed&3 == 3 && mixed&4 != 0
}

// reply reads one reply's status and headers.
func (s *Signals) reply(b []byte, whole bool) bool {
	inc32(&s.Responses)
	w := &s.HTTP
	code := 0
	if i := bytes.IndexByte(b, ' '); i > 0 && len(b) >= i+4 {
		for _, c := range b[i+1 : i+4] {
			if !digit(c) {
				code = 0
				break
			}
			code = 10*code + int(c-'0')
		}
	}
	if class := code / 100; class >= 1 && class <= 5 {
		inc16(&w.Status[class])
	} else {
		inc16(&w.Status[0])
	}
	changed := false
	switch code {
	case 401:
		inc16(&w.Unauthorized)
		if s.state&basicAuth != 0 {
			inc16(&s.Failures)
			changed = true
		}
	case 403:
		inc16(&w.Forbidden)
	case 404:
		inc16(&w.NotFound)
		changed = w.NotFound&(w.NotFound-1) == 0
	}
	if code >= 200 && code < 400 && s.state&basicAuth != 0 {
		inc16(&s.Successes)
	}
	s.replyHeaders(b, code, whole)
	return changed
}

// replyHeaders reads what the reply says of its body, and the body's beginning.
func (s *Signals) replyHeaders(b []byte, code int, whole bool) {
	s.state &^= replyBody | calledData
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	length := -1
	for n := 0; ; n++ {
		line, more, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			if n == 0 && len(rest) == 0 && whole && code == 200 {
				s.Marks |= BareReply
			}
			break
		}
		if n == 0 && len(line) <= 1 && code == 200 {
			s.Marks |= BareReply
		}
		rest = more
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			if len(rest) == 0 {
				s.state |= replyBody
			} else {
				s.body(rest)
			}
			break
		}
		switch {
		case foldPrefix(line, "content-length:"):
			length = number(line[len("content-length:"):])
		case foldPrefix(line, "content-type:"):
			kind := bytes.TrimLeft(line[len("content-type:"):], " ")
			if foldPrefix(kind, "image/") || foldPrefix(kind, "text/") {
				s.state |= calledData
			}
			if foldPrefix(kind, "application/x-msdos") || foldPrefix(kind, "application/x-msdownload") ||
				foldPrefix(kind, "application/x-dosexec") || foldPrefix(kind, "application/x-executable") {
				s.Marks |= ExeFetched
			}
		case foldPrefix(line, "content-disposition:"):
			if foldIndex(line, ".exe") >= 0 || foldIndex(line, ".scr") >= 0 || foldIndex(line, ".dll") >= 0 {
				s.Marks |= ExeFetched
			}
		}
	}
	if length >= 0 && length <= 512 {
		inc16(&s.HTTP.SmallReplies)
	}
	if s.state&(askedExe|calledData) == askedExe && code == 200 && (length > 8192 || length < 0) {
		s.Marks |= ExeFetched
	}
}

// body looks at the first bytes of a reply's body.
func (s *Signals) body(b []byte) {
	if executable(b) {
		s.Marks |= ExeFetched
		if s.state&(calledData|askedPicture) != 0 {
			s.Marks |= ExeDisguised
		}
	}
	if s.state&calledData != 0 || printable(b) {
		if cradle(b) {
			s.Marks |= ScriptFetched
		}
	}
}

// number reads a decimal number; -1 if there is none.
func number(b []byte) int {
	n, any := 0, false
	for _, c := range bytes.TrimSpace(b) {
		if !digit(c) || n > 1<<40 {
			break
		}
		n, any = 10*n+int(c-'0'), true
	}
	if !any {
		return -1
	}
	return n
}

// executable knows the beginnings of Windows and ELF programs.
func executable(b []byte) bool {
	if len(b) < 16 {
		return false
	}
	if b[0] == 0x7f && b[1] == 'E' && b[2] == 'L' && b[3] == 'F' && (b[4] == 1 || b[4] == 2) {
		return true
	}
	// Of the DOS header's fields: bytes on the last page, pages, and no text.
	return b[0] == 'M' && b[1] == 'Z' && (b[3] < 4 && b[5] == 0 || b[2] == 0xe8 || b[2] == 'A' && b[3] == 'R')
}

// printable says whether the first bytes are text.
func printable(b []byte) bool {
	for _, c := range b[:min(len(b), 32)] {
		if c < 9 || c > 13 && c < 32 || c >= 127 {
			return false
		}
	}
	return len(b) > 0
}

// cradle knows the words of PowerShell that fetches and runs more.
func cradle(b []byte) bool {
	for _, word := range []string{"downloadstring(", "iex(", "iex (", "frombase64string(", "new-object net.webclient",
		"new-object system.net.webclient", "-encodedcommand", "powershell -", "powershell.exe", "wscript.shell", "virtualalloc"} {
		if foldIndex(b, word) >= 0 {
			return true
		}
	}
	return false
}
