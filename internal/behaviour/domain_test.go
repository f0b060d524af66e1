package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// der makes an element of ASN.1.
func der(tag byte, parts ...string) string {
	body := strings.Join(parts, "")
	if n := len(body); n >= 128 {
		return string([]byte{tag, 0x82, byte(n >> 8), byte(n)}) + body
	}
	return string([]byte{tag, byte(len(body))}) + body
}

func number(n ...byte) string { return der(2, string(n)) }

// names are a principal's components.
func names(parts ...string) string {
	s := ""
	for _, p := range parts {
		s += der(0x1b, p)
	}
	return der(0x30, der(0xa0, number(2)), der(0xa1, der(0x30, s)))
}

// sealedTicket is a Kerberos ticket under the encryption type.
func sealedTicket(etype byte, service ...string) string {
	return der(0x61, der(0x30, der(0xa0, number(5)), der(0xa1, der(0x1b, "CORP.LOCAL")), der(0xa2, names(service...)),
		der(0xa3, der(0x30, der(0xa0, number(etype)), der(0xa2, der(4, strings.Repeat("x", 200)))))))
}

// framed is a message of Kerberos over TCP.
func framed(m string) string {
	return string([]byte{0, 0, byte(len(m) >> 8), byte(len(m))}) + m
}

func listOf(etypes []byte) string {
	s := ""
	for _, e := range etypes {
		if e > 128 { // Windows' own variants of RC4 are below zero
			s += number(0xff, e)
			continue
		}
		s += number(e)
	}
	return der(0xa8, der(0x30, s))
}

// logOn asks for a ticket-granting ticket, and is given one.
func logOn(proof string, granter byte, etypes ...byte) []line {
	ask := der(0x6a, der(0x30, der(0xa1, number(5)), der(0xa2, number(10)), proof,
		der(0xa4, der(0x30, der(0xa1, names("bob")), der(0xa2, der(0x1b, "CORP.LOCAL")), listOf(etypes)))))
	give := der(0x6b, der(0x30, der(0xa0, number(5)), der(0xa1, number(11)), der(0xa3, der(0x1b, "CORP.LOCAL")), der(0xa4, names("bob")),
		der(0xa5, sealedTicket(granter, "krbtgt", "CORP.LOCAL"))))
	return []line{up(framed(ask)), down(framed(give))}
}

var proof = der(0xa3, der(0x30, der(0x30, der(0xa1, number(2)), der(0xa2, der(4, "time")))))

// ticketFor asks for a service's ticket with a ticket-granting one, and is given it.
func ticketFor(granter string, etype byte, etypes []byte, service ...string) []line {
	shown := der(0x6e, der(0x30, der(0xa0, number(5)), der(0xa1, number(14)), der(0xa3, granter)))
	ask := der(0x6c, der(0x30, der(0xa1, number(5)), der(0xa2, number(12)), der(0xa3, der(0x30, der(0x30, der(0xa1, number(1)), der(0xa2, der(4, shown))))),
		der(0xa4, der(0x30, der(0xa2, der(0x1b, "CORP.LOCAL")), der(0xa3, names(service...)), der(0xa7, number(1, 2, 3, 4)), listOf(etypes)))))
	give := der(0x6d, der(0x30, der(0xa0, number(5)), der(0xa1, number(13)), der(0xa3, der(0x1b, "CORP.LOCAL")), der(0xa4, names("bob")),
		der(0xa5, sealedTicket(etype, service...))))
	return []line{up(framed(ask)), down(framed(give))}
}

// tds is a message of SQL Server's protocol.
func tds(kind byte, body string) string {
	return string([]byte{kind, 1, 0, byte(8 + len(body)), 0, 0, 1, 0}) + body
}

// pieces are n segments that follow a beginning.
func pieces(begin string, n int) (lines []line) {
	for i := range n {
		lines = append(lines, up(begin+strings.Repeat(string(rune('a'+i%7)), 1000)))
	}
	return lines
}

var (
	windowsTypes = []byte{18, 17, 23, 24, 0xff}
	oldTypes     = []byte{23, 0x7b + 128, 0x80 + 1, 3, 1} // Windows XP
	toolTypes    = []byte{23, 16, 3, 18}
)

