package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// TestOwnProtocols: connections that live on in a protocol of their own.
func TestOwnProtocols(t *testing.T) {
	// asked plays a server that asks again and again, and is answered.
	asked := func(n int, period int64, question, answer func(i int) string) (lines []line) {
		for i := range n {
			lines = append(lines, down(question(i)).after(period), up(answer(i)))
		}
		return lines
	}
	keyed := func(text string, key byte, size int) string {
		b := []byte(text + strings.Repeat("\x00", size-len(text)))
		for i := range b {
			b[i] ^= key
		}
		return string(b)
	}
	json := func(orders ...string) (lines []line) {
		lines = append(lines, up(`{"type": "register", "id": "node-01", "os": "Linux"}`+"\n"))
		for i := range 12 {
			lines = append(lines, down(`{"cmd":"ping"}`+"\n"), up(`{"type": "heartbeat", "id": "node-01"}`+"\n").after(2000))
			if i < len(orders) {
				lines = append(lines, down(orders[i]+"\n"), up(fmt.Sprintf(`{"type": "result", "id": "node-01", "out": "%d"}`+"\n", i)))
			}
		}
		return lines
	}
	header := func(i int) string { return "\x40\x51\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00" + noise(int64(i), 12) }
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(w *wire)
	}{
		{"noise from the server first, and every twelve seconds", attack.Bot, "asked nothing", func(w *wire) {
			w.tcp(inner(5), outside(7), 8900, 0, asked(20, 12_000, random(1, 13), random(2, 13))...)
		}},
		{"noise from servers on the port of HTTPS, one after the other", attack.Bot, "asked nothing", func(w *wire) {
			for i := range 3 {
				n := int64(i) * 10
				lines := []line{down(noise(n, 200)), up(noise(n+1, 40)), up(noise(n+2, 413)), down(noise(n+3, 1400)), down(noise(n+4, 1400))}
				w.tcp(inner(5), outside(byte(7+i)), 443, int64(i)*60_000, append(lines, kept(1, 3, 20_000, 0, random(5, 33), random(6, 47))...)...)
			}
		}},
		{"asked after on the port of HTTPS", attack.Bot, "asks, and is answered", func(w *wire) {
			w.tcp(inner(5), outside(7), 443, 0, append([]line{up(header(1)), down(header(2))}, asked(14, 30_000, header, header)...)...)
		}},
		{"text under a key", attack.Bot, "under a key", func(w *wire) {
			beat := fixed(keyed("", 0xfb, 16))
			w.tcp(inner(5), outside(7), 443, 0, append([]line{up(keyed("hello|WIP-12|user|1.0.3", 0xfb, 52)), down(beat(0))}, kept(1, 12, 20_000, 0, beat, beat)...)...)
		}},
		{"behind its name and the length", attack.Bot, "known remote-access trojan", func(w *wire) {
			w.tcp(inner(5), outside(7), 443, 0, up("9002\x1c\x00\x00\x00\x00\x00\x00\x00"+noise(1, 24)), down("9002\x18\x00\x00\x00\x00\x00\x00\x00"+noise(2, 20)))
		}},
		{"told in JSON what to run", attack.Bot, "told what to run", func(w *wire) {
			w.tcp(inner(5), inner(9), 9999, 0, json(`{"cmd":"shell","arg":"whoami"}`)...)
		}},
		{"told in JSON to list", attack.Bot, "told what to run", func(w *wire) {
			w.tcp(inner(5), outside(9), 9999, 0, json(`{"action":"exec","data":"ls"}`)...)
		}},
		{"told behind the length, in a laboratory", attack.Bot, "told what to run", func(w *wire) {
			framed := func(text string) string { return "\x00\x00\x00" + string([]byte{byte(len(text))}) + text }
			w.tcp(inner(5), inner(9), 5555, 0, up(framed(`{"type":"hello","host":"pc-4"}`)), down(framed(`{"task":"exec","args":["whoami"]}`)).after(3000), up(framed(`{"out":"ann"}`)))
		}},
		{"told in Base64", attack.Bot, "told what to run", func(w *wire) {
			w.tcp(inner(5), outside(9), 5555, 0, up("aGVsbG8=\n"), down("d2hvYW1p\n").after(3000), up("YW5u\n"))
		}},
		{"a laboratory that plays the outside", attack.Bot, "malware favours", func(w *wire) {
			request := "POST /gate.php HTTP/1.1\r\nHost: xk3vq9zt2mwp.top\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\nContent-Length: 4\r\n\r\nabcd"
			w.tcp(v4(192, 168, 56, 101), v4(192, 168, 56, 1), 80, 0, up(request), down(fine))
		}},

		{"told in JSON what to show", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), outside(9), 9999, 0, json(`{"cmd":"hostname"}`, `{"cmd":"id"}`, `{"cmd":"status","arg":"all"}`, `{"method":"set_power","params":["on"]}`)...)
		}},
		{"meters asked through a modem", attack.Benign, "", func(w *wire) {
			ask := func(int) string { return "\x01\x03\x00\x00\x00\x0a\xc5\xcd" }
			w.tcp(inner(5), outside(7), 9501, 0, append([]line{up("867725030012345")}, asked(20, 30_000, ask, func(i int) string { return "\x01\x03\x14" + noise(int64(i), 22) })...)...)
		}},
		{"a feed that nobody answers", attack.Benign, "", func(w *wire) {
			lines := []line{up("user NOCALL pass -1\r\n")}
			for i := range 20 {
				lines = append(lines, down(noise(int64(i), 60)).after(20_000))
			}
			w.tcp(inner(5), outside(7), 443, 0, lines...)
		}},
		{"messenger on the port of HTTPS, asked after by itself", attack.Benign, "", func(w *wire) {
			lines := []line{up(noise(1, 64)), down(noise(2, 120))}
			w.tcp(inner(5), outside(7), 443, 0, append(lines, kept(1, 9, 30_000, 0, random(5, 80), random(6, 90))...)...)
		}},
		{"greeting in the clear", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), outside(7), 443, 0, down("HELLO gateway 4.2 ready for clients\r\n"), up("LOGIN ann\r\n"), down("OK\r\n"))
		}},
		{"one server that greets with noise", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), outside(7), 7777, 0, append([]line{down(noise(1, 64)), up(noise(2, 64))}, kept(1, 9, 11_000, 0.2, random(5, 80), random(6, 900))...)...)
		}},
		{"zeros and a few numbers", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), outside(7), 7777, 0, up("\x01\x00\x00\x00hello\x00\x00\x00"+strings.Repeat("\x00", 40)), down("\x02\x00\x00\x00"))
		}},
		{"numbers in a frame filled with ones", attack.Benign, "", func(w *wire) {
			w.tcp(inner(5), outside(7), 7777, 0, up("\x01\x02\x03\x04\x05\x06\x07\x08"+strings.Repeat("\xff", 40)), down("\x02\x00\x00\x00"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			who := inner(5)
			if strings.HasPrefix(tt.name, "a laboratory") {
				who = v4(192, 168, 56, 101)
			}
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, who, tt.words)
		})
	}
}
