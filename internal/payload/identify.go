package payload

import (
	"bytes"

	"firetower/internal/packet"
)

// identify settles the protocol if the packet shows it.
func (s *Signals) identify(d int, b []byte, p *packet.Packet) {
	if p.Proto == packet.UDP {
		s.identifyDatagram(d, b)
		return
	}
	switch {
	case s.identifySIP(d, b):
	case bytes.HasPrefix(b, []byte(http2Preface)):
		s.became(HTTP2, d, true)
	case methodOf(b) != 0:
		s.became(HTTP, d, true)
	case bytes.HasPrefix(b, []byte("HTTP/1.")) || bytes.HasPrefix(b, []byte("HTTP/0.")):
		s.became(HTTP, d, false)
	case looksTLS(b):
		// Only handshake messages tell the client: 1 is its hello, 2 the server's.
		s.became(TLS, d, b[0] != 22 || len(b) < 6 || b[5] == 1 || b[5] == 16)
		if b[0] != 22 {
			s.Reversed = false
		}
	case bytes.HasPrefix(b, []byte("SSH-")):
		s.Proto = SSH
	case s.identifyBinary(d, b):
	case looksS7(b):
		s.became(S7, d, b[8] == s7Job || b[8] == s7Userdata && d == 0)
	case looksModbus(b, p) && (p.DstPort == 502 || p.SrcPort == 502):
		s.became(Modbus, d, p.DstPort == 502)
	case s.Looked[d] == 1 && published(b):
		s.Proto = Published
	default:
		s.identifyLines(d, b)
	}
}

// identifyDatagram knows the protocols that come in datagrams.
func (s *Signals) identifyDatagram(d int, b []byte) {
	switch {
	case looksKerberos(b):
		s.became(Kerberos, d, b[0] == 0x6a || b[0] == 0x6c)
	case s.identifySIP(d, b):
	case looksDTLS(b):
		s.became(DTLS, d, b[0] != 22 || len(b) < 14 || b[13] == 1)
	case looksDNS(b):
		s.became(DNS, d, b[2]&0x80 == 0)
	case looksNetBIOS(b):
		s.became(NetBIOS, d, b[2]&0x80 == 0)
	case s.quicHello(d, b):
	default:
		if pdu, _ := snmpMessage(b); pdu != 0 {
			s.became(SNMP, d, pdu != snmpResponse)
		}
	}
}

// identifyBinary knows the protocols with binary headers.
func (s *Signals) identifyBinary(d int, b []byte) bool {
	switch {
	case looksSMB(b):
		s.became(SMB, d, !smbReply(b))
	case len(b) > 4 && b[0] == 0x81 && b[1] == 0 && be16(b, 2) == 68: // NetBIOS session request
		s.became(SMB, d, true)
	case len(b) >= 10 && b[0] == 5 && b[1] == 0 && b[2] <= 19 && b[4] == 0x10 && le16(b, 8) >= 16:
		s.became(DCERPC, d, b[2] == 0 || b[2] == 11 || b[2] == 14 || b[2] == 16)
	case len(b) >= 7 && b[0] == 3 && b[1] == 0 && b[5]&0xf0 == 0xe0 && int(b[4])+5 == be16(b, 2) && b[4] >= 6:
		// The same X.224 carries Siemens S7, whose options begin with 0xc0-0xc2.
		if len(b) > 11 && b[11] >= 0xc0 && b[11] <= 0xc2 {
			return false
		}
		s.became(RDP, d, true)
	case len(b) >= 10 && looksKerberos(b[4:]) && be32(b, 0) < 1<<20:
		s.became(Kerberos, d, b[4] == 0x6a || b[4] == 0x6c)
	case looksLDAP(b):
		s.became(LDAP, d, ldapOp(b) == 0x60 || ldapOp(b) == 0x63)
	case len(b) >= 8 && b[3] == 0 && b[4] == 10 && digit(b[5]) && b[2] == 0:
		s.became(MySQL, d, false)
	case len(b) >= 8 && be32(b, 0) < 10000 && be32(b, 0) >= 8 && (be32(b, 4) == 196608 || be32(b, 4) == 80877103):
		s.became(PostgreSQL, d, true)
	case len(b) >= 9 && b[0] == 'R' && be32(b, 1) < 256 && be32(b, 1) >= 8 && (be32(b, 5) == 3 || be32(b, 5) == 5 || be32(b, 5) == 10): // asks for a password
		s.became(PostgreSQL, d, false)
	case len(b) >= 8 && (b[0] == 0x12 || b[0] == 0x10) && b[1] == 1 && be16(b, 2) >= 8 && b[4] == 0 && b[5] == 0 && b[7] == 0:
		s.became(MSSQL, d, true)
	case bytes.HasPrefix(b, []byte("RFB 00")):
		s.became(VNC, d, false)
		s.Reversed = d == 0
	case len(b) > 14 && looksDNS(b[2:]) && be16(b, 0) >= 12 && be16(b, 0) < 4096:
		s.became(DNS, d, b[4]&0x80 == 0)
	case len(b) >= 3 && b[0] == 0xff && b[1] >= 0xfb && b[1] <= 0xfe:
		s.became(Telnet, d, false)
		s.Reversed = false
	case looksMongo(b):
		s.became(MongoDB, d, le32(b, 8) == 0)
	case looksMQTT(b):
		s.became(MQTT, d, true)
	case len(b) == 2 && b[0] == 5 && b[1] == socksPassword:
		s.became(SOCKS, d, false)
	case looksPlant(b):
		s.became(IEC104, d, switches(b) || b[2] == 0x07 || b[2] == 0x43 && d == 0)
	case looksRemoteLogin(b):
		s.became(Telnet, d, true)
	default:
		return false
	}
	return true
}

