package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// TestDrawn holds implants, which draw lots when to call, against timers, people and
// what people set off.
func TestDrawn(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	lot := func(period int64, share float64) func() int64 {
		return func() int64 { return int64(float64(period) * (1 + share*(2*r.Float64()-1))) }
	}
	timer := func(period int64) func() int64 { return func() int64 { return period + r.Int64N(20) } }
	whenever := func(period int64) func() int64 {
		return func() int64 { return 2000 + int64(float64(period)*r.ExpFloat64()) }
	}
	// calls are connections of their own, messages are within one.
	calls := func(server packet.Addr, port uint16, n int, gap func() int64, lines func(i int) []line) func(*wire) {
		return func(w *wire) {
			at := int64(1000)
			for i := range n {
				w.tcp(inner(5), server, port, at, lines(i)...)
				at += gap()
			}
		}
	}
	messages := func(first []line, port uint16, n int, gap func() int64, size func(i int) int) func(*wire) {
		return func(w *wire) {
			lines := first
			for i := range n {
				lines = append(lines, up(tls(23, noise(int64(i), size(i)))).after(gap()), down(tls(23, noise(int64(-i), 60))))
			}
			w.tcp(inner(5), outside(7), port, 1000, lines...)
		}
	}
	sealed := func(sent func(i int) int) func(int) []line {
		return func(i int) []line {
			return append([]line{hello(""), down(tls(22, noise(1, 900)))}, said(sent(i), 200)...)
		}
	}
	web := func(request string) func(int) []line {
		return func(int) []line { return []line{up(request), down(fine)} }
	}
	task := "GET /tasks HTTP/1.1\r\nHost: 10.0.0.9\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\n\r\n"
	unnamed := []line{hello(""), down(tls(22, noise(1, 900)))}
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"implant over TLS in a laboratory", attack.Bot, calls(inner(9), 443, 20, lot(5000, 0.2), sealed(always(500)))},
		{"implant over TLS that tarries", attack.Bot, calls(outside(7), 443, 12, lot(45_000, 0.15), sealed(always(500)))},
		{"implant that asks for tasks in a laboratory", attack.Bot, calls(inner(9), 80, 20, lot(5000, 0.2), web(task))},
		{"implant over one connection", attack.Bot, messages(unnamed, 8443, 20, lot(10_000, 0.15), always(90))},
		{"implant over one connection that tarries", attack.Bot, messages(unnamed, 443, 40, lot(60_000, 0.2), always(180))},

		{"timer over TLS inside", attack.Benign, calls(inner(9), 443, 30, timer(5000), sealed(always(500)))},
		{"somebody's clicks over TLS inside", attack.Benign, calls(inner(9), 443, 30, whenever(6000), sealed(func(i int) int { return 300 + i*37%400 }))},
		{"events over TLS inside, all alike", attack.Benign, calls(inner(9), 443, 30, whenever(6000), sealed(always(500)))},
		{"monitor that draws lots", attack.Benign, func(w *wire) {
			for server := range 4 {
				calls(inner(byte(20+server)), 443, 20, lot(5000, 0.2), sealed(always(500)))(w)
			}
		}},
		{"agent of a name that draws lots", attack.Benign, calls(inner(9), 8500, 30, lot(10_000, 0.1), web("GET /v1/agent/self HTTP/1.1\r\nHost: 10.0.0.9:8500\r\nUser-Agent: Consul/1.14.3\r\n\r\n"))},
		{"page that draws lots", attack.Benign, calls(inner(9), 80, 30, lot(5000, 0.2), web("GET /state.json HTTP/1.1\r\nHost: 10.0.0.9\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\nAccept: application/json\r\nAccept-Language: de\r\nReferer: http://10.0.0.9/\r\n\r\n"))},
		{"telemetry under a name", attack.Benign, calls(outside(7), 443, 10, lot(20_000, 0.3), func(int) []line {
			return append([]line{hello("t.example.org"), certified("TLS CA", "t.example.org")}, said(700, 200)...)
		})},
		{"reports to a name by a timer, for hours", attack.Benign, calls(outside(7), 443, 120, timer(15_000), func(int) []line {
			return append([]line{hello("agent.example.org"), certified("TLS CA", "*.example.org")}, said(3000, 200)...)
		})},
		{"keep-alives over one connection", attack.Benign, messages(unnamed, 443, 30, timer(30_000), always(40))},
		{"talk over one connection", attack.Benign, messages(unnamed, 443, 30, whenever(6000), func(i int) int { return 60 + i*91%900 })},
		{"messages of a queue, over one connection", attack.Benign, messages(unnamed, 8883, 30, lot(5000, 0.2), always(90))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "drawn by lot")
		})
	}
}

