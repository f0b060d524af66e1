package forest

import "math"

// How the SHAP values of a tree are computed.
//
// Take a leaf of value v and the features on its path. For feature j let one_j say
// whether the row passes all of the path's tests of j, and share_j be the product
// of the cover shares of these tests. The Shapley value of i is
//
//	v (one_i - share_i) sum over S without i of |S|! (m-|S|-1)! / m!
//	                    prod j in S: one_j  prod j not in S: share_j
//
// and since s! (m-1-s)! / m! is the integral of t^s (1-t)^(m-1-s) over [0, 1], it is
//
//	v (one_i - share_i) integral of prod j != i: (one_j t + share_j (1-t)) dt
//
// whose integrand is a polynomial of degree m-1: Gauss-Legendre quadrature with
// m/2 points gives it exactly. So the walk carries the product at each point down
// to the leaves and sums v * weight * product on the way up; at each edge it
// divides its own factor out. That is the idea of Yu et al., "Linear TreeShap",
// NeurIPS 2022: the time grows with nodes times depth, and not with leaves times
// depth squared as in Lundberg's algorithm.
//
// If a feature is tested again further down, the leaves below belong to the lower
// edge: it takes away what the upper edge adds for them.

// quadrature holds points and weights on [0, 1].
type quadrature struct {
	t, weight []float64
	rest      []float64 // 1 - t
	perRest   []float64 // 1 / (1 - t)
}

// gaussLegendre finds the roots of the Legendre polynomial of degree n by Newton's
// method and maps them to [0, 1].
func gaussLegendre(n int) *quadrature {
	q := &quadrature{}
	for i := range n {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var slope float64
		for range 100 {
			p0, p1 := 1.0, x
			for k := 2; k <= n; k++ {
				p0, p1 = p1, (float64(2*k-1)*x*p1-float64(k-1)*p0)/float64(k)
			}
			slope = float64(n) * (x*p1 - p0) / (x*x - 1)
			step := p1 / slope
			x -= step
			if math.Abs(step) < 1e-16 {
				break
			}
		}
		q.t = append(q.t, (1+x)/2)
		q.rest = append(q.rest, (1-x)/2)
		q.perRest = append(q.perRest, 2/(1-x))
		q.weight = append(q.weight, 1/((1-x*x)*slope*slope))
	}
	return q
}

// walker computes the SHAP values of a row. Its arrays hold one stretch of values,
// one a quadrature point, for each depth.
type walker struct {
	model *Model
	x     []float32
	phi   []float64

	nodes   []move
	q       *quadrature
	product []float64 // of the factors down to a depth
	sum     []float64 // over the leaves below the node at a depth
	inverse []float64 // 1 / factor of the edge at a depth, if passed
	passed  []bool    // whether the row passes the edge's feature's tests so far
	shareAt []float64
}

func newWalker(size int) *walker {
	return &walker{product: make([]float64, size), sum: make([]float64, size), inverse: make([]float64, size)}
}

func (w *walker) tree(g *game) {
	w.nodes, w.q = g.nodes, g.points
	if n := g.depth + 1; len(w.passed) < n {
		w.passed, w.shareAt = make([]bool, n), make([]float64, n)
	}
	for i := range g.points.t {
		w.product[i] = g.points.weight[i]
	}
	w.split(0, 0)
}

// split sums what is below split i at a depth into w.sum there.
func (w *walker) split(i int32, depth int) {
	n := &w.nodes[i]
	v := w.model.value(w.x, n.feature)
	left := v <= n.threshold || (n.missLeft && v != v)
	k := len(w.q.t)
	clear(w.sum[depth*k : depth*k+k])
	w.edge(i+1, depth+1, n.feature, left)
	w.edge(n.right, depth+1, n.feature, !left)
}

// edge goes down to node i, whose parent tests feature, adds what it finds to the
// sum of the parent's depth and moves phi.
func (w *walker) edge(i int32, depth int, feature int16, passed bool) {
	n := &w.nodes[i]
	if n.right == 0 && n.value == 0 {
		return
	}
	k := len(w.q.t)
	up, here := w.product[(depth-1)*k:depth*k], w.product[depth*k:depth*k+k]
	inverse := w.inverse[depth*k : depth*k+k]
	above := int(n.above)
	if above >= 0 {
		passed = passed && w.passed[above]
	}
	if n.right == 0 && above < 0 {
		w.phi[feature] += w.leaf(n, passed, up, w.sum[(depth-1)*k:depth*k])
		return
	}
	w.passed[depth], w.shareAt[depth] = passed, n.share
	w.factor(n, passed, above, up, here, inverse)
	sum := w.sum[depth*k : depth*k+k]
	if n.right == 0 {
		for p := range sum {
			sum[p] = n.value * here[p]
		}
	} else {
		w.split(i, depth)
	}
	total := w.sum[(depth-1)*k : depth*k]
	for p, s := range sum {
		total[p] += s
	}
	move := w.moved(depth, sum)
	if above >= 0 {
		move -= w.moved(above, sum)
	}
	w.phi[feature] += move
}

// leaf is edge for a leaf whose feature is not tested above: multiplying its factor
// in and dividing it out again cancel.
func (w *walker) leaf(n *move, passed bool, up, total []float64) float64 {
	one := 0.0
	if passed {
		one = 1
	}
	t, rest := w.q.t[:len(up)], w.q.rest[:len(up)]
	total = total[:len(up)]
	sum := 0.0
	for p, u := range up {
		sum += u
		total[p] += n.value * u * (one*t[p] + n.share*rest[p])
	}
	return n.value * sum * (one - n.share)
}

// factor multiplies the edge's factor into the product, in place of that of the
// edge above of the same feature.
func (w *walker) factor(n *move, passed bool, above int, up, here, inverse []float64) {
	t, rest := w.q.t, w.q.rest
	k := len(t)
	rest, up, here, inverse = rest[:k], up[:k], here[:k], inverse[:k]
	switch {
	case passed:
		for p := range t {
			f := t[p] + n.share*rest[p]
			inverse[p] = 1 / f
			here[p] = up[p] * f
		}
	case above >= 0 && !w.passed[above]: // share of the edge above times rest is in already
		for p := range here {
			here[p] = up[p] * n.ratio
		}
		return
	default:
		for p := range here {
			here[p] = up[p] * (n.share * rest[p])
		}
	}
	if above >= 0 {
		old := w.inverse[above*k : above*k+k]
		for p := range here {
			here[p] *= old[p]
		}
	}
}

// moved is what the edge at a depth adds to its feature for leaves of that sum.
func (w *walker) moved(depth int, sum []float64) float64 {
	k := len(w.q.t)
	total := 0.0
	if w.passed[depth] {
		inverse := w.inverse[depth*k : depth*k+k]
		for p, s := range sum[:k] {
			total += s * inverse[p]
		}
		return total * (1 - w.shareAt[depth])
	}
	perRest := w.q.perRest[:k]
	for p, s := range sum[:k] {
		total -= s * perRest[p]
	}
	return total
}
