package behaviour

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// wire makes packets of conversations whose bytes are written out, for behaviours
// that read payload: they pass the real meter on their way.
type wire struct {
	packets []packet.Packet
	port    uint16 // next client port
}

// line is one message: its direction, its bytes, and the milliseconds of silence
// before it.
type line struct {
	up   bool
	text string
	wait int64
}

func up(text string) line           { return line{true, text, 10} }
func down(text string) line         { return line{false, text, 10} }
func (l line) after(ms int64) line  { l.wait = ms; return l }
func inner(last byte) packet.Addr   { return v4(10, 0, 0, last) }
func outside(last byte) packet.Addr { return v4(198, 51, 100, last) }

func v4(a, b, c, d byte) packet.Addr {
	return packet.Addr{10: 0xff, 11: 0xff, 12: a, 13: b, 14: c, 15: d}
}

// tcp adds a whole connection that begins so many milliseconds after the start.
func (w *wire) tcp(client, server packet.Addr, port uint16, at int64, lines ...line) {
	w.port++
	from := 40000 + w.port
	seq := [2]uint32{100, 900}
	now := epoch + at*1000
	add := func(up bool, flags uint8, text string) {
		p := packet.Packet{Time: now, Src: client, Dst: server, SrcPort: from, DstPort: port, Proto: packet.TCP, Flags: flags,
			HeaderLen: 20, TTL: 64, Window: 8192, Payload: []byte(text), PayloadLen: uint32(len(text)), WireLen: uint32(54 + len(text))}
		d := 0
		if !up {
			d = 1
			p.Src, p.Dst, p.SrcPort, p.DstPort = server, client, port, from
		}
		p.Seq, p.Ack = seq[d], seq[1-d]
		seq[d] += uint32(len(text))
		if flags&(packet.SYN|packet.FIN) != 0 {
			seq[d]++
		}
		w.packets = append(w.packets, p)
		now += 1000
	}
	add(true, packet.SYN, "")
	add(false, packet.SYN|packet.ACK, "")
	add(true, packet.ACK, "")
	for _, l := range lines {
		now += l.wait * 1000
		add(l.up, packet.PSH|packet.ACK, l.text)
	}
	add(true, packet.FIN|packet.ACK, "")
	add(false, packet.FIN|packet.ACK, "")
	add(true, packet.ACK, "")
}

// refuse adds an attempt that a RST answers.
func (w *wire) refuse(client, server packet.Addr, port uint16, at int64) {
	w.port++
	p := packet.Packet{Time: epoch + at*1000, Src: client, Dst: server, SrcPort: 40000 + w.port, DstPort: port, Proto: packet.TCP,
		Flags: packet.SYN, HeaderLen: 20, TTL: 64, Seq: 5, WireLen: 60}
	r := p
	r.Time, r.Src, r.Dst, r.SrcPort, r.DstPort, r.Flags, r.Ack = p.Time+1000, server, client, port, p.SrcPort, packet.RST|packet.ACK, 6
	w.packets = append(w.packets, p, r)
}

// udp adds one datagram and its answer, if there is one.
func (w *wire) udp(client, server packet.Addr, port uint16, at int64, question, answer string) {
	w.port++
	p := packet.Packet{Time: epoch + at*1000, Src: client, Dst: server, SrcPort: 40000 + w.port, DstPort: port, Proto: packet.UDP,
		HeaderLen: 8, TTL: 64, Payload: []byte(question), PayloadLen: uint32(len(question)), WireLen: uint32(42 + len(question))}
	w.packets = append(w.packets, p)
	if answer != "" {
		r := p
		r.Time, r.Src, r.Dst, r.SrcPort, r.DstPort = p.Time+5000, server, client, port, p.SrcPort
		r.Payload, r.PayloadLen = []byte(answer), uint32(len(answer))
		w.packets = append(w.packets, r)
	}
}

// lost adds an attempt that nobody answers, with a stack's two repetitions.
func (w *wire) lost(client, server packet.Addr, port uint16, at int64) {
	w.port++
	for _, wait := range []int64{0, 1000, 3000} {
		w.packets = append(w.packets, packet.Packet{Time: epoch + (at+wait)*1000, Src: client, Dst: server, SrcPort: 40000 + w.port, DstPort: port,
			Proto: packet.TCP, Flags: packet.SYN, HeaderLen: 20, TTL: 64, Seq: 5, WireLen: 60})
	}
}

// datagrams adds n exchanges from one port, at even times but for some jitter.
func (w *wire) datagrams(client, server packet.Addr, port uint16, n int, period int64, jitter float64, question, answer func(i int) string) {
	r := rand.New(rand.NewPCG(7, 7))
	at := int64(0)
	for i := range n {
		w.udp(client, server, port, at, question(i), answer(i))
		w.port--
		at += int64(float64(period) * (1 + jitter*(2*r.Float64()-1)))
	}
}

// ping adds an echo request and its reply.
func (w *wire) ping(client, server packet.Addr, id, seq uint16, at int64, question, answer string) {
	p := packet.Packet{Time: epoch + at*1000, Src: client, Dst: server, Proto: packet.ICMP, ICMPType: 8, HeaderLen: 8, TTL: 64,
		Payload: []byte(question), PayloadLen: uint32(len(question)), WireLen: uint32(42 + len(question))}
	r := p
	r.Time, r.Src, r.Dst, r.ICMPType = p.Time+20_000, server, client, 0
	r.Payload, r.PayloadLen, r.WireLen = []byte(answer), uint32(len(answer)), uint32(42+len(answer))
	w.packets = append(w.packets, p, r)
}

// findings runs the packets through the meter and one behaviour, in order of time.
func (w *wire) findings(b Behaviour) (found []Finding) {
	slices.SortStableFunc(w.packets, func(a, b packet.Packet) int { return cmp.Compare(a.Time, b.Time) })
	cfg := flow.DefaultConfig()
	cfg.Updates = true
	table := flow.New(cfg)
	var batch flow.Batch
	emit := func(f Finding) { found = append(found, f) }
	drain := func() {
		for i := range batch.Events {
			b.Observe(&Observation{Event: &batch.Events[i]}, emit)
		}
		batch.Reset()
	}
	for i := range w.packets {
		table.Add(&w.packets[i], &batch)
		drain()
	}
	table.Flush(&batch)
	drain()
	if n := len(w.packets); n > 0 {
		b.Advance(w.packets[n-1].Time+hour, emit)
	}
	return found
}

// expect fails unless the findings say the class of the actor, or nothing where
// the class is benign; the reason must hold the words.
func expect(t *testing.T, found []Finding, class attack.Class, actor packet.Addr, words string) {
	t.Helper()
	if class == attack.Benign {
		for _, f := range found {
			t.Errorf("said %s of %v: %s", f.Class, f.Actor, f.Reason)
		}
		return
	}
	if len(found) == 0 {
		t.Fatalf("said nothing, want %s", class)
	}
	f := found[len(found)-1]
	if f.Class != class || f.Actor != actor || !strings.Contains(f.Reason, words) {
		t.Errorf("said %s of %v: %s; want %s of %v: %s", f.Class, f.Actor, f.Reason, class, actor, words)
	}
	if f.Confidence < 0.5 || f.Confidence > 0.99 || f.End < f.Start || f.TargetsN < 1 {
		t.Errorf("confidence %.2f, from %d to %d, %d targets", f.Confidence, f.Start, f.End, f.TargetsN)
	}
}
