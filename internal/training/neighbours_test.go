package training

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The neighbours found are as near as the nearest that trying all rows finds, whatever
// the rows are like: spread over decades, many alike, on a few values, all the same.
func TestNeighboursAreTheNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	for name, draw := range map[string]func(column int) float32{
		"decades":  func(c int) float32 { return float32(rng.NormFloat64() * math.Pow(30, float64(c))) },
		"grid":     func(int) float32 { return float32(rng.IntN(3)) },
		"two":      func(int) float32 { return float32(rng.IntN(40)/39) * 1e6 },
		"outliers": func(int) float32 { return float32(math.Pow(rng.Float64(), -3)) },
		"same":     func(int) float32 { return 5 },
		"negative": func(int) float32 { return -float32(rng.IntN(1000)) * 1e9 },
	} {
		for _, size := range []int{1, 2, 3, 17, 500} {
			x := make([][]float32, 4)
			for c := range x {
				for range 2 * size {
					x[c] = append(x[c], draw(c))
				}
			}
			var members []int32
			var all []pair
			for i := range size {
				members = append(members, int32(2*i+1))
				all = append(all, pair{base: i})
			}
			n := newNeighbours(x, members, 3)
			n.find(all)
			for i := range size {
				var want, got []float64
				for j := range size {
					if j != i {
						want = append(want, apart(x, members[i], members[j]))
					}
				}
				slices.Sort(want)
				for _, j := range n.of(i) {
					if int(j) == i {
						t.Fatalf("%s: row %d is its own neighbour", name, i)
					}
					got = append(got, apart(x, members[i], members[j]))
				}
				if want = want[:min(3, size-1)]; !slices.Equal(got, want) {
					t.Fatalf("%s: the neighbours of row %d of %d are %v away, the nearest %v", name, i, size, got, want)
				}
				if of := slices.Sorted(slices.Values(n.of(i))); len(slices.Compact(of)) != len(want) {
					t.Fatalf("%s: a neighbour twice: %v", name, n.of(i))
				}
			}
		}
	}
}

func apart(x [][]float32, a, b int32) (d float64) {
	for c := range x {
		g := float64(x[c][a]) - float64(x[c][b])
		d += g * g
	}
	return d
}
