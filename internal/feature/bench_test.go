package feature

import (
	"testing"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

func benchmarkRecords(b *testing.B) map[string]flow.Record {
	tab := flow.New(flow.DefaultConfig())
	var out flow.Batch
	p := packet.Packet{Time: 1e15, Proto: packet.TCP, Flags: packet.SYN, HeaderLen: 40, SrcPort: 1}
	tab.Add(&p, &out)
	tab.Flush(&out)
	for i := range 150 {
		p.Time += 100
		p.SrcPort, p.PayloadLen = 2, uint32(i%3*700)
		tab.Add(&p, &out)
	}
	tab.Flush(&out)
	return map[string]flow.Record{"one packet": out.Events[1].Record, "150 packets": out.Events[len(out.Events)-1].Record}
}

func BenchmarkVector(b *testing.B) {
	s := For(flow.CICFixed)
	ten, err := s.Indices([]string{
		"Bwd Packet Length Std", "Flow Bytes/s", "Total Length of Fwd Packet", "Fwd Packet Length Std", "Flow IAT Std",
		"Flow IAT Min", "Fwd IAT Total", "Flow Duration", "Dst Port", "Packet Length Mean",
	})
	if err != nil {
		b.Fatal(err)
	}
	all := make([]int, s.Len())
	for i := range all {
		all[i] = i
	}
	for name, r := range benchmarkRecords(b) {
		for columns, features := range map[string][]int{"10 columns": ten, "all columns": all} {
			dst := make([]float32, len(features))
			b.Run(name+"/"+columns, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.Vector(&r, features, dst)
				}
			})
		}
	}
}

func BenchmarkAppendRow(b *testing.B) {
	s := For(flow.CICFixed)
	for name, r := range benchmarkRecords(b) {
		var line []byte
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				line = s.AppendRow(line[:0], &r)
			}
		})
	}
}
