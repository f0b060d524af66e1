package onnx

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"firetower/internal/forest"
)

// maxDists bounds the leaf probabilities, because a few bytes of a file can stand
// for a leaf of many classes.
const maxDists = 1 << 26

// ensemble is what both operators say: nodes that point to one another, and what
// their leaves add to the classes.
type ensemble struct {
	classes []string
	roots   []int
	nodes   []node
	leaves  [][]vote // by leaf
}

type node struct {
	mode        string // BRANCH_... or LEAF
	feature     int64
	split       float64
	yes, no     int // nodes
	leaf        int // into leaves
	cover       float64
	missingTrue bool
}

type vote struct {
	class  int
	weight float32
}

// grow appends the trees to the model, in preorder.
func (e *ensemble) grow(m *forest.Model) error {
	if k := len(e.classes); k < 1 || k > forest.MaxClasses {
		return unsupported("a forest of %d classes", k)
	}
	g := treeGrower{ensemble: e, m: m, seen: make([]bool, len(e.nodes)), dists: map[string]int32{}}
	for _, r := range e.roots {
		m.Roots = append(m.Roots, int32(len(m.Nodes)))
		if err := g.add(r, 0); err != nil {
			return err
		}
	}
	return nil
}

type treeGrower struct {
	*ensemble
	m     *forest.Model
	seen  []bool
	dists map[string]int32
}

func (g *treeGrower) add(at, depth int) error {
	if at < 0 || at >= len(g.nodes) {
		return malformed("a child is missing")
	}
	if depth > forest.MaxDepth {
		return unsupported("a tree deeper than %d", forest.MaxDepth)
	}
	n := &g.nodes[at]
	if n.mode == "LEAF" { // may be shared: a tree of one leaf has it on both sides of a split
		if len(g.m.Dists) > maxDists {
			return unsupported("more than %d leaf probabilities", maxDists)
		}
		g.m.Nodes = append(g.m.Nodes, forest.Node{Feature: forest.Leaf, Next: g.dist(n.leaf), Cover: float32(n.cover)})
		return nil
	}
	if g.seen[at] {
		return malformed("a node has two parents")
	}
	g.seen[at] = true
	if n.feature < 0 || n.feature >= forest.MaxFeatures {
		return malformed("feature %d", n.feature)
	}
	split := forest.Node{Feature: int16(n.feature), MissingLeft: n.missingTrue}
	left, right := n.yes, n.no
	switch n.mode {
	case "BRANCH_LEQ":
		split.Threshold = down(n.split)
	case "BRANCH_GT":
		split.Threshold = down(n.split)
		left, right, split.MissingLeft = right, left, !n.missingTrue
	case "BRANCH_LT":
		split.Threshold = below(n.split)
	case "BRANCH_GTE":
		split.Threshold = below(n.split)
		left, right, split.MissingLeft = right, left, !n.missingTrue
	default:
		return unsupported("node mode %s", n.mode)
	}
	if n.split != n.split || (math.IsInf(n.split, -1) && n.mode != "BRANCH_LEQ" && n.mode != "BRANCH_GT") {
		return unsupported("a comparison with %v", n.split)
	}
	here := len(g.m.Nodes)
	g.m.Nodes = append(g.m.Nodes, split)
	if err := g.add(left, depth+1); err != nil {
		return err
	}
	g.m.Nodes[here].Next = int32(len(g.m.Nodes))
	return g.add(right, depth+1)
}

// dist returns the index of a leaf's distribution; equal ones are shared.
func (g *treeGrower) dist(leaf int) int32 {
	sums := make([]float32, len(g.classes))
	for _, v := range g.leaves[leaf] {
		sums[v.class] += v.weight
	}
	key := make([]byte, 0, 4*len(sums))
	for _, s := range sums {
		key = binary.LittleEndian.AppendUint32(key, math.Float32bits(s))
	}
	at, ok := g.dists[string(key)]
	if !ok {
		at = int32(len(g.m.Dists) / len(sums))
		g.m.Dists = append(g.m.Dists, sums...)
		g.dists[string(key)] = at
	}
	return at
}

