package main

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"firetower/bench/truth"
	"firetower/internal/capture"
	"firetower/internal/packet"
)

// telling is a capture with its truth, perhaps changed. The frames' bytes are shared
// with the capture that it was made of and are copied before they are changed.
type telling struct {
	truth  truth.Capture
	frames []capture.Frame
}

// variant is one way in which another tap would have had a capture.
type variant struct {
	name   string
	change func(t telling, background []capture.Frame) telling
}

// variants, the first of which changes nothing.
var variants = []variant{
	{"as they stand", func(t telling, _ []capture.Frame) telling { return t }},
	{"96 bytes of each packet", frames(func(f []capture.Frame) []capture.Frame { return each(f, cut) })},
	{"only who spoke first", frames(func(f []capture.Frame) []capture.Frame { return direction(f, true) })},
	{"only the other side", frames(func(f []capture.Frame) []capture.Frame { return direction(f, false) })},
	{"one packet of thirty lost", frames(func(f []capture.Frame) []capture.Frame { return lose(f, 30) })},
	{"every packet twice", frames(twice)},
	{"without the first third", frames(func(f []capture.Frame) []capture.Frame { return f[len(f)/3:] })},
	{"the first third only", frames(func(f []capture.Frame) []capture.Frame { return f[:(len(f)+2)/3] })},
	{"three times slower", frames(func(f []capture.Frame) []capture.Frame { return stretch(f, 3, 1) })},
	{"three times faster", frames(func(f []capture.Frame) []capture.Frame { return stretch(f, 1, 3) })},
	{"a clock of 10 ms", frames(func(f []capture.Frame) []capture.Frame { return each(f, coarse) })},
	{"neighbours swapped", frames(swap)},
	{"VLAN tags", frames(func(f []capture.Frame) []capture.Frame { return each(f, tag) })},
	{"other addresses, none private", func(t telling, _ []capture.Frame) telling { return renumber(t, foreign) }},
	{"other addresses, all private", func(t telling, _ []capture.Frame) telling { return renumber(t, private) }},
	{"outside of the NAT", outsideOfNAT},
	{"amid a harmless capture", amid},
}

// frames makes a change of frames alone a change of a telling.
func frames(change func([]capture.Frame) []capture.Frame) func(telling, []capture.Frame) telling {
	return func(t telling, _ []capture.Frame) telling {
		t.frames = change(t.frames)
		return t
	}
}

func each(in []capture.Frame, change func(*capture.Frame)) []capture.Frame {
	out := slices.Clone(in)
	for i := range out {
		change(&out[i])
	}
	return out
}

func cut(f *capture.Frame) { f.Data = f.Data[:min(96, len(f.Data))] }

func coarse(f *capture.Frame) { f.Time -= f.Time % 10_000 }

// tag puts a VLAN tag into Ethernet frames.
func tag(f *capture.Frame) {
	if f.Link != packet.LinkEthernet || len(f.Data) < 14 {
		return
	}
	f.Data = slices.Concat(f.Data[:12], []byte{0x81, 0, 0, 42}, f.Data[12:])
	f.WireLen += 4
}

// direction keeps what the sender of each pair's first packet sent, or the rest.
func direction(in []capture.Frame, first bool) []capture.Frame {
	type pair [2]packet.Addr
	spoke := map[pair]bool{}
	var out []capture.Frame
	for _, f := range in {
		var p packet.Packet
		if packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p).Malformed() {
			continue
		}
		if !spoke[pair{p.Dst, p.Src}] {
			spoke[pair{p.Src, p.Dst}] = true
		}
		if spoke[pair{p.Src, p.Dst}] == first {
			out = append(out, f)
		}
	}
	return out
}

func lose(in []capture.Frame, oneOf int) []capture.Frame {
	draw := rand.New(rand.NewPCG(1, 2))
	return slices.DeleteFunc(slices.Clone(in), func(capture.Frame) bool { return draw.IntN(oneOf) == 0 })
}

