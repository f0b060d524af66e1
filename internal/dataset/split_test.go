package dataset

import (
	"fmt"
	"slices"
	"testing"
)

// counted is a table of n rows: every tenth of class 1, a group for each hundred.
func counted(n int) *Table {
	t := &Table{Names: []string{"row"}, X: make([][]float32, 1), Labels: []string{"x"}}
	for i := range n {
		class := uint8(0)
		if i%10 == 0 {
			class = 1
		}
		t.X[0] = append(t.X[0], float32(i))
		t.Y, t.Label, t.hash = append(t.Y, class), append(t.Label, 0), append(t.hash, uint64(i))
		t.Time, t.Group = append(t.Time, int64((n-i)*1e6)), append(t.Group, int32(i/100))
	}
	for g := range n / 100 {
		t.Groups = append(t.Groups, fmt.Sprint("g", g))
	}
	return t
}

func TestSplitsAreDisjointAndComplete(t *testing.T) {
	for _, s := range []Split{{By: ByRandom, Test: 0.3}, {By: ByTime, Test: 0.3}, {By: ByGroup, Test: 0.3}, {By: ByGroup, TestGroups: []string{"g3"}}, {Test: 0}} {
		table := counted(1000)
		p, err := table.Split(s, 5)
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		all := slices.Sorted(slices.Values(append(slices.Clone(p.Train), p.Test...)))
		if !slices.Equal(all, table.All()) || !slices.IsSorted(p.Train) || !slices.IsSorted(p.Test) {
			t.Errorf("%+v: parts overlap or leave rows out", s)
		}
		again, _ := table.Split(s, 5)
		if !slices.Equal(p.Test, again.Test) {
			t.Errorf("%+v: the same seed gave another split", s)
		}
		if s.Test > 0 && (len(p.Test) < 200 || len(p.Test) > 400) {
			t.Errorf("%+v: %d rows to test on", s, len(p.Test))
		}
	}
}

func TestSplitKinds(t *testing.T) {
	table := counted(1000)
	p, _ := table.Split(Split{By: ByRandom, Test: 0.3}, 1)
	ones := 0
	for _, r := range p.Test {
		ones += int(table.Y[r])
	}
	if ones != 30 {
		t.Errorf("random: %d of class 1 to test on, want 30 of 100", ones)
	}
	p, _ = table.Split(Split{By: ByTime, Test: 0.3}, 1) // times fall with the row
	if p.Train[0] != 300 || p.Test[0] != 0 || len(p.Test) != 300 {
		t.Errorf("time: trained from row %d, tested from %d", p.Train[0], p.Test[0])
	}
	p, _ = table.Split(Split{By: ByGroup, Test: 0.3}, 1)
	sides := map[int32]bool{}
	for _, r := range p.Test {
		sides[table.Group[r]] = true
	}
	for _, r := range p.Train {
		if sides[table.Group[r]] {
			t.Fatal("group: one group on both sides")
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	one := counted(100)
	for _, s := range []Split{{By: "colour", Test: 0.3}, {Test: 1}, {Test: -1}, {By: ByGroup, Test: 0.3}, {By: ByGroup, TestGroups: []string{"none"}}} {
		if _, err := one.Split(s, 1); err == nil {
			t.Errorf("%+v must be refused", s)
		}
	}
	one.Time[7] = NoTime
	if _, err := one.Split(Split{By: ByTime, Test: 0.3}, 1); err == nil {
		t.Error("a row without a time must stop a split by time")
	}
}

func TestArrangeKeepsRowsWhole(t *testing.T) {
	table := counted(1000)
	p, _ := table.Split(Split{By: ByRandom, Test: 0.3}, 9)
	want := slices.Clone(p.Test)
	q := table.Arrange(p)
	for i, r := range q.Test {
		if table.X[0][r] != float32(want[i]) || table.hash[r] != uint64(want[i]) || (table.Y[r] == 1) != (want[i]%10 == 0) {
			t.Fatalf("row %d became %v", want[i], table.X[0][r])
		}
	}
	if len(table.Values(0, q.Train)) != 700 || &table.Values(0, q.Train)[0] != &table.X[0][0] {
		t.Error("the training part must be the table's own memory")
	}
}

func TestStratifyAndSample(t *testing.T) {
	table := counted(1000)
	f := Stratify(table.Y, table.All(), 5, 1)
	var ones, rows [5]int
	for i, k := range f.Of {
		rows[k]++
		ones[k] += int(table.Y[i])
	}
	if rows != [5]int{200, 200, 200, 200, 200} || ones != [5]int{20, 20, 20, 20, 20} {
		t.Errorf("rows by fold %v, of class 1 %v", rows, ones)
	}
	s := Sample(table.Y, table.All(), 100, 40, 1)
	n := 0
	for _, r := range s {
		n += int(table.Y[r])
	}
	if len(s) != 130 || n != 40 || !slices.IsSorted(s) {
		t.Errorf("%d rows sampled, %d of class 1", len(s), n)
	}
}

func TestOnlyIsATableOfItsOwn(t *testing.T) {
	table := counted(100)
	rows := []int32{3, 40, 41, 99}
	o := table.Only(rows)
	if o.Rows() != len(rows) {
		t.Fatalf("%d rows, want %d", o.Rows(), len(rows))
	}
	for i, r := range rows {
		if o.X[0][i] != table.X[0][r] || o.hash[i] != table.hash[r] || o.Y[i] != table.Y[r] {
			t.Errorf("row %d is %v", r, o.X[0][i])
		}
	}
	o.X[0][0], o.Y[0], o.Group[0] = -1, 7, 7
	if table.X[0][3] == -1 || table.Y[3] == 7 || table.Group[3] == 7 {
		t.Error("changing it changed the table it was made of")
	}
}