// identifyLines knows the protocols made of text lines. A greeting of 220 may be
// FTP's or SMTP's; the words behind it or the client's first command decide.
func (s *Signals) identifyLines(d int, b []byte) {
	switch {
	case bytes.HasPrefix(b, []byte("220")) && len(b) > 3 && (b[3] == ' ' || b[3] == '-'):
		if foldIndex(b, "smtp") >= 0 || foldIndex(b, "mail") >= 0 {
			s.became(SMTP, d, false)
		} else if foldIndex(b, "ftp") >= 0 {
			s.became(FTP, d, false)
		}
	case foldPrefix(b, "ehlo ") || foldPrefix(b, "helo ") || foldPrefix(b, "mail from:") || foldPrefix(b, "auth login\r") || foldPrefix(b, "auth plain"):
		s.became(SMTP, d, true)
	case bytes.HasPrefix(b, []byte("535 ")) || bytes.HasPrefix(b, []byte("535-")) || bytes.HasPrefix(b, []byte("334 ")):
		s.became(SMTP, d, false)
	case bytes.HasPrefix(b, []byte("+OK")) || bytes.HasPrefix(b, []byte("-ERR")):
		s.became(POP3, d, false)
	case bytes.HasPrefix(b, []byte("* OK")) || bytes.HasPrefix(b, []byte("* BYE")):
		s.became(IMAP, d, false)
	case imapLogin(b):
		s.became(IMAP, d, true)
	case imapRefusal(b):
		s.became(IMAP, d, false)
	case s.identifyDialogue(d, b):
	case s.Looked[d] <= 2 && asksWho(b):
		s.became(Telnet, d, false)
	case looksIRC(b):
		s.became(IRC, d, b[0] != ':' && !foldPrefix(b, "error"))
	case foldPrefix(b, "user ") || foldPrefix(b, "pass ") || bytes.HasPrefix(b, []byte("530 ")) || bytes.HasPrefix(b, []byte("331 ")):
		s.became(FTP, d, letter(b[0]))
	}
}

// imapLogin knows a log-in by the command behind its tag, imapRefusal what answers
// it: enough for a session seen from its middle.
func imapLogin(b []byte) bool {
	tag, rest, _ := bytes.Cut(b[:min(len(b), 64)], []byte(" "))
	return len(tag) < 12 && begins(rest, []string{"login ", "authenticate login", "authenticate plain", "authenticate cram-md5"})
}

func imapRefusal(b []byte) bool {
	tag, rest, _ := bytes.Cut(b[:min(len(b), 64)], []byte(" "))
	return len(tag) < 12 && foldPrefix(rest, "no [auth")
}
