package behaviour

// table is a map that holds at most limit entries. When it is full, a new entry
// takes the place of the least worthy of the next few under a hand that goes
// round: worth is the owner's opinion, and between equals the one longest unused
// goes. So a flood of newcomers without evidence replaces itself and leaves what
// has evidence alone. It depends on nothing but the order of calls, and reuses the
// memory of what it evicts.
type table[K comparable, V any] struct {
	limit     int
	worth     func(*V) float64 // nil: all alike
	evicted   func(K, *V)      // nil: nobody wants to know
	index     map[K]int32
	slots     []*slot[K, V]
	free      []int32
	recent    [4]int32 // slots that were asked for last: of a flood it is always the same few
	hand      int
	clock     uint64
	evictions uint64
}

type slot[K comparable, V any] struct {
	key   K
	used  uint64 // 0: free
	value V
}

// sampled is how many entries an eviction looks at.
const sampled = 16

func newTable[K comparable, V any](limit int, worth func(*V) float64) *table[K, V] {
	return &table[K, V]{limit: limit, worth: worth, index: make(map[K]int32)}
}

// len is the number of entries held.
func (t *table[K, V]) len() int { return len(t.index) }

// get gives the entry of a key, or nil. The pointer is good until the entry is
// evicted or dropped, so until the next add.
func (t *table[K, V]) get(k K) *V {
	if v := t.again(k); v != nil {
		return v
	}
	i, ok := t.index[k]
	if !ok {
		return nil
	}
	t.recent = [4]int32{i, t.recent[0], t.recent[1], t.recent[2]}
	t.clock++
	t.slots[i].used = t.clock
	return &t.slots[i].value
}

// again gives the entry of a key if it is one of those asked for last.
func (t *table[K, V]) again(k K) *V {
	for _, i := range t.recent {
		if int(i) >= len(t.slots) {
			return nil
		}
		if s := t.slots[i]; s.key == k && s.used != 0 {
			t.clock++
			s.used = t.clock
			return &s.value
		}
	}
	return nil
}

// add gives the entry of a key, a zero one if it is new.
func (t *table[K, V]) add(k K) (v *V, fresh bool) {
	if v := t.get(k); v != nil {
		return v, false
	}
	i := t.room()
	s := t.slots[i]
	t.clock++
	s.key, s.used = k, t.clock
	t.index[k] = i
	t.recent = [4]int32{i, t.recent[0], t.recent[1], t.recent[2]}
	return &s.value, true
}

// drop removes a key.
func (t *table[K, V]) drop(k K) {
	if i, ok := t.index[k]; ok {
		t.clear(i)
		t.free = append(t.free, i)
	}
}

// each calls f for every entry, in the order in which their places were taken
// first, until f is false. f may drop the entry it was called with.
func (t *table[K, V]) each(f func(K, *V) bool) {
	for _, s := range t.slots {
		if s.used != 0 && !f(s.key, &s.value) {
			return
		}
	}
}

// room finds a place for a new entry.
func (t *table[K, V]) room() int32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		return i
	}
	if len(t.slots) < t.limit {
		t.slots = append(t.slots, &slot[K, V]{})
		return int32(len(t.slots) - 1)
	}
	i := t.victim()
	t.evictions++
	if t.evicted != nil {
		t.evicted(t.slots[i].key, &t.slots[i].value)
	}
	t.clear(i)
	return i
}

func (t *table[K, V]) victim() int32 {
	best, bestWorth := -1, 0.0
	for range min(sampled, len(t.slots)) {
		t.hand = (t.hand + 1) % len(t.slots)
		s, w := t.slots[t.hand], 0.0
		if t.worth != nil {
			w = t.worth(&s.value)
		}
		if best < 0 || w < bestWorth || w == bestWorth && s.used < t.slots[best].used {
			best, bestWorth = t.hand, w
		}
	}
	return int32(best)
}

func (t *table[K, V]) clear(i int32) {
	s := t.slots[i]
	delete(t.index, s.key)
	var none V
	s.used, s.value = 0, none
}
