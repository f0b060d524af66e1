package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

const fine = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nOK"

// ask has the host say the same to a server n times, so many milliseconds apart.
func (w *wire) ask(n int, period int64, server byte, port uint16, request, reply string) {
	for i := range n {
		w.tcp(inner(5), outside(server), port, int64(i)*period, up(request), down(reply))
	}
}

// botFamilies are check-ins written after what vendors' analyses say of families of
// malware, with addresses and contents of our own.
var botFamilies = map[string]func(w *wire){
	"stealer, HTTP/1.0": func(w *wire) {
		w.ask(3, 60000, 7, 80, "POST /a/fre.php HTTP/1.0\r\nUser-Agent: Mozilla/4.08 (Charon; Inferno)\r\nHost: abc.tk\r\nAccept: */*\r\nContent-Type: application/octet-stream\r\nContent-Encoding: binary\r\nContent-Key: 1234\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd", fine)
	},
	"stealer, HTTP/1.0 with copied headers": func(w *wire) {
		w.ask(2, 5000, 7, 80, "POST /p/gate.php HTTP/1.0\r\nHost: abc.com\r\nAccept: */*\r\nAccept-Encoding: identity, *;q=0\r\nAccept-Language: en-US\r\nContent-Length: 4\r\nContent-Type: application/octet-stream\r\nConnection: close\r\nContent-Encoding: binary\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 5.0; Windows 98)\r\n\r\nabcd", fine)
	},
	"loader": func(w *wire) {
		w.ask(4, 60000, 7, 80, "POST /order.php HTTP/1.1\r\nUser-Agent: Mozilla/4.0\r\nHost: abc.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\nConnection: close\r\n\r\nabcdabcd", fine)
	},
	"loader, posts to bare addresses with a referrer": func(w *wire) {
		for i := range 5 {
			w.ask(1, 0, byte(7+i), 8080, fmt.Sprintf("POST /x%d/y%d/ HTTP/1.1\r\nDNT: 0\r\nReferer: 198.51.100.%d/x/\r\nContent-Type: multipart/form-data; boundary=x\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1)\r\nHost: 198.51.100.%d:8080\r\nContent-Length: 4\r\n\r\nabcd", i, i*7, 7+i, 7+i), fine)
		}
	},
	"ransomware, several bare addresses": func(w *wire) {
		for i := range 3 {
			w.ask(2, 10000, byte(7+i), 80, fmt.Sprintf("POST /main.php HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nReferer: http://198.51.100.%d/\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1)\r\nHost: 198.51.100.%d\r\nContent-Length: 4\r\n\r\nabcd", 7+i, 7+i), fine)
		}
	},
	"downloader": func(w *wire) {
		w.ask(2, 60000, 7, 80, "POST /4/forum.php HTTP/1.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; Win64; x64; Trident/7.0; rv:11.0) like Gecko\r\nHost: abc.com\r\nContent-Length: 60\r\n\r\nGUID=123&BUILD=17bdp&INFO=PC @ P&IP=1.2.3.4&TYPE=1&WIN=10.0", fine)
	},
	"framework, long cookie": func(w *wire) {
		w.ask(6, 60000, 7, 80, "GET /j.ad HTTP/1.1\r\nAccept: */*\r\nCookie: "+strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", 5)+"\r\nUser-Agent: Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)\r\nHost: 198.51.100.7\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n", "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n")
	},
	"backdoor on the port of HTTPS": func(w *wire) {
		w.ask(3, 30000, 7, 443, "GET /page.jsp?mi=abcdefg12345 HTTP/1.1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)\r\nHost: 198.51.100.7:443\r\nConnection: Keep-Alive\r\n\r\n", fine)
	},
	"backdoor to a bare address": func(w *wire) {
		w.ask(3, 30000, 7, 80, "GET /AWS12345.jsp?abcdefghIJKLMN== HTTP/1.1\r\nx_bigfix_client_string: abc\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)\r\nHost: 198.51.100.7\r\nConnection: Keep-Alive\r\n\r\n", fine)
	},
	"spy": func(w *wire) {
		w.ask(3, 30000, 7, 80, "GET /newyork/nettraveler.asp?hostid=E81B9088&hostname=PC&hostip=10.0.0.5&filename=travlerbackinfo&filestart=0&filetext=begin::abc HTTP/1.1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\nHost: www.abc.com\r\n\r\n", fine)
	},
	"key logger": func(w *wire) {
		w.ask(3, 120000, 7, 80, "POST /inc/f0c1.php HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows; U; Windows NT 6.1; ru; rv:1.9.2.3) Gecko/20100401 Firefox/4.0\r\nContent-Type: application/x-www-form-urlencoded\r\nHost: abc.com\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\np=ab", fine)
	},
	"denial of service bot": func(w *wire) {
		w.ask(4, 60000, 7, 80, "POST /d/index.php HTTP/1.0\r\nHost: abc.ru\r\nUser-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; ru; rv:1.8.1.1) Gecko/20061204 Firefox/2.0.0.1\r\nAccept: text/html\r\nConnection: close\r\nContent-Length: 17\r\n\r\nk=123456789012345", fine)
	},
	"framework, three scripts": func(w *wire) {
		for i := range 20 {
			w.tcp(inner(5), outside(7), 80, int64(i)*5000, up("GET "+[]string{"/admin/get.php", "/news.php", "/login/process.php"}[i%3]+" HTTP/1.1\r\nCookie: session=Ht7xZ0wYfP0k1p4Zz8lq5mD2p2A=\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\r\nHost: 198.51.100.7\r\n\r\n"), down(fine))
		}
	},
	"loader without a name that brings a cookie": func(w *wire) {
		lines := []line{up("GET / HTTP/1.1\r\nConnection: Keep-Alive\r\nCookie: __gads=3000283:1:16212:134; _gat=10.0.19043.64; _ga=1.591594.1635208534.76; _u=4445534B544F502D4A:616E6E; __io=21_3990468985_38323; _gid=67A3F1C0D2\r\nHost: updates.example.com\r\n\r\n")}
		lines = append(lines, down("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/gzip\r\nContent-Length: 116800\r\n\r\n"))
		for i := range 80 {
			lines = append(lines, down(noise(int64(i), 1460)))
		}
		w.tcp(inner(5), outside(7), 80, 0, lines...)
	},
	"ransomware": func(w *wire) {
		for i := range 3 {
			w.ask(2, 4000, byte(7+i), 80, "POST /wp-x/img5.php?x=8mc9u3 HTTP/1.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: Close\r\nContent-Length: 4\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/4.0)\r\nHost: abc.com\r\nCache-Control: no-cache\r\n\r\na=bc", fine)
		}
	},
	"bot in Python": func(w *wire) {
		w.ask(10, 10000, 7, 8080, "GET /api/pop?botid=PC_123&sysinfo=Windows HTTP/1.1\r\nHost: 198.51.100.7:8080\r\nConnection: keep-alive\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nUser-Agent: python-requests/2.13.0\r\n\r\n", fine)
	},
	"spam bot": func(w *wire) {
		for i := range 3 {
			w.ask(1, 0, byte(7+i), 8080, fmt.Sprintf("POST /3AE09BDE0AF0F5D61F5E2E0E9DA39A3EE5E6B4B0%d HTTP/1.1\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; rv:25.0) Gecko/20100101 Firefox/25.0\r\nHost: 198.51.100.%d:8080\r\nContent-Length: 4\r\n\r\nabcd", i, 7+i), fine)
		}
	},
	"stealer of many names": func(w *wire) {
		for i := range 6 {
			w.ask(1, 0, byte(7+i), 80, fmt.Sprintf("GET /n7ak/?wZ=abc%dQ==&ab=12 HTTP/1.1\r\nHost: www.site%d.com\r\nConnection: close\r\n\r\n", i, i), fine)
		}
	},
	"trojan with separators": func(w *wire) {
		w.tcp(inner(5), outside(7), 5552, 0, up("187\x00ll|'|'|SGFjS2VkX0|'|'|PC|'|'|ann|'|'|18-01-01|'|'||'|'|Win 7"), down("0\x00"))
	},
	"trojan that answers HTTP with something else": func(w *wire) {
		w.tcp(inner(5), outside(7), 81, 0, up("GET /1234567890.functions HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0)\r\nHost: abc.no-ip.org:81\r\nConnection: Keep-Alive\r\n\r\n"), down("X\r\n"))
	},
	"trojan with a handshake of 256 bytes": func(w *wire) {
		w.tcp(inner(5), outside(7), 3460, 0, up(noise(1, 256)), down(noise(2, 256)), down(noise(3, 4)))
	},
	"device told to flood": func(w *wire) {
		w.tcp(inner(5), outside(7), 23, 0, up("\x00\x00\x00\x01"), up("\x00"), up("\x00\x00").after(60_000), down("\x00\x00"))
	},
	"device that names its processor": func(w *wire) {
		w.tcp(inner(5), outside(7), 839, 0, up("BUILD MIPSEL\n"), down("PING\n"), up("PONG\n"))
	},
	"framework, long cookie for a name": func(w *wire) {
		w.ask(12, 60000, 7, 80, "GET /__utm.gif HTTP/1.1\r\nAccept: */*\r\nCookie: "+strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", 5)+"\r\nUser-Agent: Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1)\r\nHost: cdn.example.com\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 0\r\n\r\n")
	},
	"trojan with a hexadecimal greeting": func(w *wire) {
		w.tcp(inner(5), outside(7), 1604, 0, down("BF7CAB464EFB"), up("DACA20185D99DE7B"), down("CCD2298A5E61"))
	},
}

