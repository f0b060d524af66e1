package behaviour

import (
	"fmt"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/words"
)

// TestFloodsOfAMoment: captures of floods often hold a few hundred packets that came
// within a fraction of a second, and everyday life has its bursts, too.
func TestFloodsOfAMoment(t *testing.T) {
	tcp := func(flags uint8, header uint16) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) {
			p.Proto, p.Flags, p.HeaderLen, p.SrcPort = packet.TCP, flags, header, uint16(2000+i)
		}
	}
	icmp := func(kind uint8, size int) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, _ int) {
			p.Proto, p.ICMPType, p.SrcPort, p.DstPort, p.HeaderLen, p.PayloadLen = packet.ICMP, kind, 0, 0, 0, uint32(size)
		}
	}
	with := func(f, more func(p *packet.Packet, i int)) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) { f(p, i); more(p, i) }
	}
	text := func(f func(i int) string) func(p *packet.Packet, i int) {
		return func(p *packet.Packet, i int) { says(p, []byte(f(i))) }
	}
	ask := func(f func(i int) string) func(p *packet.Packet, i int) {
		return with(text(func(i int) string { return question(f(i), 0) }), func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(20000+i), 53 })
	}
	everyAddress := func(p *packet.Packet, i int) { // also those that nobody has
		h := mix(uint64(i))
		p.Src = v4(byte(h), byte(h>>8), byte(h>>16), byte(h>>24))
	}
	realAddress := func(p *packet.Packet, i int) { p.Src = anybody(i) }
	toAll := func(p *packet.Packet, _ int) { p.Src, p.Dst = inner(9), inner(255) }
	nine := func(p *packet.Packet, i int) { p.Src, p.Dst = inner(byte(1+i%9)), server }
	for _, c := range []struct {
		name    string
		packets []packet.Packet
		class   attack.Class
		actor   packet.Addr // zero: any
	}{
		{"resets to a web server", trickle(100, 5000, tcp(packet.RST, 20)), attack.DoS, mallory},
		{"SYNs with options from any address at all", trickle(150, 5000, with(tcp(packet.SYN, 40), everyAddress)), attack.DDoS, packet.Addr{}},
		{"SYNs under made-up addresses to made-up addresses", trickle(150, 5000, with(tcp(packet.SYN, 20), func(p *packet.Packet, i int) {
			p.Src, p.Dst = anybody(2*i), anybody(2*i+1)
		})), attack.DDoS, packet.Addr{}},
		{"echo replies of nine hosts (smurf)", trickle(100, 1000, with(icmp(0, 56), nine)), attack.DDoS, packet.Addr{}},
		{"pings to a network (smurf)", trickle(100, 1000, with(icmp(8, 56), toAll)), attack.DDoS, inner(255)},
		{"echoes asked of a network (fraggle)", trickle(100, 1000, with(text(func(int) string { return "hello" }), func(p *packet.Packet, i int) { toAll(p, i); p.DstPort = 7 })), attack.DDoS, inner(255)},
		{"errors for what nobody sent (blacknurse)", trickle(150, 5000, icmp(3, 28)), attack.DoS, mallory},
		{"giant pings", trickle(40, 200, icmp(8, 1400)), attack.DoS, mallory},
		{"replies of thirty game servers", trickle(120, 80, with(text(func(int) string { return "\xff\xff\xff\xffstatusResponse\n" + strings.Repeat("x", 900) }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort = host(i%30), 27960 })), attack.DDoS, packet.Addr{}},
		{"timestamps", trickle(100, 5000, icmp(13, 12)), attack.DoS, mallory},
		{"one sentence over one socket", trickle(100, 5000, text(func(int) string { return "this is how a well known tool does it" })), attack.DoS, mallory},
		{"datagrams in three parts", parts(100), attack.DoS, mallory},
		{"one name", trickle(150, 5000, ask(func(int) string { return "www.example.org" })), attack.DoS, mallory},
		{"ten SYNs without options", trickle(10, 100, tcp(packet.SYN, 20)), attack.DoS, mallory},
		{"ten datagrams of one letter", trickle(10, 100, text(func(int) string { return strings.Repeat("A", 64) })), attack.DoS, mallory},
		{"resets from any address at all", trickle(40, 1000, with(tcp(packet.RST, 20), everyAddress)), attack.DDoS, packet.Addr{}},
		{"pings from any address at all", trickle(40, 1000, with(icmp(8, 56), everyAddress)), attack.DDoS, packet.Addr{}},
		{"datagrams from any address at all", trickle(40, 1000, with(text(func(i int) string { return fmt.Sprintf("%08d and more", i*7919) }), everyAddress)), attack.DDoS, packet.Addr{}},
		{"twenty letters of chargen servers", trickle(20, 500, with(text(func(int) string { return strings.Repeat("!\"#$%&'()*+,-./0123", 20) }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort = host(i%15), 19 })), attack.DDoS, packet.Addr{}},
		{"names under one domain", trickle(250, 5000, ask(func(i int) string { return fmt.Sprintf("x%dq.example.org", i*7919) })), attack.DoS, mallory},

		{"a server that is stopped resets its connections", trickle(150, 5000, with(tcp(packet.RST, 20), func(p *packet.Packet, i int) {
			p.SrcPort, p.DstPort = 443, uint16(20000+i)
		})), attack.Benign, packet.Addr{}},
		{"empty pings, answered each", replied(trickle(10, 1000, icmp(8, 0)), func(p *packet.Packet) { p.ICMPType = 0 }), attack.Benign, packet.Addr{}},
		{"half-open checks, one after the other", trickle(10, 10, tcp(packet.SYN, 20)), attack.Benign, packet.Addr{}},
		{"visitors with addresses of their own", trickle(40, 1000, with(tcp(packet.SYN, 40), realAddress)), attack.Benign, packet.Addr{}},
		{"clocks", trickle(20, 500, with(text(func(i int) string { return "\x24" + strings.Repeat("\x01", 39) + fmt.Sprintf("%08d", i) }),
			func(p *packet.Packet, i int) { p.Src, p.SrcPort, p.DstPort = host(i%15), 123, uint16(20000+i) })), attack.Benign, packet.Addr{}},
		{"a browser that is closed", trickle(30, 5000, tcp(packet.RST|packet.ACK, 20)), attack.Benign, packet.Addr{}},
		{"visitors of a site that is down", trickle(150, 100, with(tcp(packet.SYN, 40), realAddress)), attack.Benign, packet.Addr{}},
		{"a monitor's pings, of which the answers are seen", trickle(100, 60, with(icmp(0, 56), func(p *packet.Packet, i int) { p.Src = host(i % 20) })), attack.Benign, packet.Addr{}},
		{"thirty pings a second", replied(trickle(300, 30, icmp(8, 56)), func(p *packet.Packet) { p.ICMPType = 0 }), attack.Benign, packet.Addr{}},
		{"a classroom behind a relay asks for addresses", trickle(180, 90, with(text(func(i int) string { return "\x01\x01\x06\x01" + fmt.Sprintf("%04d", i) + strings.Repeat("\x00", 236) }), func(p *packet.Packet, _ int) {
			p.SrcPort, p.DstPort = 67, 67
		})), attack.Benign, packet.Addr{}},
		{"questions to a public time server, seen one way", trickle(3000, 500, with(text(func(i int) string { return "\xe3" + strings.Repeat("\x00", 39) + fmt.Sprintf("%08d", i) }),
			func(p *packet.Packet, i int) { realAddress(p, i); p.DstPort = 123 })), attack.Benign, packet.Addr{}},
		{"a speed test", trickle(8000, 4000, with(text(func(i int) string { return fmt.Sprintf("%012d", i) + strings.Repeat("0123456789", 4) }),
			func(p *packet.Packet, _ int) { p.DstPort = 5001 })), attack.Benign, packet.Addr{}},
		{"ten giant pings", trickle(10, 200, icmp(8, 1400)), attack.Benign, packet.Addr{}},
		{"a loop, told by the router", trickle(400, 100, icmp(11, 28)), attack.Benign, packet.Addr{}},
		{"errors for what was not captured", trickle(800, 50, icmp(3, 28)), attack.Benign, packet.Addr{}},
		{"a page's names", trickle(60, 1000, ask(func(i int) string { return fmt.Sprintf("www.site%d.example", i) })), attack.Benign, packet.Addr{}},
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
			f := found[0]
			if f.Class != c.class || c.actor != (packet.Addr{}) && f.Actor != c.actor {
				t.Errorf("said %s of %v: %s; want %s of %v", f.Class, f.Actor, f.Reason, c.class, c.actor)
			}
		})
	}
}

