package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

func TestLinkFlood(t *testing.T) {
	home := packet.Station{0x02, 1, 2, 3, 4, 5}
	// made is the n-th made-up address that belongs to a group, as half of them do.
	made := func(n int) packet.Station {
		h := mix(uint64(n))
		return packet.Station{byte(h) | 1, byte(h >> 8), byte(h >> 16), byte(h >> 24), byte(h >> 32), byte(h >> 40)}
	}
	frames := func(n, perSecond int, f func(i int) flow.Frame) (out []flow.Frame) {
		for i := range n {
			one := f(i)
			one.Time = epoch + int64(i)*second/int64(perSecond)
			out = append(out, one)
		}
		return out
	}
	nobodys := func(of int) func(i int) flow.Frame {
		return func(i int) flow.Frame { return flow.Frame{Sign: packet.Nobodys, Sender: made(i % of)} }
	}
	parts := func(i int) flow.Frame { return flow.Frame{Sign: packet.Parts, Sender: made(i % 2), Network: home} }
	for _, c := range []struct {
		name   string
		frames []flow.Frame
		class  attack.Class
		words  string
	}{
		{"addresses made up", frames(400, 200, nobodys(1000)), attack.DoS, "link addresses that no station can have"},
		{"stations thrown off", frames(128, 60, parts), attack.DoS, "took stations off the wireless network 02:01:02:03:04:05"},

		{"stations that somebody renamed", frames(4000, 1000, nobodys(60)), attack.Benign, ""},
		{"a device with a wrong address", frames(200, 20, nobodys(1)), attack.Benign, ""},
		{"an access point that is restarted", frames(20, 10, parts), attack.Benign, ""},
		{"stations that leave in the course of a day", frames(300, 1, parts), attack.Benign, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newLinkFlood()
			var found []Finding
			emit := func(f Finding) { found = append(found, f) }
			for i := range c.frames {
				b.Framed(&c.frames[i], emit)
			}
			b.Advance(c.frames[len(c.frames)-1].Time+hour, emit)
			expect(t, found, c.class, nowhere, c.words)
		})
	}
}
