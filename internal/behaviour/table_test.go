package behaviour

import (
	"math"
	"testing"
)

func TestTableKeepsTheWorthy(t *testing.T) {
	tab := newTable[int](100, func(v *int) float64 { return float64(*v) })
	for i := range 10 {
		v, _ := tab.add(i)
		*v = 5
	}
	for i := 1000; i < 101_000; i++ {
		tab.add(i)
	}
	for i := range 10 {
		if v := tab.get(i); v == nil || *v != 5 {
			t.Errorf("entry %d was pushed out by newcomers without worth", i)
		}
	}
	if tab.len() > 100 || tab.evictions != 100_000-90 {
		t.Errorf("%d entries after %d evictions", tab.len(), tab.evictions)
	}
}

func TestTableDrop(t *testing.T) {
	tab := newTable[string, int](2, nil)
	tab.add("a")
	tab.drop("a")
	tab.drop("never there")
	if tab.len() != 0 || tab.get("a") != nil {
		t.Error("a dropped entry is still there")
	}
	if _, fresh := tab.add("a"); !fresh {
		t.Error("a dropped entry came back with its value")
	}
	n := 0
	tab.each(func(string, *int) bool { n++; return true })
	if n != 1 {
		t.Errorf("each saw %d entries, want 1", n)
	}
}

func TestDistinct(t *testing.T) {
	for _, n := range []int{1, 5, 32, 33, 100, 1000, 50_000} {
		var d distinct
		for range 3 {
			for i := range n {
				d.add(mix(uint64(i)))
			}
		}
		if off := math.Abs(float64(d.count()-n)) / float64(n); n <= few && off > 0 || off > 0.1 {
			t.Errorf("counted %d of %d", d.count(), n)
		}
	}
}

func TestPortSet(t *testing.T) {
	var s portSet
	for range 2 {
		for p := range 3000 {
			s.add(uint16(p * 21))
		}
	}
	if s.n != 3000 || len(s.sample(64)) != 64 || s.add(21) || !s.add(22) {
		t.Errorf("%d ports, sample of %d", s.n, len(s.sample(64)))
	}
}

func TestContacts(t *testing.T) {
	var c contacts
	wrong := 0
	for i := range uint64(100_000) {
		if !c.add(mix(i)) {
			wrong++
		}
	}
	if wrong > 1000 {
		t.Errorf("%d of 100,000 new things taken for known", wrong)
	}
	for i := range uint64(100_000) {
		if c.add(mix(i)) {
			t.Fatalf("%d was forgotten", i)
		}
	}
}
