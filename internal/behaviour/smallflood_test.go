package behaviour

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
)

// trickle makes n packets, so many a second, as f changes them. They come from
// mallory's port 40000 to port 80 of the server.
func trickle(n, perSecond int, f func(p *packet.Packet, i int)) []packet.Packet {
	var out []packet.Packet
	for i := range n {
		p := packet.Packet{Time: epoch + int64(i)*second/int64(perSecond), Src: mallory, Dst: server, SrcPort: 40000, DstPort: 80,
			Proto: packet.UDP, HeaderLen: 8, TTL: 64, WireLen: 60, Seq: uint32(i) * 1000}
		f(&p, i)
		out = append(out, p)
	}
	return out
}

func says(p *packet.Packet, text []byte) {
	p.Payload, p.PayloadLen, p.WireLen = text, uint32(len(text)), uint32(42+len(text))
}

// replied puts an answer behind every packet.
func replied(ps []packet.Packet, f func(p *packet.Packet)) (out []packet.Packet) {
	for _, p := range ps {
		r := p
		r.Time += 500
		r.Src, r.Dst, r.SrcPort, r.DstPort = p.Dst, p.Src, p.DstPort, p.SrcPort
		f(&r)
		out = append(out, p, r)
	}
	return out
}

// dribble makes n connections to port 80, each of so many writes of size bytes, gap
// of them a second in all. The client begins with first; the server says answer.
func dribble(n, perSecond, writes, size int, first, answer string) []packet.Packet {
	w := &wire{}
	for range n {
		lines := []line{}
		if first != "" {
			lines = append(lines, up(first))
		}
		lines = append(lines, up(strings.Repeat("\x93\x11\xfe\x07", size/4)))
		if answer != "" {
			lines = append(lines, down(answer))
		}
		for range writes {
			lines = append(lines, up(strings.Repeat("\x93\x11\xfe\x07", size/4)).after(int64(1000/perSecond)))
		}
		w.tcp(mallory, server, 80, 0, lines...)
	}
	return w.packets
}

// neighbours6 is what comes before the first packet between two neighbours.
func neighbours6() []packet.Packet {
	return []packet.Packet{{Time: epoch - 1000, Src: ip("2001:db8::80"), Dst: ip("2001:db8::66"), Proto: packet.ICMPv6, ICMPType: 136, HeaderLen: 8, TTL: 255, WireLen: 86}}
}

// exchange makes calls of which one in three is challenged or declined.
func exchange(n, perSecond int) (out []packet.Packet) {
	for i, p := range trickle(n, perSecond, func(p *packet.Packet, i int) {
		p.SrcPort, p.DstPort = 5060, 5060
		says(p, fmt.Appendf(nil, "INVITE sip:%d@192.0.2.80 SIP/2.0\r\n\r\n", i))
	}) {
		answer := "SIP/2.0 200 OK\r\n\r\n"
		if i%3 == 0 {
			answer = "SIP/2.0 407 Proxy Authentication Required\r\n\r\n"
		}
		out = append(out, replied([]packet.Packet{p}, func(r *packet.Packet) { says(r, []byte(answer)) })...)
	}
	return out
}

// replyTo is an answer to a question for an address.
func replyTo(name string) string {
	b := []byte(question(name, 0))
	b[2] |= 0x80
	return string(b)
}

// anybody is the n-th address drawn at random.
func anybody(n int) packet.Addr {
	h := mix(uint64(n))
	return v4(byte(1+h%220), byte(h>>8), byte(h>>16), byte(h>>24))
}

// third answers every third message.
func third(ps []packet.Packet) (out []packet.Packet) {
	for i, p := range ps {
		if i%3 != 0 {
			out = append(out, p)
			continue
		}
		out = append(out, replied([]packet.Packet{p}, func(r *packet.Packet) { says(r, []byte("SIP/2.0 200 OK\r\n\r\n")) })...)
	}
	return out
}

