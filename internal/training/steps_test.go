package training

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 60 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(rng.IntN(20))
		}
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		want := float32(0)
		switch {
		case n%2 == 1:
			want = sorted[n/2]
		case n > 0:
			want = (sorted[n/2] + sorted[n/2-1]) / 2
		}
		if got := median(values); got != want {
			t.Fatalf("median of %v = %v, want %v", sorted, got, want)
		}
	}
}

func TestCorrelate(t *testing.T) {
	x := [][]float32{{1, 2, 3, 4, 5}, {2, 4, 6, 8, 10}, {5, 4, 3, 2, 1}, {1, 0, 2, 0, 1}, {7, 7, 7, 7, 7}}
	c := correlate([]string{"a", "b", "c", "d", "e"}, x)
	for _, tt := range []struct {
		i, j int
		want float64
	}{{0, 1, 1}, {0, 2, -1}, {0, 3, 0}, {0, 4, 0}, {3, 3, 1}} {
		if math.Abs(c.R[tt.i][tt.j]-tt.want) > 1e-12 || c.R[tt.i][tt.j] != c.R[tt.j][tt.i] {
			t.Errorf("r(%d, %d) = %v, want %v", tt.i, tt.j, c.R[tt.i][tt.j], tt.want)
		}
	}
}

func TestCorrelateOverManyBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	a, b := make([]float32, 5000), make([]float32, 5000)
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		a[i] = float32(rng.NormFloat64())
		b[i] = a[i] + float32(rng.NormFloat64())
		u, v := float64(a[i]), float64(b[i])
		sa, sb, saa, sbb, sab = sa+u, sb+v, saa+u*u, sbb+v*v, sab+u*v
	}
	n := 5000.0
	want := (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
	if got := correlate([]string{"a", "b"}, [][]float32{a, b}).R[0][1]; math.Abs(got-want) > 1e-9 {
		t.Errorf("r = %v, want %v", got, want)
	}
}

// Every synthetic row lies on the line between two rows of its class.
func TestSMOTELiesBetweenRowsOfItsClass(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	p := &prepared{x: make([][]float32, 2)}
	for i := range 100 {
		class := uint8(0)
		if i%10 == 0 {
			class = 3
		}
		p.y = append(p.y, class)
		p.x[0] = append(p.x[0], float32(class)*100+rng.Float32())
		p.x[1] = append(p.x[1], float32(class)*100+rng.Float32())
	}
	real := slices.Clone(p.y)
	p.balance(SMOTE{On: true, Neighbours: 5}, 1)
	if got := countClasses(p.y); got[0] != 90 || got[3] != 90 {
		t.Fatalf("rows by class: %v", got)
	}
	for i := len(real); i < len(p.y); i++ {
		if p.y[i] != 3 || !between(p, i, real) {
			t.Fatalf("row %d (%v, %v) of class %d lies between no two rows of class 3", i, p.x[0][i], p.x[1][i], p.y[i])
		}
	}
}

func between(p *prepared, at int, real []uint8) bool {
	for a := range real {
		for b := range real {
			if real[a] != 3 || real[b] != 3 {
				continue
			}
			dx, dy := float64(p.x[0][b]-p.x[0][a]), float64(p.x[1][b]-p.x[1][a])
			ex, ey := float64(p.x[0][at]-p.x[0][a]), float64(p.x[1][at]-p.x[1][a])
			if l := dx*dx + dy*dy; math.Abs(ex*dy-ey*dx) < 1e-4 && (l == 0 || (ex*dx+ey*dy)/l < 1.0001) {
				return true
			}
		}
	}
	return false
}

func TestSMOTEOfASingleRowRepeatsIt(t *testing.T) {
	p := &prepared{x: [][]float32{{1, 2, 3, 9}}, y: []uint8{0, 0, 0, 1}}
	p.balance(SMOTE{On: true, Neighbours: 5}, 1)
	if len(p.y) != 6 || p.x[0][4] != 9 || p.x[0][5] != 9 {
		t.Errorf("rows %v of classes %v", p.x[0], p.y)
	}
}

func TestPlateau(t *testing.T) {
	at := func(values ...float64) []Trial {
		var out []Trial
		for i, v := range values {
			out = append(out, Trial{Value: i + 1, Mean: v})
		}
		return out
	}
	tests := []struct {
		name   string
		trials []Trial
		want   int
	}{
		{"rises, then flat", at(0.5, 0.8, 0.97, 0.991, 0.9912, 0.9911), 4},
		{"a dip after a lucky value does not count as plateau", at(0.5, 0.99, 0.8, 0.99, 0.9901), 4},
		{"noise on the plateau is none", at(0.5, 0.9899, 0.9886, 0.9901, 0.989), 2},
		{"best at the end", at(0.1, 0.2, 0.3), 3},
		{"flat from the start", at(0.9, 0.9, 0.9), 1},
		{"falls behind the best", at(0.5, 0.9, 0.4), 2},
	}
	for _, tt := range tests {
		if got := plateau(tt.trials, 0.001).Chosen; got != tt.want {
			t.Errorf("%s: chose %d, want %d", tt.name, got, tt.want)
		}
	}
	wide := at(0.90, 0.95, 0.96)
	wide[2].StdErr = 0.02
	if got := plateau(wide, 0.001); got.Chosen != 2 || got.Best != 3 {
		t.Errorf("one standard error: %+v", got)
	}
}

func TestTrialStandardError(t *testing.T) {
	got := trial(3, []float64{0.9, 1.0})
	if math.Abs(got.Mean-0.95) > 1e-12 || math.Abs(got.StdErr-0.05) > 1e-12 {
		t.Errorf("%+v", got)
	}
}
