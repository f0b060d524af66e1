package pipeline

import (
	"math/rand/v2"
	"testing"

	"firetower/internal/packet"
)

// sent is a packet and when it came.
type sent struct {
	at  int64
	seq uint32
}

// traffic is n packets of a conversation, every one of them different, a few at once.
func traffic(n int) (out []sent) {
	random := rand.New(rand.NewPCG(1, 2))
	at := int64(0)
	for i := range n {
		at += random.Int64N(3000)
		out = append(out, sent{at, uint32(i)})
	}
	return out
}

func TestDuplicates(t *testing.T) {
	const n = 10_000
	mirrored := func(share int, apart int64) (out []sent) {
		for i, p := range traffic(n) {
			out = append(out, p)
			if i%100 < share {
				out = append(out, sent{p.at + apart, p.seq})
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		in          []sent
		least, most int // that are taken for copies
	}{
		"a mirror of both sides":           {mirrored(100, 15), n - 2*lookAfter, n},
		"a mirror of both sides of some":   {mirrored(60, 15), n*6/10 - 2*lookAfter, n * 6 / 10},
		"nothing comes twice":              {traffic(n), 0, 0},
		"retransmissions":                  {mirrored(5, 200_000), 0, 0},
		"few come twice, at once":          {mirrored(5, 15), 0, 0},
		"one packet again and again":       {flood(n, 100, 1), 0, 0},
		"three packets again and again":    {flood(n, 100, 3), 0, 0},
		"a slow flood of one packet":       {flood(n, 1000, 1), 0, 0},
		"every packet comes three times":   {times(3), 0, 0}, // whatever that is
		"a flood of one packet, mirrored":  {flood(n, 0, 1), 0, 0},
		"a mirror that delays for an hour": {mirrored(100, 3_600_000_000), 0, 0},
	} {
		var d duplicates
		got := 0
		for _, s := range c.in {
			if d.copied(&packet.Packet{Time: s.at, Seq: s.seq, Proto: packet.TCP, SrcPort: 1000, DstPort: 80, PayloadLen: 100}) {
				got++
			}
		}
		if got < c.least || got > c.most {
			t.Errorf("%s: %d of %d are copies, want %d to %d", name, got, len(c.in), c.least, c.most)
		}
	}
}

// flood is n packets of so many kinds, each apart µs after the last.
func flood(n int, apart int64, kinds int) (out []sent) {
	for i := range n {
		out = append(out, sent{int64(i) * apart, uint32(i % kinds)})
	}
	return out
}

func times(k int) (out []sent) {
	for _, p := range traffic(5000) {
		for i := range k {
			out = append(out, sent{p.at + int64(i)*10, p.seq})
		}
	}
	return out
}

// TestIdentity: copies differ in what is in front of IP only.
func TestIdentity(t *testing.T) {
	a := packet.Packet{Time: 1, SrcPort: 5, DstPort: 80, Proto: packet.TCP, Seq: 7, TTL: 64, Payload: []byte("GET / HTTP/1.1"), PayloadLen: 14}
	b := a
	b.Time, b.VLAN, b.WireLen, b.Trailer = 2, 10, 99, 6
	if identity(&a) != identity(&b) {
		t.Error("a tag makes another packet of it")
	}
	for name, change := range map[string]func(*packet.Packet){
		"acknowledged": func(p *packet.Packet) { p.Ack = 1 }, "routed": func(p *packet.Packet) { p.TTL-- },
		"other text": func(p *packet.Packet) { p.Payload = []byte("GET / HTTP/1.0") },
		"short":      func(p *packet.Packet) { p.Payload = []byte("G") }, "short, other": func(p *packet.Packet) { p.Payload = []byte("H") },
	} {
		b := a
		change(&b)
		if identity(&a) == identity(&b) {
			t.Errorf("%s: the same", name)
		}
	}
}

func BenchmarkDuplicates(b *testing.B) {
	var d duplicates
	p := packet.Packet{Proto: packet.TCP, SrcPort: 1000, DstPort: 80, PayloadLen: 100, Payload: make([]byte, 100)}
	for b.Loop() {
		p.Seq++
		p.Time++
		d.copied(&p)
	}
}
