package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// verdicts shows a behaviour n ended flows with one verdict, from the sources in turn.
func verdicts(b Behaviour, n int, v detect.Verdict, sources ...packet.Addr) (found []Finding) {
	for i := range n {
		at := int64(1e15) + int64(i)*1e6
		e := &flow.Event{Kind: flow.Ended, Time: at, Record: flow.Record{
			Tuple: flow.Tuple{Src: sources[i%len(sources)], Dst: packet.Addr{15: 9}, SrcPort: uint16(i), DstPort: 21, Proto: packet.TCP},
			Start: at - 1000, Last: at,
		}}
		b.Observe(&Observation{Event: e, Verdict: v}, func(f Finding) { found = append(found, f) })
	}
	b.Advance(1e15+1e12, func(f Finding) { found = append(found, f) })
	return found
}

func TestTheForestAlone(t *testing.T) {
	one, two := packet.Addr{15: 1}, packet.Addr{15: 2}
	for name, c := range map[string]struct {
		flows   int
		verdict detect.Verdict
		sources []packet.Addr
		class   attack.Class // "" for none
		actors  int
	}{
		"many sure flows":           {40, detect.Verdict{Class: attack.BruteForce, Probability: 0.95}, []packet.Addr{one}, attack.BruteForce, 0},
		"a few of a rare class":     {4, detect.Verdict{Class: attack.Heartbleed, Probability: 0.9}, []packet.Addr{one}, attack.Heartbleed, 0},
		"a few of a common class":   {4, detect.Verdict{Class: attack.BruteForce, Probability: 0.95}, []packet.Addr{one}, "", 0},
		"many unsure flows":         {400, detect.Verdict{Class: attack.BruteForce, Probability: 0.6}, []packet.Addr{one}, "", 0},
		"benign":                    {400, detect.Verdict{Class: attack.Benign, Probability: 1}, []packet.Addr{one}, "", 0},
		"a flood by two is one":     {40, detect.Verdict{Class: attack.DDoS, Probability: 0.95}, []packet.Addr{one, two}, attack.DDoS, 2},
		"nobody asked the forest":   {400, detect.Verdict{}, []packet.Addr{one}, "", 0},
		"brute force by two is two": {40, detect.Verdict{Class: attack.BruteForce, Probability: 0.95}, []packet.Addr{one, two}, attack.BruteForce, 0},
	} {
		found := verdicts(newForestAlone(), c.flows, c.verdict, c.sources...)
		if (len(found) > 0) != (c.class != "") {
			t.Errorf("%s: %d findings", name, len(found))
			continue
		}
		if len(found) == 0 {
			continue
		}
		last := found[len(found)-1]
		if last.Class != c.class || len(last.Actors) != c.actors || last.Support {
			t.Errorf("%s: %+v", name, last)
		}
		if len(c.sources) == 1 && last.Flows != c.flows {
			t.Errorf("%s: the last finding counts %d flows of %d", name, last.Flows, c.flows)
		}
	}
}
