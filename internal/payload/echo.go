package payload

import "firetower/internal/packet"

// Of an echo request's data these bytes are compared with the reply's: behind the
// time that ping programs put in front, before the length to which some hosts cut
// their replies, and captures the packets.
const (
	echoFrom = 24
	echoTo   = 48
)

// leastText is from how many bytes on a ping's data can be a text.
const leastText = 8

// echo takes one ICMP message with data. A reply must give back what the request
// held (RFC 792, RFC 4443); s.next keeps the hash and the length of the latest. True
// if a shell speaks for the first time.
func (s *Signals) echo(d int, b []byte, p *packet.Packet) (changed bool) {
	if !s.Marks.Any(Shell) && (shell(b) || prompts(b)) {
		changed = true
		s.Marks |= Shell
		if d == 0 {
			s.Marks |= ShellFwd
		}
	}
	key := uint32(0) // unknown: the capture did not keep all of it
	if len(b) >= min(echoTo, int(p.PayloadLen)) {
		key = hash(b[min(echoFrom, len(b)):min(echoTo, len(b))])
	}
	switch {
	case p.Proto == packet.ICMP && p.ICMPType == 8, p.Proto == packet.ICMPv6 && p.ICMPType == 128:
		inc32(&s.Requests)
		s.Reversed = d == 1 // a part of a long flow may begin with a reply
		s.next = [2]uint32{key, p.PayloadLen}
		switch {
		case key != 0 && len(b) >= echoFrom+8:
			s.Names.Add(key)
		case len(b) >= leastText && printable(b): // too short for a time, and there is none
			s.Names.Add(hash(b))
		}
	case s.Requests == 0:
	case p.Proto == packet.ICMP && p.ICMPType == 0, p.Proto == packet.ICMPv6 && p.ICMPType == 129:
		inc32(&s.Responses)
		sent := s.next[1]
		whole := p.PayloadLen == sent || len(b) >= echoTo && sent >= echoTo
		if p.PayloadLen > sent || whole && key != s.next[0] && key != 0 && s.next[0] != 0 {
			inc16(&s.Altered)
		}
	}
	return changed
}
