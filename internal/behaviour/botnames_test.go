package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// addressed is a reply to the query for a name's address.
func addressed(name string, a packet.Addr) string {
	r := []byte(question(name, 0))
	r[2] |= 0x80
	r[7] = 1
	return string(r) + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + string(a[12:])
}

// asks plays a host that has names for what it uses, among them perhaps the server.
func (w *wire) asks(server ...packet.Addr) {
	for i, a := range append([]packet.Addr{v4(203, 0, 113, 1), v4(203, 0, 113, 2), v4(203, 0, 113, 3)}, server...) {
		name := fmt.Sprintf("www%d.example.org", i)
		w.udp(inner(5), inner(53), 53, int64(i)*300, question(name, 0), addressed(name, a))
	}
}

// TestNameless: quick and even calls of few words to an address that nobody named.
func TestNameless(t *testing.T) {
	// over plays connections a period apart but for jitter.
	over := func(port uint16, n int, period int64, jitter float64, lines func(i int) []line) func(*wire) {
		return func(w *wire) {
			r, at := rand.New(rand.NewPCG(3, 9)), int64(5000)
			for i := range n {
				w.tcp(inner(5), outside(7), port, at, lines(i)...)
				at += int64(float64(period) * (1 + jitter*(2*r.Float64()-1)))
			}
		}
	}
	sealed := func(certificate int) func(int) []line {
		return func(int) []line {
			return []line{hello("cdn.example.net"), down(tls(22, noise(1, certificate))), up(tls(23, noise(2, 300))), down(tls(23, noise(3, 220)))}
		}
	}
	message := func(period int64, size int) func(*wire) {
		return func(w *wire) {
			w.tcp(inner(5), outside(7), 4782, 5000, append([]line{up(noise(1, 60)), down(noise(2, 44))}, kept(1, 24, period, 0.1, random(1, 40), random(2, size))...)...)
		}
	}
	held := func(w *wire) {
		r, at := rand.New(rand.NewPCG(5, 9)), int64(5000)
		for range 10 {
			wait := 4000 + r.Int64N(8000)
			w.tcp(inner(5), outside(7), 80, at, up("GET /poll/4f2a HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"), down(fine).after(wait))
			at += wait + 500
		}
	}
	const words = "that no DNS answer gave"
	tests := []struct {
		name  string
		class attack.Class
		words string
		named bool
		play  func(*wire)
	}{
		{"TLS", attack.Bot, words, false, over(4433, 12, 8000, 0.17, sealed(1200))},
		{"kept connection", attack.Bot, words, false, message(4000, 60)},
		{"held answers", attack.Bot, "held back", false, held},

		{"TLS, to a name, few", attack.Benign, "", true, over(443, 9, 8000, 0.17, sealed(1200))},
		{"TLS, vouched for", attack.Benign, "", false, over(443, 9, 8000, 0.17, sealed(4000))},
		{"sensor's reports", attack.Benign, "", false, over(443, 9, 12_000, 0.17, sealed(1200))},
		{"keep-alive", attack.Benign, "", false, message(15_000, 60)},
		{"game", attack.Benign, "", false, message(4000, 1100)},
		{"sensor's reports in the clear", attack.Benign, "", false, over(80, 8, 12_000, 0.1, func(int) []line {
			return []line{up("POST /api HTTP/1.1\r\nHost: 198.51.100.7\r\nUser-Agent: curl/7.88.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"temp\":21.5}"), down(fine)}
		})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			w.asks()
			if tt.named {
				w.asks(outside(7))
			}
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), tt.words)
		})
	}
}

// TestCarried: names that do not exist, and pings, that carry something.
func TestCarried(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	names := func(n int, wait func() int64, name func(i int) string, kind byte) func(*wire) {
		return func(w *wire) {
			at := int64(0)
			for i := range n {
				q := []byte(txtOrA(name(i), kind))
				a := append([]byte(nil), q...)
				a[2] |= 0x80
				a[3] = 3
				w.udp(inner(5), inner(53), 53, at, string(q), string(a))
				at += wait()
			}
		}
	}
	even := func() int64 { return 3000 + r.Int64N(1800) - 900 }
	nearly := func() int64 { return 3000 + r.Int64N(3000) - 1500 }
	anyTime := func() int64 { return int64(1000 * r.ExpFloat64() * 4) }
	stream := func() int64 { return 8 }
	coded := func(size int) func(int) string {
		return func(int) string { return label(r, size) + ".sync.example" }
	}
	pings := func(n int, period int64, data func(i int) string) func(*wire) {
		return func(w *wire) {
			for i := range n {
				w.ping(inner(5), outside(7), 9, uint16(i), int64(i)*period, data(i), data(i))
			}
		}
	}
	text := func(i int) string { return label(rand.New(rand.NewPCG(uint64(i), 1)), 32+i%3*200) }
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"names in vain", attack.Bot, "do not exist", names(27, even, coded(24), 1)},
		{"a stream of names", attack.Bot, "under one domain", names(700, stream, coded(40), 16)},
		{"text in pings", attack.Bot, "ever different text", pings(12, 7000, text)},
		{"a file in pings", attack.Bot, "ever different data", pings(120, 100, func(i int) string { return noise(int64(i), 1200) })},

		{"hash look-ups", attack.Benign, "", names(60, anyTime, coded(24), 1)},
		{"lists asked for text about all that a page names", attack.Benign, "", func(w *wire) {
			for i := range 30 {
				q := []byte(txtOrA(label(r, 26)+"."+label(r, 26)+".p.lists.example", 16))
				w.udp(inner(5), inner(53), 53, int64(i)*300, string(q), "")
			}
		}},
		{"lists of bad files", attack.Benign, "", names(60, nearly, func(i int) string { return hexLabel(r, 40) + ".list.example" }, 1)},
		{"a scanner that asks its maker for text", attack.Benign, "", names(60, even, func(int) string { return label(r, 24) + ".i.00.s.sophosxl.net" }, 16)},
		{"one name in vain", attack.Benign, "", names(60, even, func(int) string { return "current-version-of-the-tool.sync.example" }, 1)},
		{"one text in pings", attack.Benign, "", pings(60, 1000, func(int) string { return "abcdefghijklmnopqrstuvwabcdefghi" })},
		{"pings of every size", attack.Benign, "", pings(120, 100, func(i int) string { return strings.Repeat("\x00\x01\x02\x03", 16+i*10) })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), tt.words)
		})
	}
}