// http2 makes a connection of n requests; then follows each.
func http2(n int, then string) []packet.Packet {
	lines := []line{up("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), down("\x00\x00\x00\x04\x00\x00\x00\x00\x00")}
	for range n {
		lines = append(lines, up("\x00\x00\x05\x01\x05\x00\x00\x00\x01hello"+then))
	}
	w := &wire{}
	w.tcp(mallory, server, 80, 0, lines...)
	return w.packets
}

// fragments makes a datagram of two fragments: the first of so many bytes, the second
// at the offset.
func fragments(first, offset, length int) []packet.Packet {
	one := packet.Packet{Time: epoch, Src: mallory, Dst: server, SrcPort: 40000, DstPort: 9000, Proto: packet.UDP, HeaderLen: 8, TTL: 64,
		MoreFragments: true, FragmentID: 7, PayloadLen: uint32(first - 8), Payload: []byte("once upon a time"), WireLen: uint32(34 + first)}
	two := packet.Packet{Time: epoch + 100, Src: mallory, Dst: server, Proto: packet.UDP, TTL: 64,
		Fragment: true, FragmentID: 7, FragmentOffset: uint16(offset), PayloadLen: uint32(length), WireLen: uint32(34 + length)}
	out := []packet.Packet{one, two}
	var f packet.Fragments
	for i := range out {
		f.Resolve(&out[i])
	}
	return out
}

// handshakes makes a TLS connection of n handshakes, so many a second: the first in
// the clear, the others within.
func handshakes(n, perSecond int) []packet.Packet {
	record := func(kind byte, n int) string {
		return string([]byte{kind, 3, 3, byte(n >> 8), byte(n)}) + strings.Repeat("\x9a", n)
	}
	lines := []line{up("\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03" + strings.Repeat("\x11", 58)), down("\x16\x03\x03\x00\x40\x02\x00\x00\x3c\x03\x03" + strings.Repeat("\x22", 58))}
	for range n {
		lines = append(lines, up(record(22, 130)+record(20, 1)+record(22, 40)).after(int64(1000/perSecond)), down(record(20, 1)+record(22, 40)), up(record(22, 180)), down(record(22, 900)))
	}
	w := &wire{}
	w.tcp(mallory, server, 443, 0, lines...)
	return w.packets
}

// conversations are connections to fifty servers of which only the servers' side was
// captured.
func conversations(n, perSecond int) (out []packet.Packet) {
	for i := range n {
		w := &wire{port: uint16(i)}
		w.tcp(server, host(i%50), 443, int64(i)*1000/int64(perSecond), up("hello"), down("hello yourself"))
		for _, p := range w.packets {
			if p.SrcPort == 443 {
				out = append(out, p)
			}
		}
	}
	return out
}

// itself has a packet go from a host to itself.
func itself(p *packet.Packet, _ int) {
	p.Src, p.Dst, p.DstPort = ip("127.0.0.1"), ip("127.0.0.1"), 9999
}

// TestSmallFloods: floods of some ten or hundred packets a second, as exercises make
// them, and what comes as often in everyday life.
// urgent is a connection with one urgent byte.
func urgent(port uint16) []packet.Packet {
	w := &wire{}
	w.tcp(mallory, server, port, 0, up("\x00"))
	w.packets[3].Flags |= packet.URG
	return w.packets
}

func TestSmallFloods(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		return b
	}
	filler := make([]byte, 120)
	for i := range filler {
		filler[i] = 'X'
	}
	tcp := func(flags uint8, header uint16) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) {
			p.Proto, p.Flags, p.HeaderLen, p.SrcPort = packet.TCP, flags, header, uint16(2000+i)
		}
	}
	udp := func(f func(i int) []byte) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) { says(p, f(i)) }
	}
	with := func(f func(p *packet.Packet, i int), more func(p *packet.Packet, i int)) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) { f(p, i); more(p, i) }
	}
	forged := func(p *packet.Packet, i int) { p.Src = host(i*31 + 7) }
	stream := func(p *packet.Packet, i int) {
		b := random(172)
		b[0], b[1], b[2], b[3] = 0x80, 0, byte(i>>8), byte(i)
		says(p, b)
	}
	refuse := func(p *packet.Packet) { p.Flags = packet.RST | packet.ACK }
	echo := func(n int) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) {
			p.Proto, p.ICMPType, p.SrcPort, p.DstPort, p.HeaderLen, p.PayloadLen = packet.ICMP, 8, 0, 0, 0, uint32(n)
		}
	}
	answerEcho := func(p *packet.Packet) { p.ICMPType = 0 }
	newPort := func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(20000+i*7), 53 }
	answerQuery := func(p *packet.Packet) {
		b := append([]byte(nil), p.Payload...)
		b[2] |= 0x80
		says(p, b)
	}
	echo6 := func(p *packet.Packet, i int) {
		echo(56)(p, i)
		p.Src, p.Dst, p.Proto, p.ICMPType = ip("2001:db8::66"), ip("2001:db8::80"), packet.ICMPv6, 128
	}
	for _, c := range []struct {
		name    string
		packets []packet.Packet
		class   attack.Class
		actor   packet.Addr // zero: any
	}{
		{"SYNs without options, ten a second", trickle(60, 10, tcp(packet.SYN, 20)), attack.DoS, mallory},
		{"the same, refused", replied(trickle(60, 20, tcp(packet.SYN, 20)), refuse), attack.DoS, mallory},
		{"the same, forged", trickle(60, 20, with(tcp(packet.SYN, 20), forged)), attack.DDoS, packet.Addr{}},
		{"SYNs with options, forged", trickle(600, 100, with(tcp(packet.SYN, 40), forged)), attack.DDoS, packet.Addr{}},
		{"urgent data for Windows' files (WinNuke)", urgent(139), attack.DoS, mallory},
		{"Xmas packets", trickle(60, 20, tcp(packet.FIN|packet.PSH|packet.URG, 20)), attack.DoS, mallory},
		{"bare ACKs, refused", replied(trickle(120, 40, tcp(packet.ACK, 20)), refuse), attack.DoS, mallory},
		{"SYN+ACKs to a service", trickle(120, 40, tcp(packet.SYN|packet.ACK, 20)), attack.DoS, mallory},
		{"pushed data outside any connection", replied(trickle(120, 40, with(tcp(packet.PSH|packet.ACK, 20), func(p *packet.Packet, _ int) { says(p, filler) })),
			func(p *packet.Packet) { refuse(p); says(p, nil) }), attack.DoS, mallory},
		{"one packet to itself", trickle(1, 1, with(tcp(packet.SYN, 20), func(p *packet.Packet, _ int) { p.Src, p.SrcPort = p.Dst, p.DstPort })), attack.DoS, server},
		{"empty datagrams", trickle(60, 20, func(*packet.Packet, int) {}), attack.DoS, mallory},
		{"datagrams of one letter", trickle(60, 20, udp(func(int) []byte { return filler })), attack.DoS, mallory},
		{"the same sentence", trickle(400, 100, udp(func(int) []byte { return []byte("this is how a well known tool does it") })), attack.DoS, mallory},
		{"noise", trickle(500, 100, udp(func(int) []byte { return random(512) })), attack.DoS, mallory},
		{"noise from five hosts", trickle(500, 100, with(udp(func(int) []byte { return random(512) }), func(p *packet.Packet, i int) { p.Src = host(i % 5) })), attack.DDoS, packet.Addr{}},
		{"the same sentence to any port", trickle(400, 100, with(udp(func(int) []byte { return []byte("this is how a well known tool does it") }),
			func(p *packet.Packet, i int) { p.DstPort = uint16(1 + i*7919) })), attack.DoS, mallory},
		{"calls that do not wait for an answer", trickle(300, 60, with(udp(func(i int) []byte {
			return []byte("INVITE sip:100@192.0.2.80 SIP/2.0\r\nCall-ID: " + string(rune('a'+i%26)) + "\r\n\r\n")
		}),
			func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = 5060, 5060 })), attack.DoS, mallory},
		{"pings without payload", replied(trickle(60, 10, echo(0)), answerEcho), attack.DoS, mallory},
		{"pings, sixty a second", replied(trickle(300, 60, echo(56)), answerEcho), attack.DoS, mallory},
		{"replies of time servers, larger than the time", trickle(120, 40, with(udp(func(int) []byte { return random(440) }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%20), 123, 9000 })), attack.DDoS, packet.Addr{}},

		{"replies of one time server, larger than the time", trickle(120, 40, with(udp(func(int) []byte { return random(440) }),
			func(p *packet.Packet, _ int) { p.SrcPort, p.DstPort = 123, 9000 })), attack.DDoS, packet.Addr{}},
		{"large answers of one name server to one question", trickle(300, 100, with(udp(func(int) []byte { return append([]byte(replyTo("example.org")), random(1200)...) }),
			func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = 53, uint16(20000+i) })), attack.DDoS, packet.Addr{}},
		{"SYN+ACKs of fifty servers, ten times each", trickle(500, 100, with(tcp(packet.SYN|packet.ACK, 40), func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%50), 443, uint16(10000+i) })), attack.DDoS, packet.Addr{}},
		{"pushed data outside any connection, unanswered", trickle(150, 40, with(tcp(packet.PSH|packet.ACK, 20), func(p *packet.Packet, _ int) { says(p, filler) })), attack.DoS, mallory},
		{"short datagrams of forged sources to any port", trickle(3000, 600, with(with(udp(func(int) []byte { return random(8) }), forged), func(p *packet.Packet, i int) { p.DstPort = uint16(1 + i*7919) })), attack.DDoS, packet.Addr{}},
		{"names that are not there, a hundred a second", replied(trickle(600, 100, with(udp(func(i int) []byte { return []byte(question(fmt.Sprintf("x%dq.example.org", i*7919), 0)) }), newPort)),
			func(p *packet.Packet) { answerQuery(p); p.Payload[3] = 0x83 }), attack.DoS, mallory},
		{"one name, five hundred times a second", replied(trickle(2000, 500, with(udp(func(int) []byte { return []byte(question("www.example.org", 0)) }), newPort)), answerQuery), attack.DoS, mallory},
		{"giant pings, forty a second", trickle(120, 40, echo(1400)), attack.DoS, mallory},
		{"a fragment that reaches back into the first", fragments(36, 24, 4), attack.DoS, mallory},
		{"a fragment that reaches beyond any packet", fragments(1480, 65528, 400), attack.DoS, mallory},
		{"handshake after handshake in one connection", handshakes(60, 20), attack.DoS, mallory},

		{"SYN+ACKs of hundreds of servers", trickle(2000, 500, with(tcp(packet.SYN|packet.ACK, 40), func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%900), 443, uint16(10000+i) })), attack.DDoS, packet.Addr{}},
		{"pages of sixty servers that nobody asked for", trickle(900, 200, with(tcp(packet.PSH|packet.ACK, 20), func(p *packet.Packet, i int) {
			p.Src, p.SrcPort, p.DstPort = host(i%60), 80, uint16(10000+i)
			says(p, []byte("HTTP/1.1 403 Forbidden"))
		})), attack.DDoS, packet.Addr{}},
		{"answers of resolvers to all of a network", trickle(4000, 1000, with(udp(func(int) []byte { return append([]byte(replyTo("example.org")), random(1000)...) }),
			func(p *packet.Packet, i int) {
				p.Src, p.SrcPort, p.Dst, p.DstPort = host(i%300), 53, outside(byte(i*7)), uint16(1000+i)
			})), attack.DDoS, packet.Addr{}},
		{"SYNs under made-up addresses to made-up addresses", trickle(900, 300, with(tcp(packet.SYN, 20), func(p *packet.Packet, i int) { p.Src, p.Dst = anybody(2*i), anybody(2*i+1) })), attack.DDoS, packet.Addr{}},
		{"segments of forged sources, with data and without", trickle(900, 200, with(tcp(packet.ACK, 20), func(p *packet.Packet, i int) {
			forged(p, i)
			if p.DstPort = 25565; i%2 == 0 {
				says(p, filler[:20+i%50])
			}
		})), attack.DDoS, packet.Addr{}},
		{"SIP requests, a third of them answered", third(trickle(2000, 250, with(udp(func(i int) []byte { return fmt.Appendf(nil, "OPTIONS sip:%d@192.0.2.80 SIP/2.0\r\n\r\n", i) }),
			func(p *packet.Packet, _ int) { p.SrcPort, p.DstPort = 5060, 5060 }))), attack.DoS, mallory},
		{"HTTP/2 requests that are taken back", http2(200, "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08"), attack.DoS, mallory},

		{"urgent data for Telnet", urgent(23), attack.Benign, packet.Addr{}},
		{"HTTP/2 requests", http2(200, ""), attack.Benign, packet.Addr{}},
		{"what strangers send to a telescope", trickle(900, 300, with(tcp(packet.SYN, 20), func(p *packet.Packet, i int) { p.Src, p.Dst = anybody(2*i), host(i*31) })), attack.Benign, packet.Addr{}},
		{"a connection that asks for a certificate later", handshakes(2, 20), attack.Benign, packet.Addr{}},
		{"a datagram in two fragments", fragments(1480, 1480, 400), attack.Benign, packet.Addr{}},
		{"SYN+ACKs of servers that go on, seen one way", conversations(400, 100), attack.Benign, packet.Addr{}},
		{"a walk through a table, seen one way", trickle(300, 100, with(udp(func(int) []byte { return random(900) }), func(p *packet.Packet, _ int) { p.SrcPort, p.DstPort = 161, 40000 })), attack.Benign, packet.Addr{}},
		{"beats of connections begun before the capture", trickle(300, 40, with(tcp(packet.PSH|packet.ACK, 32), func(p *packet.Packet, i int) {
			p.SrcPort, p.Seq = uint16(20000+i%40), uint32(i)*10
			says(p, filler[:20])
		})), attack.Benign, packet.Addr{}},
		{"queries for whatever there is", replied(trickle(400, 100, with(udp(func(int) []byte {
			return []byte(strings.TrimSuffix(question("example.org", 0), "\x01\x00\x01") + "\xff\x00\x01")
		}), newPort)), answerQuery), attack.DoS, mallory},
		{"names under one domain, each another", replied(trickle(1600, 400, with(udp(func(i int) []byte { return []byte(question(fmt.Sprintf("x%dq.example.org", i*7919), 0)) }), newPort)),
			answerQuery), attack.DoS, mallory},
		{"calls that are all declined", replied(trickle(900, 200, with(udp(func(i int) []byte { return fmt.Appendf(nil, "INVITE sip:%d@192.0.2.80 SIP/2.0\r\n\r\n", i) }),
			func(p *packet.Packet, _ int) { p.SrcPort, p.DstPort = 5060, 5060 })), func(p *packet.Packet) { says(p, []byte("SIP/2.0 404 Not Found\r\n\r\n")) }), attack.DoS, mallory},
		{"writes that a web server cannot read", dribble(7, 40, 300, 32, "", "HTTP/1.1 400 Bad Request\r\n\r\n"), attack.DoS, mallory},
		{"writes to a web server that says nothing", dribble(7, 40, 300, 32, "", ""), attack.DoS, mallory},
		{"pings over IPv6 behind an advertisement", append(neighbours6(), replied(trickle(900, 300, echo6), func(p *packet.Packet) { p.ICMPType = 129 })...), attack.DoS, ip("2001:db8::66")},
		{"pings whose first request is not in the capture", replied(trickle(900, 300, echo(56)), answerEcho)[1:], attack.DoS, mallory},

		{"answers of devices to searches, at ever other ports", trickle(260, 200, with(udp(func(int) []byte { return []byte("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n") }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%40), 1900, uint16(20000+i*97) })), attack.DDoS, packet.Addr{}},
		{"over loopback, unanswered", trickle(9000, 3000, with(udp(func(int) []byte { return []byte("echo, echo, echo, echo, echo, echo") }), itself)), attack.DoS, ip("127.0.0.1")},

		{"answers of devices to one search", trickle(260, 200, with(udp(func(int) []byte { return []byte("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n") }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%40), 1900, 50123 })), attack.Benign, packet.Addr{}},
		{"echoes over loopback", replied(trickle(9000, 3000, with(udp(func(int) []byte { return []byte("echo, echo, echo, echo, echo, echo") }), itself)), func(*packet.Packet) {}),
			attack.Benign, packet.Addr{}},
		{"a network's queries to its resolver", replied(trickle(1600, 400, with(udp(func(i int) []byte { return []byte(question(fmt.Sprintf("www.site%dx.example", i%900), 0)) }), newPort)),
			answerQuery), attack.Benign, packet.Addr{}},
		{"block lists asked by a mail server", replied(trickle(600, 60, with(udp(func(i int) []byte { return []byte(question(fmt.Sprintf("%d.%d.51.198.list.example", i%250, i/250), 0)) }), newPort)),
			answerQuery), attack.Benign, packet.Addr{}},
		{"logs whose addresses get names", replied(trickle(1600, 400, with(udp(func(i int) []byte {
			return []byte(question(fmt.Sprintf("%d.%d.18.198.in-addr.arpa", i%250, i/250), 0))
		}), newPort)),
			answerQuery), attack.Benign, packet.Addr{}},
		{"calls between exchanges, some declined", exchange(900, 200), attack.Benign, packet.Addr{}},
		{"an upload in small pieces", dribble(7, 40, 300, 32, "PUT /log HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"), attack.Benign, packet.Addr{}},
		{"a program's own protocol on a web server's port", dribble(7, 40, 300, 32, "", "\x01\x02 welcome"), attack.Benign, packet.Addr{}},
		{"a call", trickle(600, 50, stream), attack.Benign, packet.Addr{}},
		{"calls to a telephone exchange", replied(trickle(300, 60, with(udp(func(int) []byte { return []byte("INVITE sip:100@192.0.2.80 SIP/2.0\r\n\r\n") }),
			func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = 5060, 5060 })), func(p *packet.Packet) { says(p, []byte("SIP/2.0 100 Trying\r\n\r\n")) }), attack.Benign, packet.Addr{}},
		{"a film", trickle(2000, 400, stream), attack.Benign, packet.Addr{}},
		{"one host's calls, to thirty ports", trickle(3000, 500, with(stream, func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(16000+i%30), uint16(18000+i%30) })), attack.Benign, packet.Addr{}},
		{"a game that counts its packets first", trickle(600, 60, udp(func(i int) []byte { b := random(60); b[0], b[1], b[2], b[3] = byte(i), byte(i>>8), 0, 0; return b })), attack.Benign, packet.Addr{}},
		{"a game without a header in the clear, seen one way", trickle(900, 60, udp(func(int) []byte { return random(70) })), attack.Benign, packet.Addr{}},
		{"thirty players, seen one way", trickle(6000, 1000, with(udp(func(i int) []byte { return append([]byte{byte(i / 30), 0, 0, 0}, random(40)...) }),
			func(p *packet.Packet, i int) { p.Src = host(i % 30) })), attack.Benign, packet.Addr{}},
		{"lights that do not change", trickle(440, 39, udp(func(int) []byte { return []byte("Art-Net\x00\x00\x50\x00\x0e lights") })), attack.Benign, packet.Addr{}},
		{"a log", trickle(1000, 200, with(udp(func(i int) []byte { return append([]byte("<13>Nov  1 host program: "), random(20+i%50)...) }), func(p *packet.Packet, _ int) { p.DstPort = 514 })), attack.Benign, packet.Addr{}},
		{"counters, each over a socket of its own", trickle(1000, 200, with(udp(func(int) []byte { return []byte("hits:1|c") }), func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(20000+i), 8125 })), attack.Benign, packet.Addr{}},
		{"questions to a time server, seen one way", trickle(600, 40, with(udp(func(int) []byte { return append(make([]byte, 40), random(8)...) }), func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i), 123, 123 })), attack.Benign, packet.Addr{}},
		{"a program that tries again and again, refused", replied(trickle(600, 20, tcp(packet.SYN, 40)), refuse), attack.Benign, packet.Addr{}},
		{"a service that is down, and its clients", trickle(600, 60, with(tcp(packet.SYN, 40), func(p *packet.Packet, i int) { p.Src = host(i % 100) })), attack.Benign, packet.Addr{}},
		{"a half-open check, once a second", trickle(60, 1, tcp(packet.SYN, 20)), attack.Benign, packet.Addr{}},
		{"last ACKs of connections", trickle(60, 12, tcp(packet.ACK, 32)), attack.Benign, packet.Addr{}},
		{"a ping, five a second", replied(trickle(300, 5, echo(56)), answerEcho), attack.Benign, packet.Addr{}},
		{"an office that pings the same host", replied(trickle(1200, 60, with(echo(32), func(p *packet.Packet, i int) { p.Src = host(i % 60) })), answerEcho), attack.Benign, packet.Addr{}},
		{"a resolver, seen one way", trickle(600, 100, with(udp(func(i int) []byte {
			return []byte(question(string(rune('a'+i%26))+"x"+string(rune('a'+i/26%26))+".example.org", 0))
		}),
			func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(20000+i*7), 53 })), attack.Benign, packet.Addr{}},
		{"answers of a resolver, seen one way", trickle(600, 100, with(udp(func(i int) []byte { return append([]byte(question("www.example.org", 0)), random(100)...) }),
			func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = 53, uint16(20000+i*7) })), attack.Benign, packet.Addr{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{packets: c.packets}
			found := w.findings(newFlood(DefaultFloodConfig()))
			if c.class == attack.Benign {
				expect(t, found, c.class, packet.Addr{}, "")
				return
			}
			if len(found) == 0 {
				t.Fatalf("said nothing, want %s", c.class)
			}
			f := found[len(found)-1]
			if f.Class != c.class || c.actor != (packet.Addr{}) && f.Actor != c.actor {
				t.Errorf("said %s of %v: %s; want %s of %v", f.Class, f.Actor, f.Reason, c.class, c.actor)
			}
		})
	}
}

// TestReflectionAtOne has amplifiers answer one host: it is named, and its network is not.
func TestReflectionAtOne(t *testing.T) {
	w := &wire{packets: trickle(3000, 500, func(p *packet.Packet, i int) {
		p.Src, p.SrcPort, p.DstPort = host(i%200), 27015, uint16(1000+i)
		says(p, []byte(strings.Repeat("\xff\xff\xff\xffI", 240)))
	})}
	found := w.findings(newFlood(DefaultFloodConfig()))
	if len(found) == 0 {
		t.Fatal("said nothing")
	}
	for _, f := range found {
		if len(f.Targets) != 1 || f.Targets[0] != server {
			t.Errorf("at %v: %s", f.Targets, f.Reason)
		}
	}
}
