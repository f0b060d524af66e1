package behaviour

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
)

// hello is a TLS client's first message; without a name where name is "".
func hello(name string) line { return helloThat(name, "") }

// windows is the hello of the programs that use the stack of Windows.
func windows(name string) line { return helloThat(name, "\x00\x17\x00\x00\xff\x01\x00\x01\x00") }

// helloThat has more extensions.
func helloThat(name, more string) line {
	ext := "\x00\x0b\x00\x02\x01\x00\x00\x0a\x00\x04\x00\x02\x00\x1d"
	if name != "" {
		n := len(name)
		ext = fmt.Sprintf("\x00\x00%s%s\x00%s%s", be(n+5), be(n+3), be(n), name) + ext
	}
	ext += more
	body := "\x03\x03" + strings.Repeat("r", 32) + "\x00\x00\x04\xc0\x2f\x00\x9c\x01\x00" + be(len(ext)) + ext
	return up(tls(22, "\x01\x00"+be(len(body))+body))
}

func be(n int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }

// certified is a server's hello with a certificate.
func certified(issuer, subject string) line {
	der := func(tag byte, body string) string {
		if len(body) < 128 {
			return string([]byte{tag, byte(len(body))}) + body
		}
		return string([]byte{tag, 0x82}) + be(len(body)) + body
	}
	name := func(cn string) string { return der(0x30, der(0x31, der(0x30, "\x06\x03\x55\x04\x03"+der(0x0c, cn)))) }
	part := der(0xa0, "\x02\x01\x02") + der(0x02, "12345678") + der(0x30, "\x06\x09sha256rsa") + name(issuer) + der(0x30, strings.Repeat("v", 30)) + name(subject) + strings.Repeat("k", 500)
	cert := der(0x30, der(0x30, part)+strings.Repeat("s", 270))
	helloDone := tls(22, "\x02\x00\x00\x28\x03\x03"+strings.Repeat("s", 32)+"\x00\xc0\x2f\x00\x00\x00")
	body := "\x00" + be(len(cert)+3) + "\x00" + be(len(cert)) + cert
	return down(helloDone + tls(22, "\x0b\x00"+be(len(body))+body))
}

// said is a record of so many encrypted bytes each way.
func said(sent, got int) []line {
	return []line{up(tls(23, strings.Repeat("u", sent))), down(tls(23, strings.Repeat("d", got)))}
}

// le4 is a number as four bytes, the lowest first.
func le4(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// kept makes a conversation of the same two messages at even times with some jitter.
func kept(seed uint64, n int, period int64, jitter float64, one, other func(i int) string) (lines []line) {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		lines = append(lines, up(one(i)).after(int64(float64(period)*(1+jitter*(2*r.Float64()-1)))), down(other(i)))
	}
	return lines
}

func random(seed, n int) func(int) string {
	return func(i int) string { return noise(int64(1000*seed+i), n) }
}

func fixed(text string) func(int) string { return func(int) string { return text } }

