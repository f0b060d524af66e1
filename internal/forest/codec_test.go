package forest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func written(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func described() *Model {
	m := randomModel(rand.New(rand.NewPCG(6, 6)), 5, 3, 4, 6)
	m.Meta = Meta{Profile: "cic-fixed", SchemaHash: "abc", Rows: 7, Seed: 1 << 63, Notes: map[string]string{"b": "2", "a": "1"},
		Medians: []float32{1, 2.5, 0, -1, 1e30}, Ranges: make([]Range, 15), Settings: Settings{Trees: 4, Criterion: "gini"}}
	return m
}

func TestWriteRead(t *testing.T) {
	m := described()
	b := written(t, m)
	back, err := Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Nodes, back.Nodes) || !reflect.DeepEqual(m.Dists, back.Dists) || !reflect.DeepEqual(m.Meta, back.Meta) ||
		!reflect.DeepEqual(m.Roots, back.Roots) || !reflect.DeepEqual(m.Features, back.Features) {
		t.Error("the model differs after reading")
	}
	if !bytes.Equal(b, written(t, back)) {
		t.Error("the bytes differ after reading")
	}
}

func TestReadRefuses(t *testing.T) {
	good := written(t, described())
	for name, c := range map[string]struct {
		change func(b []byte) []byte
		want   error
	}{
		"empty":        {func(b []byte) []byte { return nil }, ErrNotModel},
		"text":         {func(b []byte) []byte { return []byte("hello, world") }, ErrNotModel},
		"cut off":      {func(b []byte) []byte { return b[:len(b)-9] }, ErrDamaged},
		"very short":   {func(b []byte) []byte { return b[:20] }, ErrDamaged},
		"one bit":      {func(b []byte) []byte { b[len(b)/2] ^= 4; return b }, ErrDamaged},
		"other format": {func(b []byte) []byte { b[8]++; return b }, ErrVersion},
		"bytes after":  {func(b []byte) []byte { return append(b, 0) }, ErrDamaged},
	} {
		_, err := Read(bytes.NewReader(c.change(bytes.Clone(good))))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestRequire(t *testing.T) {
	m := described()
	if err := m.Require("cic-fixed", "abc"); err != nil {
		t.Error(err)
	}
	err := m.Require("cic2017", "abc")
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), "cic-fixed") || !strings.Contains(err.Error(), "cic2017") {
		t.Errorf("another profile: %v", err)
	}
	if m.Require("cic-fixed", "def") == nil {
		t.Error("another schema passes")
	}
}

func TestCompileRefuses(t *testing.T) {
	for name, change := range map[string]func(m *Model){
		"no classes":      func(m *Model) { m.Classes = nil },
		"no trees":        func(m *Model) { m.Roots = nil },
		"feature":         func(m *Model) { m.Nodes[0].Feature = 99 },
		"child":           func(m *Model) { m.Nodes[0].Next = 0 },
		"child elsewhere": func(m *Model) { m.Nodes[0].Next++ },
		"distribution":    func(m *Model) { m.Nodes[len(m.Nodes)-1].Next = 99 },
		"negative":        func(m *Model) { m.Dists[0] = -1 },
		"cut off":         func(m *Model) { m.Nodes = m.Nodes[:len(m.Nodes)-1] },
		"roots":           func(m *Model) { m.Roots[1]++ },
		"medians":         func(m *Model) { m.Meta.Medians = m.Meta.Medians[:1] },
	} {
		m := described()
		change(m)
		if m.Compile() == nil {
			t.Errorf("%s: compiles", name)
		}
	}
}

// FuzzRead: any bytes give a model that works and is written alike, or an error.
// The fuzzer's bytes get a right checksum, or it would never come past it.
func FuzzRead(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 7))
	f.Add(written(f, described()))
	f.Add(written(f, randomModel(rng, 1, 1, 1, 0)))
	f.Add(written(f, randomModel(rng, 30, 12, 2, 12)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > sha256.Size {
			sum := sha256.Sum256(b[:len(b)-sha256.Size])
			copy(b[len(b)-sha256.Size:], sum[:])
		}
		if len(b) > 12 {
			binary.LittleEndian.PutUint32(b[8:], formatVersion)
		}
		m, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		x, proba := make([]float32, 9*len(m.Features)), make([]float32, 9*len(m.Classes))
		m.PredictBatch(x, proba)
		m.Explain(x[:len(m.Features)], 0, make([]float64, len(m.Features)))
		again := written(t, m)
		if back, err := Read(bytes.NewReader(again)); err != nil || !bytes.Equal(again, written(t, back)) {
			t.Fatalf("a model that was read is not read again: %v", err)
		}
	})
}
