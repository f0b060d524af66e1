package payload

import (
	"fmt"
	"testing"

	"firetower/internal/packet"
)

// TestForms: what posts to a page log somebody in.
func TestForms(t *testing.T) {
	for _, test := range []struct {
		name, path, body string
		length           int // 0: the body's
		want             uint16
	}{
		{"a password", "/login.php", "user=admin&password=secret1", 0, 1},
		{"a field of another name", "/login.php", "user=admin&pass_=secret1", 0, 1},
		{"a log-in whose body is not in the capture", "/login.php", "", 24, 1},
		{"a body without end, a byte at a time", "/login.php", "", 100_000_000, 0},
		{"a search", "/search.php", "q=passes+of+the+alps&passengers=2", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			length := test.length
			if length == 0 {
				length = len(test.body)
			}
			head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", test.path, length)
			p := packet.Packet{Proto: packet.TCP, Payload: []byte(head + "\r\n" + test.body), Seq: 1}
			p.PayloadLen = uint32(len(p.Payload))
			if test.body == "" { // the capture cut the packet
				p.Payload, p.PayloadLen = []byte(head), uint32(len(head)+40)
			}
			var s Signals
			s.Observe(true, &p)
			if s.HTTP.Forms != test.want {
				t.Errorf("%d log-ins, want %d", s.HTTP.Forms, test.want)
			}
		})
	}
}

// TestBodyBehindCutHead: a capture cuts long heads, and the body comes in a packet of its
// own.
func TestBodyBehindCutHead(t *testing.T) {
	body := "username=a&password=b&ip=127.0.0.1%3Bcat+/etc/passwd"
	for _, path := range []string{"/login", "/ping"} {
		var s Signals
		for i, part := range []string{"POST " + path + " HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozil", body} {
			p := packet.Packet{Proto: packet.TCP, Payload: []byte(part), PayloadLen: uint32(len(part)), Seq: 1}
			if i == 0 {
				p.PayloadLen += 300
			} else {
				p.Seq += uint32(len("POST "+path+" HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozil") + 300)
			}
			s.Observe(true, &p)
		}
		if s.HTTP.Clear[Command] != 1 || s.HTTP.Forms != 1 {
			t.Errorf("%s: %d injections, %d log-ins", path, s.HTTP.Clear[Command], s.HTTP.Forms)
		}
	}
}