// parts makes n datagrams of one letter, of three fragments each.
func parts(n int) (out []packet.Packet) {
	letters := []byte(strings.Repeat("X", 1480))
	var f packet.Fragments
	for i, p := range trickle(3*n, 5000, func(*packet.Packet, int) {}) {
		p.FragmentID, p.FragmentOffset = uint32(1+i/3), uint16(i%3*1480)
		p.Fragment, p.MoreFragments = i%3 > 0, i%3 < 2
		says(&p, letters[:[...]int{1472, 1480, 40}[i%3]])
		f.Resolve(&p)
		out = append(out, p)
	}
	return out
}

// TestSourcesOfAFlood: a sketch counts them, so they are said in two figures, and never
// more than packets.
func TestSourcesOfAFlood(t *testing.T) {
	w := &wire{packets: trickle(20_000, 10_000, func(p *packet.Packet, i int) {
		p.Src, p.Proto, p.Flags, p.HeaderLen = anybody(i), packet.TCP, packet.SYN, 20
	})}
	for _, f := range w.findings(newFlood(DefaultFloodConfig())) {
		if n := f.ActorsN; n%1000 != 0 || float64(n) > f.Evidence[0].Value || !strings.Contains(f.Reason, "from about "+words.Count(n)+" hosts") {
			t.Errorf("%d sources: %s", n, f.Reason)
		}
	}
	if got, want := roughly(4_151_684, "host"), "about 4.2 million hosts"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestDribbles: what is left of a slow attack that began before the capture.
func TestDribbles(t *testing.T) {
	slow := flow.Record{Tuple: flow.Tuple{DstPort: 80}, MidStream: true, Fwd: flow.Direction{DataPackets: 3, Payload: 27}, Bwd: flow.Direction{Packets: 3}}
	answered, logs := slow, slow
	answered.Bwd.Payload, logs.DstPort = 300, 514
	for name, c := range map[string]struct {
		record flow.Record
		want   bool
	}{"slow head": {slow, true}, "a web socket": {answered, false}, "logs": {logs, false}} {
		if got := dribbles(&c.record); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
