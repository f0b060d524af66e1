package grow

import (
	"slices"
	"testing"
)

// three groups: one of many rows of both classes, one of few, one of class b only.
func grouped() Dataset {
	d := Dataset{Classes: []string{"a", "b"}}
	add := func(n int, y uint8, group int32) {
		for range n {
			d.Labels, d.Groups = append(d.Labels, y), append(d.Groups, group)
		}
	}
	add(300, 0, 0)
	add(50, 1, 0)
	add(100, 0, 4) // numbers may have gaps
	add(30, 1, 7)
	return d
}

// Classes keep their share, the groups of a tree count alike, and a group that was
// not drawn is not seen unless nobody else knows the class.
func TestClustersDraw(t *testing.T) {
	d := grouped()
	c := newClusters(&d)
	cfg := DefaultConfig()
	counts := make([]uint8, len(d.Labels))
	seen := map[[3]bool]bool{}
	for tree := range 200 {
		c.draw(random(3, tree), &cfg, counts)
		var drawn [2][8]int // by class and group
		for i, n := range counts {
			drawn[d.Labels[i]][d.Groups[i]] += int(n)
		}
		a, b := drawn[0], drawn[1]
		if a[0]+a[4] != 400 || b[0]+b[7] != 80 {
			t.Fatalf("tree %d: %v, want 400 of class a and 80 of b", tree, drawn)
		}
		if a[0] > 0 && a[4] > 0 && (a[0] < 140 || a[4] < 140) || b[0] > 0 && b[7] > 0 && (b[0] < 15 || b[7] < 15) {
			t.Errorf("tree %d: groups do not count alike: %v", tree, drawn)
		}
		seen[[3]bool{a[0] > 0, a[4] > 0, b[7] > 0}] = true
	}
	for _, bag := range [][3]bool{{true, false, false}, {false, true, true}, {true, true, true}} {
		if !seen[bag] {
			t.Errorf("no tree of 200 saw %v; seen %v", bag, seen)
		}
	}
}

func TestClustersDrawFewer(t *testing.T) {
	d := grouped()
	cfg := DefaultConfig()
	cfg.MaxSamples = 48
	counts := make([]uint8, len(d.Labels))
	newClusters(&d).draw(random(1, 0), &cfg, counts)
	n := 0
	for _, c := range counts {
		n += int(c)
	}
	if n != 48 {
		t.Errorf("%d rows drawn, want 48", n)
	}
}

func TestGroupsAreChecked(t *testing.T) {
	for _, groups := range [][]int32{{}, {0, 1}, {0, -1, 1}} {
		d := Dataset{Columns: [][]float32{{1, 2, 3}}, Labels: []uint8{0, 1, 0}, Features: []string{"x"}, Classes: []string{"a", "b"}, Groups: groups}
		if d.check() == nil {
			t.Errorf("groups %v were taken", groups)
		}
	}
	d := made(500, 4, 0)
	d.Groups = make([]int32, 500)
	for i := range d.Groups {
		d.Groups[i] = int32(i % 3)
	}
	cfg := DefaultConfig()
	cfg.Trees, cfg.OOB = 7, true
	one, report := train(t, d, cfg)
	cfg.Workers = 3
	two, _ := train(t, d, cfg)
	if !slices.Equal(one.Nodes, two.Nodes) || !slices.Equal(one.Dists, two.Dists) {
		t.Error("another number of workers gives another forest")
	}
	if report.OOBRows == 0 || accuracy(one, d) < 0.7 {
		t.Errorf("%d rows out of bag, accuracy %v", report.OOBRows, accuracy(one, d))
	}
}