// fromClassifier reads a TreeEnsembleClassifier.
func fromClassifier(o *op) (*ensemble, error) {
	a := reader{op: o}
	e := &ensemble{classes: o.attrs["classlabels_strings"].strings}
	if len(e.classes) == 0 {
		for _, v := range o.attrs["classlabels_int64s"].ints {
			e.classes = append(e.classes, strconv.FormatInt(v, 10))
		}
	}
	if p := o.attrs["post_transform"].strings; len(p) > 0 && p[0] != "NONE" {
		return nil, unsupported("post_transform %s", p[0])
	}
	for _, v := range a.numbers("base_values", -1) {
		if v != 0 {
			return nil, unsupported("a base value of %v", v)
		}
	}
	trees := o.attrs["nodes_treeids"].ints
	count := len(trees)
	ids, features := a.ints("nodes_nodeids", count), a.ints("nodes_featureids", count)
	yes, no := a.ints("nodes_truenodeids", count), a.ints("nodes_falsenodeids", count)
	values, modes := a.numbers("nodes_values", count), o.attrs["nodes_modes"].strings
	if a.err == nil && len(modes) != count {
		a.err = malformed("%d nodes_modes for %d nodes", len(modes), count)
	}
	tracks, covers := a.optionalInts("nodes_missing_value_tracks_true", count), a.covers(count)
	if a.err != nil {
		return nil, a.err
	}
	index := make(map[[2]int64]int, count)
	for i, t := range trees {
		index[[2]int64{t, ids[i]}] = i
		if i == 0 || t != trees[i-1] {
			e.roots = append(e.roots, i) // the first node of a tree is its root
		}
	}
	if len(index) != count {
		return nil, malformed("two nodes of one name")
	}
	find := func(tree, id int64) int {
		if i, ok := index[[2]int64{tree, id}]; ok {
			return i
		}
		return -1
	}
	for i := range trees {
		n := node{mode: modes[i], cover: covers[i], leaf: -1}
		if n.mode == "LEAF" {
			n.leaf = len(e.leaves)
			e.leaves = append(e.leaves, nil)
		} else {
			n.feature, n.split, n.missingTrue = features[i], values[i], tracks[i] != 0
			n.yes, n.no = find(trees[i], yes[i]), find(trees[i], no[i])
		}
		e.nodes = append(e.nodes, n)
	}
	return e, e.readVotes(&a, find)
}

// readVotes reads what the leaves of a TreeEnsembleClassifier add. With two classes
// and votes for one only, these are for the second, and the first has the rest.
func (e *ensemble) readVotes(a *reader, find func(tree, id int64) int) error {
	trees := a.op.attrs["class_treeids"].ints
	ids, classes := a.ints("class_nodeids", len(trees)), a.ints("class_ids", len(trees))
	weights := a.numbers("class_weights", len(trees))
	if a.err != nil {
		return a.err
	}
	binary := len(e.classes) == 2 && len(classes) > 0
	for _, c := range classes {
		binary = binary && c == classes[0]
	}
	share := float32(1 / float64(max(1, len(e.roots))))
	for i, t := range trees {
		at := find(t, ids[i])
		if at < 0 || e.nodes[at].leaf < 0 {
			return malformed("a vote of a node that is no leaf")
		}
		w := float32(weights[i])
		leaf := &e.leaves[e.nodes[at].leaf]
		switch {
		case !(w >= 0 && w <= math.MaxFloat32):
			return unsupported("a vote of %v", weights[i])
		case binary:
			*leaf = append(*leaf, vote{1, w}, vote{0, max(0, share-w)})
		case classes[i] < 0 || int(classes[i]) >= len(e.classes):
			return malformed("class %d of %d", classes[i], len(e.classes))
		default:
			*leaf = append(*leaf, vote{int(classes[i]), w})
		}
	}
	return nil
}

