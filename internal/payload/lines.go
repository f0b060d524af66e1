package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// attempt notes a log-in attempt under a user's name.
func (s *Signals) attempt(user []byte) {
	inc16(&s.LogIns)
	s.Users.Add(hash(bytes.TrimSpace(user)))
}

// refused and accepted note the server's answer to a log-in.
func (s *Signals) refused() bool  { inc16(&s.Failures); return true }
func (s *Signals) accepted() bool { inc16(&s.Successes); return true }

// eachLine calls f with the lines of b, at most 32, without their ends.
func eachLine(b []byte, f func(line []byte)) {
	for range 32 {
		if len(b) == 0 {
			return
		}
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		f(bytes.TrimSuffix(line, []byte("\r")))
		b = rest
	}
}

// ftp counts USER, PASS and their answers (RFC 959).
func (s *Signals) ftp(d int, b []byte, _ *packet.Packet) (changed bool) {
	eachLine(b, func(line []byte) {
		switch {
		case d == s.client():
			inc32(&s.Requests)
			if foldPrefix(line, "user ") {
				s.Users.Add(hash(bytes.TrimSpace(line[5:])))
			} else if foldPrefix(line, "pass") {
				inc16(&s.LogIns)
			}
		case bytes.HasPrefix(line, []byte("530 ")) || bytes.HasPrefix(line, []byte("430 ")):
			// 530 also answers any command before a log-in.
			if s.LogIns > s.Failures {
				changed = s.refused()
			}
		case bytes.HasPrefix(line, []byte("230 ")):
			changed = s.accepted()
		}
	})
	return changed
}

// smtp counts AUTH and its answers, messages handed over and refusals as spam.
func (s *Signals) smtp(d int, b []byte, _ *packet.Packet) (changed bool) {
	if s.state == 1 && d == s.client() { // within DATA
		return false
	}
	eachLine(b, func(line []byte) {
		switch {
		case d == s.client():
			inc32(&s.Requests)
			switch {
			case foldPrefix(line, "auth "):
				s.attempt(line[5:])
			case foldPrefix(line, "rcpt to:"):
				s.Names.Add(hash(line[8:]))
			case foldPrefix(line, "data") && len(line) == 4:
				s.state = 1
			}
		case bytes.HasPrefix(line, []byte("535")) || bytes.HasPrefix(line, []byte("534")):
			changed = s.refused()
		case bytes.HasPrefix(line, []byte("235")):
			changed = s.accepted()
		case bytes.HasPrefix(line, []byte("354")):
			s.Marks |= MailSent
		case bytes.HasPrefix(line, []byte("250")):
			s.state = 0
		case len(line) > 3 && line[0] == '5':
			s.state = 0
			inc32(&s.Responses)
			if foldIndex(line, "spam") >= 0 || foldIndex(line, "blocked") >= 0 || foldIndex(line, "blacklist") >= 0 || foldIndex(line, "listed") >= 0 {
				s.Marks |= SpamWords
			}
		}
	})
	return changed
}

// pop3 counts PASS and APOP and their answers (RFC 1939).
func (s *Signals) pop3(d int, b []byte, _ *packet.Packet) (changed bool) {
	if d != s.client() {
		if s.state == 1 {
			s.state = 0
			if bytes.HasPrefix(b, []byte("-ERR")) {
				return s.refused()
			}
			if bytes.HasPrefix(b, []byte("+OK")) {
				return s.accepted()
			}
		}
		return false
	}
	inc32(&s.Requests)
	switch {
	case foldPrefix(b, "user "):
		s.Users.Add(hash(bytes.TrimSpace(b[5:])))
	case foldPrefix(b, "pass "), foldPrefix(b, "apop "), foldPrefix(b, "auth "):
		inc16(&s.LogIns)
		s.state = 1
	}
	return false
}

// imap counts LOGIN and AUTHENTICATE and their answers (RFC 9051).
func (s *Signals) imap(d int, b []byte, _ *packet.Packet) bool {
	if d == s.client() {
		inc32(&s.Requests)
		if i := foldIndex(b, " login "); i >= 0 && i < 16 {
			user, _, _ := bytes.Cut(b[i+7:], []byte(" "))
			s.attempt(user)
			s.state = 1
		} else if i := foldIndex(b, " authenticate "); i >= 0 && i < 16 {
			inc16(&s.LogIns)
			s.state = 1
		}
		return false
	}
	if s.state != 1 || bytes.HasPrefix(b, []byte("+")) {
		return false
	}
	s.state = 0
	if i := foldIndex(b, " no "); i >= 0 && i < 16 {
		return s.refused()
	}
	if i := foldIndex(b, " ok "); i >= 0 {
		return s.accepted()
	}
	return false
}

// telnet counts refused log-ins by the words that log-in programs use.
func (s *Signals) telnet(d int, b []byte, _ *packet.Packet) bool {
	if d == 0 {
		return false
	}
	s.Looked[1] = max(s.Looked[1], 1)
	switch {
	case foldIndex(b, "incorrect") >= 0 || foldIndex(b, "login failed") >= 0 || foldIndex(b, "authentication failed") >= 0 ||
		foldIndex(b, "logon failure") >= 0 || foldIndex(b, "access denied") >= 0 || foldIndex(b, "bad password") >= 0:
		inc16(&s.LogIns)
		return s.refused()
	case foldIndex(b, "last login") >= 0 || foldIndex(b, "welcome to") >= 0:
		return s.accepted()
	}
	return false
}