func TestBotFamilies(t *testing.T) {
	for name, play := range botFamilies {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "contacted")
		})
	}
}

// botLookalikes are requests of honest programs that are not browsers.
var botLookalikes = map[string]func(w *wire){
	"a cookie that the server gave, and much fetched, by a program without a name": func(w *wire) {
		cookie := "Cookie: session=" + strings.Repeat("Ht7xZ0wYfP0k1p4Zz8lq", 8) + "\r\n"
		lines := []line{up("GET /login HTTP/1.1\r\nHost: www.example.com\r\n\r\n"), down(fine), up("GET /export HTTP/1.1\r\nHost: www.example.com\r\n" + cookie + "\r\n"),
			down("HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 116800\r\n\r\n")}
		for i := range 80 {
			lines = append(lines, down(noise(int64(i), 1460)))
		}
		w.tcp(inner(5), outside(7), 80, 0, lines...)
	},
	"a request in the clear that the port of HTTPS does not answer": func(w *wire) {
		w.tcp(inner(5), outside(7), 443, 0, up("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
		w.tcp(inner(5), outside(8), 443, 4000, up("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
	},
	"certificate status": func(w *wire) {
		w.ask(6, 3000, 7, 80, "POST / HTTP/1.1\r\nUser-Agent: Microsoft-CryptoAPI/6.1\r\nHost: ocsp.example.com\r\nContent-Type: application/ocsp-request\r\nContent-Length: 4\r\n\r\nabcd", fine)
	},
	"certificate status, asked for a browser by a library": func(w *wire) {
		for i := range 3 {
			w.ask(2, 40_000, byte(7+i), 80, fmt.Sprintf("POST / HTTP/1.1\r\nHost: ocsp%d.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nContent-Type: application/ocsp-request\r\nContent-Length: 12\r\n\r\n0S0Q0O0M0K0I", i), fine)
		}
	},
	"connectivity check": func(w *wire) {
		w.ask(20, 31_000, 7, 80, "GET /connecttest.txt HTTP/1.1\r\nConnection: Close\r\nUser-Agent: Microsoft NCSI\r\nHost: www.example.com\r\n\r\n", fine)
	},
	"tracker": func(w *wire) {
		for i := range 6 {
			w.ask(2, 900_000, byte(7+i), 6969, fmt.Sprintf("GET /announce?info_hash=%%12%%34&peer_id=-UT2210-&port=51413&uploaded=0&left=9&key=ab&ip=192.0.2.%d HTTP/1.1\r\nHost: t%d.example.com:6969\r\nUser-Agent: uTorrent/2210\r\n\r\n", i, i), fine)
		}
	},
	"telephone's telemetry": func(w *wire) {
		w.ask(12, 45_000, 7, 80, "POST /log/v2 HTTP/1.1\r\nHost: log.example.com\r\nUser-Agent: Dalvik/2.1.0 (Linux; U; Android 9)\r\nContent-Length: 60\r\n\r\nos=android&ver=9&model=x&uid=12&mac=aa&ip=10.0.0.5&cpu=arm", fine)
	},
	"package index": func(w *wire) {
		w.ask(9, 700, 7, 80, "GET /simple/numpy/ HTTP/1.1\r\nHost: pypi.example.org\r\nUser-Agent: pip/23.1\r\nAccept: */*\r\n\r\n", fine)
	},
	"virus patterns": func(w *wire) {
		w.ask(4, 3_600_000, 7, 80, "GET /defs/vps.ver HTTP/1.1\r\nHost: au.example.com\r\nUser-Agent: Updater 9.1\r\n\r\n", fine)
	},
	"form within a browsed site": func(w *wire) {
		w.tcp(inner(5), outside(7), 80, 0, browse("/shop.php"), answer("200 OK"), browse("/cart.php?id=1&v=2"), answer("200 OK"),
			up("POST /pay.php HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en\r\nReferer: http://www.example.org/\r\nContent-Length: 12\r\n\r\nuser=a&ip=b1"), answer("200 OK"))
	},
}

func TestBotLookalikes(t *testing.T) {
	for name, play := range botLookalikes {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Benign, inner(5), "")
		})
	}
}
