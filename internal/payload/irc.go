package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// looksIRC knows a client's registration and a server's first lines (RFC 2812).
func looksIRC(b []byte) bool {
	switch {
	case foldPrefix(b, "nick ") && len(b) > 6, foldPrefix(b, "pass ") && foldIndex(b, "\nnick ") > 0:
		return true
	case foldPrefix(b, "user ") && bytes.Count(b[:min(len(b), 160)], []byte(" ")) >= 4 && bytes.IndexByte(b, ':') > 0:
		return true
	case foldPrefix(b, "notice auth"), foldPrefix(b, "privmsg #"), foldPrefix(b, "join #"):
		return true
	case b[0] == ':' && len(b) > 12:
		line, _, _ := bytes.Cut(b, []byte("\n"))
		for _, verb := range []string{" 001 ", " NOTICE ", " PRIVMSG ", " JOIN ", " 372 ", " 332 "} {
			if bytes.Contains(line, []byte(verb)) {
				return true
			}
		}
	}
	return false
}

// herder are the beginnings of commands that bots of the Agobot, SDBot and Kaiten
// families, and their many copies, obey.
var herder = []string{".advscan", "!advscan", ".ddos", "!ddos", ".udp ", "!udp", ".syn", "!syn", ".download", "!download", ".update http",
	"!update http", ".http.", "!http", ".asc ", "!asc", ".login ", "!login", "!bot", ".scan", "!scan", ".spread", "!kill", "!get http", "!flood", "tsunami", ".wget", "!wget", "!* "}

// irc counts what goes over a channel, and knows the nicks that bots generate.
func (s *Signals) irc(d int, b []byte, _ *packet.Packet) (changed bool) {
	eachLine(b, func(line []byte) {
		if d == s.client() {
			inc32(&s.Requests)
			switch {
			case foldPrefix(line, "nick "):
				if botNick(line[5:]) {
					s.Marks |= IRCBot
				}
			case foldPrefix(line, "join "):
				s.Marks |= IRCChannel
			case foldPrefix(line, "privmsg "):
				changed = s.said(line) || changed
			}
			return
		}
		inc32(&s.Responses)
		if i := bytes.LastIndex(line, []byte(" :")); i > 0 && (bytes.Contains(line, []byte(" PRIVMSG ")) || bytes.Contains(line, []byte(" 332 ")) || bytes.Contains(line, []byte(" TOPIC "))) {
			for _, h := range herder {
				if foldPrefix(line[i+2:], h) {
					s.Marks |= IRCBot
				}
			}
		}
	})
	return false
}

// said weighs what a client says: people use words, a bot that reports sends one
// long token of letters and digits again and again. s.state counts them less twice
// the others.
func (s *Signals) said(line []byte) bool {
	i := bytes.Index(line, []byte(" :"))
	if i < 0 {
		return false
	}
	if !opaque(bytes.TrimSpace(line[i+2:])) {
		s.state -= min(s.state, 2)
		return false
	}
	s.state = min(254, s.state) + 1
	if s.state < opaqueEnough {
		return false
	}
	s.Marks |= IRCBot
	return true
}

// opaqueEnough is how many such messages are no accident.
const opaqueEnough = 6

// opaque is true for base64 and its like: one long token of both cases and digits.
func opaque(text []byte) bool {
	if len(text) < 20 {
		return false
	}
	upper, small, digits := false, false, false
	for _, c := range text {
		switch {
		case digit(c):
			digits = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case letter(c):
			small = true
		case c != '+' && c != '/' && c != '=':
			return false
		}
	}
	return upper && small && digits
}

// botNick says whether a nick is built like a bot's: a country or a system between
// brackets or bars, and a serial number.
func botNick(nick []byte) bool {
	nick = bytes.TrimSpace(nick)
	digits, marks, capitals := 0, 0, 0
	tagged := false // a mark, two or three capitals, a mark: a country or a processor
	for _, c := range nick {
		switch {
		case digit(c):
			digits++
		case c == '[' || c == ']' || c == '|' || c == '{' || c == '}':
			tagged = tagged || marks > 0 && (capitals == 2 || capitals == 3)
			marks++
		}
		if capitals++; c < 'A' || c > 'Z' {
			capitals = 0
		}
	}
	tail := nick[bytes.LastIndexAny(nick, "[]|{}")+1:]
	return marks >= 1 && digits >= 4 || digits >= 6 || marks >= 3 && tagged || digits == 0 && RandomName(tail)
}
