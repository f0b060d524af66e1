package forest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// The model file, byte by byte, is described in docs/model-format.md.
const (
	magic         = "FIREWOOD"
	formatVersion = 1
)

var sectionNames = [...]string{"META", "CUTS", "DIST", "TREE"}

// head is the META section: the names and everything a model says about itself.
type head struct {
	Features []string `json:"features"`
	Classes  []string `json:"classes"`
	Divisor  float64  `json:"divisor,omitempty"`
	Meta
}

// Write writes the model file. Equal models give equal bytes.
func (m *Model) Write(w io.Writer) error {
	b, err := m.encode()
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	return nil
}

func (m *Model) encode() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	meta, err := json.Marshal(head{m.Features, m.Classes, m.Divisor, m.Meta})
	if err != nil {
		return nil, fmt.Errorf("forest: describe model: %w", err)
	}
	cuts := m.cuts()
	out := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[len(magic):], formatVersion)
	for i, payload := range [][]byte{meta, encodeCuts(cuts), encodeFloats(m.Dists), m.encodeTrees(cuts)} {
		out = append(out, sectionNames[i]...)
		out = binary.LittleEndian.AppendUint64(out, uint64(len(payload)))
		out = append(out, payload...)
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// cuts returns the distinct thresholds of each feature, ascending.
func (m *Model) cuts() [][]float32 {
	cuts := make([][]float32, len(m.Features))
	for i := range m.Nodes {
		if n := &m.Nodes[i]; n.Feature != Leaf {
			cuts[n.Feature] = append(cuts[n.Feature], n.Threshold)
		}
	}
	for f := range cuts {
		slices.Sort(cuts[f])
		cuts[f] = slices.Compact(cuts[f])
	}
	return cuts
}

func encodeCuts(cuts [][]float32) []byte {
	var out []byte
	for _, c := range cuts {
		out = binary.AppendUvarint(out, uint64(len(c)))
		out = append(out, encodeFloats(c)...)
	}
	return out
}

func encodeFloats(v []float32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

// encodeTrees writes the nodes in preorder: a split as 1 + 2*feature + missingLeft
// and the index of its threshold, a leaf as 0, the index of its distribution and
// its cover. The cover of a split is the sum of its children's.
func (m *Model) encodeTrees(cuts [][]float32) []byte {
	out := binary.AppendUvarint(nil, uint64(len(m.Roots)))
	for i := range m.Nodes {
		n := &m.Nodes[i]
		if n.Feature == Leaf {
			out = append(out, 0)
			out = binary.AppendUvarint(out, uint64(n.Next))
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(n.Cover))
			continue
		}
		tag := 1 + 2*uint64(n.Feature)
		if n.MissingLeft {
			tag++
		}
		cut, _ := slices.BinarySearch(cuts[n.Feature], n.Threshold)
		out = binary.AppendUvarint(out, tag)
		out = binary.AppendUvarint(out, uint64(cut))
	}
	return out
}
