package flow

import (
	"math/rand/v2"
	"testing"
)

// TestIndexAgainstMap inserts and removes at random, with hashes that collide.
func TestIndexAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := newIndex()
	have := map[uint32]uint32{} // entry to hash
	var order []uint32
	for i := range uint32(20_000) {
		if rng.IntN(5) < 3 || len(order) == 0 {
			hash := rng.Uint32N(3000) | rng.Uint32N(2)<<31 // few places, and the same place under other hashes
			x.insert(hash, i+1)
			have[i+1] = hash
			order = append(order, i+1)
		} else {
			n := rng.IntN(len(order))
			e := order[n]
			order[n] = order[len(order)-1]
			order = order[:len(order)-1]
			x.remove(have[e], e)
			delete(have, e)
		}
	}
	if x.count != len(have) {
		t.Errorf("count %d, want %d", x.count, len(have))
	}
	for e, hash := range have {
		if !holds(&x, hash, e) {
			t.Fatalf("entry %d with hash %d cannot be found any more", e, hash)
		}
	}
	used := 0
	for _, s := range x.slots {
		if s != 0 {
			used++
		}
	}
	if used != len(have) {
		t.Errorf("%d slots in use for %d entries", used, len(have))
	}
}

func holds(x *index, hash, entry uint32) bool {
	for i := hash & x.mask; x.slots[i] != 0; i = (i + 1) & x.mask {
		if x.slots[i] == uint64(hash)<<32|uint64(entry) {
			return true
		}
	}
	return false
}

// TestHashHasNoDirection and spreads.
func TestHashHasNoDirection(t *testing.T) {
	x := newIndex()
	seen := map[uint32]bool{}
	for port := range uint16(5000) {
		a := x.hash(&client, &server, port, 80, 6)
		if b := x.hash(&server, &client, 80, port, 6); a != b {
			t.Fatalf("port %d: %x one way, %x the other", port, a, b)
		}
		seen[a] = true
	}
	if len(seen) < 4990 {
		t.Errorf("5000 flows have %d hashes", len(seen))
	}
	if other := newIndex(); other.hash(&client, &server, 1, 2, 6) == x.hash(&client, &server, 1, 2, 6) {
		t.Error("two tables hash alike: the key is no secret")
	}
}

func TestSlabReusesWhatIsReleased(t *testing.T) {
	var s slab[int]
	var all []uint32
	for i := range 3 * slabChunk {
		n := s.alloc()
		*s.at(n) = i
		all = append(all, n)
	}
	for i, n := range all {
		if *s.at(n) != i {
			t.Fatalf("value %d was overwritten", i)
		}
		if i%2 == 0 {
			s.release(n)
		}
	}
	chunks := len(s.chunks)
	for range len(all) / 2 {
		s.alloc()
	}
	if len(s.chunks) != chunks || s.live() != len(all) {
		t.Errorf("%d chunks, %d live; want %d, %d", len(s.chunks), s.live(), chunks, len(all))
	}
}
