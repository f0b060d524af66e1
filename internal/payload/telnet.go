package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// States of a log-in at a terminal.
const (
	terminalIdle   = iota
	terminalAsked  // the server has asked for a password
	terminalTyped  // the client has sent a line
	terminalWithin // a shell's prompt was seen
)

// refusals are the words in which log-in programs and routers refuse, and after
// which nothing else is meant; failures those that mean it right after a password.
var (
	refusals = vocabularyOf([]string{"incorrect", "login failed", "authentication failed", "authentication failure", "logon failure", "access denied", "bad password",
		"login invalid", "invalid login", "invalid password", "wrong password"})
	failures  = vocabularyOf([]string{"fail", "invalid", "denied", "wrong", "% bad", "error", "not allowed"})
	welcomes  = vocabularyOf([]string{"last login", "welcome to"})
	questions = []string{"ogin:", "sername:", "assword:", "user:", "asscode:"}
)

// asksWho says whether a packet ends in a question for a name or a password.
func asksWho(b []byte) bool {
	b = bytes.TrimRight(b[max(0, len(b)-64):], " \x00")
	for _, p := range questions {
		if len(b) > len(p) && foldPrefix(b[len(b)-len(p):], p) {
			return true
		}
	}
	return false
}

// looksRemoteLogin knows what a client of rexec or rlogin says first: names and a
// terminal or a command, each ended by a zero (RFC 1282).
func looksRemoteLogin(b []byte) bool {
	if len(b) < 8 || len(b) > 200 || b[len(b)-1] != 0 {
		return false
	}
	words, letters := 0, 0
	for i, c := range b {
		switch {
		case c == 0:
			if i > 0 && b[i-1] != 0 {
				words++
			}
		case c < 32 || c > 126:
			return false
		case letter(c):
			letters++
		}
	}
	return words >= 3 && words <= 4 && letters >= 4
}

// rlogin is the port of remote log-ins between hosts that trust one another (RFC 1282).
const rlogin = 513

// telnet follows log-ins at a terminal: refused in words, or asked again.
func (s *Signals) telnet(d int, b []byte, p *packet.Packet) bool {
	if d == s.client() && asksWho(b) && s.LogIns == 0 { // the flow was seen from its middle
		s.Reversed = d == 0
	}
	if d == s.client() {
		if s.Looked[d] == 1 && p.DstPort == rlogin && looksRemoteLogin(b) && bytes.Contains(b, []byte("\x00root\x00")) {
			s.Domain.Gathered |= waits
		}
		if s.state <= terminalAsked && b[0] < 0x80 {
			s.extend(b)
		}
		if s.state == terminalAsked && bytes.ContainsAny(b, "\r\n") {
			s.state = terminalTyped
		}
		return false
	}
	if s.state == terminalWithin {
		return false
	}
	if s.Domain.Gathered&waits != 0 && len(b) > 1 {
		s.Domain.Gathered &^= waits
		if prompts(b) {
			s.Domain.Gathered |= RootUnasked
			return true
		}
	}
	answered := s.state == terminalTyped || s.state == terminalAsked && s.unseen(s.client())
	asks := asksWho(b)
	switch {
	case refusals.in(b), answered && (asks || failures.in(b)):
		inc16(&s.LogIns)
		s.state = terminalIdle
		if foldIndex(b, "assword:") >= 0 {
			s.state = terminalAsked
		}
		return s.refused()
	case answered && welcomes.in(b), answered && atPrompt(b):
		s.state = terminalWithin
		inc16(&s.LogIns)
		return s.accepted()
	case asks && foldIndex(b, "assword:") >= 0:
		s.state = terminalAsked
	}
	return false
}

// Abandoned is true for a log-in at a terminal whose client has typed a password and
// seen no answer so far. Log-in programs hold a refusal back for seconds, and whoever
// guesses need not wait for it.
func (s *Signals) Abandoned() bool { return s.Proto == Telnet && s.state == terminalTyped }

// atPrompt says whether a terminal's text ends where a command is awaited.
func atPrompt(b []byte) bool {
	b = bytes.TrimRight(b, " \x00")
	if len(b) == 0 {
		return false
	}
	switch b[len(b)-1] {
	case '$', '#', '>', '%':
		return true
	}
	return false
}
