package payload

import (
	"bytes"
	"unicode/utf8"
)

// coded knows a beacon's metadata where no browser asks: a cookie of one long value, a
// query that is one and has no name, a parameter under a browser's name or none, or
// cookies of a program that does not name itself. A page that asks for what is another's
// names its own address and language (in shown). Of a head that the capture has cut
// altogether, the target must be longer, and behaviours know whether a browser is about.
func (h *headers) coded(target []byte, known bool, shown uint8) bool {
	if shown&(hasLanguage|hasFetch) != 0 || h.named&hasReferer != 0 && bytes.Contains(h.referer, h.host) {
		return false
	}
	query := parameters(target)
	if !known && h.named == 0 {
		return len(query) >= hiddenCipher && !namesFile(target) && (enciphered(query, hiddenCipher) || value(query, hiddenCipher))
	}
	cookie := h.cookie
	if i := bytes.IndexByte(cookie, '='); i > 0 && i < 24 && i < len(cookie)-24 {
		cookie = cookie[i+1:]
	}
	nameless := h.named&hasAgent == 0
	return enciphered(cookie, longCipher) || known && (enciphered(query, longCipher) ||
		(nameless || browser(h.agent)) && !namesFile(target) && value(query, longValue) || nameless && len(h.cookie) >= longCipher)
}

// namesFile is true for a target that is a file, such as a film behind a ticket, and no
// script's.
func namesFile(target []byte) bool {
	path, _, _ := bytes.Cut(target, []byte("?"))
	switch extension(path) {
	case "", "php", "asp", "aspx", "jsp", "cgi", "pl", "htm", "html":
		return false
	}
	return true
}

// How many letters of Base64 an order of none has at least: alone, under a name, and
// where nothing else was kept of the request.
const (
	longCipher   = 100
	longValue    = 80
	hiddenCipher = 140
)

// parameters are a target's query, or what some programs make of its last part.
func parameters(target []byte) []byte {
	path, query, asked := bytes.Cut(target, []byte("?"))
	if asked {
		return query
	}
	last := path[bytes.LastIndexByte(path, '/')+1:]
	if bytes.IndexByte(last, '.') >= 0 {
		return nil
	}
	return last
}

// value is true for a query of which one parameter is so long a cipher.
func value(query []byte, long int) bool {
	for len(query) >= long {
		var one []byte
		one, query, _ = bytes.Cut(query, []byte("&"))
		if _, v, _ := bytes.Cut(one, []byte("=")); enciphered(v, long) {
			return true
		}
	}
	return false
}

// enciphered is true for one value of at least so many letters of Base64, of which some
// are digits.
func enciphered(value []byte, long int) bool {
	return len(value) >= long && inBase64(value) && bytes.ContainsAny(value, "0123456789")
}

// inBase64 is true for letters of Base64, and nothing else.
func inBase64(value []byte) bool {
	for _, c := range bytes.TrimRight(value, "=") {
		if !letter(c) && !digit(c) && c != '+' && c != '/' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// unwritten is true for bytes that are no text in any alphabet, and not the beginning of
// something packed: control signs among bytes above ASCII that are no UTF-8.
func unwritten(b []byte) bool {
	const enough = 24
	if len(b) < enough {
		return false
	}
	for _, magic := range packed {
		if bytes.HasPrefix(b, []byte(magic)) {
			return false
		}
	}
	control, high := 0, 0
	for _, c := range b {
		switch {
		case c < 7 || c > 13 && c < 27:
			control++
		case c >= utf8.RuneSelf:
			high++
		}
	}
	return 32*control >= len(b) && 3*high >= len(b) && !utf8.Valid(b[:len(b)-utf8.UTFMax])
}
