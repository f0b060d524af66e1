package onnx

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"firetower/internal/forest"
)

// Export writes the forest with the given operator. The ONNX model has one input,
// "input", float32 rows of len(Features) values, and the outputs "label" (string)
// and "probabilities" (float32, a column a class). Medians become operators before
// the trees. TreeEnsemble leaves count for one class each, so a tree becomes one
// for every class it can tell from others, and covers are lost.
func Export(w io.Writer, m *forest.Model, operator Operator) error {
	e := exporter{m: m, input: "input"}
	e.divisor = m.Divisor
	if e.divisor == 0 {
		e.divisor = float64(len(m.Roots))
	}
	e.gaps()
	version := int64(3)
	switch operator {
	case Classifier:
		e.classifier()
	case Ensemble:
		version = 5
		e.ensemble()
	default:
		return unsupported("operator %q", operator)
	}
	b, err := e.model(version)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("onnx: write model: %w", err)
	}
	return nil
}

type exporter struct {
	m       *forest.Model
	divisor float64
	input   string // of the trees
	graph   message
}

// model wraps the graph. The version of the ai.onnx.ml domain decides which
// operator is allowed.
func (e *exporter) model(version int64) ([]byte, error) {
	about, err := json.Marshal(meta{Features: e.m.Features, Meta: e.m.Meta})
	if err != nil {
		return nil, fmt.Errorf("onnx: describe model: %w", err)
	}
	var m, prop message
	m.int(1, 8) // IR version
	m.text(2, "firetower")
	e.graph.text(2, "forest")
	e.graph.bytes(11, valueInfo("input", typeFloat, len(e.m.Features)))
	e.graph.bytes(12, valueInfo("label", typeString, 0))
	e.graph.bytes(12, valueInfo("probabilities", typeFloat, len(e.m.Classes)))
	m.bytes(7, e.graph.b)
	for _, domain := range []struct {
		name    string
		version int64
	}{{"", 18}, {"ai.onnx.ml", version}} {
		var set message
		set.text(1, domain.name)
		set.int(2, domain.version)
		m.bytes(8, set.b)
	}
	prop.text(1, metaKey)
	prop.text(2, string(about))
	m.bytes(14, prop.b)
	return m.b, nil
}

// valueInfo describes an input or output: rows, by width columns if not 0.
func valueInfo(name string, kind int64, width int) []byte {
	var info, typ, tensor, shape, rows message
	rows.text(2, "N")
	shape.bytes(1, rows.b)
	if width > 0 {
		var columns message
		columns.int(1, int64(width))
		shape.bytes(1, columns.b)
	}
	tensor.int(1, kind)
	tensor.bytes(2, shape.b)
	typ.bytes(1, tensor.b)
	info.text(1, name)
	info.bytes(2, typ.b)
	return info.b
}

// gaps writes what replaces NaN and infinities by medians.
func (e *exporter) gaps() {
	medians := e.m.Meta.Medians
	if medians == nil {
		return
	}
	t := rawTensor("medians", typeFloat, 4*len(medians), func(b []byte) {
		for i, v := range medians {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
		}
	}, 1, len(medians))
	e.graph.bytes(5, t)
	e.node("IsNaN", "", []string{"input"}, []string{"nan"}, nil)
	e.node("IsInf", "", []string{"input"}, []string{"inf"}, nil)
	e.node("Or", "", []string{"nan", "inf"}, []string{"gap"}, nil)
	e.node("Where", "", []string{"gap", "medians", "input"}, []string{"filled"}, nil)
	e.input = "filled"
}

func (e *exporter) node(kind, domain string, inputs, outputs []string, attrs []message) {
	var n message
	for _, s := range inputs {
		n.text(1, s)
	}
	for _, s := range outputs {
		n.text(2, s)
	}
	n.text(4, kind)
	for _, a := range attrs {
		n.bytes(5, a.b)
	}
	n.text(7, domain)
	e.graph.bytes(1, n.b)
}

func attribute(name string, kind int64, value func(*message)) message {
	var a message
	a.text(1, name)
	value(&a)
	a.int(20, kind)
	return a
}

