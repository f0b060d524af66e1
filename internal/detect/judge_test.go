package detect

import (
	"strings"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/forest"
	"firetower/internal/packet"
)

// oneSplit is a forest of one tree: destination port above 1000 is a port scan.
func oneSplit(t *testing.T, feature string, change func(*forest.Model)) *forest.Model {
	t.Helper()
	m := &forest.Model{
		Meta:     forest.Meta{Profile: flow.CICFixed.String()},
		Features: []string{feature},
		Classes:  []string{"benign", "portscan"},
		Roots:    []int32{0},
		Nodes: []forest.Node{
			{Feature: 0, Threshold: 1000, Next: 2, Cover: 10},
			{Feature: forest.Leaf, Next: 0, Cover: 5},
			{Feature: forest.Leaf, Next: 1, Cover: 5},
		},
		Dists: []float32{0.9, 0.1, 0.2, 0.8},
	}
	if change != nil {
		change(m)
	}
	if err := m.Compile(); err != nil {
		t.Fatal(err)
	}
	return m
}

func syn(srcPort, dstPort uint16) flow.Event {
	p := packet.Packet{
		Time: 1e12, Src: packet.Addr{15: 1}, Dst: packet.Addr{15: 2}, SrcPort: srcPort, DstPort: dstPort,
		Proto: packet.TCP, Flags: packet.SYN, HeaderLen: 20, WireLen: 60, TTL: 64,
	}
	var out flow.Batch
	table := flow.New(flow.DefaultConfig())
	table.Add(&p, &out)
	table.Flush(&out)
	return out.Events[len(out.Events)-1]
}

func TestJudge(t *testing.T) {
	j, err := NewJudge(oneSplit(t, "Dst Port", nil), flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	low, high := syn(1, 80), syn(2, 8080)
	started := high
	started.Kind = flow.Started
	got := j.Judge([]flow.Event{low, started, high, high}, nil)
	want := []Verdict{
		{Class: attack.Benign, Probability: float64(float32(0.9)), Benign: float64(float32(0.9))},
		{},
		{Class: attack.PortScan, Probability: float64(float32(0.8)), Benign: float64(float32(0.2))},
		{Class: attack.PortScan, Probability: float64(float32(0.8)), Benign: float64(float32(0.2))},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("event %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// TestAVerdictIsSharedOnlyByAlikeFlows: a remembered verdict must not leak to a flow
// that the model can tell apart.
func TestAVerdictIsSharedOnlyByAlikeFlows(t *testing.T) {
	j, err := NewJudge(oneSplit(t, "Src Port", nil), flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := j.Judge([]flow.Event{syn(5, 80), syn(5000, 80)}, nil)
		if got[0].Class != attack.Benign || got[1].Class != attack.PortScan {
			t.Errorf("verdicts %+v", got)
		}
	}
}

func TestTheMemoryOfVerdictsIsBounded(t *testing.T) {
	j, err := NewJudge(oneSplit(t, "Dst Port", nil), flow.CICFixed)
	if err != nil {
		t.Fatal(err)
	}
	for port := range uint16(3 * maxSingles) {
		j.Judge([]flow.Event{syn(1, port)}, nil)
	}
	if n := len(j.singles); n > maxSingles {
		t.Errorf("%d verdicts are kept", n)
	}
}

func TestModelsThatDoNotFitAreRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		feature string
		change  func(*forest.Model)
		want    string
	}{
		"profile": {"Dst Port", func(m *forest.Model) { m.Meta.Profile = "cic2017" }, "cic2017"},
		"feature": {"Moon Phase", nil, "Moon Phase"},
		"class":   {"Dst Port", func(m *forest.Model) { m.Classes[1] = "gremlins" }, "gremlins"},
	} {
		_, err := NewJudge(oneSplit(t, c.feature, c.change), flow.CICFixed)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not name %q", name, err, c.want)
		}
	}
}

func TestTheBundledModelFits(t *testing.T) {
	m, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewJudge(m, flow.CICFixed); err != nil {
		t.Error(err)
	}
}
