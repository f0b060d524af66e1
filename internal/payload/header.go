package payload

import (
	"bytes"
	"net/netip"
)

// headers are what a request's head holds, as slices of the packet that die with
// it.
type headers struct {
	hidden      int  // bytes of the packet that the capture did not keep
	whole       bool // the blank line was seen
	host        []byte
	agent       []byte
	referer     []byte
	cookie      []byte
	auth        []byte
	destination []byte // of what is moved or copied (WebDAV)
	named       uint8  // set of the marks below
	raw         []byte // the head itself
	cut         bool   // the line being read goes on behind what was kept
	partial     bool   // so does the agent's name
	unnamed     bool   // so does the host's
	broken      bool   // so do the credentials
	early       bool   // the agent is named before what is accepted

	framed  uint8 // how the body's length is told
	form    bool  // the body calls itself a form
	library bool  // the body is a question about certificates or signatures (RFC 6960, RFC 3161)
	old     bool  // HTTP/1.0
	vast    bool  // a body of 100,000 bytes or more is announced: no form that logs somebody in
	relayed bool  // a proxy has handled it
	tunnels uint8 // signs that other connections are carried
	pieces  bool  // a list of byte ranges that overlap is asked for
	forged  bool  // a header that servers give each other, or that scripts take for their own setting
}

// Bits of headers.named.
const (
	hasReferer = 1 << iota
	hasLanguage
	hasEncoding
	hasAccept
	hasCookie
	hasAgent
	hasFetch // Origin, Sec-Fetch, Upgrade-Insecure-Requests, DNT, If-Modified-Since: browsers
)

// Bits of headers.framed. Both together have two servers disagree where a request
// ends.
const (
	lengthTold = 1 << iota
	chunked

	chunkedAndLength = lengthTold | chunked
)

// read takes the head's lines and gives back the body.
func (h *headers) read(b []byte) (body []byte) {
	h.raw = b
	for len(b) > 0 {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if found && len(line) == 0 {
			h.whole = true
			h.raw = h.raw[:len(h.raw)-len(b)]
			return rest
		}
		h.cut = !found && h.hidden > 0
		h.line(line)
		b = rest
	}
	return nil
}

// line notes one header.
func (h *headers) line(line []byte) {
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found || len(name) == 0 {
		return
	}
	value = bytes.TrimSpace(value)
	switch lower(name[0]) {
	case 'h':
		if foldPrefix(name, "host") {
			h.unnamed = h.cut
			if !h.cut {
				h.host = value
			}
		}
	case 'u':
		if foldPrefix(name, "user-agent") {
			h.agent, h.partial, h.early = value, h.cut, h.named&hasAccept == 0
			h.named |= hasAgent
		} else if foldPrefix(name, "upgrade-insecure") {
			h.named |= hasFetch
		}
	case 'r':
		switch {
		case foldPrefix(name, "referer"):
			h.named |= hasReferer
			h.referer = value
		case foldPrefix(name, "range"):
			h.pieces = h.pieces || ranges(value)
		}
	case 'a':
		switch {
		case foldPrefix(name, "accept-language"):
			h.named |= hasLanguage
		case foldPrefix(name, "accept-encoding"):
			h.named |= hasEncoding
		case foldPrefix(name, "accept"):
			h.named |= hasAccept
		case foldPrefix(name, "authorization"):
			h.auth, h.broken = value, h.cut
		}
	case 'p':
		if foldPrefix(name, "proxy-authorization") {
			h.auth, h.broken = value, h.cut
		}
		h.forged = h.forged || len(name) == len("proxy") && foldPrefix(name, "proxy")
	case 'f':
		h.forged = h.forged || foldPrefix(name, "forwarded") && foldIndex(value, "=\"[127.0.0.1]") >= 0
	case 'c':
		switch {
		case foldPrefix(name, "cookie"):
			h.cookie = value
			h.named |= hasCookie
		case foldPrefix(name, "content-type"):
			h.form = foldPrefix(value, "application/x-www-form-urlencoded")
			h.library = foldPrefix(value, "application/ocsp-request") || foldPrefix(value, "application/timestamp-query")
		case foldPrefix(name, "content-length"):
			h.framed |= lengthTold
			h.vast = h.vast || len(bytes.TrimLeft(value, "0")) > 5
		}
	case 't':
		if foldPrefix(name, "transfer-encoding") && foldIndex(value, "chunked") >= 0 {
			h.framed |= chunked
		}
	case 'v', 'x':
		if foldPrefix(name, "via") || foldPrefix(name, "x-forwarded") {
			h.relayed = true
		} else if foldPrefix(name, "x-cmd") && (foldPrefix(value, "connect") || foldPrefix(value, "forward")) || foldPrefix(name, "x-target") { // reGeorg
			h.tunnels++
		}
		h.forged = h.forged || foldPrefix(name, "x-middleware-subrequest")
	case 's', 'd', 'i', 'o':
		if foldPrefix(name, "origin") || foldPrefix(name, "sec-fetch") || foldPrefix(name, "sec-ch") || foldPrefix(name, "dnt") || foldPrefix(name, "if-") {
			h.named |= hasFetch
		} else if foldPrefix(name, "destination") {
			h.destination = value
		} else if foldPrefix(name, "sec-websocket-protocol") && foldPrefix(value, "chisel-") {
			h.tunnels += 2
		}
	}
}