// botWild are bots that do not speak HTTP in the clear, after what analyses say of
// them, with addresses and contents of our own.
var botWild = map[string]func(w *wire){
	"dropper's TLS to bare addresses on odd ports": func(w *wire) {
		for i := range 4 {
			w.tcp(inner(5), outside(byte(20+i)), []uint16{449, 447, 3886, 4143}[i], int64(i)*20_000, append([]line{hello(""), certified("example.com", "example.com")}, said(300, 900)...)...)
		}
	},
	"remote access over TLS kept alive, own certificate": func(w *wire) {
		lines := append([]line{hello(""), certified("AsyncServer", "AsyncServer")}, said(500, 40)...)
		lines = append(lines, kept(1, 30, 15_000, 0.3, fixed(tls(23, strings.Repeat("p", 60))), fixed(tls(23, strings.Repeat("q", 50))))...)
		w.tcp(inner(5), outside(7), 6606, 0, lines...)
	},
	"shell framework over HTTPS, polled": func(w *wire) {
		for i := range 14 {
			w.tcp(inner(5), outside(7), 8443, int64(i)*9_500, append([]line{windows(""), certified("qwer.example", "qwer.example")}, said(260, 120)...)...)
		}
	},
	"script in a loop, HTTPS to an address": func(w *wire) {
		for i := range 14 {
			w.tcp(inner(5), outside(7), 443, int64(i)*6_300, append([]line{hello("")}, said(300, 900)...)...)
		}
	},
	"beacon over HTTPS, half jitter": func(w *wire) {
		r, at := rand.New(rand.NewPCG(1, 9)), int64(0)
		for range 40 {
			w.tcp(inner(5), outside(7), 443, at, append([]line{hello(""), certified("Major Cobalt", "Major Cobalt")}, said(280, 130)...)...)
			at += 30_000 + r.Int64N(30_000)
		}
	},
	"beacon over HTTPS to a name, fifth of jitter": func(w *wire) {
		r, at := rand.New(rand.NewPCG(1, 9)), int64(0)
		for range 40 {
			w.tcp(inner(5), outside(7), 443, at, append([]line{hello("cdn.updates.example"), certified("CA", "updates.example")}, said(280, 130)...)...)
			at += 50_000 + r.Int64N(20_000)
		}
	},
	"trojan that calls anew for every order": func(w *wire) {
		for i := range 20 {
			w.tcp(inner(5), outside(7), 6000, int64(i)*30_000, up(noise(int64(i), 120)), down(noise(int64(-i), 40)))
		}
	},
	"remote access on the port of the web, no HTTP": func(w *wire) {
		lines := []line{up(noise(1, 48)), down(noise(2, 32))}
		w.tcp(inner(5), outside(7), 80, 0, append(lines, kept(2, 40, 10_000, 0.05, random(3, 16), random(4, 16))...)...)
	},
	"denial of service bot that describes the machine": func(w *wire) {
		lines := []line{up("\x01\x00\x00\x00\x77\x00\x00\x00Windows 7\x00\x00\x00\x002048 MB\x00\x00\x001 * 2400 MHz\x00" + strings.Repeat("\x00", 60))}
		w.tcp(inner(5), outside(7), 8520, 0, append(lines, kept(2, 8, 30_000, 0, fixed("\x00"), fixed("\x00"))...)...)
	},
	"IRC, generated nick": func(w *wire) {
		w.tcp(inner(5), outside(7), 6667, 0, up("NICK xqzptwkv\r\nUSER xqzptwkv * 0 :xqzptwkv\r\n"), down(":s 001 xqzptwkv :hi\r\n"), up("JOIN #rx key\r\n"))
	},
	"IRC, country in the nick": func(w *wire) {
		w.tcp(inner(5), outside(7), 5236, 0, up("PASS ngr\r\nNICK n{DE|W7a}tmqszvk\r\nUSER tmqszvk 0 0 :tmqszvk\r\n"), down(":s 001 n :hi\r\n"), up("JOIN #ngr ngr\r\n"))
	},
	"IRC on the port of the web": func(w *wire) {
		w.tcp(inner(5), outside(7), 80, 0, up("NICK fzqxlmqp\r\nUSER b020501 . . :-Service Pack 2\r\n"), down(":* 001 f :\r\n"), up("JOIN &virtu\r\n"))
	},
	"IRC of devices": func(w *wire) {
		w.tcp(inner(5), outside(7), 6667, 0, up("NICK MIPS|dvkqw\nUSER mips localhost localhost :dvkqw\n"), down(":s 001 x :hi\r\n"), up("JOIN #tsu :k\n"), down(":h!h@h PRIVMSG #tsu :!* UDP 192.0.2.9 80 60\r\n"))
	},
	"one controller that is gone, for hours": func(w *wire) {
		for i := range 200 {
			w.lost(inner(5), outside(20), 4782, int64(i)*30_000)
		}
	},
	"tunnel over DNS, addresses of canonical names": func(w *wire) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 60 {
			w.udp(inner(5), inner(53), 53, int64(i)*1050, txtOrA(hexLabel(r, 34)+".dnsc.example", []byte{5, 15, 16}[i%3]), "")
		}
	},
	"tunnel over DNS, short hexadecimal labels": func(w *wire) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 60 {
			w.udp(inner(5), inner(53), 53, int64(i)*1050, txtOrA(hexLabel(r, 18)+".t.example", []byte{5, 15, 16}[i%3]), "")
		}
	},
	"tunnel over DNS, in bursts": func(w *wire) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 400 {
			w.udp(inner(5), inner(53), 53, int64(i/40)*9_000+int64(i%40)*25, txtOrA(label(r, 60)+"."+label(r, 60)+".t.example", 1), "")
		}
	},
	"tunnel over ICMP": func(w *wire) {
		for i := range 60 {
			w.ping(inner(5), outside(7), 77, uint16(i), int64(i)*1_000+int64(i%7)*130, noise(int64(i), 40+(i*37)%600), noise(int64(-i), 30+(i*53)%700))
		}
	},
	"beacon over ICMP": func(w *wire) {
		for i := range 30 {
			w.ping(inner(5), outside(7), 77, uint16(i), int64(i)*20_000, noise(int64(i), 120), noise(int64(-i), 64))
		}
	},
}

// hexLabel is one of n random hexadecimal digits.
func hexLabel(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[r.IntN(16)]
	}
	return string(b)
}

func TestBotWild(t *testing.T) {
	for name, play := range botWild {
		t.Run(name, func(t *testing.T) {
			var w wire
			play(&w)
			expect(t, w.findings(newBot(DefaultBotConfig())), attack.Bot, inner(5), "")
		})
	}
}
