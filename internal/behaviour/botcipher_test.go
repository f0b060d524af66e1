package behaviour

import (
	"fmt"
	"testing"

	"firetower/internal/attack"
)

const (
	msie8  = "User-Agent: Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)\r\n"
	tag    = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<r/>"
	inText = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nresult=0\n"
	pixel  = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: image/gif\r\nContent-Length: 43\r\n\r\nGIF89a"
)

// anew sends n requests to one server, each on a connection of its own.
func (w *wire) anew(n int, period int64, reply string, request func(i int) string) {
	for i := range n {
		w.tcp(inner(5), outside(7), 80, int64(i)*period+int64(i*i%3)*900, up(request(i)), down(reply))
	}
}

// botDisguises are requests that hide what they say, or say what only the machine knows.
var botDisguises = map[string]func(w *wire){
	"a path that is a cipher, language told, accepts nothing": func(w *wire) {
		w.anew(4, 15_000, tag, func(i int) string {
			return "GET /" + noiseText(i, 128) + " HTTP/1.1\r\nAccept-Language: en-us\r\n" + msie8 + "Host: a.example\r\n\r\n"
		})
	},
	"parameters without a question mark": func(w *wire) {
		w.anew(4, 12_000, tag, func(i int) string {
			return "GET /up/id=84&u=" + noiseText(i, 200) + " HTTP/1.1\r\n" + msie8 + "Host: a.example\r\n\r\n"
		})
	},
	"a cipher of no program under a short name": func(w *wire) {
		w.anew(3, 60_000, tag, func(i int) string {
			return "GET /m82/?Lz=" + noiseText(i, 96) + "&Vn=R9c HTTP/1.1\r\nHost: www.a.example\r\nConnection: close\r\n\r\n"
		})
	},
	"cookies of ever other names": func(w *wire) {
		w.anew(9, 10_000, tag, func(i int) string {
			return fmt.Sprintf("GET /%s.htm HTTP/1.1\r\n%sHost: a.example\r\nAccept: */*\r\nCookie: %s=%s\r\n\r\n", noiseText(i, 6), msie8, noiseText(i+40, 8), noiseText(i+80, 24))
		})
	},
	"a form that is noise, in HTTP/1.0": func(w *wire) {
		w.anew(6, 180_000, fine, func(i int) string {
			return "POST /cgi-bin/th HTTP/1.0\r\nHost: a.example\r\n" + form + "Content-Length: 90\r\n\r\n" + noise(int64(i), 90)
		})
	},
	"the machine's name and user in brackets": func(w *wire) {
		w.anew(5, 21_000, noPage, func(i int) string {
			return fmt.Sprintf("GET /f/s.php?tp=1&tg=[ANN-PC]&tv=1.%d&ts=[%%20Administrator%%20] HTTP/1.1\r\nUser-Agent: QWERTY\r\nHost: a.example\r\n\r\n", i)
		})
	},
	"the machine in the path": func(w *wire) {
		w.tcp(inner(5), outside(7), 13_234, 0, up("GET /02us1/DESKTOP-7A1B2C3/0/51-SP3/0/ HTTP/1.1\r\nUser-Agent: Mozilla/4.0\r\nHost: 198.51.100.7:13234\r\n\r\n"), down(tag))
	},
	"a report in Base64 for a name": func(w *wire) {
		w.anew(3, 9_000, tag, func(i int) string {
			return "GET /check/" + noiseText(i, 60) + " HTTP/1.1\r\nUser-Agent: MTFFQTNGN0ItMEEzOS01RjVFLUI5QzJ8eDg2XzY0fDEwLjcuM3wx\r\nHost: a.example\r\n\r\n"
		})
	},
	"a page of a few bytes of noise": func(w *wire) {
		w.anew(4, 110_000, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n"+noise(5, 40), func(int) string {
			return "GET /ol/banner.php?jpg=../ANN HTTP/1.1\r\n" + msie8 + "Host: a.example\r\nCache-Control: no-cache\r\n\r\n"
		})
	},
	"a board read and written in turn": func(w *wire) {
		w.anew(8, 60_000, tag, func(i int) string {
			if i%2 == 0 {
				return "GET /list.php?bid=a HTTP/1.1\r\n" + msie8 + "Host: a.example\r\n\r\n"
			}
			return "POST /write.php?bid=a HTTP/1.1\r\n" + form + msie8 + "Host: a.example\r\nContent-Length: 4\r\n\r\na=bc"
		})
	},
}

// ordinary are programs that do one of these things.
var ordinary = map[string]func(w *wire){
	"a film behind a ticket": func(w *wire) {
		w.anew(4, 9_000, binary2k+noise(1, 900), func(i int) string {
			return "GET /v/u0020.mp4?vkey=" + noiseText(i, 160) + " HTTP/1.1\r\nHost: v.example\r\nRange: bytes=0-\r\n\r\n"
		})
	},
	"a counter's picture asked for by a page": func(w *wire) {
		w.anew(6, 9_000, pixel, func(i int) string {
			return "GET /p?" + noiseText(i, 160) + " HTTP/1.1\r\nHost: ads.example\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\nAccept: image/*\r\nReferer: http://news.example/\r\nAccept-Language: en\r\n\r\n"
		})
	},
	"a router's page that looks after itself": func(w *wire) {
		w.anew(30, 2_000, tag, func(int) string {
			return "POST /goform/get HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\r\nHost: r.example\r\nReferer: http://r.example/index.html\r\n" + form + "Content-Length: 4\r\n\r\na=bc"
		})
	},
	"a remote desktop that puts its name where Explorer has its system": func(w *wire) {
		w.anew(12, 3_000, fine, func(i int) string {
			return fmt.Sprintf("POST /dout.aspx?s=1&p=%d HTTP/1.1\r\nAccept: */*\r\nUser-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Fernbild)\r\nHost: 198.51.100.7\r\nContent-Length: 60\r\n\r\n%s", i, noise(int64(i), 60))
		})
	},
	"an input method asks for news and is told in text": func(w *wire) {
		w.anew(4, 180_000, inText, func(i int) string {
			return fmt.Sprintf("GET /check.php?v=5.%d&mac=f677cac5f5e5&os=5.1&guid=%s HTTP/1.1\r\nUser-Agent: WordIME\r\nHost: ime.example\r\n\r\n", i, noiseText(i, 32))
		})
	},
	"a player tells what it plays": func(w *wire) {
		w.anew(8, 61_000, inText, func(i int) string {
			return fmt.Sprintf("POST /np HTTP/1.1\r\nHost: scrobble.example\r\n%sContent-Length: 20\r\n\r\na=Artist&t=Track%04d", form, i)
		})
	},
	"the same session's cookie": func(w *wire) {
		w.anew(6, 11_000, fine, func(i int) string {
			return fmt.Sprintf("GET /n%d.xml HTTP/1.1\r\nAccept: */*\r\n%sHost: a.example\r\nCookie: session=%s\r\n\r\n", i, msie8, noiseText(i, 24))
		})
	},
}

func TestBotDisguises(t *testing.T) {
	for name, play := range botDisguises {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "contacted")
		})
	}
	for name, play := range ordinary {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			if found := w.findings(newBot(DefaultBotConfig())); len(found) > 0 {
				t.Errorf("%.2f: %s", found[0].Confidence, found[0].Reason)
			}
		})
	}
}
