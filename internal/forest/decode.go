package forest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// MaxFileSize is the largest model file that Read accepts.
const MaxFileSize = 1 << 30

// Reasons why a model file is refused; Read wraps them with the particulars.
var (
	ErrNotModel = errors.New("not a firetower model")
	ErrVersion  = errors.New("model format is of another version")
	ErrDamaged  = errors.New("model file is damaged")
)

// Read reads a model file and compiles the model. It refuses what is not a whole,
// undamaged and consistent model of a known version, whatever the bytes, and takes
// memory in proportion to the bytes that are really there.
func Read(r io.Reader) (*Model, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return decode(b)
}

func decode(b []byte) (*Model, error) {
	const fixed = len(magic) + 4
	if len(b) < fixed || string(b[:len(magic)]) != magic {
		return nil, ErrNotModel
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != formatVersion {
		return nil, fmt.Errorf("%w: the file has %d, this program reads %d", ErrVersion, v, formatVersion)
	}
	if len(b) > MaxFileSize {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrDamaged, MaxFileSize)
	}
	if len(b) < fixed+sha256.Size {
		return nil, fmt.Errorf("%w: cut off after %d bytes", ErrDamaged, len(b))
	}
	body, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(sum, want[:]) {
		return nil, fmt.Errorf("%w: the checksum does not match (cut off or changed)", ErrDamaged)
	}
	m, err := decodeSections(body[fixed:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := m.Compile(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return m, nil
}

func decodeSections(b []byte) (*Model, error) {
	var part [len(sectionNames)]parser
	for i, name := range sectionNames {
		if len(b) < 12 || string(b[:4]) != name {
			return nil, fmt.Errorf("section %s is missing", name)
		}
		size := binary.LittleEndian.Uint64(b[4:])
		if b = b[12:]; size > uint64(len(b)) {
			return nil, fmt.Errorf("section %s is longer than the file", name)
		}
		part[i] = parser{b: b[:size]}
		b = b[size:]
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%d bytes after the last section", len(b))
	}
	var h head
	if err := json.Unmarshal(part[0].b, &h); err != nil {
		return nil, fmt.Errorf("section META: %w", err)
	}
	m := &Model{Meta: h.Meta, Features: h.Features, Classes: h.Classes, Divisor: h.Divisor}
	if len(m.Features) > MaxFeatures {
		return nil, fmt.Errorf("%d features", len(m.Features))
	}
	cuts := make([][]float32, len(m.Features))
	for f := range cuts {
		cuts[f] = part[1].floats(part[1].uvarint())
	}
	m.Dists = part[2].floats(uint64(len(part[2].b) / 4))
	m.decodeTrees(&part[3], cuts)
	for i, name := range sectionNames[1:] {
		if p := &part[i+1]; p.failed || len(p.b) != 0 {
			return nil, fmt.Errorf("section %s is malformed", name)
		}
	}
	return m, nil
}

// decodeTrees reads what encodeTrees wrote. Compile checks references that are
// not needed for reading.
func (m *Model) decodeTrees(p *parser, cuts [][]float32) {
	trees := p.uvarint()
	for t := uint64(0); t < trees && !p.failed; t++ {
		m.Roots = append(m.Roots, int32(len(m.Nodes)))
		m.decodeTree(p, cuts)
	}
}

func (m *Model) decodeTree(p *parser, cuts [][]float32) {
	var open []int32 // splits whose right child is still to come, innermost last
	for !p.failed {
		if len(m.Nodes) >= math.MaxInt32 {
			p.failed = true
			return
		}
		at := int32(len(m.Nodes))
		if tag := p.uvarint(); tag != 0 {
			tag--
			f, cut := tag/2, p.uvarint()
			if f >= uint64(len(cuts)) || cut >= uint64(len(cuts[f])) {
				p.failed = true
				return
			}
			m.Nodes = append(m.Nodes, Node{Feature: int16(f), Threshold: cuts[f][cut], MissingLeft: tag&1 == 1})
			open = append(open, at)
			continue
		}
		m.Nodes = append(m.Nodes, Node{Feature: Leaf, Next: p.index(), Cover: p.float()})
		if len(open) == 0 {
			break
		}
		m.Nodes[open[len(open)-1]].Next = at + 1
		open = open[:len(open)-1]
	}
}

// parser takes values off the front of b and remembers if one was not there.
type parser struct {
	b      []byte
	failed bool
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.failed = true
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) index() int32 {
	v := p.uvarint()
	if v > math.MaxInt32 {
		p.failed = true
		return 0
	}
	return int32(v)
}

func (p *parser) float() float32 {
	if len(p.b) < 4 {
		p.failed = true
		return 0
	}
	v := math.Float32frombits(binary.LittleEndian.Uint32(p.b))
	p.b = p.b[4:]
	return v
}

func (p *parser) floats(n uint64) []float32 {
	if n > uint64(len(p.b)/4) {
		p.failed = true
		return nil
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(p.b[4*i:]))
	}
	p.b = p.b[4*n:]
	return v
}
