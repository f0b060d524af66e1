package behaviour

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// TestLogInsOnTheWire plays log-ins byte by byte: what is refused is read from the
// protocol, in any number per connection, and what only looks like it is let pass.
func TestLogInsOnTheWire(t *testing.T) {
	client, target := outside(66), inner(5)
	one := func(port uint16, lines ...line) func(*wire) { // one connection
		return func(w *wire) { w.tcp(client, target, port, 0, lines...) }
	}
	each := func(n int, every int64, play func(w *wire, i int, at int64)) func(*wire) {
		return func(w *wire) {
			for i := range n {
				play(w, i, int64(i)*every)
			}
		}
	}
	repeat := func(n int, first []line, try func(i int) []line) []line {
		for i := range n {
			first = append(first, try(i)...)
		}
		return first
	}
	word := func(i int) string { return fmt.Sprintf("word%02d", i*7) }
	const cr = "\r\n"
	registration := func(code string, auth bool) (string, string) {
		ask := "REGISTER sip:lab SIP/2.0" + cr + "To: <sip:7@lab>" + cr
		if auth {
			ask += `Authorization: Digest username="7", response="` + strings.Repeat("a", 32) + `"` + cr
		}
		return ask + cr, "SIP/2.0 " + code + cr + "CSeq: 1 REGISTER" + cr + cr
	}
	basic := func(header, answer string) func(w *wire, i int, at int64) {
		return func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("GET / HTTP/1.1"+cr+"Host: a"+cr+cr), down("HTTP/1.1 401 Unauthorized"+cr+cr),
				up("GET / HTTP/1.1"+cr+"Host: a"+cr+header+": Basic "+word(i)+cr+cr), down("HTTP/1.1 "+answer+cr+cr))
		}
	}
	form := func(every int64, body, answer string) func(*wire) {
		return each(30, every, func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("POST /login/index.php HTTP/1.1"+cr+"Host: a"+cr+"Referer: http://a/login/"+cr+cr+body+word(i)), down("HTTP/1.1 "+answer+cr+cr))
		})
	}
	for _, c := range []struct {
		name  string
		play  func(*wire)
		words string // "": benign
	}{
		{"a form, guessed, sent back to it", form(1000, "user=a&password=", "303 See Other"+cr+"Location: /login/index.php?error=1"), "HTTP"},
		{"a form, guessed, sent to the first page", form(1000, "user=a&password=", "302 Found"+cr+"Location: http://a/"), "HTTP"},
		{"tokens, guessed", form(1000, "grant_type=password&username=a&password=", "400 Bad Request"), "HTTP"},
		{"a form, guessed over a kept connection with a token for each try", one(80, repeat(14, nil, func(i int) []line {
			return []line{up("POST /login HTTP/1.1" + cr + "Host: a" + cr + cr + "user=a&password=" + word(i)), down("HTTP/1.1 200 OK" + cr + cr),
				up("GET /token HTTP/1.1" + cr + "Host: a" + cr + cr), down("HTTP/1.1 200 OK" + cr + cr)}
		})...), "HTTP"},
		{"test users, each to his page", each(40, 1900, func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("POST /api/login HTTP/1.1"+cr+"Host: a"+cr+cr+`{"user":"`+word(i)+`","password":"x"}`), down("HTTP/1.1 200 OK"+cr+"Set-Cookie: sid=1"+cr+cr),
				up("GET /api/me HTTP/1.1"+cr+"Host: a"+cr+cr), down("HTTP/1.1 200 OK"+cr+cr))
		}), ""},
		{"a class signs in", form(1700, "user=a&password=", "303 See Other"+cr+"Location: http://a/my/"), ""},
		{"a program signs in before each request", form(3500, "user=a&password=", "200 OK"+cr+"Content-Type: application/json"+cr+cr+`{"token":"abc"}`), ""},
		{"a portal asks for its users' tokens", form(700, "grant_type=password&username=a&password=", "200 OK"+cr+"Content-Length: 900"), ""},
		{"five guesses at IMAP, slowed down by the server", one(143, repeat(5, []line{down("* OK ready" + cr)}, func(i int) []line {
			return []line{up("1 AUTHENTICATE LOGIN" + cr), down("+ VXNlcm5hbWU6" + cr), up("YQ==" + cr), down("+ UGFzc3dvcmQ6" + cr), up(word(i) + cr),
				down("1 NO [AUTHENTICATIONFAILED] no" + cr).after(6000)}
		})...), "IMAP"},
		{"POP3, all over one connection", one(110, repeat(12, []line{down("+OK ready" + cr)}, func(i int) []line {
			return []line{up("USER a" + cr), down("+OK" + cr), up("PASS " + word(i) + cr), down("-ERR [AUTH] no" + cr)}
		})...), "POP3"},
		{"Redis, all over one connection", one(6379, repeat(20, nil, func(i int) []line {
			return []line{up("*2" + cr + "$4" + cr + "AUTH" + cr + "$6" + cr + word(i) + cr), down("-WRONGPASS invalid username-password pair" + cr)}
		})...), "Redis port 6379"},
		{"Telnet, asked again and again", one(23, repeat(6, []line{down("\xff\xfd\x18"), down("login: ")}, func(i int) []line {
			return []line{up("root" + cr), down("Password: "), up(word(i) + cr), down(cr + "Login incorrect" + cr + "login: ").after(3000)}
		})...), "Telnet"},
		{"Telnet, left before the refusal, which comes late", each(12, 3500, func(w *wire, i int, at int64) {
			w.tcp(client, target, 23, at, down("\xff\xfd\x18"), up("\xff\xfc\x18"), down("vm login: "), up("alice"+cr), down("alice"+cr), down("Password: "), up(word(i)+cr), down(cr))
		}), "Telnet"},
		{"Telnet, twice mistyped and left", each(2, 9000, func(w *wire, i int, at int64) {
			w.tcp(client, target, 23, at, down("\xff\xfd\x18"), down("vm login: "), up("alice"+cr), down("Password: "), up(word(i)+cr), down(cr))
		}), ""},
		{"SIP, one datagram a try", each(12, 200, func(w *wire, i int, at int64) {
			ask, answer := registration("403 Forbidden", true)
			w.udp(client, target, 5060, at, ask, answer)
		}), "SIP port 5060"},
		{"SIP, extension by extension", each(12, 200, func(w *wire, i int, at int64) {
			ask, answer := registration("404 Not Found", false)
			w.udp(client, target, 5060, at, ask, answer)
		}), "SIP port 5060"},
		{"SNMP communities", each(12, 200, func(w *wire, i int, at int64) { w.udp(client, target, 161, at, getRequest(word(i)), "") }), "SNMP port 161"},
		{"SNMP communities over one socket, one of them right", each(16, 70, func(w *wire, i int, at int64) {
			answer := ""
			if i == 1 {
				answer = strings.Replace(getRequest(word(i)), "\xa0", "\xa2", 1)
			}
			w.udp(client, target, 161, at, getRequest(word(i)), answer)
			w.port--
		}), "SNMP port 161"},
		{"a proxy", each(8, 300, basic("Proxy-Authorization", "407 Proxy Authentication Required")), "HTTP"},
		{"JSON that is refused", one(8080, repeat(12, nil, func(i int) []line {
			return []line{up("POST /api/login HTTP/1.1" + cr + "Host: a" + cr + cr + `{"user":"a","password":"` + word(i) + `"}`), down("HTTP/1.1 401 Unauthorized" + cr + cr)}
		})...), "HTTP"},
		{"MongoDB", each(12, 500, func(w *wire, i int, at int64) {
			w.tcp(client, target, 27017, at, up(mongo(false, "\x10saslStart\x00n,,n=root,r="+word(i))), down(mongo(true, "payload")),
				up(mongo(false, "\x10saslContinue\x00"+word(i))), down(mongo(true, "\x02errmsg\x00\x17\x00\x00\x00Authentication failed.\x00\x10code\x00\x12\x00\x00\x00")))
		}), "MongoDB"},
		{"a pool of MongoDB's clients", each(30, 500, func(w *wire, i int, at int64) {
			w.tcp(client, target, 27017, at, up(mongo(false, "\x10hello\x00\x03speculativeAuthenticate\x00n,,n=root,r="+word(i))), down(mongo(true, "payload")),
				up(mongo(false, "\x10saslContinue\x00"+word(i))), down(mongo(true, "\x08done\x00\x01")), up(mongo(false, "\x02find\x00")))
		}), ""},
		{"SOCKS, the server's side alone", each(16, 300, func(w *wire, i int, at int64) {
			w.tcp(client, target, 1080, at, down("\x05\x02"), down("\x01\x01"))
		}), "SOCKS port 1080"},
		{"MQTT", each(8, 300, func(w *wire, i int, at int64) {
			w.tcp(client, target, 1883, at, up("\x10\x1b\x00\x04MQTT\x04\xc2\x00\x3c\x00\x02id\x00\x01a\x00\x06"+word(i)), down("\x20\x02\x00\x05"))
		}), "MQTT"},
		{"eight guesses of a program at a form within a second", each(8, 60, func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("GET /login.php HTTP/1.0"+cr+"Host: a"+cr+"User-Agent: Mozilla/5.0 (Hydra)"+cr+cr), down("HTTP/1.1 200 OK"+cr+cr))
			w.tcp(client, target, 80, at+20, up("POST /login.php HTTP/1.0"+cr+"Host: a"+cr+"User-Agent: Mozilla/5.0 (Hydra)"+cr+cr+"user=a&pass="+word(i)), down("HTTP/1.1 200 OK"+cr+cr))
		}), "HTTP"},
		{"a family behind one address, a tablet each", each(8, 60, func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("POST /login.php HTTP/1.1"+cr+"Host: a"+cr+"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"+cr+"Referer: http://a/login.php"+cr+"Accept-Language: de"+cr+cr+"user=a&pass="+word(i)), down("HTTP/1.1 200 OK"+cr+cr))
		}), ""},
		{"accounts made by a script", each(20, 200, func(w *wire, i int, at int64) {
			w.tcp(client, target, 80, at, up("POST /api/users HTTP/1.1"+cr+"Host: a"+cr+"User-Agent: python-requests/2.31"+cr+cr+"user="+word(i)+"&password="+word(i)), down("HTTP/1.1 201 Created"+cr+"Content-Length: 0"+cr+cr))
		}), ""},
		{"names asked for by mail", one(25, repeat(20, []line{down("220 mx ESMTP" + cr), up("HELO x" + cr), down("250 mx" + cr)}, func(i int) []line {
			return []line{up("VRFY " + word(i) + cr), down("550 5.1.1 User unknown" + cr)}
		})...), "SMTP"},
		{"two names asked for before a message", each(30, 3000, func(w *wire, i int, at int64) {
			w.tcp(client, target, 25, at, down("220 mx ESMTP"+cr), up("HELO x"+cr), down("250 mx"+cr), up("VRFY "+word(i)+cr), down("252 perhaps"+cr),
				up("MAIL FROM:<a@b>"+cr), down("250 ok"+cr), up("RCPT TO:<c@d>"+cr), down("250 ok"+cr), up("DATA"+cr), down("354 go"+cr))
		}), ""},
		{"twenty hosts at one form, three sets each", each(60, 1000, func(w *wire, i int, at int64) {
			w.tcp(outside(byte(66+i%20)), target, 80, at, up("POST /login HTTP/1.1"+cr+"Host: a"+cr+"User-Agent: python-requests/2.31"+cr+cr+"user=a&password="+word(i)), down("HTTP/1.1 200 OK"+cr+cr))
		}), "20 hosts"},
		{"sixty telephones sign in", each(120, 1000, func(w *wire, i int, at int64) {
			w.tcp(outside(byte(66+i%60)), target, 80, at, up("POST /login HTTP/1.1"+cr+"Host: a"+cr+"User-Agent: okhttp/4.9"+cr+cr+"user=a&password="+word(i%60)), down("HTTP/1.1 200 OK"+cr+cr))
		}), ""},
		{"one password for many names", each(8, 300, func(w *wire, i int, at int64) {
			w.tcp(client, target, 21, at, down("220 FTP"+cr), up("USER "+word(i)+cr), down("331 go on"+cr), up("PASS Spring2024"+cr), down("530 no"+cr))
		}), "user names"},

		{"a phone that has an old password", each(40, 30_000, func(w *wire, _ int, at int64) {
			ask, answer := registration("403 Forbidden", true)
			w.udp(client, target, 5060, at, ask, answer)
		}), ""},
		{"the same, at other and other times", each(40, 4_000, func(w *wire, i int, at int64) {
			ask, answer := registration("403 Forbidden", true)
			w.udp(client, target, 5060, at+int64(i%3)*900, ask, answer)
		}), "SIP port 5060"},
		{"phones whose credentials are cut off, and that get in", each(60, 500, func(w *wire, i int, at int64) {
			ask, answer := registration("401 Unauthorized", false)
			w.udp(inner(byte(100+i%10)), target, 5060, at, ask, answer)
			ask, answer = registration("200 OK", false)
			w.udp(inner(byte(100+i%10)), target, 5060, at+30, ask[:len(ask)-2]+"Authorization: Digest ", answer)
		}), ""},
		{"phones that register", each(40, 500, func(w *wire, _ int, at int64) {
			ask, answer := registration("401 Unauthorized", false)
			w.udp(client, target, 5060, at, ask, answer)
			ask, answer = registration("200 OK", true)
			w.udp(client, target, 5060, at+30, ask, answer)
		}), ""},
		{"basic authentication, asked for and given", each(60, 200, basic("Authorization", "200 OK")), ""},
		{"a proxy that asks first", each(60, 200, basic("Proxy-Authorization", "200 OK")), ""},
		{"a program that has an old password", each(60, 3000, func(w *wire, _ int, at int64) {
			w.tcp(client, target, 143, at, down("* OK"+cr), up("1 LOGIN a old"+cr), down("1 NO [AUTHENTICATIONFAILED] no"+cr))
		}), ""},
		{"a person mistypes, and gets in", each(4, 8000, func(w *wire, i int, at int64) {
			answer := "530 no"
			if i == 3 {
				answer = "230 welcome"
			}
			w.tcp(client, target, 21, at, down("220 FTP"+cr), up("USER a"+cr), down("331"+cr), up("PASS "+word(i)+cr), down(answer+cr))
		}), ""},
		{"programs that use Redis", each(60, 200, func(w *wire, _ int, at int64) {
			w.tcp(client, target, 6379, at, up("*2"+cr+"$4"+cr+"AUTH"+cr+"$1"+cr+"x"+cr), down("+OK"+cr), up("*1"+cr+"$4"+cr+"PING"+cr), down("+PONG"+cr))
		}), ""},
		{"a manager looks for agents with two communities", each(120, 50, func(w *wire, i int, at int64) {
			w.udp(client, inner(byte(i/2)), 161, at, getRequest([]string{"public", "private"}[i%2]), "")
		}), ""},
		{"a manager polls a dead agent", each(200, 1000, func(w *wire, _ int, at int64) { w.udp(client, target, 161, at, getRequest("public"), "") }), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			c.play(w)
			class := attack.BruteForce
			if c.words == "" {
				class = attack.Benign
			}
			expect(t, w.findings(newBruteForce(DefaultBruteForceConfig())), class, client, c.words)
		})
	}
}

