package packet

import (
	"testing"
	"unsafe"
)

// FuzzDecode decodes any bytes as a frame of any link type: nothing may panic, and
// what is said of a packet must fit within its frame.
func FuzzDecode(f *testing.F) {
	for _, tests := range [][]decodeTest{decodeTests, linkTests, tunnelTests} {
		for _, t := range tests {
			f.Add(uint16(t.link), uint32(max(t.wire, len(t.frame))), t.frame)
		}
	}
	var fragments Fragments
	f.Fuzz(func(t *testing.T, link uint16, wire uint32, data []byte) {
		var p, again Packet
		v := Decode(data, LinkType(link), wire, 1, &p)
		if v >= NumVerdicts {
			t.Fatalf("verdict %d", v)
		}
		if again.VLAN = 7; Decode(data, LinkType(link), wire, 1, &again) != v || !same(&p, &again) {
			t.Fatal("decoding again gives something else")
		}
		if v != OK {
			return
		}
		length := max(uint64(wire), uint64(len(data)))
		if uint64(p.WireLen) != length || uint64(p.PayloadLen)+uint64(p.Trailer)+uint64(p.HeaderLen)+20 > length {
			t.Fatalf("wire %d: %s", length, describe(&p))
		}
		if len(p.Payload) > int(p.PayloadLen) || len(p.Payload) > 0 && !pieceOf(data, p.Payload) {
			t.Fatalf("payload is not in the frame: %s", describe(&p))
		}
		if p.HeaderLen > 60 || p.HeaderLen > 0 && p.Proto != TCP && p.Proto != UDP {
			t.Fatalf("header of %d bytes", p.HeaderLen)
		}
		fragments.Resolve(&p)
	})
}

func same(a, b *Packet) bool { return describe(a) == describe(b) && a.Tunnelled == b.Tunnelled }

// pieceOf says whether part is a piece of whole's memory.
func pieceOf(whole, part []byte) bool {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return at <= uintptr(len(whole)) && at+uintptr(len(part)) <= uintptr(len(whole))
}
