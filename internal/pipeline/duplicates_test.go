package pipeline

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"firetower/demo"
	"firetower/internal/capture"
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

// mirror is a source that gives every frame twice, the copy with a VLAN tag.
type mirror struct{ capture.Source }

func (m mirror) Next(b *capture.Batch) error {
	err := m.Source.Next(b)
	both := make([]capture.Frame, 0, 2*len(b.Frames))
	for _, f := range b.Frames {
		again := f
		again.Time += 15
		again.WireLen += 4
		again.Data = slices.Concat(f.Data[:12], []byte{0x81, 0, 0, 10}, f.Data[12:])
		both = append(both, f, again)
	}
	slices.SortStableFunc(both, func(a, b capture.Frame) int { return cmp.Compare(a.Time, b.Time) })
	b.Frames = both
	return err
}

// TestAMirrorPort reads the demo as it is, and as a mirror port that copies both ways
// into and out of a switch gives it: the same flows, the same incidents.
func TestAMirrorPort(t *testing.T) {
	once := readDemo(t, Outputs{})
	twice := New(DefaultConfig(), bundled(t), Outputs{}, quiet)
	err := twice.Read(context.Background(), func(cfg capture.Config) (capture.Source, error) {
		src, err := capture.NewReader("demo", demo.Capture(), cfg)
		return mirror{src}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b := once.Incidents(), twice.Incidents()
	if len(a) != len(b) {
		t.Fatalf("%d incidents become %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Class != b[i].Class || !slices.Equal(a[i].Actors, b[i].Actors) || a[i].Flows != b[i].Flows {
			t.Errorf("%s of %v, %d flows, becomes %s of %v, %d flows", a[i].Class, a[i].Actors, a[i].Flows, b[i].Class, b[i].Actors, b[i].Flows)
		}
	}
	one, two := once.Stats(), twice.Stats()
	if copies := two.Packets[packet.Duplicate]; one.Flows.Flows != two.Flows.Flows || copies < one.Packets[packet.OK]*9/10 || two.Packets.Total() != 2*one.Packets.Total() {
		t.Errorf("%d flows become %d; %d copies of %d packets", one.Flows.Flows, two.Flows.Flows, copies, one.Packets[packet.OK])
	}
	if n := one.Packets[packet.Duplicate]; n != 0 {
		t.Errorf("%d packets of the demo are taken for copies", n)
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
