package flow

import (
	"encoding/binary"
	"math/rand/v2"
	"syscall"
	"testing"

	"firetower/internal/packet"
)

// webTraffic is HTTP between two hosts: 64 connections at a time of about 147 packets each.
func webTraffic(n int) []packet.Packet {
	rng := rand.New(rand.NewPCG(1, 2))
	type conn struct {
		port  uint16
		step  int
		total int
	}
	conns := make([]conn, 64)
	next := uint16(10000)
	out := make([]packet.Packet, 0, n)
	now := int64(0)
	for len(out) < n {
		c := &conns[rng.IntN(len(conns))]
		if c.total == 0 || c.step == c.total {
			next++
			*c = conn{port: next, total: 147}
		}
		now += int64(rng.IntN(20))
		fwd := c.step%3 != 2
		flags, size := packet.ACK, uint32(0)
		switch {
		case c.step == 0:
			flags, fwd = packet.SYN, true
		case c.step == 1:
			flags, fwd = packet.SYN|packet.ACK, false
		case c.step == c.total-3:
			flags |= packet.FIN
		case c.step == c.total-2:
			flags, fwd = flags|packet.FIN, false
		case c.step == c.total-1:
			fwd = true
		case !fwd:
			flags, size = flags|packet.PSH, 1448
		}
		p := tcp(now, fwd, flags, size)
		if fwd {
			p.SrcPort = c.port
		} else {
			p.DstPort = c.port
		}
		p.Seq, p.Ack = uint32(c.step), uint32(c.step/2)
		c.step++
		out = append(out, p)
	}
	return out
}

// report empties the batch as a pipeline would.
func report(b *Batch) {
	if b.Len() > 256 {
		b.Reset()
	}
}

// processor reports the processor time of a benchmark, which on a busy machine is
// less than what the clock on the wall says.
func processor(b *testing.B) (stop func()) {
	spent := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op") }
}

func benchmarkAdd(b *testing.B, cfg Config) {
	packets := webTraffic(1 << 16)
	span := packets[len(packets)-1].Time - packets[0].Time + 60*second
	tab := New(cfg)
	var out Batch
	b.ReportAllocs()
	b.ResetTimer()
	defer processor(b)()
	for i := 0; i < b.N; i++ {
		p := &packets[i&(1<<16-1)]
		tab.Add(p, &out)
		p.Time += span // the next round comes later
		report(&out)
	}
}

func BenchmarkTableAdd(b *testing.B)      { benchmarkAdd(b, DefaultConfig()) }
func BenchmarkTableAddExact(b *testing.B) { benchmarkAdd(b, ExactConfig(CICFixed)) }

// benchmarkFlood is SYNs from random sources, each a flow of its own.
func benchmarkFlood(b *testing.B, ahead bool) {
	rng := rand.New(rand.NewPCG(1, 2))
	tab := New(DefaultConfig())
	var out Batch
	b.ReportAllocs()
	b.ResetTimer()
	defer processor(b)()
	packets := make([]packet.Packet, 64)
	for i := 0; i < b.N; i += len(packets) {
		for j := range packets {
			p := &packets[j]
			*p = tcp(int64(i+j)*10, true, packet.SYN, 0)
			binary.BigEndian.PutUint32(p.Src[12:], rng.Uint32())
			p.SrcPort = uint16(rng.Uint32())
		}
		if ahead {
			tab.AddAll(packets, &out)
		} else {
			for j := range packets {
				tab.Add(&packets[j], &out)
			}
		}
		report(&out)
	}
}

func BenchmarkTableFlood(b *testing.B)       { benchmarkFlood(b, false) }
func BenchmarkTableFloodAddAll(b *testing.B) { benchmarkFlood(b, true) }

// BenchmarkTableManyFlows is packets of 300,000 running flows in no order.
func BenchmarkTableManyFlows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	tab := New(DefaultConfig())
	var out Batch
	packets := make([]packet.Packet, 64)
	now := int64(0)
	fill := func(host func() uint32) {
		for j := range packets {
			now++
			p := &packets[j]
			*p = tcp(now, true, packet.ACK, 100)
			binary.BigEndian.PutUint32(p.Src[12:], host())
		}
		tab.AddAll(packets, &out)
		out.Reset()
	}
	for i := uint32(0); i < 600_000; {
		fill(func() uint32 { i++; return i % 300_000 })
	}
	b.ReportAllocs()
	b.ResetTimer()
	defer processor(b)()
	for i := 0; i < b.N; i += len(packets) {
		fill(func() uint32 { return rng.Uint32N(300_000) })
	}
}
