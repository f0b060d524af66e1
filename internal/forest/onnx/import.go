package onnx

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"firetower/internal/forest"
)

// MaxSize is the largest ONNX file that Import reads.
const MaxSize = 1 << 30

// meta is what Export keeps in the model's metadata for Import.
type meta struct {
	Features []string    `json:"features"`
	Meta     forest.Meta `json:"meta"`
}

// Import reads a forest of either operator. The features are named as Export noted
// them, or else features must name them in the order of the model's columns; nil
// names them f0, f1 and so on. Thresholds of double precision are rounded down to
// float32, which decides the same for every float32 value.
//
// What a forest cannot express is refused by name with an *UnsupportedError.
func Import(r io.Reader, features []string) (*forest.Model, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("onnx: read model: %w", err)
	}
	if len(b) > MaxSize {
		return nil, malformed("larger than %d bytes", MaxSize)
	}
	g, err := parseModel(b)
	if err != nil {
		return nil, err
	}
	return g.forest(features)
}

func (g *graph) forest(features []string) (*forest.Model, error) {
	trees, err := g.trees()
	if err != nil {
		return nil, err
	}
	m := &forest.Model{Divisor: 1}
	width, err := g.source(trees, m)
	if err != nil {
		return nil, err
	}
	var e *ensemble
	if trees.kind == string(Classifier) {
		e, err = fromClassifier(trees)
	} else {
		e, err = fromEnsemble(trees)
	}
	if err != nil {
		return nil, err
	}
	if err := e.grow(m); err != nil {
		return nil, err
	}
	m.Classes = g.labels(e.classes)
	if err := g.name(m, width, features); err != nil {
		return nil, err
	}
	if err := m.Compile(); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

// trees finds the one tree operator and refuses what would change its outputs.
func (g *graph) trees() (*op, error) {
	var trees *op
	for i := range g.nodes {
		n := &g.nodes[i]
		switch n.kind {
		case string(Classifier), string(Ensemble):
			if trees != nil {
				return nil, unsupported("more than one ensemble of trees")
			}
			trees = n
		case "Identity", "Cast", "ZipMap", "Concat", "IsNaN", "IsInf", "Or", "Where", "ArgMax", "Reshape", "Flatten":
		case "LabelEncoder", "ArrayFeatureExtractor": // label of a class index
		default:
			return nil, unsupported("operator %s", n.kind)
		}
	}
	if trees == nil {
		return nil, unsupported("a model without trees")
	}
	if len(trees.inputs) != 1 {
		return nil, malformed("%s has %d inputs", trees.kind, len(trees.inputs))
	}
	return trees, nil
}

// source follows the trees' input back to the model's, through casts and the
// filling of gaps that Export writes, and returns its width, or 0 if unknown.
func (g *graph) source(trees *op, m *forest.Model) (int, error) {
	made := map[string]*op{}
	for i := range g.nodes {
		for _, o := range g.nodes[i].outputs {
			made[o] = &g.nodes[i]
		}
	}
	name := trees.inputs[0]
	for range len(g.nodes) + 1 {
		n := made[name]
		if n == nil {
			break
		}
		switch {
		case (n.kind == "Identity" || n.kind == "Cast") && len(n.inputs) == 1:
			name = n.inputs[0]
		case n.kind == "Where" && len(n.inputs) == 3 && m.Meta.Medians == nil && len(g.tensors[n.inputs[1]].values) > 0 && g.isGap(made, n.inputs[0], n.inputs[2]):
			for _, v := range g.tensors[n.inputs[1]].values {
				m.Meta.Medians = append(m.Meta.Medians, float32(v))
			}
			name = n.inputs[2]
		case n.kind == "Concat":
			return g.concatenated(n)
		default:
			return 0, unsupported("operator %s before the trees", n.kind)
		}
	}
	for _, in := range g.inputs {
		if in.name == name {
			return in.width, nil
		}
	}
	return 0, malformed("the trees' input %q comes from nowhere", name)
}

// isGap reports whether condition is "x is NaN or infinite".
func (g *graph) isGap(made map[string]*op, condition, x string) bool {
	or := made[condition]
	if or == nil || or.kind != "Or" || len(or.inputs) != 2 {
		return false
	}
	nan, inf := made[or.inputs[0]], made[or.inputs[1]]
	return nan != nil && inf != nil && nan.kind == "IsNaN" && inf.kind == "IsInf" &&
		len(nan.inputs) == 1 && len(inf.inputs) == 1 && nan.inputs[0] == x && inf.inputs[0] == x
}

// concatenated is the width of inputs that are put side by side, one column each,
// as converters do with tables whose columns have names. The names become those of
// the features.
func (g *graph) concatenated(n *op) (int, error) {
	width := map[string]int{}
	for _, in := range g.inputs {
		width[in.name] = in.width
	}
	if _, known := g.metadata[metaKey]; known {
		return 0, malformed("columns in parts")
	}
	for _, name := range n.inputs {
		if width[name] != 1 {
			return 0, unsupported("a concatenation of anything but single columns")
		}
	}
	names, err := json.Marshal(meta{Features: n.inputs})
	g.metadata[metaKey] = string(names)
	return len(n.inputs), err
}

// labels returns the names that a LabelEncoder gives class indices, if there is one.
func (g *graph) labels(classes []string) []string {
	for i := range g.nodes {
		n := &g.nodes[i]
		keys, values := n.attrs["keys_int64s"].ints, n.attrs["values_strings"].strings
		if n.kind != "LabelEncoder" || len(keys) != len(values) {
			continue
		}
		for k, key := range keys {
			if key >= 0 && key < int64(len(classes)) {
				classes[key] = values[k]
			}
		}
	}
	return classes
}

// name gives the features names and takes over the metadata.
func (g *graph) name(m *forest.Model, width int, features []string) error {
	medians := m.Meta.Medians
	if text, ok := g.metadata[metaKey]; ok {
		var kept meta
		if err := json.Unmarshal([]byte(text), &kept); err != nil {
			return malformed("metadata: %v", err)
		}
		m.Meta, m.Features = kept.Meta, kept.Features
	}
	m.Meta.Medians = medians
	if features != nil {
		m.Features = features
	}
	used := 0
	for i := range m.Nodes {
		used = max(used, int(m.Nodes[i].Feature)+1)
	}
	if m.Features == nil {
		if width == 0 {
			width = used
		}
		if width > forest.MaxFeatures {
			return unsupported("a row of %d values", width)
		}
		for f := range width {
			m.Features = append(m.Features, "f"+strconv.Itoa(f))
		}
	}
	if width != 0 && width != len(m.Features) {
		return fmt.Errorf("onnx: the model has %d columns, but %d are named", width, len(m.Features))
	}
	return nil
}

// down returns the largest float32 that is not above v.
func down(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

// below returns the largest float32 that is less than v.
func below(v float64) float32 {
	f := down(v)
	if float64(f) == v {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}
