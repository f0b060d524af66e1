// Package payload reduces the clear-text payload of a flow to numbers: requests,
// refused log-ins, TLS heartbeats, patterns that injections need. It looks at each
// packet once, by its bytes and not by its port, keeps counters and small hashes
// and nothing of the text itself.
//
// Captures are often cut to a few hundred bytes a packet and start in the middle;
// lines may be split between segments. So each parser takes one packet at a time,
// reads what is there and forgives the rest.
package payload

import "firetower/internal/packet"

// Signals are the numbers of one flow. The zero value is a flow that has carried
// no payload yet. It holds no pointers, so that it can be copied into events.
// Pairs are the initiator's direction first, then the responder's; all counters
// saturate.
type Signals struct {
	Proto    Proto  // the application protocol recognised
	Reversed bool   // the protocol's client is the flow's responder (seen from the middle)
	first    uint8  // bit d: the first payload of direction d was seen
	bound    iface  // DCE/RPC interface bound last
	state    uint16 // small state of the protocol's parser
	left     [2]uint8

	Looked [2]uint16 // packets with payload
	Domain Domain    // what is gathered of a Windows domain
	Plant  Plant     // what is asked of and ordered from controllers
	Marks  Marks     // what was seen at least once

	Requests  uint32 // of the protocol's client
	Responses uint32
	LogIns    uint16  // attempts to log in
	Failures  uint16  // log-ins that the server refused in so many words
	Successes uint16  // log-ins that it accepted
	Invites   uint16  // calls (SIP)
	Declined  uint16  // requests that came to nothing (SIP)
	TakenBack uint16  // requests that their client reset (HTTP/2)
	Anything  uint16  // queries for whatever there is (DNS, RFC 8482)
	Altered   uint16  // echo replies (ICMP) that do not give back what was sent
	Alien     uint16  // messages in a conversation of DNS that are none
	Frames    Framing // of messages over TCP in no known protocol
	Users     Sketch  // distinct user names
	Secrets   Sketch  // distinct credentials that were offered and not accepted, where they can be read
	Names     Sketch  // distinct URIs asked for, DNS names, data of echo requests, accounts opened (SAMR), units (Modbus), objects switched within a minute (IEC 104), or services for which tickets that can be cracked were given
	Shapes    Sketch  // distinct URIs without their numbers and values, see shape
	Says      Said    // what the initiator's datagrams of no known protocol have in common

	First  [2]First // shape of the first payload
	Rhythm Rhythm   // regularity of bursts within the flow
	HTTP   Web
	TLS    Handshake
	Beats  Heartbeats
	DNS    Lookups
	Calls  Calls

	offer uint32    // hash of the credentials that wait for the server's answer; 0: none, or illegible. Of no known protocol, where an announced stage ends
	next  [2]uint32 // TCP: sequence number expected next
	skip  [2]uint32 // bytes of the current record that are still to come
}

// bulk is after how many packets a direction of unknown protocol is left alone.
const bulk = 12

// Observe takes one packet with payload; fwd says that the flow's initiator sent
// it. changed reports that something behaviours wait for has happened: a refused
// log-in, an injection, a heartbeat, a beacon's next beat.
func (s *Signals) Observe(fwd bool, p *packet.Packet) (changed bool) {
	d := 0
	if p.Src == p.Dst { // a host with itself: the meter, as CICFlowMeter, cannot tell the sides
		fwd = p.SrcPort > p.DstPort
	}
	if !fwd {
		d = 1
	}
	b := p.Payload
	if p.Proto == packet.TCP && !s.inOrder(d, p) {
		return false
	}
	if s.Looked[d] != 65535 {
		s.Looked[d]++
	}
	changed = s.Rhythm.observe(p.Time, d, p.PayloadLen)
	if len(b) == 0 {
		return changed
	}
	if s.first&(1<<d) == 0 {
		s.first |= 1 << d
		s.First[d] = firstOf(b, p.PayloadLen)
		switch {
		case d == 1 && s.Looked[0] == 0:
			s.first |= answerFirst
		case d == 0 && p.Proto == packet.UDP:
			s.first |= uint8(meshOf(b)) << meshShift
		}
	}
	switch {
	case p.Proto == packet.ICMP, p.Proto == packet.ICMPv6:
		return s.echo(d, b, p) || changed
	case s.skip[d] >= p.PayloadLen: // in the middle of a record
		s.skip[d] -= p.PayloadLen
		return changed
	case s.Proto == HTTP && (b[0] < 'A' || b[0] > 'Z') && s.state&(replyBody|bodyPackets) == 0 && s.Looked[d] > 1: // in the middle of a body
		return changed
	case s.Proto == Unknown:
		if s.offer != 0 && s.offer == s.next[d] && s.Looked[1-d] == 0 {
			s.Marks |= Staged
			changed = true
		}
		if s.Looked[d] <= bulk {
			s.identify(d, b, p)
		}
		if s.Proto == Unknown && p.Proto == packet.UDP && d == 0 && s.Looked[d] <= mostSaid && !p.Fragment {
			s.Says.add(b, p.PayloadLen)
		}
		if s.Looked[d] > bulk {
			return changed
		}
	}
	before, gathered := s.Marks, s.Domain.Gathered
	if s.upgraded(b) {
		s.became(TLS, d, b[5] == 1)
	}
	if parse := parsers[s.Proto]; parse != nil {
		changed = parse(s, d, b, p) || changed
	}
	if p.Proto == packet.TCP && s.Proto != HTTP && s.Proto != TLS && s.Looked[d] <= attempts && !s.Marks.Any(Sealed) {
		s.exploits(d, b)
	}
	return changed || s.Marks&^before&waited != 0 || s.Domain.Gathered&^(gathered|waits) != 0
}