func intAttr(name string, v int64) message {
	return attribute(name, attrInt, func(m *message) { m.int(3, v) })
}

func intsAttr(name string, v []int64) message {
	return attribute(name, attrInts, func(m *message) { m.ints(8, v) })
}

func floatsAttr(name string, v []float32) message {
	return attribute(name, attrFloats, func(m *message) { m.floats(7, v) })
}

func stringsAttr(name string, v []string) message {
	return attribute(name, attrStrings, func(m *message) {
		for _, s := range v {
			m.text(9, s)
		}
	})
}

func tensorAttr(name string, kind int64, size, count int, put func(b []byte)) message {
	return attribute(name, attrTensor, func(m *message) {
		m.bytes(5, rawTensor(name, kind, size*count, put, count))
	})
}

func rawTensor(name string, kind int64, size int, put func(b []byte), dims ...int) []byte {
	var t message
	for _, d := range dims {
		t.int(1, int64(d))
	}
	t.int(2, kind)
	t.text(8, name)
	raw := make([]byte, size)
	put(raw)
	t.bytes(9, raw)
	return t.b
}

func floatsTensor(name string, v []float32) message {
	return tensorAttr(name, typeFloat, 4, len(v), func(b []byte) {
		for i, x := range v {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
		}
	})
}

// end returns the index after the last node of tree t.
func (e *exporter) end(t int) int32 {
	if t+1 < len(e.m.Roots) {
		return e.m.Roots[t+1]
	}
	return int32(len(e.m.Nodes))
}

func (e *exporter) dist(n *forest.Node) []float32 {
	k := len(e.m.Classes)
	return e.m.Dists[int(n.Next)*k : (int(n.Next)+1)*k]
}

func (e *exporter) weight(p float32) float32 { return float32(float64(p) / e.divisor) }

// classifier writes the trees as one TreeEnsembleClassifier. A node's id is its
// place in the tree.
func (e *exporter) classifier() {
	n := len(e.m.Nodes)
	tree, id, feature := make([]int64, n), make([]int64, n), make([]int64, n)
	yes, no, missing := make([]int64, n), make([]int64, n), make([]int64, n)
	value, cover, mode := make([]float32, n), make([]float32, n), make([]string, n)
	var voteTree, voteNode, voteClass []int64
	var votes []float32
	for t, root := range e.m.Roots {
		for i := root; i < e.end(t); i++ {
			node := &e.m.Nodes[i]
			tree[i], id[i], cover[i], mode[i] = int64(t), int64(i-root), node.Cover, "LEAF"
			if node.Feature == forest.Leaf {
				for c, p := range e.dist(node) {
					voteTree, voteNode = append(voteTree, int64(t)), append(voteNode, int64(i-root))
					voteClass, votes = append(voteClass, int64(c)), append(votes, e.weight(p))
				}
				continue
			}
			mode[i], feature[i], value[i] = "BRANCH_LEQ", int64(node.Feature), node.Threshold
			yes[i], no[i] = int64(i+1-root), int64(node.Next-root)
			if node.MissingLeft {
				missing[i] = 1
			}
		}
	}
	e.node(string(Classifier), "ai.onnx.ml", []string{e.input}, []string{"label", "probabilities"}, []message{
		intsAttr("nodes_treeids", tree), intsAttr("nodes_nodeids", id), intsAttr("nodes_featureids", feature),
		stringsAttr("nodes_modes", mode), floatsAttr("nodes_values", value), floatsAttr("nodes_hitrates", cover),
		intsAttr("nodes_truenodeids", yes), intsAttr("nodes_falsenodeids", no),
		intsAttr("nodes_missing_value_tracks_true", missing),
		intsAttr("class_treeids", voteTree), intsAttr("class_nodeids", voteNode), intsAttr("class_ids", voteClass),
		floatsAttr("class_weights", votes), stringsAttr("classlabels_strings", e.m.Classes),
		attribute("post_transform", attrString, func(m *message) { m.text(4, "NONE") }),
	})
}