func TestDomain(t *testing.T) {
	mallory, dc := inner(66), inner(2)
	aes, rc4 := sealedTicket(18, "krbtgt", "CORP.LOCAL"), sealedTicket(23, "krbtgt", "CORP.LOCAL")
	ldap := func(words ...string) []line {
		m := "\x02\x01\x03\x63" + der(4, strings.Join(words, ""))[1:]
		return []line{up(der(0x30, m)), down(der(0x30, number(3), der(0x65, "\x0a\x01\x00\x04\x00\x04\x00")))}
	}
	attr := func(name string) string { return der(4, name) }
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"tickets to crack, as Windows asks", attack.Infiltration, "Kerberoasting", func(w *wire) {
			for i := range 6 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor(aes, 23, windowsTypes, "MSSQLSvc", fmt.Sprintf("sql%d.corp.local:1433", i))...)
			}
		}},
		{"two of them, as a tool asks", attack.Infiltration, "Kerberoasting", func(w *wire) {
			for i := range 2 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor(aes, 23, toolTypes, fmt.Sprintf(`corp\svc%d`, i))...)
			}
		}},
		{"tickets of a morning", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 88, 0, logOn(proof, 18, windowsTypes...)...)
			for i, s := range []string{"cifs", "ldap", "host", "HTTP", "MSSQLSvc", "DNS"} {
				w.tcp(mallory, dc, 88, int64(i)*500, ticketFor(aes, 18, windowsTypes, s, "srv.corp.local")...)
			}
		}},
		{"two services whose accounts are old, and old file servers", attack.Benign, "", func(w *wire) {
			for i, s := range []string{"cifs", "cifs", "cifs", "host", "HTTP", "MSSQLSvc"} {
				w.tcp(mallory, dc, 88, int64(i)*500, ticketFor(aes, 23, windowsTypes, s, fmt.Sprintf("nas%d.corp.local", i))...)
			}
		}},
		{"an old database a minute", attack.Benign, "", func(w *wire) {
			for i := range 6 {
				w.tcp(mallory, dc, 88, int64(i)*70_000, ticketFor(aes, 23, windowsTypes, "MSSQLSvc", fmt.Sprintf("sql%d.corp.local", i))...)
			}
		}},
		{"a domain that has RC4 only", attack.Benign, "", func(w *wire) {
			for i := range 6 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor(rc4, 23, oldTypes, "MSSQLSvc", fmt.Sprintf("sql%d.corp.local", i))...)
			}
		}},
		{"an old machine in a new domain", attack.Benign, "", func(w *wire) {
			for i := range 2 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor(aes, 23, oldTypes, "HTTP", fmt.Sprintf("web%d.corp.local", i))...)
			}
		}},
		{"an account that need not prove itself", attack.Infiltration, "AS-REP roasting", func(w *wire) {
			w.tcp(mallory, dc, 88, 0, logOn("", 18, 23)...)
		}},
		{"the same as systems ask", attack.Benign, "", func(w *wire) { w.tcp(mallory, dc, 88, 0, logOn("", 18, windowsTypes...)...) }},
		{"RC4 alone, proven", attack.Benign, "", func(w *wire) { w.tcp(mallory, dc, 88, 0, logOn(proof, 18, 23)...) }},
		{"a golden ticket", attack.Infiltration, "golden ticket", func(w *wire) {
			w.tcp(inner(5), dc, 88, 0, logOn(proof, 18, windowsTypes...)...)
			w.tcp(mallory, dc, 88, 5000, ticketFor(rc4, 18, windowsTypes, "cifs", "dc.corp.local")...)
		}},
		{"a ticket from another domain", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), dc, 88, 0, logOn(proof, 18, windowsTypes...)...)
			w.tcp(mallory, dc, 88, 5000, ticketFor(sealedTicket(23, "krbtgt", "OTHER.LOCAL"), 18, windowsTypes, "cifs", "dc.corp.local")...)
		}},
		{"a map of the domain", attack.Infiltration, "BloodHound", func(w *wire) {
			w.tcp(mallory, dc, 389, 0, append(ldap("(objectClass=user)", attr("sAMAccountName"), attr("nTSecurityDescriptor"), attr("adminCount"), attr("servicePrincipalName")),
				ldap("\x87\x14servicePrincipalName")...)...)
		}},
		{"accounts that can be cracked looked for", attack.Infiltration, "service's name looked for", func(w *wire) {
			w.tcp(mallory, dc, 389, 0, ldap("\x87\x14servicePrincipalName", attr("sAMAccountName"))...)
			w.tcp(mallory, dc, 389, 5000, ldap("userAccountControl\x81\x161.2.840.113556.1.4.803\x83\x074194304")...)
		}},
		{"one service and one person looked for", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 389, 0, append(ldap(der(0xa3, attr("servicePrincipalName"), der(4, "HTTP/web.corp.local"))),
				ldap("userAccountControl\x81\x161.2.840.113556.1.4.803\x83\x012", attr("mail"), attr("memberOf"))...)...)
		}},
		{"when a local password runs out", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 389, 0, append(ldap("(objectClass=computer)", attr("ms-Mcs-AdmPwdExpirationTime")), ldap("\x87\x14servicePrincipalName")...)...)
		}},
		{"impacket with a good password", attack.Infiltration, "impacket", func(w *wire) {
			w.tcp(mallory, dc, 445, 0, up(smb(0, "\x24\x00\x03\x00\x01\x00\x00\x00\x7f\x00\x00\x00myplZdlgLhGaGZuc\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x10\x02\x00\x03")),
				up(smb(1, ntlm("bob"))), down(smbDone), up("\x00\x00\x00\x90\xfdSMB"+strings.Repeat("s", 140)))
		}},
		{"Windows with one", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 445, 0, up(smb(0, "\x24\x00\x03\x00\x01\x00\x00\x00\x7f\x00\x00\x00\x8e\x07\x23\xb4\x36\xed\x95\x45\x87\x53\xd6\x9a\x42\x1b\x37\xa5\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x10\x02\x00\x03")),
				up(smb(1, ntlm("bob"))), down(smbDone), up("\x00\x00\x00\x90\xfdSMB"+strings.Repeat("s", 140)))
		}},
		{"impacket refused", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 445, 0, up(smb(0, "\x24\x00\x03\x00\x01\x00\x00\x00\x7f\x00\x00\x00myplZdlgLhGaGZuc\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x10\x02\x00\x03")), up(smb(1, ntlm("bob"))))
		}},
		{"a server of impacket", attack.Infiltration, "files served by", func(w *wire) {
			hello := []byte(smb(0, "\x41\x00\x01\x00\x10\x02\x00\x00AAAAAAAAAAAAAAAA"))
			hello[20] |= 1
			w.tcp(dc, mallory, 445, 0, up(smb(0, "\x24\x00")), down(string(hello)), up(smb(1, ntlm(""))), down(smbDone), up(smb(5, utf16("tool.exe"))))
		}},
		{"a prompt in pings", attack.Infiltration, "a shell's prompt", func(w *wire) {
			for i := range 6 {
				w.ping(dc, mallory, 1, uint16(i), int64(i)*400, []string{"", `C:\Temp>`}[i/4], "")
			}
		}},
		{"pings", attack.Benign, "", func(w *wire) {
			for i := range 6 {
				w.ping(dc, mallory, 1, uint16(i), int64(i)*1000, "abcdefghijklmnopqrstuvwabcdefghi", "abcdefghijklmnopqrstuvwabcdefghi")
			}
		}},
		{"an archive to somebody outside", attack.Infiltration, "an archive of", func(w *wire) {
			w.tcp(mallory, ip("198.51.100.9"), 9999, 0, pieces("\x1f\x8b\x08\x00", 150)...)
		}},
		{"the same by FTP", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, ip("198.51.100.9"), 21, 0, down("220 FTP server ready\r\n"), up("USER ann\r\n"), down("331 password\r\n"), up("PASS x\r\n"), down("230 in\r\n"), up("PASV\r\n"))
			w.tcp(mallory, ip("198.51.100.9"), 50021, 1000, pieces("\x1f\x8b\x08\x00", 150)...)
		}},
		{"the same to a neighbour", attack.Benign, "", func(w *wire) { w.tcp(mallory, dc, 9999, 0, pieces("\x1f\x8b\x08\x00", 150)...) }},
		{"the same fetched", attack.Benign, "", func(w *wire) {
			w.tcp(ip("198.51.100.9"), mallory, 9999, 0, append([]line{up("get it\n")}, pieces("\x1f\x8b\x08\x00", 150)...)...)
		}},
		{"a small one", attack.Benign, "", func(w *wire) { w.tcp(mallory, ip("198.51.100.9"), 9999, 0, pieces("\x1f\x8b\x08\x00", 20)...) }},
		{"a tar of files to somebody outside", attack.Infiltration, "an archive of", func(w *wire) {
			head := []byte("etc/ssh/" + strings.Repeat("\x00", 92) + "0000755\x000000000\x000000000\x0000000000000\x0015301656767\x00011114\x00 5" + strings.Repeat("\x00", 300))
			w.tcp(mallory, ip("198.51.100.9"), 9999, 0, append([]line{up(string(head))}, pieces("x", 150)...)...)
		}},
		{"a database's commands", attack.Infiltration, "commands of the system", func(w *wire) {
			w.tcp(mallory, dc, 1433, 0, up(tds(0x12, "\x00\x00\x1a")), up(tds(1, utf16("EXEC master..xp_cmdshell 'whoami'"))))
		}},
		{"a database's tables", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 1433, 0, up(tds(0x12, "\x00\x00\x1a")), up(tds(1, utf16("SELECT * FROM orders"))))
		}},
		{"root by rlogin, not asked", attack.Infiltration, "without a password", func(w *wire) {
			w.tcp(mallory, dc, 513, 0, up("\x00root\x00root\x00xterm/38400\x00"), down("\x00"), down("Last login: Sun May 20\r\nroot@web:~# "))
		}},
		{"root by rlogin, asked", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 513, 0, up("\x00root\x00root\x00xterm/38400\x00"), down("\x00"), down("Password: "), up("secret\r"), down("\r\nroot@web:~# "))
		}},
		{"somebody by rlogin, not asked", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 513, 0, up("\x00ann\x00ann\x00xterm/38400\x00"), down("\x00"), down("ann@web:~$ "))
		}},
		{"many tickets under RC4, nothing known of the domain", attack.Infiltration, "Kerberoasting", func(w *wire) {
			for i := range 6 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor("", 23, windowsTypes, "MSSQLSvc", fmt.Sprintf("sql%d.corp.local", i))...)
			}
		}},
		{"a few of them", attack.Benign, "", func(w *wire) {
			for i := range 4 {
				w.tcp(mallory, dc, 88, int64(i)*50, ticketFor("", 23, windowsTypes, "MSSQLSvc", fmt.Sprintf("sql%d.corp.local", i))...)
			}
		}},
		{"chisel", attack.Infiltration, "a tunnel through HTTP", func(w *wire) {
			w.tcp(mallory, dc, 8080, 0, up("GET / HTTP/1.1\r\nHost: 10.0.0.2:8080\r\nUser-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: chisel-v3\r\nUpgrade: websocket\r\n\r\n"))
		}},
		{"a chat", attack.Benign, "", func(w *wire) {
			w.tcp(mallory, dc, 8080, 0, up("GET / HTTP/1.1\r\nHost: 10.0.0.2:8080\r\nX-Target: room\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: graphql-ws\r\nUpgrade: websocket\r\n\r\n"))
		}},
		{"a tunnel that leaves DNS", attack.Infiltration, "of a tunnel", func(w *wire) {
			w.datagrams(mallory, dc, 53, 30, 100, 0.5, func(i int) string {
				if i < 4 {
					return "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05yrbi5\x01x\x07example\x00\x00\x0a\x00\x01"
				}
				return fmt.Sprintf("\x10\xd1\x9e\x20\xa5\xc3\xe1\x99%dsomething", i)
			}, func(i int) string { return fmt.Sprintf("\x10\xd1\x9e\x20\xe5\xc3\xe1\x99%danswers", i) })
		}},
		{"names told and updated", attack.Benign, "", func(w *wire) {
			w.datagrams(dc, mallory, 53, 60, 100, 0.5, func(i int) string {
				if i%2 == 0 {
					return "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x01x\x07example\x00\x00\x01\x00\x01"
				}
				return "\x12\x35\x28\x00\x00\x01\x00\x01\x00\x02\x00\x00\x01x\x07example\x00\x00\x06\x00\x01"
			}, func(int) string { return "" })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newInfiltration(DefaultInfiltrationConfig())), tt.class, mallory, tt.words)
		})
	}
}
