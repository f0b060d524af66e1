package feature

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// TestSinglesDecideTheVector meters random packets of few kinds, each a flow of its
// own, and compares all features of those with equal Singles.
func TestSinglesDecideTheVector(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	pick := func(of ...int) int { return of[rng.IntN(len(of))] }
	for _, profile := range []flow.Profile{flow.CICFixed, flow.CIC2017} {
		s := For(profile)
		all := make([]int, s.Len())
		for i := range all {
			all[i] = i
		}
		tab := flow.New(flow.ExactConfig(profile))
		var out flow.Batch
		for i := range 5000 {
			p := packet.Packet{
				Time: 1e15 + int64(i), SrcPort: uint16(pick(1, 2)), DstPort: uint16(pick(53, 80)), Proto: uint8(pick(6, 17, 1, 47)),
				Flags: uint8(pick(0, 2, 18, 4)), HeaderLen: uint16(pick(20, 40)), Window: uint16(pick(0, 1024)),
				PayloadLen: uint32(pick(0, 9)), Trailer: uint32(pick(0, 6)), WireLen: uint32(pick(60, 70)), TTL: uint8(pick(64, 128)),
				ICMPType: uint8(pick(0, 8)), ICMPCode: uint8(pick(0, 1)),
			}
			p.Src[15], p.Src[14], p.Src[13], p.Dst[12] = uint8(i), uint8(i>>8), 1, 2
			tab.Add(&p, &out)
		}
		tab.Flush(&out)
		vectors := map[Single][]float32{}
		for i := range out.Events {
			if out.Events[i].Kind != flow.Ended {
				continue
			}
			key, ok := SingleOf(&out.Events[i].Record)
			if !ok {
				t.Fatalf("no Single of %+v", out.Events[i].Record)
			}
			v := make([]float32, len(all))
			s.Vector(&out.Events[i].Record, all, v)
			for f := range v {
				if math.IsNaN(float64(v[f])) {
					v[f] = -99
				}
			}
			if have, ok := vectors[key]; ok && !slices.Equal(have, v) {
				t.Fatalf("%s: equal Singles %+v, vectors\n%v\n%v", profile, key, have, v)
			}
			vectors[key] = v
		}
		if len(vectors) < 100 || len(vectors) > 3000 {
			t.Errorf("%d different Singles test little", len(vectors))
		}
	}
}