// ensemble writes the trees as one TreeEnsemble, and what turns its output into a
// label.
func (e *exporter) ensemble() {
	var x apart
	for t, root := range e.m.Roots {
		for c := range e.m.Classes {
			x.tree(e, root, e.end(t), c)
		}
	}
	e.node(string(Ensemble), "ai.onnx.ml", []string{e.input}, []string{"probabilities"}, []message{
		intAttr("n_targets", int64(len(e.m.Classes))), intAttr("aggregate_function", 1), intAttr("post_transform", 0),
		intsAttr("tree_roots", x.roots), intsAttr("nodes_featureids", x.feature),
		tensorAttr("nodes_modes", typeUint8, 1, len(x.feature), func([]byte) {}), // all BRANCH_LEQ
		floatsTensor("nodes_splits", x.split),
		intsAttr("nodes_truenodeids", x.child[1]), intsAttr("nodes_trueleafs", x.leaf[1]),
		intsAttr("nodes_falsenodeids", x.child[0]), intsAttr("nodes_falseleafs", x.leaf[0]),
		intsAttr("nodes_missing_value_tracks_true", x.missing),
		intsAttr("leaf_targetids", x.class), floatsTensor("leaf_weights", x.weight),
	})
	e.node("ArgMax", "", []string{"probabilities"}, []string{"index"}, []message{intAttr("axis", 1), intAttr("keepdims", 0)})
	keys := make([]int64, len(e.m.Classes))
	for i := range keys {
		keys[i] = int64(i)
	}
	e.node("LabelEncoder", "ai.onnx.ml", []string{"index"}, []string{"label"}, []message{
		intsAttr("keys_int64s", keys), stringsAttr("values_strings", e.m.Classes),
	})
}

// apart holds nodes and leaves as TreeEnsemble wants them.
type apart struct {
	roots, feature, missing []int64
	split                   []float32
	child, leaf             [2][]int64 // by false, true
	class                   []int64
	weight                  []float32
}

// tree adds what a tree says about one class. Where all leaves below a node agree,
// it is a leaf; a tree of nothing but zeros is left out.
func (x *apart) tree(e *exporter, root, end int32, class int) {
	nodes := e.m.Nodes[root:end]
	flat := make([]bool, len(nodes))
	value := make([]float32, len(nodes))
	for i := len(nodes) - 1; i >= 0; i-- {
		n := &nodes[i]
		if n.Feature == forest.Leaf {
			flat[i], value[i] = true, e.weight(e.dist(n)[class])
			continue
		}
		r := n.Next - root
		flat[i], value[i] = flat[i+1] && flat[r] && value[i+1] == value[r], value[i+1]
	}
	if flat[0] {
		if value[0] != 0 { // a leaf needs a split above it
			x.roots = append(x.roots, int64(len(x.feature)))
			x.add(0, 0, 0)
			for side := range x.child {
				x.child[side][len(x.feature)-1], x.leaf[side][len(x.feature)-1] = int64(len(x.class)), 1
			}
			x.class, x.weight = append(x.class, int64(class)), append(x.weight, value[0])
		}
		return
	}
	x.roots = append(x.roots, int64(len(x.feature)))
	var lay func(i int32) int64
	lay = func(i int32) int64 {
		n := &nodes[i]
		missing := int64(0)
		if n.MissingLeft {
			missing = 1
		}
		at := x.add(int64(n.Feature), n.Threshold, missing)
		for side, child := range [2]int32{n.Next - root, i + 1} {
			if flat[child] {
				x.child[side][at], x.leaf[side][at] = int64(len(x.class)), 1
				x.class, x.weight = append(x.class, int64(class)), append(x.weight, value[child])
			} else {
				x.child[side][at] = lay(child)
			}
		}
		return at
	}
	lay(0)
}

func (x *apart) add(feature int64, split float32, missing int64) int64 {
	x.feature, x.split, x.missing = append(x.feature, feature), append(x.split, split), append(x.missing, missing)
	for side := range x.child {
		x.child[side], x.leaf[side] = append(x.child[side], 0), append(x.leaf[side], 0)
	}
	return int64(len(x.feature) - 1)
}
