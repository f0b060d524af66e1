package behaviour

import (
	"slices"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// TestLogInsOfOneSide plays log-ins of which the capture holds one direction.
func TestLogInsOfOneSide(t *testing.T) {
	client, target := outside(66), inner(5)
	const cr = "\r\n"
	word := func(i int) string { return "word" + string(rune('a'+i%26)) + string(rune('k'+i%7)) }
	ftp := func(w *wire, i int, after ...line) {
		w.tcp(client, target, 21, int64(i)*400, append([]line{down("220 FTP" + cr), up("USER a" + cr), down("331 go on" + cr),
			up("PASS " + word(i) + cr), down("530 no" + cr)}, after...)...)
	}
	ssh := func(w *wire, i, exchanges int, after ...line) {
		const newKeys = "\x00\x00\x00\x0c\x0a\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		lines := []line{down("SSH-2.0-a" + cr), up("SSH-2.0-b" + cr), up(newKeys), down(newKeys)}
		for range exchanges {
			lines = append(lines, up(strings.Repeat("\xa5", 84)), down(strings.Repeat("\xa5", 52)))
		}
		w.tcp(client, target, 22, int64(i)*400, append(lines, after...)...)
	}
	ticket := func(w *wire, i int, name string) { // an AS-REQ
		w.udp(client, target, 88, int64(i)*100, "\x6a\x40\x30\x3e\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa4\x32\x30\x30\xa1\x11\x30\x0f\xa0\x03\x02\x01\x01\xa1\x08\x30\x06\x1b"+
			string(rune(len(name)))+name, "\x7e\x40\x30\x3e\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x1e\xa6\x03\x02\x01\x19")
	}
	for _, c := range []struct {
		name string
		up   bool
		play func(w *wire, i int) // one of 30 connections
		want bool
	}{
		{"FTP, the client", true, func(w *wire, i int) { ftp(w, i) }, true},
		{"FTP, the server", false, func(w *wire, i int) { ftp(w, i) }, true},
		{"SSH, the client", true, func(w *wire, i int) { ssh(w, i, 3) }, true},
		{"SSH, the server", false, func(w *wire, i int) { ssh(w, i, 3) }, true},
		{"Kerberos, one name after another", true, func(w *wire, i int) { ticket(w, i, word(i)) }, true},

		{"FTP, the client, who goes on", true, func(w *wire, i int) { ftp(w, i, up("CWD pub"+cr), up("LIST"+cr)) }, false},
		{"FTP, the client, ever the same", true, func(w *wire, i int) {
			w.tcp(client, target, 21, int64(i)*400, up("USER a"+cr), up("PASS old"+cr))
		}, false},
		{"SSH, the client of sessions", true, func(w *wire, i int) { ssh(w, i, 3, up(strings.Repeat("\xa5", 36))) }, false},
		{"SSH, who collects host keys", false, func(w *wire, i int) { ssh(w, i, 0) }, false},
		{"Kerberos, few names again and again", true, func(w *wire, i int) { ticket(w, i, word(i/2%5)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			for i := range 30 {
				c.play(w, i)
			}
			w.packets = slices.DeleteFunc(w.packets, func(p packet.Packet) bool { return (p.Src == client) != c.up })
			class := attack.Benign
			if c.want {
				class = attack.BruteForce
			}
			expect(t, w.findings(newBruteForce(DefaultBruteForceConfig())), class, client, "tried to log in")
		})
	}
}
