package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// TestSwarm: who looks for peers over UDP, a botnet's or people's.
func TestSwarm(t *testing.T) {
	// meets asks a hundred hosts from one socket, three a second; every so many answer.
	meets := func(message func(i int) string, every int, answer string) func(*wire) {
		return func(w *wire) {
			for i := range 100 {
				said := ""
				if i%every == 0 {
					said = answer
				}
				port := uint16(1024 + i*7919%60000)
				w.udp(inner(5), v4(20+byte(i), byte(i*31), byte(i*17), 9), port, int64(i)*300, message(i), said)
				w.port--
			}
		}
	}
	after := func(head string, size int) func(i int) string {
		return func(i int) string { return head + noise(int64(i), size) }
	}
	many := func(w *wire) { // what answers goes on to send
		meets(after("", 30), 4, noise(1, 200))(w)
		for i := range 8 {
			w.udp(inner(5), v4(20, 0, 0, 9), 1024, 30_000+int64(i)*50, noise(int64(i), 40), noise(int64(-i), 1200))
			w.port--
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"messages behind their length, a quarter answers", attack.Bot, meets(func(i int) string {
			n := 18 + i%3*4
			return noise(int64(i), 2) + string([]byte{byte(n), 0}) + noise(int64(-i), n)
		}, 4, noise(1, 600))},
		{"four bytes or twenty-one, hardly any answer", attack.Bot, meets(func(i int) string { return "\x7e" + noise(int64(i), 3+i%2*17) }, 16, noise(1, 46))},
		{"the closed mesh, a third answers", attack.Bot, meets(after("\xe3\x0e\x14", 16), 3, "\xe3\x0f"+noise(1, 200))},
		{"digits to a port of whole networks", attack.Bot, func(w *wire) {
			for i := range 200 {
				w.udp(inner(5), v4(203, 0, 113, byte(i)), 6892, int64(i)*3, fmt.Sprintf("%08x%06x", i*7919, i*31), "")
			}
		}},
		{"one port, of one length, nobody answers", attack.Bot, func(w *wire) {
			for i := range 90 {
				w.udp(inner(5), v4(203, byte(i), 113, 9), 16464, int64(i)*300, noise(int64(i), 16), "")
			}
		}},

		{"words to a port of whole networks", attack.Benign, func(w *wire) {
			for i := range 200 {
				w.udp(inner(5), v4(203, 0, 113, byte(i)), 6892, int64(i)*3, fmt.Sprintf("\\status\\game %d", i), "")
			}
		}},
		{"eMule's Kad, many gone", attack.Benign, meets(after("\xe4\x21\x02", 32), 5, "\xe4\x29"+noise(1, 200))},
		{"eMule's sources asked again", attack.Benign, meets(after("\xc5\x90", 18), 5, "\xc5\x92\x00\x10")},
		{"disguised Kad, half answer", attack.Benign, meets(after("", 49), 2, noise(1, 300))},
		{"BitTorrent's table", attack.Benign, meets(func(i int) string { return "d1:ad2:id20:" + noise(int64(i), 20) + "e1:q4:ping1:t2:aa1:y1:qe" }, 5, "d1:rd2:id20:")},
		{"BitTorrent's peers over uTP", attack.Benign, meets(func(i int) string {
			return "\x41\x02" + noise(int64(i), 6) + "\x00\x00\x00\x00\x00\x0f\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00"
		}, 5, noise(1, 20))},
		{"Gnutella's pings", attack.Benign, meets(func(i int) string { return noise(int64(i), 16) + "\x00\x01\x00\x05\x00\x00\x00\xc3\x02SCPA"[:12] }, 5, noise(1, 40))},
		{"candidates of calls", attack.Benign, meets(after("\x00\x01\x00\x00\x21\x12\xa4\x42", 12), 5, noise(1, 40))},
		{"servers of a game", attack.Benign, meets(after("\xfe\xfd\x00", 8), 4, noise(1, 80))},
		{"a list of servers by text", attack.Benign, meets(func(int) string { return "\xff\xff\xff\xffgetstatus" }, 4, strings.Repeat("a", 300))},
		{"a mesh of private networks", attack.Benign, meets(after("", 92), 4, noise(1, 100))},
		{"messages of all lengths", attack.Benign, meets(func(i int) string { return noise(int64(i), 20+i*9%300) }, 4, noise(1, 100))},
		{"a mesh that carries something", attack.Benign, many},
		{"padded messages", attack.Benign, meets(func(i int) string { return noise(int64(i), 6) + strings.Repeat("\x00", 18) }, 5, noise(1, 40))},
		{"peers found by name", attack.Benign, func(w *wire) {
			for i := range 100 {
				name := fmt.Sprintf("node%d.example.org", i)
				w.udp(inner(5), inner(1), 53, int64(i)-900, question(name, 0), addressed(name, v4(20+byte(i), byte(i*31), byte(i*17), 9)))
			}
			meets(after("", 30), 5, noise(1, 60))(w)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "")
		})
	}
}

// TestRelays: who posts to one bare address after the other.
func TestRelays(t *testing.T) {
	posts := func(n int, agent, path string, host func(i int) string) func(*wire) {
		return func(w *wire) {
			for i := range n {
				to := v4(60+byte(i), byte(i*31), byte(i*17), 9)
				head := fmt.Sprintf("POST "+path+" HTTP/1.1\r\nReferer: Mozilla\r\nHost: %s\r\nUser-Agent: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\na=x9&b=AAAAAA", i*7919, host(i), agent)
				w.tcp(inner(5), to, 80, int64(i)*6_000, up(head), down(fine))
			}
		}
	}
	bare := func(i int) string { return fmt.Sprintf("%d.%d.%d.9", 60+i, byte(i*31), byte(i*17)) }
	named := func(i int) string { return fmt.Sprintf("edge%d.example.org", i) }
	tests := []struct {
		name  string
		class attack.Class
		play  func(*wire)
	}{
		{"pages made up", attack.Bot, posts(9, "Mozilla", "/x%d.htm", bare)},
		{"few", attack.Benign, posts(3, "Updater", "/x%d.htm", bare)},
		{"servers with names", attack.Benign, posts(9, "Mozilla", "/x%d.htm", named)},
		{"a program that says what it is", attack.Benign, posts(9, "uploader/2.1", "/x%d.htm", bare)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), "")
		})
	}
}
