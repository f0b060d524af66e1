package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// Web counts what a flow's HTTP requests and replies were.
type Web struct {
	Methods     uint16    // set of methods: bit i is methods[i], of the first sixteen
	Status      [6]uint16 // replies by hundreds; [0] is anything else
	Forbidden   uint16    // 403
	NotFound    uint16    // 404
	Gets, Posts uint16
	BarePosts   uint16 // POSTs without a referrer
	Forms       uint16 // requests that carry credentials in their body or query
	CheckIns    uint8  // requests whose parameters describe a machine
	Detail      uint8  // the highest weight of such a description
	FalseForms  uint8  // requests whose body calls itself a form and is noise
	Cookie      uint8  // hash of the first cookie's name in the last request
	Repeats     uint16 // requests for the same path as the one before
	Whole       uint16 // requests whose head ended in the packet it began in
	Welcomed    uint16 // forms with credentials that were accepted, as far as the reply tells

	Clear    [Kinds]uint8 // requests that are injections of that kind beyond doubt
	Hints    [Kinds]uint8 // requests that might be
	Score    [Kinds]uint8 // highest score of one request
	Terse    uint8        // replies of a few hundred bytes that are no picture
	Declared uint8        // replies that call themselves plain text, JSON or XML, and are text

	Path, Host, Agent uint32 // hashes of the last request's path, host and user agent; 0: none, or cut
	Ciphers           uint8  // requests of no browser that are one long cipher
	Empty             uint16 // replies without a body
}

// methods are those of HTTP, WebDAV and its search (RFC 5323), versions (RFC 3253) and IIS.
var methods = [...]string{
	"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PROPFIND", "PROPPATCH",
	"MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK",
	"SEARCH", "REPORT", "TRACK", "DEBUG",
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
	replyBody     = 0x08   // the next packet of the reply begins its body
	calledData    = 0x10   // the reply calls itself an image or text
	askedExe      = 0x20   // the request names an executable
	askedPicture  = 0x40   // the request names an image or a style sheet
	basicAuth     = 0x80   // the request carries credentials in its head
	formAuth      = 0x100  // or in its body or query
	tokenAsked    = 0x1000 // the form asks for a token (RFC 6749)
	others        = 0x200  // the body holds what others have said, or what is meant to be run, see passesOn
	calledPage    = 0x400  // the reply calls itself a page of HTML, and its bytes are its own
	calledBytes   = 0x800  // the reply calls itself bytes of no kind
	askedTool     = 0x4000 // the request names a tool of attack
	calledForm    = 0x2000 // the request's body calls itself a form
	inChunks      = 0x8000 // the request's body comes in chunks
	bodyPacketMax = 4
)

// wentOn in Signals.left says that somebody whose connection began with a log-in asks for
// something else behind it. Guessers come for the form, or try again.
const wentOn = 1

// owing in Signals.left says that somebody logs in whose credentials are not seen yet.
const owing = 1

// settle counts a log-in whose credentials are not in the capture, as others than before.
func (s *Signals) settle() {
	if s.left[1] == owing {
		s.left[1] = 0
		s.form(s.next[s.client()] * 2654435761)
	}
}

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
		s.left[1] = 0
		if s.state&(bodyPackets|calledForm) == bodyPacketMax|calledForm && unwritten(b) {
			inc8(&s.HTTP.FalseForms)
		}
		if s.state&bodyPackets == bodyPacketMax && s.state&formAuth == 0 || foldIndex(b, "wp.getusersblogs") >= 0 {
			s.noteParameters(b, false)
		}
		changed := s.state&bodyPackets == bodyPacketMax && s.tellsShell(b)
		s.handsOver(b)
		s.state--
		return s.judgeBody(b, 0) || changed
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
	s.settle()
	after := s.state
	s.state, s.offer, s.left[0] = 0, 0, 0
	line, rest, whole := bytes.Cut(b, []byte("\n"))
	target := line[len(methods[method])+1:]
	h := headers{hidden: int(p.PayloadLen) - len(b)}
	if i := bytes.LastIndex(target, []byte(" HTTP/")); i >= 0 {
		h.old = bytes.HasPrefix(target[i+6:], []byte("1.0"))
		target = target[:i]
	}
	if after&formAuth != 0 && s.Requests == 2 && w.Status[2] == 1 && method == methodGet && !signsIn(target) {
		s.left[0] = wentOn
	}
	body := h.read(rest)
	if h.whole {
		inc16(&w.Whole)
	}
	hidden := uint32(0) // of a line that goes on behind what was kept, the request's length
	if !whole && h.hidden > 0 {
		hidden = p.PayloadLen
	}
	s.noteTarget(target, method, hidden)
	if passesOn(target) || takesLogs(target) {
		s.state |= others
	}
	if h.framed&chunked != 0 {
		s.state |= inChunks
	}
	s.noteHeaders(&h, method, target)
	changed := s.judgeTarget(target)
	changed = s.judgeHeaders(&h) || changed
	if method == methodPut && scriptName(target) || (method == methodMove || method == methodCopy) && scriptName(h.destination) && !scriptName(target) {
		changed = s.HTTP.count(&scores{Code: clearScore}) || changed
	}
	if h.form {
		s.state |= calledForm
		if unwritten(body) {
			inc8(&w.FalseForms)
		}
	}
	if len(body) > 0 {
		changed = s.judgeBody(body, h.framed) || method == methodPost && s.tellsShell(body) || changed
		s.noteParameters(body, h.hidden > 0)
		s.handsOver(body)
	}
	switch {
	case method != methodPost && method != methodPut, h.vast:
	case len(body) > 0:
		s.state |= bodyPacketMax - 1
	case h.whole:
		s.state |= bodyPacketMax
	case h.hidden > 0: // the body is behind what was kept, or in a packet of its own
		s.state |= bodyPacketMax
		if signsIn(target) {
			s.left[1] = owing
			if s.unseen(1 - s.client()) {
				s.settle()
			}
		}
	}
	return changed || s.Requests&(s.Requests-1) == 0 || s.HTTP.CheckIns > 0
}

