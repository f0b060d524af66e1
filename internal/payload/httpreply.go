package payload

import "bytes"

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
	if code != 100 { // what is to be continued has not been said
		s.settle()
	}
	if class := code / 100; class >= 1 && class <= 5 {
		inc16(&w.Status[class])
	} else {
		inc16(&w.Status[0])
	}
	changed := false
	switch code {
	case 401:
		changed = s.loginRefused(b)
	case 407:
		if s.HTTP.Path == proxySettings { // which is asked of no proxy: there is none yet
			s.Domain.Gathered |= ProxyAsks
		}
		changed = s.loginRefused(b)
	case 101:
		s.Marks |= Switched
	case 403:
		inc16(&w.Forbidden)
		changed = s.state&formAuth != 0 && s.refused()
	case 404:
		inc16(&w.NotFound)
		changed = w.NotFound&(w.NotFound-1) == 0
	}
	if code/100 == 2 && s.left[0] == wentOn {
		s.left[0] = 0
		s.welcome()
	}
	if code >= 200 && code < 400 && s.state&basicAuth != 0 {
		s.accepted()
	}
	if (code == 201 || code == 204) && s.state&formAuth != 0 { // something was made, or done: no refusal (RFC 9110, 15.3)
		s.welcome()
	}
	if code == 200 && s.state&tokenAsked != 0 { // else 400 or 401 (RFC 6749, 5.2)
		s.welcome()
	}
	if code == 200 && s.state&askedTool != 0 {
		s.Domain.Gathered |= ToolFetched
	}
	s.replyHeaders(b, code, whole)
	return changed
}

// proxySettings is where browsers look for them (WPAD).
var proxySettings = hash([]byte("/wpad.dat"))

// takesOver are the beginnings of the names under which tools are published that look
// for ways to be root, read passwords or map a domain; they are fetched by those names.
var takesOver = []string{"linpeas", "winpeas", "pspy32", "pspy64", "linenum.sh", "linux-exploit-suggester", "linuxprivchecker", "unix-privesc-check",
	"powerup.ps1", "powerview.ps1", "invoke-mimikatz", "mimikatz", "sharphound", "juicypotato", "godpotato", "printspoofer", "invoke-powershelltcp"}

// loginRefused is for replies that ask for credentials: a refusal if the request
// carried some, and not merely under a challenge that has expired.
func (s *Signals) loginRefused(b []byte) bool {
	if s.state&(basicAuth|formAuth) == 0 || foldIndex(b, "stale=true") >= 0 {
		return false
	}
	return s.refused()
}

// replyHeaders reads what the reply says of its body, and the body's beginning.
func (s *Signals) replyHeaders(b []byte, code int, whole bool) {
	s.state &^= replyBody | calledData | calledPage | calledBytes
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	length := -1
	picture, declared := false, false
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
				declared = declared && printable(rest)
				s.body(rest)
			}
			break
		}
		switch {
		case foldPrefix(line, "content-length:"):
			length = number(line[len("content-length:"):])
		case code/100 == 3 && foldPrefix(line, "location:"):
			if s.state&formAuth != 0 && elsewhere(line[len("location:"):]) {
				s.welcome()
			}
		case foldPrefix(line, "content-type:"):
			kind := bytes.TrimLeft(line[len("content-type:"):], " ")
			if foldPrefix(kind, "image/") || foldPrefix(kind, "text/") {
				s.state |= calledData
			}
			picture = foldPrefix(kind, "image/")
			declared = foldPrefix(kind, "text/plain") || foldPrefix(kind, "application/json") || foldPrefix(kind, "text/xml") || foldPrefix(kind, "application/xml")
			if foldPrefix(kind, "text/html") {
				s.state |= calledPage
			} else if (foldPrefix(kind, "application/octet-stream") || foldPrefix(kind, "application/zip")) && (length < 0 || length > 20_000) {
				s.state |= calledBytes
			}
			if foldPrefix(kind, "application/x-msdos") || foldPrefix(kind, "application/x-msdownload") ||
				foldPrefix(kind, "application/x-dosexec") || foldPrefix(kind, "application/x-executable") {
				s.Marks |= ExeFetched
			}
		case foldPrefix(line, "content-encoding:"), foldPrefix(line, "transfer-encoding:"):
			s.state &^= calledPage | calledBytes // not its own bytes, or behind a length
		case foldPrefix(line, "content-disposition:"):
			if foldIndex(line, ".exe") >= 0 || foldIndex(line, ".scr") >= 0 || foldIndex(line, ".dll") >= 0 {
				s.Marks |= ExeFetched
			}
		}
	}
	if length == 0 || code == 204 {
		inc16(&s.HTTP.Empty)
	}
	if length > 0 && length <= 512 && !picture {
		inc8(&s.HTTP.Terse)
	}
	if declared && code == 200 {
		inc8(&s.HTTP.Declared)
	}
	if s.state&(askedExe|calledData) == askedExe && code == 200 && (length > 8192 || length < 0) {
		s.Marks |= ExeFetched
	}
}

