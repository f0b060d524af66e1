package packet

import (
	"testing"
	"unsafe"
)

// fragmentOf makes the decoded fragment of a packet.
func fragmentOf(id uint32, first bool, at int64) Packet {
	p := Packet{Time: at, Proto: UDP, FragmentID: id, MoreFragments: first, Fragment: !first}
	p.Src[15], p.Dst[15] = 1, 2
	if first {
		p.SrcPort, p.DstPort = 1000, 53
	}
	return p
}

func TestFragments(t *testing.T) {
	type step struct {
		id    uint32
		first bool
		at    int64
		ports bool // has ports afterwards
	}
	for _, test := range []struct {
		name                    string
		steps                   []step
		first, joined, orphaned uint64
	}{
		{"in order", []step{{1, true, 10, true}, {1, false, 11, true}, {1, false, 12, true}}, 1, 2, 0},
		{"another packet's", []step{{1, true, 10, true}, {2, false, 11, false}}, 1, 0, 1},
		{"before the first", []step{{1, false, 10, false}, {1, true, 11, true}, {1, false, 12, true}}, 1, 1, 1},
		{"too late", []step{{1, true, 10, true}, {1, false, 10 + fragmentLife + 1, false}}, 1, 0, 1},
		{"id used again", []step{{1, true, 10, true}, {1, true, 20, true}, {1, false, 21, true}}, 2, 1, 0},
		{"at time zero", []step{{1, true, 0, true}, {1, false, 0, true}}, 1, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var f Fragments
			for i, s := range test.steps {
				p := fragmentOf(s.id, s.first, s.at)
				f.Resolve(&p)
				if got := p.SrcPort == 1000 && p.DstPort == 53; got != s.ports {
					t.Errorf("step %d: ports %d and %d", i, p.SrcPort, p.DstPort)
				}
			}
			if f.First != test.first || f.Joined != test.joined || f.Orphans != test.orphaned || f.Evicted != 0 {
				t.Errorf("first %d, joined %d, orphans %d, evicted %d", f.First, f.Joined, f.Orphans, f.Evicted)
			}
		})
	}
}

// TestFragmentsBounded floods the cache: nothing is allocated, what is pushed out
// is counted, and what came last is still known.
func TestFragmentsBounded(t *testing.T) {
	var f Fragments
	const flood = 100_000
	n := uint32(0)
	if allocs := testing.AllocsPerRun(flood-1, func() {
		p := fragmentOf(n, true, 10)
		f.Resolve(&p)
		n++
	}); allocs != 0 {
		t.Errorf("%v allocations a packet", allocs)
	}
	if kept := f.First - f.Evicted; kept > fragmentSets*fragmentWays || kept < fragmentSets*fragmentWays*9/10 {
		t.Errorf("%d first, %d evicted: %d kept", f.First, f.Evicted, kept)
	}
	p := fragmentOf(n-1, false, 11)
	if f.Resolve(&p); p.DstPort != 53 {
		t.Error("the last packet of the flood is forgotten")
	}
	if size := unsafe.Sizeof(f); size > 260<<10 {
		t.Errorf("%d bytes", size)
	}
	whole := Packet{SrcPort: 7}
	if f.Resolve(&whole); f.First != flood || whole.SrcPort != 7 {
		t.Error("a whole packet was touched")
	}
}

// TestFragmentsThatFitNoPacket: what reaches back into the first fragment, or beyond
// the largest packet; not what follows it, or was cut differently on the way.
func TestFragmentsThatFitNoPacket(t *testing.T) {
	for _, test := range []struct {
		name           string
		offset, length uint32
		broken         bool
	}{
		{"right behind the first", 1480, 600, false},
		{"the last of the largest packet", 65528, 7, false},
		{"in the middle of the first", 24, 4, true},
		{"beyond the largest packet", 65528, 400, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var f Fragments
			first, later := fragmentOf(1, true, 10), fragmentOf(1, false, 11)
			first.HeaderLen, first.PayloadLen = 8, 1472
			later.FragmentOffset, later.PayloadLen = uint16(test.offset), test.length
			f.Resolve(&first)
			if f.Resolve(&later); first.Broken || later.Broken != test.broken {
				t.Errorf("broken: %t and %t", first.Broken, later.Broken)
			}
		})
	}
}