// parsers by protocol. Each takes the packet's kept bytes; it may rely on len(b)
// > 0 and on nothing else.
var parsers = [...]func(s *Signals, d int, b []byte, p *packet.Packet) bool{
	Unknown:    (*Signals).stream,
	HTTP:       (*Signals).http,
	TLS:        (*Signals).tls,
	SSH:        (*Signals).ssh,
	FTP:        (*Signals).ftp,
	SMTP:       (*Signals).smtp,
	POP3:       (*Signals).pop3,
	IMAP:       (*Signals).imap,
	Telnet:     (*Signals).telnet,
	RDP:        (*Signals).rdp,
	SMB:        (*Signals).smb,
	DCERPC:     (*Signals).dcerpc,
	IEC104:     (*Signals).iec104,
	Kerberos:   (*Signals).kerberos,
	LDAP:       (*Signals).ldap,
	MySQL:      (*Signals).mysql,
	PostgreSQL: (*Signals).postgres,
	MSSQL:      (*Signals).mssql,
	VNC:        (*Signals).vnc,
	DNS:        (*Signals).dns,
	IRC:        (*Signals).irc,
	SIP:        (*Signals).sip,
	RTSP:       (*Signals).sip,
	SNMP:       (*Signals).snmp,
	MQTT:       (*Signals).mqtt,
	SOCKS:      (*Signals).socks,
	Redis:      (*Signals).converse,
	NNTP:       (*Signals).converse,
	XMPP:       (*Signals).converse,
	SVN:        (*Signals).converse,
	CVS:        (*Signals).converse,
	AMI:        (*Signals).converse,
	DTLS:       (*Signals).dtls,
	NetBIOS:    (*Signals).netbios,
	MongoDB:    (*Signals).mongo,
	HTTP2:      (*Signals).http2,
	QUIC:       (*Signals).quic,
	Modbus:     (*Signals).modbus,
	S7:         (*Signals).s7,
	Published:  nil,
}

// upgraded says whether a protocol of text lines has given way to TLS (STARTTLS).
func (s *Signals) upgraded(b []byte) bool {
	return (s.Proto >= FTP && s.Proto <= IMAP || s.Proto == PostgreSQL || s.Proto == XMPP || s.Proto == MySQL || s.Proto == LDAP) && len(b) >= 6 && b[0] == 22 && looksTLS(b) && (b[5] == 1 || b[5] == 2)
}

// inOrder keeps the sequence numbers and is false for what was seen before: a
// retransmission, a keep-alive probe, or a packet that the capture holds twice.
func (s *Signals) inOrder(d int, p *packet.Packet) bool {
	end := p.Seq + p.PayloadLen
	if s.Looked[d] != 0 {
		if ahead := int32(end - s.next[d]); ahead <= 0 && ahead > -1<<20 {
			return false
		}
		if p.Seq != s.next[d] {
			s.skip[d] = 0 // a gap: wait for the next thing that looks like a record
		}
	}
	s.next[d] = end
	return true
}

// client gives the direction of the protocol's client.
func (s *Signals) client() int {
	if s.Reversed {
		return 1
	}
	return 0
}

// became settles the protocol; d is the direction in which a sign of it came and
// fromClient whether only a client sends such.
func (s *Signals) became(proto Proto, d int, fromClient bool) {
	s.Proto = proto
	s.Reversed = (d == 0) != fromClient
}

// inc16 and inc32 count up to the type's largest number and stay there.
func inc8(n *uint8) {
	if *n != 255 {
		*n++
	}
}

func inc16(n *uint16) {
	if *n != 65535 {
		*n++
	}
}

func inc32(n *uint32) {
	if *n != 1<<32-1 {
		*n++
	}
}
