package behaviour

import (
	"strings"
	"testing"

	"firetower/internal/attack"
)

// tls makes a record.
func tls(kind byte, body string) string {
	return string([]byte{kind, 3, 2, byte(len(body) >> 8), byte(len(body))}) + body
}

var (
	clientHello = up(tls(22, "\x01\x00\x00\x2c\x03\x02"+strings.Repeat("r", 32)+"\x00\x00\x02\x00\x2f\x01\x00\x00\x00"))
	serverHello = down(tls(22, "\x02\x00\x00\x28\x03\x02"+strings.Repeat("s", 32)+"\x00\x00\x2f\x00\x00\x00"))
)

func TestHeartbleed(t *testing.T) {
	client, server := outside(9), inner(43)
	ccs := tls(20, "\x01")
	beat := func(n int) string { return tls(24, strings.Repeat("x", n)) }
	pad := strings.Repeat("p", 16)
	tests := []struct {
		name  string
		class attack.Class
		words string
		lines []line
	}{
		{"read", attack.Heartbleed, "16,384 bytes of memory", []line{clientHello, serverHello, up(tls(24, "\x01\x40\x00")), down(beat(16384))}},
		{"attempt", attack.Heartbleed, "nothing came back", []line{clientHello, serverHello, up(tls(24, "\x01\x40\x00"))}},
		{"attempt without padding", attack.Heartbleed, "nothing came back", []line{clientHello, serverHello, up(tls(24, "\x01\x00\x20"+strings.Repeat("x", 32)))}},
		{"read behind encryption", attack.Heartbleed, "answered by one of 16,400 bytes", []line{clientHello, serverHello, up(ccs), down(ccs), up(beat(48)), down(beat(16400))}},
		{"too short behind encryption", attack.Heartbleed, "shorter than any honest one", []line{clientHello, serverHello, up(ccs), down(ccs), up(beat(32)), down(beat(48))}},
		{"attempt behind encryption", attack.Heartbleed, "no answer", []line{clientHello, serverHello, up(ccs), down(ccs), up(beat(86))}},
		{"answers alone", attack.Heartbleed, "does not hold", []line{serverHello, down(beat(16384))}},
		{"the request's body in the next packet", attack.Heartbleed, "bytes of memory", []line{clientHello, serverHello, up("\x18\x03\x02\x00\x03"), up("\x01\x40\x00"), down(beat(16384))}},
		{"honest", attack.Benign, "", []line{clientHello, serverHello, up(tls(24, "\x01\x00\x04ping"+pad)), down(tls(24, "\x02\x00\x04ping"+pad))}},
		{"honest behind encryption", attack.Benign, "", []line{clientHello, serverHello, up(ccs), down(ccs), up(beat(64)), down(beat(64))}},
		{"no heartbeats", attack.Benign, "", []line{clientHello, serverHello, up(ccs), down(ccs), up(tls(23, pad)), down(tls(23, strings.Repeat("d", 16000)))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			w.tcp(client, server, 443, 0, tt.lines...)
			expect(t, w.findings(newHeartbleed()), tt.class, client, tt.words)
		})
	}
}

// TestHeartbleedAnswersFirst has the server seen first, and nothing of the client.
func TestHeartbleedAnswersFirst(t *testing.T) {
	client, server := outside(9), inner(43)
	var w wire
	w.tcp(client, server, 443, 0, down(tls(24, strings.Repeat("x", 16384))), down(tls(24, strings.Repeat("x", 16384))))
	answers := wire{packets: w.packets[3:5]} // the two records alone
	expect(t, answers.findings(newHeartbleed()), attack.Heartbleed, client, "does not hold")
}

// TestHeartbleedDatagrams reads memory through DTLS, and answers in kind.
func TestHeartbleedDatagrams(t *testing.T) {
	record := func(epoch byte, body string) string {
		return "\x18\xfe\xff\x00" + string([]byte{epoch}) + "\x00\x00\x00\x00\x00\x01" + string([]byte{byte(len(body) >> 8), byte(len(body))}) + body
	}
	ping := "\x00\x04ping" + strings.Repeat("p", 16)
	client, server := outside(9), inner(43)
	var w wire
	w.udp(client, server, 4433, 0, record(0, "\x01\x40\x00"), record(0, strings.Repeat("x", 1200)))
	expect(t, w.findings(newHeartbleed()), attack.Heartbleed, client, "memory")
	var honest wire
	honest.udp(client, server, 4433, 0, record(0, "\x01"+ping), record(0, "\x02"+ping))
	honest.udp(client, server, 4434, 9, record(1, strings.Repeat("x", 61)), record(1, strings.Repeat("x", 61)))
	expect(t, honest.findings(newHeartbleed()), attack.Benign, client, "")
}

// TestHeartbleedOfClient has a server read its client's memory.
func TestHeartbleedOfClient(t *testing.T) {
	var w wire
	w.tcp(inner(5), outside(7), 443, 0, clientHello, serverHello, down(tls(24, "\x01\x40\x00")), up(tls(24, strings.Repeat("x", 16384))))
	expect(t, w.findings(newHeartbleed()), attack.Heartbleed, outside(7), "memory")
}
