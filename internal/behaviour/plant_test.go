package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// orders is a connection of IEC 104 in which n objects are each ordered something.
func orders(n int, kind byte, wait int64) []line {
	lines := []line{up("\x68\x04\x07\x00\x00\x00"), down("\x68\x04\x0b\x00\x00\x00")}
	for i := range n {
		message := func(cause byte) string {
			return string([]byte{0x68, 14, byte(2 * i), 0, 0, 0, kind, 1, cause, 0, 1, 0, byte(i), 0, 0, 1})
		}
		lines = append(lines, up(message(6)).after(wait), down(message(7)))
	}
	return lines
}

// TestPlant: what is done to controllers, and how plants run.
func TestPlant(t *testing.T) {
	read := func(n, unit int) line {
		return up(be(n) + "\x00\x00\x00\x06" + string([]byte{byte(unit)}) + "\x03\x00\x00\x00\x01")
	}
	gone := func(n, unit int) line {
		return down(be(n) + "\x00\x00\x00\x03" + string([]byte{byte(unit)}) + "\x83\x0b")
	}
	here := func(n, unit int) line {
		return down(be(n) + "\x00\x00\x00\x05" + string([]byte{byte(unit)}) + "\x03\x02\x12\x34")
	}
	ask := func(n int, unit func(i int) int, there func(unit int) bool) (lines []line) {
		for i := range n {
			u := unit(i)
			lines = append(lines, read(i, u))
			if there(u) {
				lines = append(lines, here(i, u))
			} else {
				lines = append(lines, gone(i, u))
			}
		}
		return lines
	}
	each := func(i int) int { return 1 + i%247 }
	never := func(int) bool { return false }
	s7 := func(kind, function, more string) line {
		pdu := "\x32" + kind + "\x00\x00\x00\x01\x00\x08\x00\x00" + function + more
		return up("\x03\x00" + be(7+len(pdu)) + "\x02\xf0\x80" + pdu)
	}
	connect := []line{up("\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"),
		down("\x03\x00\x00\x16\x11\xd0\x00\x01\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02\x01\x02"), s7("\x01", "\xf0", "\x00\x00\x01\x00\x01\x01\xe0")}
	stop := s7("\x01", "\x29", "\x00\x00\x00\x00\x00\x09P_PROGRAM")
	looks := []line{}
	for range 12 {
		looks = append(looks, s7("\x07", "\x00", "\x01\x12\x04\x11\x44\x01\x00\xff\x09\x00\x04\x00\x11\x00\x01"))
	}
	with := func(parts ...[]line) (lines []line) {
		for _, p := range parts {
			lines = append(lines, p...)
		}
		return lines
	}
	for _, c := range []struct {
		name  string
		class attack.Class
		play  func(w *wire, from, to packet.Addr)
	}{
		{"units one after the other", attack.PortScan, func(w *wire, from, to packet.Addr) {
			w.tcp(from, to, 502, 0, ask(119, each, func(u int) bool { return u == 17 })...)
		}},
		{"a connection for each unit", attack.PortScan, func(w *wire, from, to packet.Addr) {
			for i := range 119 {
				w.tcp(from, to, 502, int64(i)*100, ask(1, func(int) int { return i + 1 }, never)...)
			}
		}},
		{"a controller stopped at once", attack.DoS, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 102, 0, with(connect, []line{stop})...) }},
		{"a plant's objects switched in turn", attack.Infiltration, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 2404, 0, orders(60, 45, 40)...) }},
		{"the same, seen from the middle", attack.Infiltration, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 2404, 0, orders(60, 46, 40)[2:]...) }},

		{"an operator's day", attack.Benign, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 2404, 0, orders(60, 46, 9_000)...) }},
		{"a few breakers tested", attack.Benign, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 2404, 0, orders(12, 45, 40)...) }},
		{"set points in turn", attack.Benign, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 2404, 0, orders(60, 50, 40)...) }},
		{"thirty units polled, two of them gone", attack.Benign, func(w *wire, from, to packet.Addr) {
			w.tcp(from, to, 502, 0, ask(600, func(i int) int { return 1 + i%30 }, func(u int) bool { return u > 2 })...)
		}},
		{"the same while their line is cut", attack.Benign, func(w *wire, from, to packet.Addr) {
			w.tcp(from, to, 502, 0, ask(600, func(i int) int { return 1 + i%60 }, never)...)
		}},
		{"many units, all there", attack.Benign, func(w *wire, from, to packet.Addr) {
			w.tcp(from, to, 502, 0, ask(120, each, func(int) bool { return true })...)
		}},
		{"a controller that an engineer stops", attack.Benign, func(w *wire, from, to packet.Addr) {
			w.tcp(from, to, 102, 0, with(connect, looks, []line{stop})...)
		}},
		{"a controller read all day", attack.Benign, func(w *wire, from, to packet.Addr) { w.tcp(from, to, 102, 0, with(connect, looks)...) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{}
			c.play(w, inner(20), inner(50))
			expect(t, w.findings(newPlant()), c.class, inner(20), "")
		})
	}
}