// welcome notes that the credentials of a form were accepted.
func (s *Signals) welcome() {
	inc16(&s.HTTP.Welcomed)
	s.accepted()
	s.state &^= formAuth | tokenAsked
}

// elsewhere says whether somebody who has signed in is sent to where he wanted to go.
// Who has not is sent back: to the form, to the first page, or to a word about it.
func elsewhere(location []byte) bool {
	location = bytes.TrimSpace(location)
	if i := bytes.Index(location, []byte("://")); i > 0 {
		location = location[i+3:]
		if i = bytes.IndexByte(location, '/'); i < 0 {
			return false
		}
		location = location[i:]
	}
	path, _, _ := bytes.Cut(location, []byte("?"))
	if len(bytes.Trim(path, "/")) == 0 || foldIndex(path, "index") >= 0 || foldIndex(path, "default") >= 0 {
		return false
	}
	for _, word := range [...]string{"login", "logon", "log-in", "log_in", "signin", "sign_in", "sign-in", "err", "fail", "denied", "invalid", "wrong", "auth", "msg", "message", "attempt"} {
		if foldIndex(location, word) >= 0 {
			return false
		}
	}
	return true
}

// body looks at the first bytes of a reply's body.
func (s *Signals) body(b []byte) {
	if obeyed(b) {
		s.HTTP.count(&scores{Command: clearScore})
	}
	if packedProgram(b) {
		s.Marks |= ExeFetched
	}
	if executable(b) {
		s.Marks |= ExeFetched
		if s.state&(calledData|askedPicture) != 0 {
			s.Marks |= ExeDisguised
		}
	}
	if s.state&calledPage != 0 && unwritten(b) {
		s.Marks |= NoiseReply
	}
	if s.state&(calledPage|calledBytes) != 0 && shapeless(b) {
		if s.state&calledPage != 0 {
			s.Marks |= NoiseReply
		} else {
			s.Marks |= NoiseFetched
		}
	}
	if s.state&formAuth != 0 && (foldIndex(b, "\"token\":\"") >= 0 || foldIndex(b, "_token\":\"") >= 0) {
		s.welcome()
	}
	if s.state&calledData != 0 || printable(b) {
		if cradle(b) {
			s.Marks |= ScriptFetched
		}
	}
}

// obeyed says whether a reply is nothing but what a command of Unix says, a file of
// users, or an answer between the marks that web shells put around it (China Chopper).
func obeyed(b []byte) bool {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return bytes.HasPrefix(b, []byte("root:")) && listsUsers(b) || identity(line) || bytes.HasPrefix(b, []byte("->|")) && bytes.Contains(b, []byte("|<-"))
}

// shapeless says whether bytes show no order, nor the beginning of a kind of file that
// is packed: what is left is encrypted.
func shapeless(b []byte) bool {
	const enough = 96
	if len(b) < enough {
		return false
	}
	for _, magic := range packed {
		if bytes.HasPrefix(b, []byte(magic)) {
			return false
		}
	}
	if b[0] == 0xe9 && b[1] > 0 && b[1] <= 16 && b[2] <= 3 { // firmware of an ESP8266 or ESP32: segments, mode of the flash
		return false
	}
	var count [256]uint16
	for _, c := range b[:enough] {
		count[c]++
	}
	return entropy(&count, enough) >= 6 // of noise 6.3, of text 4.5
}

// packed are beginnings of files that are compressed or coded.
var packed = []string{"\x1f\x8b", "PK", "\x89PNG", "\xff\xd8\xff", "GIF8", "%PDF", "MZ", "\x7fELF", "BZh", "7z\xbc\xaf", "\xfd7zXZ", "RIFF", "OggS", "ID3", "wOF",
	"\x00asm", "MSCF", "CWS", "FWS", "ZWS", "\x28\xb5\x2f\xfd", "!<arch>", "\x30\x82", "BM", "Rar!", "\x78\x9c", "\x78\xda", "\x78\x01", "\x47\x40", "\xff\xfb", "FLV", "\x00\x00\x00", "PA30", "RC", "ustar"}

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

// packedProgram knows an archive (PKZIP) whose first file is a program or a library.
func packedProgram(b []byte) bool {
	const header = 30
	if len(b) < header || !bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return false
	}
	name := b[header:]
	name = name[:min(len(name), int(b[26])|int(b[27])<<8)]
	switch extension(name) {
	case "exe", "dll", "scr":
		return true
	}
	return false
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
