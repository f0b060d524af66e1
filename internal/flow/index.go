package flow

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"firetower/internal/packet"
)

// index finds a flow's entry by its tuple in either direction: open addressing with
// linear probing. A slot is the upper half of a hash and the index of an entry; 0
// is an empty slot. It holds no pointers.
type index struct {
	slots []uint64
	mask  uint32
	count int
	key   [4]uint64 // secret, so that nobody can aim at one slot
}

func newIndex() index {
	x := index{slots: make([]uint64, 1024), mask: 1023}
	for i := range x.key {
		x.key[i] = rand.Uint64() | 1
	}
	return x
}

// hash is the same for both directions of a conversation.
func (x *index) hash(src, dst *packet.Addr, srcPort, dstPort uint16, proto uint8) uint32 {
	a, b := x.end(src, srcPort), x.end(dst, dstPort)
	hi, lo := bits.Mul64(a+b+x.key[2], (a^b)+uint64(proto)+x.key[3])
	return uint32((hi ^ lo) >> 16)
}

func (x *index) end(a *packet.Addr, port uint16) uint64 {
	hi, lo := bits.Mul64(binary.LittleEndian.Uint64(a[:8])^x.key[0],
		binary.LittleEndian.Uint64(a[8:])^uint64(port)<<16^x.key[1])
	return hi ^ lo + uint64(port)
}

func (x *index) insert(hash, entry uint32) {
	if x.count >= len(x.slots)/8*5 {
		x.grow()
	}
	x.count++
	x.put(uint64(hash)<<32 | uint64(entry))
}

func (x *index) put(slot uint64) {
	i := uint32(slot>>32) & x.mask
	for x.slots[i] != 0 {
		i = (i + 1) & x.mask
	}
	x.slots[i] = slot
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint64, 2*len(old))
	x.mask = uint32(len(x.slots) - 1)
	for _, s := range old {
		if s != 0 {
			x.put(s)
		}
	}
}

// remove takes an entry out and closes the gap, so that no tombstones pile up.
func (x *index) remove(hash, entry uint32) {
	want := uint64(hash)<<32 | uint64(entry)
	i := hash & x.mask
	for x.slots[i] != want {
		if x.slots[i] == 0 {
			return
		}
		i = (i + 1) & x.mask
	}
	x.count--
	for j := i; ; {
		j = (j + 1) & x.mask
		s := x.slots[j]
		if s == 0 {
			break
		}
		// s may move back to i unless its own place lies behind i.
		if home := uint32(s>>32) & x.mask; (j-home)&x.mask >= (j-i)&x.mask {
			x.slots[i] = s
			i = j
		}
	}
	x.slots[i] = 0
}
