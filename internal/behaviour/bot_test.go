package behaviour

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"firetower/internal/attack"
)

const msie6 = "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)\r\n"

func reply200(body string) line {
	return down(fmt.Sprintf("HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
}

// noise gives random bytes, the same in every run.
func noise(seed int64, n int) string {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return string(b)
}

// question is a DNS query; rcode 3 makes it the answer that there is no such name.
func question(name string, rcode byte) string {
	flags := "\x01\x00"
	if rcode != 0 {
		flags = "\x81" + string(rune(0x00+rcode))
	}
	q := "\x12\x34" + flags + "\x00\x01\x00\x00\x00\x00\x00\x00"
	for _, l := range strings.Split(name, ".") {
		q += string(rune(len(l))) + l
	}
	return q + "\x00\x00\x01\x00\x01"
}

// generated is a random name of n letters.
func generated(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.Intn(26))
	}
	return string(b)
}

var botCases = []struct {
	name  string
	class attack.Class
	words string
	play  func(*wire)
}{
	{"check-ins at a script", attack.Bot, "describe the machine", func(w *wire) {
		for i := range 3 {
			w.tcp(inner(5), outside(7), 80, int64(i)*60_000, up("GET /p/gate.php?guid=ANN-PC!1&ver=1028&os=5.1&cpu=3&md5=aa HTTP/1.1\r\nHost: tas.co.cc\r\n"+msie6+"\r\n"), reply200("OK"))
		}
	}},
	{"clear text where TLS should be", attack.Bot, "port of HTTPS", func(w *wire) {
		for i := range 3 {
			w.tcp(inner(5), outside(7), 443, int64(i)*9_000, up("POST /bbs/info.asp HTTP/1.1\r\nHost: 198.51.100.7:443\r\nContent-Length: 4\r\n\r\nabcd"), reply200(""))
		}
	}},
	{"program called a picture", attack.Bot, "disguised", func(w *wire) {
		w.tcp(inner(5), outside(7), 80, 0, up("GET /i/logo.gif HTTP/1.0\r\nHost: a.example\r\n"+msie6+"\r\n"),
			down("HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\nMZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"+strings.Repeat("\x00", 300)))
	}},
	{"beacon of TLS, five seconds and a little", attack.Bot, "regular connections", func(w *wire) {
		r := rand.New(rand.NewSource(1))
		at := int64(0)
		for range 40 {
			w.tcp(inner(5), outside(7), 443, at, clientHello, serverHello, up(tls(23, strings.Repeat("u", 200))), down(tls(23, strings.Repeat("d", 90))))
			at += 5000 + r.Int63n(500)
		}
	}},
	{"trojan in one connection", attack.Bot, "regular messages", func(w *wire) {
		lines := []line{up("\x00\x2a" + noise(1, 40)), down("\x00\x04ok!!")}
		for range 20 {
			lines = append(lines, up("\x00\x01\x05").after(15_000), down("\x00\x01\x06"))
		}
		w.udp(inner(5), inner(1), 53, 0, question("api.ipify.org", 0), "")
		w.tcp(inner(5), outside(7), 5552, 0, lines...)
	}},
	{"trojan that says where it runs", attack.Bot, "introduces itself", func(w *wire) {
		var lines []line
		lines = append(lines, up("0\x01ANN-PC\x01ann\x01Windows 7 Ultimate\x01v0.7"), down("\x01"))
		for range 8 {
			lines = append(lines, up("P\x01").after(10_000), down("p\x01"))
		}
		w.tcp(inner(5), outside(7), 1177, 0, lines...)
	}},
	{"Gh0st", attack.Bot, "remote-access trojan", func(w *wire) {
		w.tcp(inner(5), outside(7), 8000, 0, up("Gh0st\xad\x00\x00\x00\xe0\x00\x00\x00\x78\x9c\x4b"+noise(2, 150)), down("Gh0st\x16\x00\x00\x00\x01\x00\x00\x00\x78\x9c\x63\x00\x00"))
	}},
	{"IRC", attack.Bot, "IRC", func(w *wire) {
		w.tcp(inner(5), outside(7), 18067, 0, up("NICK [USA|XP|0012345]\r\nUSER x 0 0 :x\r\n"), down(":s 001 x :hi\r\n"), up("JOIN #b k\r\n"))
	}},
	{"generated names", attack.Bot, "names of random letters", func(w *wire) {
		r := rand.New(rand.NewSource(3))
		for i := range 40 {
			name := generated(r, 12) + ".com"
			w.udp(inner(5), inner(1), 53, int64(i)*900, question(name, 0), question(name, 3))
		}
	}},
	{"mail to everybody", attack.Bot, "mail servers", func(w *wire) {
		for i := range 60 {
			w.tcp(inner(5), v4(198, 51, byte(i), 25), 25, int64(i)*400, down("220 mx ESMTP\r\n"), up("HELO pc\r\n"), down("250 mx\r\n"), up("MAIL FROM:<a@b>\r\n"), down("554 blocked as spam\r\n"))
		}
	}},
	{"peers", attack.Bot, "peer-to-peer", func(w *wire) {
		for i := range 90 {
			w.udp(inner(5), v4(203, byte(i), 113, 9), 16464, int64(i)*300, noise(int64(i), 16), "")
		}
	}},
	{"home-made bot inside", attack.Bot, "calls itself a bot", func(w *wire) {
		for i := range 12 {
			w.udp(inner(5), inner(6), 6667, int64(i)*3000, "bot_alive", "")
		}
	}},
	{"remote desktop kept alive", attack.Benign, "", func(w *wire) {
		lines := []line{up("\x17\x24\x0a\x20" + noise(1, 33)), down("\x17\x24\x0b" + noise(2, 30))}
		for range 40 {
			lines = append(lines, up("\x17\x24\x1b\x00\x00").after(20_000), down("\x17\x24\x1c\x00\x00"))
		}
		w.tcp(inner(5), outside(7), 5938, 0, lines...)
	}},
	{"mailbox looked into every minute", attack.Benign, "", func(w *wire) {
		for i := range 30 {
			w.tcp(inner(5), outside(7), 110, int64(i)*60_000, down("+OK\r\n"), up("USER ann\r\n"), down("+OK\r\n"), up("PASS x\r\n"), down("+OK\r\n"), up("QUIT\r\n"))
		}
	}},
	{"mail over STARTTLS to many servers", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			w.tcp(inner(5), v4(198, 51, byte(i), 25), 25, int64(i)*400, down("220 mx ESMTP\r\n"), up("EHLO relay\r\n"), down("250 STARTTLS\r\n"), up("STARTTLS\r\n"), down("220 go\r\n"),
				clientHello, serverHello, up(tls(23, strings.Repeat("m", 3000))), down(tls(23, "250")))
		}
	}},
	{"resolver of everybody's names", attack.Benign, "", func(w *wire) {
		r := rand.New(rand.NewSource(3))
		for i := range 60 {
			name := generated(r, 12) + ".com"
			w.udp(inner(5), outside(byte(i)), 53, int64(i)*900, question(name, 0), question(name, 3))
		}
	}},
	{"file sharing that greets its peers alike", attack.Benign, "", func(w *wire) {
		for i := range 200 {
			reply := ""
			if i%5 < 2 {
				reply = noise(int64(-i), 60)
			}
			w.udp(inner(5), v4(203, byte(i), 113, 9), 4672, int64(i)*300, "\xe4\x21"+noise(int64(i), 33), reply)
		}
	}},
	{"load balancer that looks after its servers", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			for j := range 4 {
				w.tcp(inner(5), inner(byte(60+j)), 80, int64(i)*3000+int64(j)*10, up("GET /health HTTP/1.0\r\n\r\n"), answer("200 OK"))
			}
		}
	}},
	{"browsing", attack.Benign, "", func(w *wire) {
		for i := range 50 {
			w.tcp(inner(5), outside(byte(i%4)), 80, int64(i*i)*170, browse(fmt.Sprintf("/p/%d.html?id=%d&v=2&os=x&ver=1", i, i)), answer("200 OK"))
		}
	}},
	{"NTP", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			w.udp(inner(5), outside(123), 123, int64(i)*64_000, noise(9, 48), noise(10, 48))
		}
	}},
	{"polling inside", attack.Benign, "", func(w *wire) {
		for i := range 100 {
			w.tcp(inner(5), inner(9), 9100, int64(i)*15_000, up("GET /metrics HTTP/1.1\r\nHost: h:9100\r\nUser-Agent: Prometheus/2.4\r\n\r\n"), answer("200 OK"))
		}
	}},
	{"push notifications", attack.Benign, "", func(w *wire) {
		lines := []line{clientHello, serverHello}
		for range 40 {
			lines = append(lines, up(tls(23, "keepalive keepalive")).after(60_000), down(tls(23, "yes")))
		}
		w.tcp(inner(5), outside(5), 5223, 0, lines...)
	}},
	{"update", attack.Benign, "", func(w *wire) {
		w.tcp(inner(5), outside(5), 80, 0, up("GET /update/setup.exe HTTP/1.1\r\nHost: dl.example.org\r\nUser-Agent: Microsoft BITS/7.5\r\n\r\n"),
			down("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 900000\r\n\r\nMZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"+strings.Repeat("\x00", 300)))
	}},
	{"service that is down", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			w.refuse(inner(5), outside(5), 443, int64(i)*30_000)
		}
	}},
	{"mail relay", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			other := v4(198, 51, byte(i), 25)
			w.tcp(other, inner(5), 25, int64(i)*4000, down("220 relay ESMTP\r\n"), up("EHLO x\r\n"))
			w.tcp(inner(5), other, 25, int64(i)*4000+900, down("220 mx ESMTP\r\n"), up("EHLO relay\r\n"))
		}
	}},
	{"chat", attack.Benign, "", func(w *wire) {
		w.tcp(inner(5), outside(7), 6667, 0, up("NICK anna\r\nUSER anna 0 * :Anna\r\n"), down(":s 001 anna :hi\r\n"), up("JOIN #golang\r\n"), up("PING x\r\n").after(30_000), up("PING x\r\n").after(30_000))
	}},
	{"file sharing", attack.Benign, "", func(w *wire) {
		for i := range 90 {
			w.udp(inner(5), v4(203, byte(i), 113, 9), 6881+uint16(i%40), int64(i)*300, "d1:ad2:id20:"+noise(int64(i), 20)+"e1:q4:ping", "")
		}
	}},
	{"data carried out in names, as fast as they are answered", attack.Bot, "names under one domain", func(w *wire) {
		for i := range 60 {
			name := fmt.Sprintf("%060x.x.example", i*7919)
			w.udp(inner(5), inner(53), 53, int64(i)*60, question(name, 0), addressed(name, v4(127, 0, 0, 1)))
		}
	}},
	{"a resolver's one socket, and three of a browser's probes", attack.Benign, "", func(w *wire) {
		for i := range 60 {
			name := fmt.Sprintf("www.site%d.example", i)
			if i%20 == 7 {
				name = generated(rand.New(rand.NewSource(int64(i))), 10)
			}
			w.udp(inner(5), outside(53), 53, int64(i)*500, question(name, 0), question(name, 3))
			w.port--
		}
	}},
	{"mistyped and stale names", attack.Benign, "", func(w *wire) {
		for i, name := range []string{"printer.local", "wpad.home", "wwww.example.org", "cansaqcq", "lbjamwptxz", "mcztmpkc", "update.example.net", "proxy.corp"} {
			for j := range 5 {
				w.udp(inner(5), inner(1), 53, int64(i*5+j)*900, question(name, 0), question(name, 3))
			}
		}
	}},
}

func TestBot(t *testing.T) {
	for _, tt := range botCases {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), tt.words)
		})
	}
}

func TestBeats(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	tests := []struct {
		name     string
		gap      func() float64
		low, top float64
	}{
		{"fixed", func() float64 { return 60 }, 0.99, 1},
		{"tenth of jitter", func() float64 { return 60 + 6*r.Float64() }, 0.7, 1},
		{"as people are", func() float64 { return 5 + 60*r.ExpFloat64() }, 0, 0.6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b beats
			now := epoch
			for range 40 {
				b.add(now, connectionsAtOnce)
				b.add(now+300_000, connectionsAtOnce) // a second connection of the same beat
				now += int64(tt.gap() * 1e6)
			}
			if b.n != 40 {
				t.Errorf("%d beats, want 40", b.n)
			}
			if got := b.regularity(); got < tt.low || got > tt.top {
				t.Errorf("regularity %.2f, want %.2f to %.2f", got, tt.low, tt.top)
			}
		})
	}
}
