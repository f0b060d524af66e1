package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// counted is what of a connection's log-ins has been booked.
type counted struct {
	failed, succeeded, unclear uint16
	booked                     bool // the connection itself
}

// tries is what a connection newly shows.
type tries struct {
	failed, succeeded float64
	forgiven          float64 // refusals of before, on the way to a success of the same connection
	forms             bool    // web forms: neither refusal nor success can be read
	browser           bool    // which a person fills in, as far as headers tell
	users, secrets    payload.Sketch
	service           payload.Proto
	connection        bool // its first
}

// newTries compares a connection's log-ins with those booked before.
func (b *bruteForce) newTries(r *flow.Record, ended bool) (t tries, ok bool) {
	s := r.Signals
	if s == nil {
		return t, false
	}
	t.service, t.users, t.secrets, t.browser = s.Proto, s.Users, s.Secrets, s.Marks.Any(payload.BrowserSeen)
	now := counted{failed: s.Failures, succeeded: s.Successes}
	switch {
	case s.Proto == payload.SSH:
		now = countSSH(r, ended)
	case s.Proto == payload.RDP && s.Failures == 0 && s.Successes == 0:
		now = countRDP(r, ended)
	case s.Proto == payload.HTTP && s.HTTP.Forms > s.Failures:
		now.unclear, t.forms = s.HTTP.Forms-s.Failures-min(s.HTTP.Welcomed, s.HTTP.Forms-s.Failures), true
		if server := sidesOf(r).fromServer; server.Packets > 0 && server.Payload == 0 {
			now.unclear = 0 // not sent to its end: a slow attack
		}
	case s.Proto == payload.SNMP && 2*s.Responses < s.Requests:
		now.failed = s.LogIns - min(s.LogIns, uint16(min(s.Responses, 65535))) // an agent is silent on a wrong community
	case ended && s.Abandoned():
		now.failed++
	case ended && fruitless(s, &now, &t):
	case s.LogIns > 1 && s.LogIns-1 > s.Failures && oneLogIn(s.Proto):
		now.failed = s.LogIns - 1 // who logs in again was refused before, legible or not
	case s.Proto == payload.Kerberos && s.Responses == 0 && ended:
		now.unclear, t.forms, t.secrets = s.LogIns, true, s.Users // one name after another
	}
	if now == (counted{}) {
		return t, false
	}
	before := b.flows.get(r.ID)
	if before == nil {
		before, _ = b.flows.add(r.ID)
	}
	now.booked = before.booked
	if now.failed > before.failed {
		t.failed += float64(now.failed - before.failed)
		if s.Proto == payload.HTTP && now.unclear < before.unclear { // a form's refusal came after all
			t.failed -= min(t.failed, float64(before.unclear-now.unclear))
		}
	}
	if now.unclear > before.unclear {
		t.failed += float64(now.unclear - before.unclear)
	}
	if now.succeeded > before.succeeded {
		t.succeeded = float64(now.succeeded - before.succeeded)
		if s.Proto == payload.SSH {
			t.forgiven = weighsFast * float64(before.failed) // keys offered in turn, a password mistyped
		}
	}
	if t.failed > 0 || t.succeeded > 0 {
		t.connection, now.booked = !now.booked, true
	}
	*before = now
	return t, now.booked && (t.failed > 0 || t.succeeded > 0)
}

// fruitless counts log-ins whose answers are not in the capture and that led to
// nothing else: each new set of credentials says that the one before was wrong.
func fruitless(s *payload.Signals, now *counted, t *tries) bool {
	n, last := s.Fruitless()
	if n == 0 || s.Failures > 0 || s.Secrets|last == 0 {
		return false
	}
	now.unclear, t.forms = n, true
	t.secrets |= last
	return true
}

// oneLogIn says whether a session of a protocol needs one log-in and no more.
func oneLogIn(p payload.Proto) bool {
	switch p {
	case payload.POP3, payload.IMAP, payload.SMTP, payload.FTP, payload.Telnet, payload.VNC:
		return true
	}
	return false
}

// mostRefusals is how many log-ins of one connection SSH's specification lets a
// server refuse (RFC 4252, section 4); who goes on has been let in.
const mostRefusals = 20

// countSSH judges an encrypted session by where it ends. One that is let in goes
// on: the server sends more than refusals. While it runs, a third equal exchange
// of a small packet for a small packet is a refused password too. Who leaves after
// the key exchange has not tried to log in: programs that collect host keys do.
func countSSH(r *flow.Record, ended bool) (c counted) {
	s := r.Signals
	client := sidesOf(r)
	switch {
	case client.fromServer.Payload == 0 && !s.Marks.Has(payload.LoggedIn):
		if ended && s.Requests >= 2 { // besides tries: for the service, for the methods, a farewell
			c.failed = uint16(min(max(4, s.Requests)-3, mostRefusals))
		}
	case s.Marks.Has(payload.LoggedIn) || s.LogIns > mostRefusals:
		c.succeeded = 1
	case client.fromClient.Payload > 6000 || client.fromServer.Payload > 6000:
		if ended {
			c.succeeded = 1
		}
	case ended && s.LogIns == 0 && s.Responses < 2 && s.Requests < 2: // neither asked for the service nor was refused
	case ended && s.Marks.Has(payload.Sealed):
		c.failed = max(1, s.LogIns)
	case s.LogIns >= 3 && uint32(s.LogIns)*2 >= s.Requests:
		c.failed = s.LogIns
	}
	return c
}

// countRDP judges a session whose log-in is encrypted: one that is refused ends
// within seconds and before a screen was sent.
func countRDP(r *flow.Record, ended bool) (c counted) {
	sides := sidesOf(r)
	switch {
	case !ended:
	case sides.fromServer.Payload > 40_000 || r.Duration() > 60e6:
		c.succeeded = 1
	case sides.fromServer.Payload > 500 && sides.fromClient.Payload > 500:
		c.failed = 1
	}
	return c
}

// sides is a flow seen from the protocol's client.
type sides struct {
	client, server         packet.Addr
	port                   uint16 // the server's
	proto                  uint8
	fromClient, fromServer *flow.Direction
}

// sidesOf turns a flow round that was first seen from its server.
func sidesOf(r *flow.Record) sides {
	if r.Signals != nil && r.Signals.Reversed || looksReply(r) {
		return sides{r.Dst, r.Src, r.SrcPort, r.Proto, &r.Bwd, &r.Fwd}
	}
	return sides{r.Src, r.Dst, r.DstPort, r.Proto, &r.Fwd, &r.Bwd}
}
