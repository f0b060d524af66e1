package payload

import "firetower/internal/packet"

// dialogue is how a protocol of text lines logs somebody in. All words are the
// beginnings of lines, in lower case.
type dialogue struct {
	proto    Proto
	greets   []string // the server's first line
	begins   []string // the client's first line
	user     string   // the client's line that says who
	login    []string // the client's line that carries the password, or is followed by it
	refused  []string // the server's answers to it
	accepted []string
}

// dialogues are those that need no more than this table: Redis (its protocol
// specification, AUTH), NNTP (RFC 4643), XMPP (RFC 6120), Subversion's and CVS's own
// servers, Asterisk's manager interface.
var dialogues = []dialogue{
	{Redis, []string{"-noauth ", "-wrongpass ", "-denied redis"}, []string{"*1\r\n$", "*2\r\n$", "*3\r\n$", "auth "}, "", []string{"auth"},
		[]string{"-wrongpass", "-err invalid password", "-err invalid username"}, []string{"+ok", "%", "*14"}},
	{NNTP, []string{"200 news", "201 news", "200 nntp", "201 nntp"}, []string{"authinfo ", "mode reader"}, "authinfo user", []string{"authinfo pass"},
		[]string{"481", "482", "502"}, []string{"281"}},
	{XMPP, nil, []string{"<stream:stream", "<?xml version='1.0'?><stream:stream", "<?xml version=\"1.0\"?><stream:stream", "<?xml version='1.0' ?><stream:stream"},
		"", []string{"<auth"}, []string{"<failure"}, []string{"<success"}},
	{SVN, []string{"( success ( 2 2 ", "( success ( 1 2 "}, nil, "", []string{"( cram-md5", "( plain", "( digest-md5"}, []string{"( failure "}, []string{"( success ( ) )"}},
	{CVS, nil, []string{"begin auth request", "begin verification request"}, "", []string{"begin "}, []string{"i hate you", "error 0"}, []string{"i love you"}},
	{AMI, []string{"asterisk call manager"}, nil, "username:", []string{"secret:"}, []string{"message: authentication failed"}, []string{"message: authentication accepted"}},
}

// identifyDialogue settles the protocol by either side's first line.
func (s *Signals) identifyDialogue(d int, b []byte) bool {
	for i := range dialogues {
		g := &dialogues[i]
		server, client := begins(b, g.greets), begins(b, g.begins)
		if server || client {
			s.became(g.proto, d, client)
			return true
		}
	}
	return false
}

// converse follows a dialogue of the table.
func (s *Signals) converse(d int, b []byte, _ *packet.Packet) (changed bool) {
	var g *dialogue
	for i := range dialogues {
		if dialogues[i].proto == s.Proto {
			g = &dialogues[i]
		}
	}
	fromClient := d == s.client()
	eachLine(b, func(line []byte) {
		switch {
		case !fromClient:
			changed = s.dialogueAnswer(g, line) || changed
		case g.user != "" && foldPrefix(line, g.user):
			s.offer = hash(line)
			s.Users.Add(s.offer)
		case begins(line, g.login):
			inc32(&s.Requests)
			s.proceed(line)
		case s.awaits() > 0: // what the log-in goes on with
			s.extend(line)
		case len(line) > 2:
			s.goOn(line)
		}
	})
	return changed
}

// dialogueAnswer takes one line of the server. Where the client's side is not in
// the capture, its answers speak for themselves.
func (s *Signals) dialogueAnswer(g *dialogue, line []byte) bool {
	alone := s.unseen(s.client())
	if s.awaits() == 0 && !alone {
		return false
	}
	switch {
	case begins(line, g.refused):
		return s.refused()
	case !alone && begins(line, g.accepted):
		return s.accepted()
	}
	return false
}

// awaits is how many log-ins the server has not answered yet.
func (s *Signals) awaits() int { return max(0, int(s.LogIns)-int(s.Failures)-int(s.Successes)) }

// sealedOffer is the bit of Signals.state that says that a log-in answers a
// challenge, so that the same password looks different each time.
const sealedOffer = 0x4000

// proceed notes a log-in by its line, which names the mechanism or the password.
func (s *Signals) proceed(line []byte) {
	if s.LogIns > 0 && s.offer != 0 && s.unseen(1-s.client()) {
		s.Secrets.Add(s.offer) // who offers something else was refused
	}
	inc16(&s.LogIns)
	s.state &^= sealedOffer | worked
	for _, m := range []string{"cram", "scram", "digest", "ntlm", "gss", "apop"} {
		if foldIndex(line[:min(len(line), 96)], m) >= 0 {
			s.state |= sealedOffer
			s.offer = 0
		}
	}
	s.extend(line)
}

// extend adds a piece to the credentials that are on offer.
func (s *Signals) extend(piece []byte) {
	if s.state&sealedOffer == 0 {
		s.offer = s.offer*31 + hash(piece) | 1
	}
}

// begins says whether b begins with one of the words, in any case.
func begins(b []byte, words []string) bool {
	for _, w := range words {
		if foldPrefix(b, w) {
			return true
		}
	}
	return false
}
