package behaviour

import (
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// fetch is a program fetched over HTTP.
func fetch(host, agent string) []line {
	return []line{
		up("GET /files/update.exe HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: " + agent + "\r\nAccept: */*\r\n\r\n"),
		down("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\nContent-Type: application/octet-stream\r\n\r\nMZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + strings.Repeat("\x00", 300)),
	}
}

// upload is so many KB put to a server.
func upload(host string, kb int) []line {
	lines := []line{up("PUT /x HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: curl/8.0\r\nContent-Length: 9999999\r\n\r\n")}
	for range kb {
		lines = append(lines, up(strings.Repeat("\xa7", 1024)).after(0))
	}
	return append(lines, down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
}

// login is an FTP session that is let in.
func login() []line {
	return []line{down("220 ready\r\n"), up("USER ann\r\n"), down("331 password\r\n"), up("PASS x\r\n"), down("230 in\r\n"), up("STOR tool.exe\r\n"), down("226 done\r\n")}
}

// secureShell is an SSH session that lets the client in and sends so many KB to it.
func secureShell(kb int) []line {
	lines := []line{down("SSH-2.0-a\r\n"), up("SSH-2.0-b\r\n"), up("\x00\x00\x00\x0c\x0a\x15" + strings.Repeat("\x00", 10)), up(strings.Repeat("a", 64)), down(strings.Repeat("b", 64)),
		up(strings.Repeat("a", 96)), down(strings.Repeat("b", 40)), up(strings.Repeat("a", 64))}
	for range kb {
		lines = append(lines, down(strings.Repeat("\xa7", 1024)).after(0))
	}
	return lines
}

func TestChain(t *testing.T) {
	used, boss, other := inner(7), outside(9), outside(80)
	scan := func(w *wire, from packet.Addr, at int64, n int) {
		for i := range n {
			w.refuse(from, inner(byte(100+i)), 445, at+int64(i)*30)
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"fetched, looked, moved, carried out", attack.Infiltration, "where the program came from", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("198.51.100.9", "curl/8.0")...)
			scan(w, used, 3000, 8)
			for i := range 3 {
				w.tcp(used, inner(20), 21, 8000+int64(i)*2000, login()...)
			}
			w.tcp(used, boss, 80, 20_000, upload("198.51.100.9", 1500)...)
		}},
		{"fetched, looked, moved", attack.Infiltration, "logged in to port 21", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("198.51.100.9", "curl/8.0")...)
			scan(w, used, 3000, 8)
			w.tcp(used, inner(20), 21, 8000, login()...)
		}},
		{"from a named server, carried back to it", attack.Infiltration, "carried", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("updates.example", "Wget/1.21")...)
			scan(w, used, 3000, 8)
			w.tcp(used, inner(20), 21, 8000, login()...)
			w.tcp(used, boss, 80, 20_000, upload("updates.example", 1500)...)
		}},
		{"logged in, looked, fetched much", attack.Infiltration, "fetched", func(w *wire) {
			w.tcp(boss, used, 22, 0, secureShell(3)...)
			scan(w, used, 3000, 8)
			w.tcp(boss, used, 22, 9000, secureShell(1500)...)
		}},
		{"administrator from home: logged in, inventory, log-in to a neighbour", attack.Benign, "", func(w *wire) {
			w.tcp(boss, used, 22, 0, secureShell(30)...)
			scan(w, used, 3000, 8)
			w.tcp(used, inner(20), 21, 8000, login()...)
		}},
		{"somebody from home fetches files, another host has dead neighbours", attack.Benign, "", func(w *wire) {
			w.tcp(boss, used, 22, 0, secureShell(1500)...)
			scan(w, inner(8), 20_000, 8)
			w.tcp(boss, used, 22, 90_000, secureShell(1500)...)
		}},
		{"a site that everybody reads: installer, dead neighbours, upload", attack.Benign, "", func(w *wire) {
			for i := range 4 {
				w.tcp(inner(byte(30+i)), boss, 80, int64(i)*50, browse("/news"), answer("200 OK"))
			}
			w.tcp(used, boss, 80, 1000, fetch("news.example", "curl/8.0")...)
			scan(w, used, 3000, 8)
			w.tcp(used, boss, 80, 20_000, upload("news.example", 1500)...)
		}},
		{"a site that turns out to be read: installer, dead neighbours, log-in, upload", attack.Benign, "", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("news.example", "curl/8.0")...)
			var page []line
			for _, part := range []string{"/", "/a.css", "/b.js", "/c.png", "/d.png", "/e.png"} {
				page = append(page, browse(part), answer("200 OK"))
			}
			w.tcp(inner(30), boss, 80, 2000, page...)
			scan(w, used, 3000, 8)
			w.tcp(used, inner(20), 21, 8000, login()...)
			w.tcp(used, boss, 443, 9000, up("\x16\x03\x01"+strings.Repeat("x", 200)), down("\x16\x03\x03"+strings.Repeat("y", 900)))
			w.tcp(used, boss, 80, 20_000, upload("news.example", 1500)...)
		}},
		{"the order reversed", attack.Benign, "", func(w *wire) {
			w.tcp(used, boss, 80, 0, upload("198.51.100.9", 1500)...)
			w.tcp(used, inner(20), 21, 9000, login()...)
			scan(w, used, 12_000, 8)
			w.tcp(used, boss, 80, 20_000, fetch("198.51.100.9", "curl/8.0")...)
		}},
		{"hours between", attack.Benign, "", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("198.51.100.9", "curl/8.0")...)
			scan(w, used, 2*3600_000, 8)
			w.tcp(used, inner(20), 21, 2*3600_000+8000, login()...)
		}},
		{"administrator: inventory, log-ins, backup, no way in", attack.Benign, "", func(w *wire) {
			scan(w, used, 0, 20)
			for i := range 10 {
				w.tcp(used, inner(byte(20+i)), 21, 3000+int64(i)*2000, login()...)
			}
			w.tcp(used, other, 80, 40_000, upload("backup.example", 3000)...)
		}},
		{"builder: tool fetched, deployed, result uploaded", attack.Benign, "", func(w *wire) {
			w.tcp(used, other, 80, 0, fetch("downloads.example", "curl/8.0")...)
			for i := range 3 {
				w.tcp(used, inner(byte(20+i)), 21, 8000+int64(i)*2000, login()...)
			}
			w.tcp(used, outside(81), 80, 20_000, upload("store.example", 3000)...)
		}},
		{"updates, dead neighbours and a log-in", attack.Benign, "", func(w *wire) {
			w.tcp(used, other, 80, 0, fetch("downloads.example", "Debian APT-HTTP/1.3 (2.6)")...)
			scan(w, used, 3000, 6)
			w.tcp(used, inner(20), 21, 8000, login()...)
		}},
		{"a poller with two dead services fetches an installer", attack.Benign, "", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("198.51.100.9", "curl/8.0")...)
			for i := range 30 {
				w.refuse(used, inner(byte(100+i%2)), 9100, 1000+int64(i)*1000)
			}
			w.tcp(used, inner(20), 21, 8000, login()...)
		}},
		{"each stage by another host", attack.Benign, "", func(w *wire) {
			w.tcp(used, boss, 80, 0, fetch("198.51.100.9", "curl/8.0")...)
			scan(w, inner(8), 3000, 8)
			w.tcp(inner(9), inner(20), 21, 8000, login()...)
			w.tcp(inner(10), boss, 80, 20_000, upload("198.51.100.9", 1500)...)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newChain(DefaultChainConfig())), tt.class, used, tt.words)
		})
	}
}