// handsOver notes a body that holds a machine's users or their passwords.
func (s *Signals) handsOver(body []byte) {
	if listsUsers(body) {
		s.Domain.Gathered |= PasswordsOut
	}
}

// Indices in methods.
const (
	methodGet    = 0
	methodPost   = 1
	methodPut    = 3
	methodDelete = 4
	methodMove   = 12
	methodCopy   = 13
)

// noteTarget counts distinct URIs and repeated paths. Those that are cut, of requests
// of the length hidden, are told apart by that, as far as they can be.
func (s *Signals) noteTarget(target []byte, method int, hidden uint32) {
	path, query, asked := bytes.Cut(target, []byte("?"))
	name, h := hash(target), hash(path)
	if hidden > 0 {
		name = (name ^ hidden) * 16777619 // as hash goes on
		if !asked {
			h = name
		}
	}
	s.Names.Add(name)
	if !askedUnasked(path) && (method <= methodPut || method == methodDelete) {
		s.Shapes.Add(shape(target))
	}
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
	if hidden > 0 && !asked {
		return // the path's end is what counts from here on
	}
	if method == methodGet && begins(path[bytes.LastIndexByte(path, '/')+1:], takesOver) {
		s.state |= askedTool
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
	if weight := describesIn(path); weight >= checkIn {
		inc8(&s.HTTP.CheckIns)
		s.HTTP.Detail = max(s.HTTP.Detail, uint8(weight))
	}
	if stagerURI(path, asked) || !asked && codedPath(path) {
		s.Marks |= StagerURI
	}
}

// scriptName says whether a path that something is put under would be run by the
// server, a trailing slash or space that fools its check left aside.
func scriptName(target []byte) bool {
	path, _, _ := bytes.Cut(target, []byte("?"))
	path, _, _ = bytes.Cut(path, []byte(";")) // IIS 6 looked no further
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

// codedPath knows a message that is written as a path: several folders of letters of
// both cases and digits, longer than a name, down to a picture or a film.
func codedPath(path []byte) bool {
	switch extension(path) {
	case "avi", "gif", "bmp", "jpeg", "jpg", "png", "jlk", "mkv":
	default:
		return false
	}
	coded := 0
	for _, part := range bytes.Split(path[:min(len(path), 512)], []byte("/")) {
		upper, small, digits := 0, 0, 0
		for _, c := range part {
			switch {
			case digit(c):
				digits++
			case c >= 'A' && c <= 'Z':
				upper++
			case letter(c):
				small++
			case c != '_' && c != '.':
				return false
			}
		}
		if len(part) >= 8 && upper >= 2 && small >= 2 && digits >= 1 {
			coded++
		}
	}
	return coded >= 4
}

// longToken is how long a path is at least that is a name of nothing.
const longToken = 60

// stagerURI knows the paths by which Metasploit's reverse HTTP stagers and the
// frameworks that copied them ask for a stage: four or more letters and digits
// whose sum modulo 256 is one of four numbers, without extension or query. Those by
// which they go on asking are one token of that kind, longer than names are.
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
	return (len(path) > longToken || sum == 92 || sum == 93 || sum == 80 || sum == 88 || sum == 95 || sum == 98) && mixed&3 == 3 && mixed&4 != 0
}