// noteHeaders turns the head into marks.
func (s *Signals) noteHeaders(h *headers, method int, target []byte) {
	w := &s.HTTP
	w.Host, w.Agent = 0, 0
	if len(h.host) > 0 {
		w.Host = hash(h.host)
	}
	if len(h.agent) > 0 && !h.partial {
		w.Agent = hash(h.agent)
	}
	if h.library {
		return // a library asks, whatever the program: under its name, and with few headers
	}
	known := h.whole || h.hidden < 24
	// Internet Explorer names its language and the page before itself, and what is built on
	// the engines of Chrome and Firefox before its cookies: what it has not said by then it
	// does not say, even if the capture has cut the rest.
	told := known || h.named&hasAgent != 0 && explorer(h.agent) || h.named&hasCookie != 0 && h.named&hasAccept != 0 && !h.relayed && engine(h.agent)
	if method == methodPost && told && h.named&hasReferer == 0 {
		inc16(&w.BarePosts)
	}
	s.noteHost(h, known)
	if h.tunnels >= 2 {
		s.Domain.Gathered |= Tunnels
	}
	if h.pieces {
		s.Marks |= ManyRanges
	}
	if foldPrefix(h.agent, "wordpress/") && foldIndex(h.agent, "verifying pingback") > 0 {
		s.Marks |= Pingback
	}
	s.noteAgent(h, known)
	shown := h.shown(method)
	w.Cookie = 0
	if name, _, found := bytes.Cut(h.cookie, []byte("=")); found {
		w.Cookie = uint8(hash(name)>>8) | 1
	}
	if method == methodGet && h.coded(target, told, shown) {
		s.Marks |= CookieBeacon
		inc8(&w.Ciphers)
		if h.named&hasLanguage == 0 && !bytes.Contains(h.referer, h.host) {
			shown &^= hasReferer // invented
		}
	}
	switch {
	case h.old && !h.relayed && browser(h.agent): // no browser has sent HTTP/1.0 since 1997
		s.Marks |= ForgedBrowser
	case !h.partial && misspelt(h.agent):
		s.Marks |= ForgedBrowser | OddAgent
	case shown != 0:
		s.Marks |= BrowserSeen
	case told && h.named&hasLanguage == 0 && browser(h.agent) && !mobile(h.agent):
		s.Marks |= ForgedBrowser
	}
	if s.credentials(h.auth) {
		s.state |= basicAuth
		if h.broken {
			s.offer = 0
		}
	}
}

// noteAgent judges what the program calls itself.
func (s *Signals) noteAgent(h *headers, known bool) {
	if h.named&hasAgent == 0 {
		if known {
			s.Marks |= NoAgent
		}
		return
	}
	if m := agentMark(h.agent); !h.partial || m == ScannerAgent || m == ScriptAgent { // a browser's name tells itself late
		s.Marks |= m
	}
	if weight := reporting(h.agent); weight > 0 && !h.partial {
		inc8(&s.HTTP.CheckIns)
		s.HTTP.Detail = max(s.HTTP.Detail, weight)
	}
}

// shown is what a person's browser sends along, as far as it may be believed.
func (h *headers) shown(method int) uint8 {
	shown := h.named & (hasLanguage | hasReferer | hasFetch)
	if method == methodPost {
		shown &^= hasLanguage // a page posts with its address as referrer or origin
		if !bytes.Contains(h.referer, h.host) {
			shown &^= hasReferer // invented
		}
	}
	if h.early && !h.relayed && explorer(h.agent) { // Explorer says first what it accepts
		shown &^= hasLanguage
	}
	return shown
}

// noteHost judges the name that the request is for.
func (s *Signals) noteHost(h *headers, known bool) {
	host := h.host
	if i := bytes.LastIndexByte(host, ':'); i > 0 && bytes.IndexByte(host, ']') < 0 {
		host = host[:i]
	}
	if len(host) == 0 {
		if known && !h.unnamed {
			s.Marks |= RawHost
		}
		return
	}
	if digit(host[len(host)-1]) || host[len(host)-1] == ']' {
		if a, err := netip.ParseAddr(string(bytes.Trim(host, "[]"))); err == nil {
			if !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() {
				s.Marks |= RawHost
			}
			return
		}
	}
	s.Marks |= nameMarks(host)
}

// ranges says whether the value of a Range header lists pieces that overlap: many that
// reach to the end, or that begin at the same byte. Programs ask for one behind the other.
func ranges(value []byte) bool {
	_, value, _ = bytes.Cut(value, []byte("="))
	var before []byte
	overlap := 0
	for n := 0; n < 64 && len(value) > 0; n++ {
		var piece []byte
		piece, value, _ = bytes.Cut(value, []byte(","))
		first, last, found := bytes.Cut(bytes.TrimSpace(piece), []byte("-"))
		if found && len(first) > 0 && (bytes.Equal(first, before) || len(last) == 0) {
			overlap++
		}
		before = first
	}
	return overlap >= 5
}
