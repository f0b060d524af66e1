package payload

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"firetower/internal/packet"
)

// cutTalk is talk of which the capture kept so many bytes of each message.
func cutTalk(proto uint8, keep int, steps ...step) *Signals {
	s := new(Signals)
	at := [2]uint32{1000, 5000}
	for i, st := range steps {
		d := 0
		if st.dir == '<' {
			d = 1
		}
		kept := st.data[:min(keep, len(st.data))]
		p := packet.Packet{Time: 1e12 + int64(i)*10_000, Src: packet.Addr{15: byte(1 + d)}, Dst: packet.Addr{15: byte(2 - d)}, Proto: proto, Seq: at[d], Payload: []byte(kept), PayloadLen: uint32(len(st.data))}
		if proto == packet.ICMP {
			p.ICMPType = uint8(8 * (1 - d))
		}
		s.Observe(d == 0, &p)
		at[d] += p.PayloadLen
	}
	return s
}

// binaryPacket is one of SSH before encryption.
func binaryPacket(number byte, n int) string {
	b := make([]byte, n)
	binary.BigEndian.PutUint32(b, uint32(n-4))
	b[4], b[5] = 10, number
	return string(b)
}

// TestSSHCut: log-ins are counted where the end of the key exchange lies behind what
// the capture keeps, by the length of what it did not keep; and where the client asks
// for the service in the segment that ends it.
func TestSSHCut(t *testing.T) {
	sealed := func(n int) string { return strings.Repeat("\xa7", n) }
	server := []step{
		{'<', "SSH-2.0-OpenSSH_9.6\r\n"}, {'<', binaryPacket(20, 952)}, {'<', binaryPacket(31, 444) + binaryPacket(sshNewKeys, newKeysLength)},
		{'<', sealed(52)}, {'<', sealed(52)}, {'<', sealed(52)}, {'<', sealed(52)}, {'<', sealed(52)},
	}
	for _, keep := range []int{10_000, 300, 30} {
		if s := cutTalk(packet.TCP, keep, server...); !s.Marks.Has(Sealed) || s.LogIns < 3 {
			t.Errorf("the server's side, %d bytes kept: sealed %t, %d log-ins", keep, s.Marks.Has(Sealed), s.LogIns)
		}
	}
	unsealed := cutTalk(packet.TCP, 30, step{'<', "SSH-2.0-OpenSSH_9.6\r\n"}, step{'<', binaryPacket(20, 952)}, step{'<', binaryPacket(31, 444) + binaryPacket(1, 40)})
	if unsealed.Marks.Has(Sealed) {
		t.Error("another message than NEWKEYS was taken for it by its length")
	}
	client := []step{{'>', "SSH-2.0-x\r\n"}, {'>', binaryPacket(20, 1520)}, {'>', binaryPacket(30, 48)}, {'>', binaryPacket(sshNewKeys, newKeysLength) + sealed(52)}, {'>', sealed(84)}}
	if s := cutTalk(packet.TCP, 300, client...); s.Requests != 2 || s.Marks.Has(LoggedIn) {
		t.Errorf("%d sealed requests, want 2", s.Requests)
	}
}

// TestHeartbeatUnsealed: a heartbeat whose first byte is neither a request's nor an
// answer's is encrypted, though the capture lacks the message after which all is.
func TestHeartbeatUnsealed(t *testing.T) {
	s := cutTalk(packet.TCP, 30, step{'>', hello("a")}, step{'>', record(22, strings.Repeat("k", 70)) + record(20, "\x01") + record(22, strings.Repeat("f", 40))},
		step{'>', record(24, strings.Repeat("\xc3", 32))}, step{'<', record(24, strings.Repeat("\x9d", 16000))})
	if s.Beats.Sealed != 1 || s.Beats.Smallest[0] != 32 || s.Beats.Largest[1] != 16000 {
		t.Errorf("%+v", s.Beats)
	}
}

// TestHeartbeatRest: the last record of an answer in the clear, of which the capture
// lacks the first, is not taken for an encrypted heartbeat.
func TestHeartbeatRest(t *testing.T) {
	s := cutTalk(packet.TCP, 1460, step{'<', record(24, strings.Repeat("m", 19))}, step{'<', record(24, "\x02\x40\x00"+strings.Repeat("m", 16381))})
	if s.Beats.Sealed != 0 || s.Beats.Count[1] != 2 {
		t.Errorf("%+v", s.Beats)
	}
}

// TestEchoCut: what the capture has cut off is no difference between a ping and its
// answer; what it kept still is.
func TestEchoCut(t *testing.T) {
	ping := strings.Repeat("abcdefgh", 10)
	if s := cutTalk(packet.ICMP, 46, step{'>', ping}, step{'<', ping}, step{'>', ping}, step{'<', ping}); s.Altered != 0 {
		t.Errorf("%d of 2 replies altered, want 0", s.Altered)
	}
	uneven := new(Signals)
	for i, keep := range []int{46, 54} { // the request came with a label in front
		p := packet.Packet{Src: packet.Addr{byte(i)}, Proto: packet.ICMP, ICMPType: uint8(8 * (1 - i)), Payload: []byte(ping)[:keep], PayloadLen: uint32(len(ping))}
		uneven.Observe(i == 0, &p)
	}
	if uneven.Altered != 0 {
		t.Error("a reply of which more was kept than of the request is altered")
	}
	if s := cutTalk(packet.ICMP, 54, step{'>', ping}, step{'<', strings.Repeat("order 17", 10)}); s.Altered != 1 {
		t.Errorf("%d of 1 replies altered, want 1", s.Altered)
	}
}