// getRequest is SNMP 2c's question for nothing.
func getRequest(community string) string {
	body := "\x02\x01\x01\x04" + string(rune(len(community))) + community + "\xa0\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00"
	return "\x30" + string(rune(len(body))) + body
}

// TestSSHOnTheWire plays sessions by the sizes of their encrypted packets, those of
// OpenSSH under ChaCha20.
func TestSSHOnTheWire(t *testing.T) {
	const newKeys = "\x00\x00\x00\x0c\x0a\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	sealed := func(up bool, n int) line { return line{up, strings.Repeat("\xa5", n), 20} }
	exchange := []line{down("SSH-2.0-a\r\n"), up("SSH-2.0-b\r\n"), up("\x00\x00\x00\x0c\x0a\x1e\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		down(newKeys), up(newKeys)}
	asked := append(exchange[:len(exchange):len(exchange)], sealed(true, 44), sealed(false, 44), sealed(true, 68), sealed(false, 52))
	session := func(first []line, refusals int, in bool, keys int) []line {
		lines := first[:len(first):len(first)]
		for range refusals {
			lines = append(lines, sealed(true, 140), sealed(false, 52))
		}
		if in {
			lines = append(lines, sealed(true, 308), sealed(false, 28), sealed(true, 112), sealed(false, 44))
		}
		for range keys { // typed and echoed
			lines = append(lines, sealed(true, 36), sealed(false, 36))
		}
		return lines
	}
	rsa := asked[:len(asked):len(asked)]
	for range 6 {
		rsa = append(rsa, sealed(true, 372), sealed(false, 52))
	}
	for _, c := range []struct {
		name  string
		n     int
		every int64
		lines []line
		found bool
	}{
		{"one try a connection", 12, 2000, session(asked, 1, false, 0), true},
		{"six tries a connection", 2, 1000, session(asked, 6, false, 0), true},
		{"six within a second", 6, 100, session(asked, 1, false, 0), true},
		{"ten seconds between", 14, 10_000, session(asked, 1, false, 0), true},
		{"left after the key exchange", 60, 200, exchange, false},
		{"three keys refused, the fourth accepted", 40, 300, session(asked, 3, true, 4), false},
		{"seven, a minute between", 7, 60_000, session(asked, 1, false, 0), false},
		{"an agent's RSA keys refused", 3, 20_000, rsa, false},
		{"a session that types", 20, 500, session(asked, 0, true, 60), false},
		{"packets of a session whose log-in went another way", 20, 500, session(exchange, 0, false, 60), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			for i := range c.n {
				w.tcp(outside(66), inner(5), 22, int64(i)*c.every, c.lines...)
			}
			class := attack.Benign
			if c.found {
				class = attack.BruteForce
			}
			expect(t, w.findings(newBruteForce(DefaultBruteForceConfig())), class, outside(66), "SSH port 22")
		})
	}
}

// mongo makes a message of MongoDB's wire protocol.
func mongo(answer bool, body string) string {
	h := make([]byte, 16, 16+len(body))
	binary.LittleEndian.PutUint32(h, uint32(16+len(body)))
	if answer {
		h[8] = 7
	}
	binary.LittleEndian.PutUint32(h[12:], 2013)
	return string(h) + body
}
