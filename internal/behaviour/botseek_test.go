package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// TestSeeking: who goes through a list of controllers, and who merely meets many servers.
func TestSeeking(t *testing.T) {
	ports := []uint16{443, 995, 2222, 443, 2078, 443, 995, 443}
	server := func(i int) packet.Addr { return v4(40+byte(i*13), byte(i*31), 113, 9) }
	first := func(name string) []line {
		return append([]line{hello(name), down(tls(22, noise(1, 900)))}, said(300, 200)...)
	}
	// tries goes through servers; every so many is there and says what alive says.
	tries := func(n int, gap int64, every int, port func(i int) uint16, alive func(i int) []line) func(*wire) {
		return func(w *wire) {
			w.tcp(inner(5), outside(7), 80, 0, up("GET /ncsi.txt HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: NCSI\r\n\r\n"), down(fine))
			for i := range n {
				at := 10_000 + int64(i)*gap
				if i%every == 0 {
					w.tcp(inner(5), server(i), port(i), at, alive(i)...)
					continue
				}
				w.refuse(inner(5), server(i), port(i), at)
			}
		}
	}
	some := func(i int) uint16 { return ports[i%len(ports)] }
	sealed := func(int) []line { return first("") }
	named := func(play func(*wire), n int) func(*wire) {
		return func(w *wire) {
			var all []packet.Addr
			for i := range n {
				all = append(all, server(i))
			}
			w.asks(all...)
			play(w)
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"a list, most of it dead", attack.Bot, tries(14, 6_000, 5, some, sealed)},
		{"a list, half of it dead", attack.Bot, tries(8, 30_000, 2, some, sealed)},

		{"names of which many are dead", attack.Benign, named(tries(14, 6_000, 5, some, sealed), 14)},
		{"names in TLS", attack.Benign, tries(14, 6_000, 5, some, func(int) []line { return first("www.example.org") })},
		{"all at once, as a mesh looks for peers", attack.Benign, tries(14, 300, 5, some, sealed)},
		{"ports of a mesh", attack.Benign, tries(14, 6_000, 5, func(i int) uint16 { return uint16(20_000 + i*711) }, sealed)},
		{"one service, tried here and there", attack.Benign, tries(14, 6_000, 5, always(uint16(443)), sealed)},
		{"nobody there at all", attack.Benign, tries(14, 6_000, 99, some, func(int) []line { return []line{up("x"), down("y")} })},
		{"other protocols where somebody is", attack.Benign, tries(14, 6_000, 3, some, func(int) []line { return []line{down("220 ftp ready\r\n"), up("USER a\r\n")} })},
		{"a few servers", attack.Benign, tries(4, 6_000, 2, some, sealed)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "list of controllers")
		})
	}
}