// fromEnsemble reads a TreeEnsemble, whose leaves lie apart from its nodes and add
// to one class each.
func fromEnsemble(o *op) (*ensemble, error) {
	a := reader{op: o}
	targets := a.single("n_targets", 0)
	if targets < 1 || targets > forest.MaxClasses {
		return nil, malformed("%d targets", targets)
	}
	if v := a.single("aggregate_function", 1); v != 1 {
		return nil, unsupported("aggregate_function %d", v)
	}
	if v := a.single("post_transform", 0); v != 0 {
		return nil, unsupported("post_transform %d", v)
	}
	e := &ensemble{}
	for c := range int(targets) {
		e.classes = append(e.classes, strconv.Itoa(c))
	}
	count := len(o.attrs["nodes_featureids"].ints)
	features, splits := a.ints("nodes_featureids", count), a.tensor("nodes_splits", count)
	modes := a.tensor("nodes_modes", count)
	yes, no := a.ints("nodes_truenodeids", count), a.ints("nodes_falsenodeids", count)
	yesLeaf, noLeaf := a.ints("nodes_trueleafs", count), a.ints("nodes_falseleafs", count)
	tracks := a.optionalInts("nodes_missing_value_tracks_true", count)
	class := o.attrs["leaf_targetids"].ints
	weights := a.tensor("leaf_weights", len(class))
	if a.err != nil {
		return nil, a.err
	}
	child := func(at, leaf int64) int {
		if leaf != 0 {
			at += int64(count)
		}
		if at < 0 || at >= int64(count+len(class)) || (leaf == 0 && at >= int64(count)) {
			return -1
		}
		return int(at)
	}
	for i := range count {
		if m := modes[i]; !(m >= 0 && int(m) < len(modeNames)) {
			return nil, malformed("node mode %v", m)
		}
		e.nodes = append(e.nodes, node{mode: modeNames[int(modes[i])], feature: features[i], split: splits[i],
			yes: child(yes[i], yesLeaf[i]), no: child(no[i], noLeaf[i]), missingTrue: tracks[i] != 0})
	}
	for i, c := range class {
		w := float32(weights[i])
		if c < 0 || c >= targets {
			return nil, malformed("class %d of %d", c, targets)
		}
		if !(w >= 0 && w <= math.MaxFloat32) {
			return nil, unsupported("a vote of %v", weights[i])
		}
		e.nodes = append(e.nodes, node{mode: "LEAF", leaf: i})
		e.leaves = append(e.leaves, []vote{{int(c), w}})
	}
	for _, r := range o.attrs["tree_roots"].ints {
		if r < 0 || r >= int64(count) {
			return nil, malformed("root %d of %d nodes", r, count)
		}
		e.roots = append(e.roots, int(r))
	}
	return e, nil
}

// reader takes attributes of an operator and remembers the first that is wrong.
type reader struct {
	op  *op
	err error
}

func (r *reader) want(name string, n, count int) bool {
	if n != count && r.err == nil {
		r.err = malformed("%d %s for %d nodes", n, name, count)
	}
	return r.err == nil
}

func (r *reader) ints(name string, count int) []int64 {
	v := r.op.attrs[name].ints
	if !r.want(name, len(v), count) {
		return make([]int64, count)
	}
	return v
}

// optionalInts are zeros if they are not there.
func (r *reader) optionalInts(name string, count int) []int64 {
	if len(r.op.attrs[name].ints) == 0 {
		return make([]int64, count)
	}
	return r.ints(name, count)
}

// numbers are floats, or doubles in a tensor; count -1 takes any number of them.
func (r *reader) numbers(name string, count int) []float64 {
	v := r.op.attrs[name].floats
	if len(v) == 0 {
		v = r.op.attrs[name+"_as_tensor"].tensor.values
	}
	if count >= 0 && !r.want(name, len(v), count) {
		return make([]float64, count)
	}
	return v
}

func (r *reader) tensor(name string, count int) []float64 {
	v := r.op.attrs[name].tensor.values
	if !r.want(name, len(v), count) {
		return make([]float64, count)
	}
	return v
}

func (r *reader) single(name string, missing int64) int64 {
	if v := r.op.attrs[name].ints; len(v) > 0 {
		return v[0]
	}
	return missing
}

// covers are the hit rates, which Export fills with the covers. Converters that
// know none write ones or nothing.
func (r *reader) covers(count int) []float64 {
	v := r.op.attrs["nodes_hitrates"].floats
	one := func(x float64) bool { return x == 1 }
	wrong := func(x float64) bool { return !(x >= 0 && x <= math.MaxFloat32) }
	if len(v) != count || !slices.ContainsFunc(v, func(x float64) bool { return !one(x) }) || slices.ContainsFunc(v, wrong) {
		return make([]float64, count)
	}
	return v
}
