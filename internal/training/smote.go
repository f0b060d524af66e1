package training

import (
	"math/rand/v2"
	"sync"
)

// SMOTE says how minority classes are filled up (Chawla, Bowyer, Hall, Kegelmeyer
// 2002, "SMOTE: Synthetic minority over-sampling technique").
type SMOTE struct {
	On         bool `yaml:"enabled"`
	Neighbours int  `yaml:"neighbours"`
	// Most limits the rows that a class is filled up to; 0 fills up to the largest
	// class, as imbalanced-learn does.
	Most int `yaml:"most"`
}

// balance appends synthetic rows until every class that occurs has as many rows as
// the largest, or s.Most. A synthetic row lies between a row of the class and one
// of its nearest neighbours in it, at a random share of the way. Distances are
// Euclidean on raw values, as imbalanced-learn takes them.
func (p *prepared) balance(s SMOTE, seed uint64) {
	counts := countClasses(p.y)
	target := 0
	for _, n := range counts {
		target = max(target, n)
	}
	if s.Most > 0 {
		target = min(target, s.Most)
	}
	for class, n := range counts {
		if n > 0 && n < target {
			p.synthesise(uint8(class), target-n, s.Neighbours, seed)
		}
	}
}

func (p *prepared) synthesise(class uint8, want, neighbours int, seed uint64) {
	var members []int32
	for i, y := range p.y {
		if y == class {
			members = append(members, int32(i))
		}
	}
	rng := rand.New(rand.NewPCG(seed, uint64(class)+0x534d4f5445))
	near := newNeighbours(p.x, members, neighbours)
	parents := make([]pair, want)
	for i := range parents {
		parents[i] = pair{base: rng.IntN(len(members)), pick: rng.IntN(max(near.k, 1)), step: rng.Float32()}
	}
	near.find(parents)
	var wg sync.WaitGroup
	workers := workersFor(len(p.x))
	for w := range workers {
		wg.Go(func() {
			for c := w; c < len(p.x); c += workers {
				p.x[c] = extend(p.x[c], members, parents, near)
			}
		})
	}
	wg.Wait()
	for range want {
		p.y = append(p.y, class)
	}
}

// pair says from which row, towards which of its neighbours and how far.
type pair struct {
	base, pick int
	step       float32
}

// extend appends the synthetic values of one column. Columns may be the table's own
// memory, without room behind it, so that append copies them.
func extend(column []float32, members []int32, parents []pair, near *neighbours) []float32 {
	for _, p := range parents {
		a := column[members[p.base]]
		b := a
		if near.k > 0 {
			b = column[members[near.of(p.base)[p.pick]]]
		}
		column = append(column, a+p.step*(b-a))
	}
	return column
}
