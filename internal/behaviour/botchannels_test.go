package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// txtOrA is a DNS query.
func txtOrA(name string, kind byte) string {
	q := "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
	for _, label := range strings.Split(name, ".") {
		q += string(rune(len(label))) + label
	}
	return q + "\x00\x00" + string(rune(kind)) + "\x00\x01"
}

// label is one of n random letters and digits.
func label(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
	}
	return string(b)
}

// base64Label is one of n random characters of base 64 for addresses.
func base64Label(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[r.IntN(64)]
	}
	return string(b)
}

// mixed is a name in letters of random case.
func mixed(r *rand.Rand, name string) string {
	b := []byte(name)
	for i, c := range b {
		if r.IntN(2) == 0 {
			b[i] = strings.ToUpper(string(c))[0]
		}
	}
	return string(b)
}

// TestChannels: a controller asked over DNS, and over one TLS connection that is kept.
func TestChannels(t *testing.T) {
	const text, address = 16, 1
	resolver := inner(53)
	// The wait before the n-th of a beacon's messages, in milliseconds.
	beacon := func(r *rand.Rand) int64 { return 4000 + r.Int64N(1600) - 800 }
	someday := func(r *rand.Rand) int64 { return int64(1000 * r.ExpFloat64() * 8) }
	quick := func(r *rand.Rand) int64 { return 100 + r.Int64N(300) }
	names := func(n int, kind byte, wait func(*rand.Rand) int64, name func(*rand.Rand, int) string) func(*wire) {
		return func(w *wire) {
			r, at := rand.New(rand.NewPCG(1, 2)), int64(0)
			for i := range n {
				w.udp(inner(5), resolver, 53, at, txtOrA(name(r, i), kind), "")
				at += wait(r)
			}
		}
	}
	kept := func(port uint16, size int, reply int, wait func(*rand.Rand) int64) func(*wire) {
		return func(w *wire) {
			r := rand.New(rand.NewPCG(3, 4))
			lines := []line{clientHello, serverHello}
			for range 40 {
				lines = append(lines, up(tls(23, strings.Repeat("u", size))).after(wait(r)), down(tls(23, strings.Repeat("d", reply))))
			}
			w.tcp(inner(5), outside(7), port, 0, lines...)
		}
	}
	tests := []struct {
		name  string
		class attack.Class
		words string
		play  func(*wire)
	}{
		{"DNS, text", attack.Bot, "under one domain", names(30, text, beacon, func(r *rand.Rand, _ int) string { return label(r, 22+r.IntN(25)) + ".cdn.example" })},
		{"DNS, addresses", attack.Bot, "under one domain", names(40, address, beacon, func(r *rand.Rand, _ int) string { return label(r, 48) + ".cdn.example" })},
		{"DNS, base 64", attack.Bot, "under one domain", names(40, address, someday, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("%s.%x.q.store.example", base64Label(r, 24), i)
		})},
		{"DNS, chunks in base 32", attack.Bot, "under one domain", names(70, address, quick, func(r *rand.Rand, _ int) string { return label(r, 36) + ".x.example" })},
		{"kept connection", attack.Bot, "over one TLS connection", kept(443, 240, 170, beacon)},

		{"virus scanner's cloud", attack.Benign, "", names(60, text, someday, func(r *rand.Rand, _ int) string { return label(r, 40) + ".cloud.example" })},
		{"virus scanner's cloud, two and a half a second", attack.Benign, "", names(120, text, func(r *rand.Rand) int64 { return int64(400 * r.ExpFloat64()) }, func(r *rand.Rand, _ int) string { return label(r, 40) + ".cloud.example" })},
		{"file after file looked up by its hash", attack.Benign, "", names(200, address, quick, func(r *rand.Rand, _ int) string { return hexLabel(r, 40) + ".hash.example" })},
		{"reputations", attack.Benign, "", names(200, address, quick, func(r *rand.Rand, i int) string { return fmt.Sprintf("%x-0.%s.avts.mcafee.com", i, label(r, 36)) })},
		{"pictures in IPFS", attack.Benign, "", names(120, address, quick, func(r *rand.Rand, _ int) string { return "bafybei" + label(r, 52) + ".ipfs.gateway.example" })},
		{"a name for each visit", attack.Benign, "", names(120, address, quick, func(r *rand.Rand, _ int) string {
			return hexLabel(r, 8) + "-" + hexLabel(r, 4) + "-" + hexLabel(r, 4) + "-" + hexLabel(r, 12) + ".count.example"
		})},
		{"case mixed lest answers be forged", attack.Benign, "", names(60, address, quick, func(r *rand.Rand, i int) string {
			return mixed(r, fmt.Sprintf("a-rather-long-machine-%d.Site.Example", i))
		})},
		{"a test which servers answer", attack.Benign, "", names(100, address, quick, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("d6ff6ebdc1f3dd5cdd1c7ea27d5a9f67e28bc2a0-%d.leak.example", i)
		})},
		{"block list at a steady rate", attack.Benign, "", names(60, text, beacon, func(_ *rand.Rand, i int) string { return fmt.Sprintf("%d.2.0.192.list.example", i) })},
		{"updater asks for its version", attack.Benign, "", names(60, text, beacon, func(*rand.Rand, int) string { return "current-version-of-the-database-x86.updates.example" })},
		{"monitor of a few services", attack.Benign, "", names(60, address, beacon, func(_ *rand.Rand, i int) string { return fmt.Sprintf("node%d.office.example", i%7) })},
		{"content server's names", attack.Benign, "", names(60, address, someday, func(r *rand.Rand, _ int) string { return label(r, 36) + ".cdn.example" })},
		{"keep-alive of a tunnel", attack.Benign, "", kept(443, 40, 40, func(*rand.Rand) int64 { return 20_000 })},
		{"waiting mail program", attack.Benign, "", kept(993, 240, 170, func(*rand.Rand) int64 { return 60_000 })},
		{"page that fetches news", attack.Benign, "", kept(443, 400, 9000, func(*rand.Rand) int64 { return 5000 })},
		{"somebody who reads", attack.Benign, "", kept(443, 400, 1500, someday)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			tt.play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), tt.class, inner(5), tt.words)
		})
	}
}

// TestForwarder: a name server that passes a beacon's queries on is no bot.
func TestForwarder(t *testing.T) {
	var w wire
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 30 {
		q := txtOrA(label(r, 40)+".cdn.example", 16)
		w.udp(inner(5), inner(53), 53, int64(i)*4000, q, "")
		w.udp(inner(53), outside(53), 53, int64(i)*4000+1, q, "")
	}
	for _, f := range w.findings(newBot(DefaultBotConfig())) {
		if f.Actor != inner(5) {
			t.Errorf("said %s of %v: %s", f.Class, f.Actor, f.Reason)
		}
	}
}
