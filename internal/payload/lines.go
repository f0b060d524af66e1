package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// refused and accepted note the server's answer to a log-in.
func (s *Signals) refused() bool {
	inc16(&s.Failures)
	if s.offer != 0 {
		s.Secrets.Add(s.offer)
		s.offer = 0
	}
	return true
}

func (s *Signals) accepted() bool {
	inc16(&s.Successes)
	s.offer = 0
	return true
}

// unseen says whether direction d is not in the capture so far.
func (s *Signals) unseen(d int) bool { return s.first&(1<<d) == 0 }

// worked is the bit of Signals.state that says that the client went on after its
// last log-in, which it hardly does when refused.
const worked = 0x2000

// goOn notes a client's line that is no log-in.
func (s *Signals) goOn(line []byte) {
	if s.LogIns > 0 && !begins(line, []string{"quit", "logout", "auth", "syst", "noop", "user"}) {
		s.state |= worked
	}
}

// Fruitless is, where the server's side is not in the capture, how many log-ins
// led to nothing: one followed by another, or by leave; and what was offered last.
func (s *Signals) Fruitless() (n uint16, last Sketch) {
	if s.LogIns == 0 || !s.unseen(1-s.client()) {
		return 0, 0
	}
	if s.offer != 0 {
		last.Add(s.offer)
	}
	if s.state&worked != 0 {
		return s.LogIns - 1, 0
	}
	return s.LogIns, last
}

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
				s.offer = hash(line)
			} else if foldPrefix(line, "pass") && (len(line) == 4 || line[4] == ' ') {
				s.proceed(line[4:])
			} else {
				if foldPrefix(line, "stor ") && hoards(line[5:]) {
					s.Marks |= HostInfo
				}
				if wantsPasswords(line) {
					s.Domain.Gathered |= PasswordsOut
				}
				s.goOn(line)
			}
		case bytes.HasPrefix(line, []byte("331 ")) && s.unseen(s.client()):
			inc16(&s.LogIns) // the name is asked for its password
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
	if s.state&^sealedOffer&^worked == 1 && d == s.client() { // within DATA
		if reports(b) {
			s.Marks |= HostInfo
		}
		return false
	}
	eachLine(b, func(line []byte) {
		switch {
		case d == s.client():
			inc32(&s.Requests)
			switch {
			case foldPrefix(line, "auth "):
				s.Users.Add(hash(bytes.TrimSpace(line[5:])))
				s.proceed(line)
			case foldPrefix(line, "vrfy "), foldPrefix(line, "expn "): // is there somebody of that name?
				s.Users.Add(hash(bytes.TrimSpace(line[5:])))
				inc16(&s.LogIns)
			case s.awaits() > 0:
				s.extend(line)
			case foldPrefix(line, "rcpt to:"):
				s.Names.Add(hash(line[8:]))
			case foldPrefix(line, "data") && len(line) == 4:
				s.state = 1
			default:
				s.goOn(line)
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

// pop3 counts PASS, APOP and AUTH and their answers (RFC 1939, RFC 5034). An
// answer of + asks for more.
func (s *Signals) pop3(d int, b []byte, _ *packet.Packet) (changed bool) {
	eachLine(b, func(line []byte) {
		switch {
		case d != s.client():
			alone := s.unseen(s.client())
			switch {
			case foldPrefix(line, "-err") && (s.awaits() > 0 || alone && mailRefusals.in(line)):
				changed = s.refused()
			case foldPrefix(line, "+ok") && s.awaits() > 0:
				changed = s.accepted()
			}
		case foldPrefix(line, "user "):
			s.Users.Add(hash(bytes.TrimSpace(line[5:])))
			s.offer = hash(line)
		case foldPrefix(line, "pass "), foldPrefix(line, "apop "), foldPrefix(line, "auth "):
			inc32(&s.Requests)
			s.proceed(line)
		case s.awaits() > 0:
			s.extend(line)
			s.goOn(line)
		default:
			inc32(&s.Requests)
		}
	})
	return changed
}

// mailRefusals are the words of a refusal where only the server's side is seen
// (RFC 3206, RFC 5530).
var mailRefusals = vocabularyOf([]string{"[auth]", "[authenticationfailed]", "authentication failed", "login failed", "logon failure", "invalid credentials"})

// imap counts LOGIN and AUTHENTICATE and their answers (RFC 9051), whose tag may be
// anything of the client's choice.
func (s *Signals) imap(d int, b []byte, _ *packet.Packet) (changed bool) {
	eachLine(b, func(line []byte) {
		if len(line) == 0 {
			return
		}
		_, rest, _ := bytes.Cut(line[:min(len(line), 160)], []byte(" "))
		switch {
		case d == s.client() && foldPrefix(rest, "login "):
			user, _, _ := bytes.Cut(rest[6:], []byte(" "))
			s.Users.Add(hash(user))
			inc32(&s.Requests)
			s.proceed(rest)
		case d == s.client() && foldPrefix(rest, "authenticate "):
			inc32(&s.Requests)
			s.proceed(rest)
		case d == s.client() && s.awaits() > 0:
			s.extend(line)
			s.goOn(rest)
		case d == s.client():
			inc32(&s.Requests)
		case line[0] == '*' || line[0] == '+': // in between
		case foldPrefix(rest, "no") && (s.awaits() > 0 || s.unseen(s.client()) && mailRefusals.in(rest)):
			changed = s.refused()
		case foldPrefix(rest, "ok") && s.awaits() > 0:
			changed = s.accepted()
		}
	})
	return changed
}