// TestFrames: protocols of their own that tell where each message ends.
func TestFrames(t *testing.T) {
	behind := func(tag string, add int, order func(int) string) func(n int) func(i int) string {
		return func(n int) func(i int) string {
			return func(i int) string { return tag + order(n+add) + noise(int64(n*1000+i), n) }
		}
	}
	be4 := func(n int) string { return "\x00\x00" + be(n) }
	// beat plays a greeting, then small messages at even times.
	beat := func(port uint16, n int, period int64, message func(n int) func(i int) string) func(*wire) {
		return func(w *wire) {
			lines := []line{up(message(160)(0)), down(message(20)(1))}
			w.tcp(inner(5), outside(7), port, 3000, append(lines, kept(1, n, period, 0, message(12), message(8))...)...)
		}
	}
	coded := func(n int) func(i int) string {
		return func(i int) string { return []string{"UE5HfiE=", "Q0FDRH4h", "bm90aGluZyB0byBkbyE="}[i%3] + "&&&" }
	}
	named := func(play func(*wire)) func(*wire) {
		return func(w *wire) {
			w.asks(outside(7))
			play(w)
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"length of all, on a port of its own", attack.Bot, beat(2897, 12, 10_000, behind("", 4, le4))},
		{"length of what follows, on a port of the web", attack.Bot, beat(8000, 14, 15_000, behind("KSKZ", 0, le4))},
		{"length in network order where desktops are", attack.Bot, beat(3389, 12, 20_000, behind("", 0, be4))},
		{"tag of two bytes where HTTPS is", attack.Bot, beat(443, 8, 30_000, behind("\x00\xff", 0, le4))},
		{"Base64", attack.Bot, beat(7892, 10, 20_000, coded)},
		{"Base64 to a server that has a name", attack.Bot, named(beat(7892, 10, 20_000, coded))},

		{"lengths to a server that has a name", attack.Benign, named(beat(2897, 12, 10_000, behind("", 4, le4)))},
		{"no length", attack.Benign, beat(2897, 12, 10_000, func(n int) func(int) string { return random(n, n) })},
		{"length in two bytes, as virtual private networks", attack.Benign, beat(2897, 12, 10_000, behind("", 0, be))},
		{"length behind a long head", attack.Benign, beat(2897, 12, 10_000, behind("\x55\xaa\x00\x00\x00\x00\x00\x01\x00\x00\x00\x09", 0, be4))},
		{"text", attack.Benign, beat(2897, 12, 10_000, func(int) func(int) string {
			return func(i int) string { return fmt.Sprintf("ticker %d\r\n", i) }
		})},
		{"zeros", attack.Benign, beat(2897, 12, 10_000, func(n int) func(int) string { return fixed(strings.Repeat("\x00", n/8*8)) })},
		{"inside, from a data base", attack.Benign, func(w *wire) {
			m := behind("", 0, be4)
			w.tcp(inner(5), inner(9), 9042, 3000, kept(1, 30, 10_000, 0, m(12), m(20))...)
		}},
		{"a plant's controllers, under addresses of everybody's", attack.Benign, func(w *wire) {
			m := behind("", 0, be4)
			w.tcp(outside(5), outside(7), 5026, 3000, kept(1, 30, 3_000, 0, m(12), m(20))...)
		}},
		{"no even times", attack.Benign, func(w *wire) {
			m := behind("", 0, be4)
			w.tcp(inner(5), outside(7), 2897, 3000, kept(1, 30, 10_000, 0.9, m(12), m(20))...)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "in no known protocol")
		})
	}
}