// TestRequestCut: a host's name and a browser's that go on behind what was kept are
// not judged by their beginnings; a tool's name that was seen is.
func TestRequestCut(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\r\n"
	for _, keep := range []int{29, 33, len(get) - 40, len(get) - 30} {
		s := cutTalk(packet.TCP, keep, step{'>', get})
		if s.HTTP.Host != 0 && s.HTTP.Host != hash([]byte("www.example.org")) || s.Marks.Any(OddAgent|RawHost|NamedAgent) {
			t.Errorf("%d bytes kept: host %#x, marks %b", keep, s.HTTP.Host, s.Marks)
		}
	}
	scan := "GET / HTTP/1.1\r\nUser-Agent: sqlmap/1.7 (https://sqlmap.org)\r\n\r\n"
	if s := cutTalk(packet.TCP, 36, step{'>', scan}); !s.Marks.Has(ScannerAgent) {
		t.Error("a scanner's name was not seen")
	}
}

// TestCookieCut: Chrome and Firefox name their language before their cookies, so that
// what has cookies and none is neither, though the capture has cut the rest.
func TestCookieCut(t *testing.T) {
	const chrome = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.0.0 Safari/537.36\r\nAccept: */*\r\n"
	cookies := "Cookie: a=" + strings.Repeat("Zm9v", 60) + "\r\n\r\n"
	tests := []struct {
		name   string
		head   string
		forged bool
	}{
		{"no language", "Host: a.example\r\n" + chrome + cookies, true},
		{"a language", "Host: a.example\r\n" + chrome + "Accept-Language: de\r\n" + cookies, false},
		{"by a proxy, which may sort", "Host: a.example\r\nVia: 1.1 proxy\r\n" + chrome + cookies, false},
		{"in an order of its own", "Host: a.example\r\n" + strings.TrimSuffix(chrome, "Accept: */*\r\n") + cookies, false},
		{"cut before", "Host: a.example\r\n" + chrome + "Connection: keep-alive\r\nReferer: " + strings.Repeat("x", 300) + "\r\n\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s := cutTalk(packet.TCP, 254, step{'>', "GET / HTTP/1.1\r\n" + tt.head}); s.Marks.Has(ForgedBrowser) != tt.forged {
				t.Errorf("forged %v, want %v", !tt.forged, tt.forged)
			}
		})
	}
}

// TestDescribedInJSON: a machine, who is logged in there and its system, all three.
func TestDescribedInJSON(t *testing.T) {
	tests := []struct {
		body  string
		tells bool
	}{
		{`{"action": "register", "hostname": "PC-4", "os": "Windows 10", "username": "ann"}`, true},
		{`{"platform":"Linux 5.10","host":"web1","user":"root","id":7}`, true},
		{`{"user":"ann","password":"x","host":"db1"}`, false},
		{`{"os":"android","os_version":"12","user_id":12345,"device":"x"}`, false},
		{`{"host":"node1","arch":"amd64","load":0.5}`, false},
		{`{"text":"hostname","more":"username","most":"os"}`, false},
		{`["hostname","os","username"]`, false},
	}
	for _, tt := range tests {
		s := talk(packet.TCP, step{'>', fmt.Sprintf("POST /api HTTP/1.1\r\nHost: a.example\r\nContent-Length: %d\r\n\r\n%s", len(tt.body), tt.body)})
		if (s.HTTP.CheckIns > 0) != tt.tells {
			t.Errorf("%s: describes the machine %v, want %v", tt.body, !tt.tells, tt.tells)
		}
	}
}

// TestTargetCut: pages of which the capture kept only the folder's name are not the
// same page, nor what a stager asks for; the same page asked for again is.
func TestTargetCut(t *testing.T) {
	page := func(name string) step {
		return step{'>', "GET /department/of/history/" + name + " HTTP/1.1\r\nHost: a.example\r\n\r\n"}
	}
	if s := cutTalk(packet.TCP, 26, page("kings.html"), page("queens.html"), page("peasants.html")); s.HTTP.Repeats != 0 || s.Names.Count() != 3 || s.Marks.Has(StagerURI) {
		t.Errorf("three pages: %d repeats, %d names", s.HTTP.Repeats, s.Names.Count())
	}
	if s := cutTalk(packet.TCP, 26, page("kings.html"), page("kings.html"), page("kings.html")); s.HTTP.Repeats != 2 || s.Names.Count() != 1 {
		t.Errorf("one page thrice: %d repeats, %d names", s.HTTP.Repeats, s.Names.Count())
	}
}