func twice(in []capture.Frame) []capture.Frame {
	out := make([]capture.Frame, 0, 2*len(in))
	for _, f := range in {
		g := f
		g.Time += 3
		out = append(out, f, g)
	}
	return out
}

// swap exchanges every tenth packet with the next one, as two queues of a card do.
func swap(in []capture.Frame) []capture.Frame {
	out := slices.Clone(in)
	for i := 0; i+1 < len(out); i += 10 {
		out[i].Data, out[i+1].Data = out[i+1].Data, out[i].Data
		out[i].WireLen, out[i+1].WireLen = out[i+1].WireLen, out[i].WireLen
		out[i].Link, out[i+1].Link = out[i+1].Link, out[i].Link
	}
	return out
}

func stretch(in []capture.Frame, times, by int64) []capture.Frame {
	if len(in) == 0 {
		return in
	}
	start := in[0].Time
	return each(in, func(f *capture.Frame) { f.Time = start + (f.Time-start)*times/by })
}

// background is the harmless capture of the most packets.
func background(all []telling) []capture.Frame {
	var most []capture.Frame
	for _, t := range all {
		if t.truth.Benign() && len(t.frames) > len(most) {
			most = t.frames
		}
	}
	return most
}

// amid plays a harmless capture beside t for as long as t takes.
func amid(t telling, background []capture.Frame) telling {
	if len(t.frames) == 0 || len(background) == 0 {
		return t
	}
	shift := t.frames[0].Time - background[0].Time
	end := t.frames[len(t.frames)-1].Time
	out := slices.Clone(t.frames)
	for _, f := range background {
		if f.Time += shift; f.Time > end {
			break
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b capture.Frame) int { return cmp.Compare(a.Time, b.Time) })
	t.frames = out
	return t
}

// foreign and private give a network another first half: one of somebody's, and one
// that is not routed. The same network always becomes the same one.
func foreign(net [2]byte) [2]byte {
	if net[0] == 0 || net[0] >= 224 {
		return net
	}
	mixed := (uint32(net[0])<<8 | uint32(net[1])) * 2654435761 >> 16
	return [2]byte{25 + byte(mixed>>8)%75, byte(mixed)}
}

func private(net [2]byte) [2]byte {
	if net[0] == 0 || net[0] >= 224 {
		return net
	}
	return [2]byte{10, net[0]*31 ^ net[1]}
}

// renumber gives IPv4 hosts other addresses, in the packets and in the truth.
// Checksums are left wrong, as those who anonymise captures leave them.
func renumber(t telling, change func([2]byte) [2]byte) telling {
	rewrite := func(b []byte) {
		net := change([2]byte{b[0], b[1]})
		b[0], b[1] = net[0], net[1]
	}
	t.frames = each(t.frames, func(f *capture.Frame) {
		at := ipv4At(f)
		if at < 0 {
			return
		}
		f.Data = slices.Clone(f.Data)
		rewrite(f.Data[at+12:])
		rewrite(f.Data[at+16:])
	})
	name := func(text string) string {
		words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;", r) })
		for i, w := range words {
			if ip, err := netip.ParseAddr(w); err == nil && ip.Is4() {
				b := ip.As4()
				rewrite(b[:])
				words[i] = netip.AddrFrom4(b).String()
			}
		}
		return strings.Join(words, " ")
	}
	t.truth.Attacker, t.truth.Victim = name(t.truth.Attacker), name(t.truth.Victim)
	return t
}

// ipv4At is where the outermost IPv4 header begins, -1 if there is none.
func ipv4At(f *capture.Frame) int {
	at := 0
	switch f.Link {
	case packet.LinkEthernet:
		for at = 12; at+4 <= len(f.Data) && binary.BigEndian.Uint16(f.Data[at:]) == 0x8100; at += 4 {
		}
		at += 2
	case packet.LinkCooked:
		at = 16
	case packet.LinkCookedV2:
		at = 20
	case packet.LinkNull, packet.LinkLoop:
		at = 4
	}
	if at+20 > len(f.Data) || f.Data[at]>>4 != 4 {
		return -1
	}
	return at
}
