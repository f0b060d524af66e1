package behaviour

import (
	"fmt"
	"slices"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// TestSweep6: the same by IPv6's neighbour discovery.
func TestSweep6(t *testing.T) {
	neighbour6 := func(n int) packet.Addr { return ip(fmt.Sprintf("2001:db8::%x", n)) }
	// asks has a host ask for n neighbours, step apart; each there-th is there.
	asks := func(n, there int, step int64) (out []packet.Packet) {
		for i := range n {
			p := packet.Packet{Time: epoch + int64(i)*step, Src: neighbour6(0x66), Dst: solicited(neighbour6(1 + i)), Proto: packet.ICMPv6, ICMPType: 135, HeaderLen: 8, TTL: 255, WireLen: 86}
			out = append(out, p)
			if i%there == 0 {
				p.Time, p.Src, p.Dst, p.ICMPType = p.Time+300, neighbour6(1+i), p.Src, 136
				out = append(out, p)
			}
		}
		return out
	}
	for _, c := range []struct {
		name    string
		packets []packet.Packet
		class   attack.Class
	}{
		{"neighbour after neighbour", asks(60, 20, 10_000), attack.PortScan},
		{"those that are there", asks(60, 1, 10_000), attack.Benign},
		{"a router, for whom others look in vain", asks(60, 20, second), attack.Benign},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{packets: c.packets}
			expect(t, w.findings(newSweep()), c.class, neighbour6(0x66), "by neighbour discovery")
		})
	}
}

// TestSweep: scans by ARP as tools make them, and who else asks for many neighbours.
func TestSweep(t *testing.T) {
	const from = 200
	ask := func(at int64, of byte) flow.Ask {
		return flow.Ask{Time: epoch + at, Src: inner(from), Dst: inner(of)}
	}
	answer := func(at int64, of byte) flow.Ask {
		return flow.Ask{Time: epoch + at, Src: inner(of), Dst: inner(from), Answer: true}
	}
	// asks asks for n neighbours as order gives them, step µs apart; each there-th is there.
	asks := func(n int, step int64, there int, order func(i int) byte) (out []flow.Ask) {
		for i := range n {
			at, of := int64(i)*step, order(i)
			out = append(out, ask(at, of))
			if there > 0 && int(of)%there == 0 {
				out = append(out, answer(at+300, of))
			}
		}
		return out
	}
	askedFor := func(by int) (out []flow.Ask) {
		for i := range by {
			out = append(out, flow.Ask{Time: epoch, Src: inner(byte(7 + i)), Dst: inner(from)})
		}
		return out
	}
	upwards := func(i int) byte { return byte(1 + i) }
	inParts := func(i int) byte { return byte(65 + i/7*10%33 + i%7) } // as nmap asks: what was sent is few at a time
	anyhow := func(i int) byte { return byte(1 + i*101%253) }
	for _, c := range []struct {
		name  string
		asks  []flow.Ask
		class attack.Class
	}{
		{"all of a network, upwards", asks(254, 4000, 20, upwards), attack.PortScan},
		{"the same, nobody there", asks(254, 1000, 0, upwards), attack.PortScan},
		{"the same, downwards", asks(254, 1000, 0, func(i int) byte { return byte(254 - i) }), attack.PortScan},
		{"a clerk's machine, to which servers call back", append(askedFor(3), asks(254, 4000, 20, upwards)...), attack.PortScan},
		{"twenty neighbours", asks(20, 40_000, 7, upwards), attack.PortScan},
		{"ranges of seven", asks(33, 10_000, 28, inParts), attack.PortScan},
		{"each asked for twice", asks(508, 2000, 20, func(i int) byte { return byte(1 + i/2) }), attack.PortScan},
		{"all of a network, in no order", asks(253, 10_000, 20, anyhow), attack.PortScan},

		{"a monitor's hosts, which are there", asks(60, second/4, 1, upwards), attack.Benign},
		{"a monitor's hosts, whose answers are not captured", asks(30, second, 0, upwards), attack.Benign},
		{"a router that keeps a list", asks(118, second/4, 9, upwards), attack.Benign},
		{"a router that keeps one in a hurry", append(askedFor(6), asks(254, 4000, 20, upwards)...), attack.Benign},
		{"a router, for whom others look in vain", asks(300, second/2, 0, anyhow), attack.Benign},
		{"a router that looks for those it knows", asks(24, 10_000, 3, func(i int) byte { return byte(1 + i*10) }), attack.Benign},
		{"an ordinary host", asks(200, 5*second, 0, func(i int) byte { return byte(1 + i%6) }), attack.Benign},
		{"who offers addresses looks whether they are free", asks(10, 3*second, 0, upwards), attack.Benign},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newSweep()
			var found []Finding
			emit := func(f Finding) { found = append(found, f) }
			slices.SortStableFunc(c.asks, func(a, b flow.Ask) int { return int(a.Time - b.Time) })
			for i := range c.asks {
				b.Asked(&c.asks[i], emit)
				b.Advance(c.asks[i].Time, emit)
			}
			b.Advance(b.now+hour, emit)
			expect(t, found, c.class, inner(from), "by ARP")
		})
	}
}
