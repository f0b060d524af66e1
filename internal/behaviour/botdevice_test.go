package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// calls are connections over TLS to one address without a name, whose certificate
// vouches for itself.
func (w *wire) calls(first line, cn string, n int, gap func(i int) int64, sent, got func(i int) int) {
	at := int64(20_000)
	for i := range n {
		w.tcp(inner(5), outside(7), 443, at, append([]line{first, certified(cn, cn)}, said(sent(i), got(i))...)...)
		at += gap(i)
	}
}

func always[T any](v T) func(int) T { return func(int) T { return v } }

// nameless calls n times over TLS to an address that has neither a name nor anybody's
// word for it, amid requests of an odd program to another such address.
func nameless(w *wire, n int) {
	w.ask(6, 9_000, 9, 80, "GET /s HTTP/1.1\r\nHost: 203.0.113.9\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	for i := range n {
		w.tcp(inner(5), outside(7), 443, int64(30_000+i*17_000), append([]line{hello(""), certified("lab", "lab")}, said(300, 150)...)...)
	}
}

// TestBotDevice holds implants against devices where the evidence is no more than a
// regular call over TLS to an address.
func TestBotDevice(t *testing.T) {
	now := func(i int) int { return 120 + []int{0, 0, 64, 0, 200, 0, 0, 90}[i%8] }
	reading := func(i int) int { return 170 + i%3 }
	jitter := func(share float64) func(int) int64 {
		r := rand.New(rand.NewPCG(5, 9))
		return func(int) int64 { return int64(30_000 * (1 + share*(2*r.Float64()-1))) }
	}
	tests := []struct {
		name  string
		class attack.Class
		play  func(w *wire)
	}{
		{"implant that is given orders", attack.Bot, func(w *wire) { w.calls(hello(""), "cloud", 8, always[int64](15_000), always(300), now) }},
		{"implant that jitters and idles", attack.Bot, func(w *wire) { w.calls(hello(""), "cloud", 12, jitter(0.2), always(300), always(120)) }},
		{"implant that jitters little", attack.Bot, func(w *wire) { w.calls(hello(""), "cloud", 20, jitter(0.1), always(300), always(120)) }},
		{"implant of Windows, to the second", attack.Bot, func(w *wire) { w.calls(windows(""), "cloud", 6, always[int64](60_000), always(300), always(120)) }},
		{"implant under its framework's name", attack.Bot, func(w *wire) { w.calls(hello(""), "DcRat Server", 2, always[int64](60_000), always(300), always(120)) }},
		{"implant that hurries", attack.Bot, func(w *wire) { w.calls(hello(""), "cloud", 10, always[int64](5_000), always(300), always(120)) }},
		{"implant of an odd port, without a name", attack.Bot, func(w *wire) {
			at := int64(0)
			for i := range 8 {
				w.tcp(inner(5), outside(7), 8888, at, append([]line{hello("")}, said(240, 120)...)...)
				at += 60_000 + int64(i*i*7919%30_000)
			}
		}},
		{"implant under a certificate made in a hurry", attack.Bot, func(w *wire) {
			at := int64(0)
			for range 6 {
				w.tcp(inner(5), outside(7), 443, at, append([]line{hello("cdn.updates.example"), certified("localhost", "localhost")}, said(900, 600)...)...)
				at += 180_000
			}
		}},
		{"device that reports", attack.Benign, func(w *wire) { w.calls(hello(""), "cloud", 200, always[int64](15_000), reading, always(110)) }},
		{"device that reports each minute, thanked", attack.Benign, func(w *wire) {
			w.calls(hello(""), "cloud", 60, always[int64](60_000), reading, func(i int) int { return 180 + i%10 })
		}},
		{"device that errs once", attack.Benign, func(w *wire) {
			w.calls(hello(""), "cloud", 60, always[int64](30_000), reading, func(i int) int { return 110 + some(i == 17, 90) })
		}},
		{"television that asks for four things at a time", attack.Benign, func(w *wire) {
			w.calls(hello(""), "cloud", 40, func(i int) int64 { return []int64{820, 830, 810, 12_500}[i%4] }, always(160), always(310))
		}},
		{"device and television behind one address", attack.Benign, func(w *wire) {
			w.calls(hello(""), "cloud", 8, always[int64](15_100), reading, always(110))
			at := int64(700_000)
			for i := range 28 {
				w.tcp(inner(5), outside(7), 443, at+int64(i/4)*14_300+int64(i%4)*820, append([]line{hello(""), certified("cloud", "cloud")}, said(160, 310)...)...)
			}
		}},
		{"implant beside another contact of its kind", attack.Bot, func(w *wire) { nameless(w, 3) }},
		{"one call beside other odd contacts", attack.Benign, func(w *wire) { nameless(w, 1) }},
		{"device that reports in the clear by a timer, never told", attack.Benign, func(w *wire) {
			w.ask(30, 30_000, 7, 80, "POST /v1/sync HTTP/1.1\r\nHost: sync.example.org\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\n\xa1\x02\xf3\x99", fine)
		}},
		{"gate that is asked by a timer and answers", attack.Bot, func(w *wire) {
			for i := range 20 {
				order := strings.Repeat("x", 2+40*(i%5))
				w.tcp(inner(5), outside(7), 80, int64(i)*30_000, up("POST /v1/sync HTTP/1.1\r\nHost: sync.example.org\r\nContent-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\n\xa1\x02\xf3\x99"),
					down(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(order), order)))
			}
		}},
		{"page of thirty hosts", attack.Benign, func(w *wire) {
			for i := range 90 {
				w.tcp(inner(5), outside(byte(10+i%30)), 443, 20_000+int64(i/30)*40_000+int64(i%30)*60, append([]line{hello(""), certified("lab", "lab")}, said(300, 3_000+100*(i%7))...)...)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			w.windows()
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "")
		})
	}
}

func some(yes bool, n int) int {
	if yes {
		return n
	}
	return 0
}
