package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message builds a protobuf message.
type message struct{ b []byte }

func (m *message) bytes(field protowire.Number, v []byte) {
	m.b = protowire.AppendTag(m.b, field, protowire.BytesType)
	m.b = protowire.AppendBytes(m.b, v)
}

func (m *message) text(field protowire.Number, v string) { m.bytes(field, []byte(v)) }

func (m *message) int(field protowire.Number, v int64) {
	m.b = protowire.AppendTag(m.b, field, protowire.VarintType)
	m.b = protowire.AppendVarint(m.b, uint64(v))
}

// ints writes a repeated field of integers, unpacked as onnx.proto (proto2) has it.
func (m *message) ints(field protowire.Number, v []int64) {
	for _, x := range v {
		m.int(field, x)
	}
}

func (m *message) floats(field protowire.Number, v []float32) {
	for _, x := range v {
		m.b = protowire.AppendTag(m.b, field, protowire.Fixed32Type)
		m.b = protowire.AppendFixed32(m.b, math.Float32bits(x))
	}
}

// field is one field of a message that is read.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64 // of a varint, fixed32 or fixed64
	bytes  []byte // of a length-delimited field, a part of the input
}

// fields calls f for each field of a message.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return malformed("%v", protowire.ParseError(n))
		}
		b = b[n:]
		x := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.value = uint64(v)
		case protowire.Fixed64Type:
			x.value, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return malformed("%v", protowire.ParseError(n))
		}
		b = b[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// ints appends the integers of a repeated field, packed or not.
func (x field) ints(to []int64) []int64 {
	if x.kind != protowire.BytesType {
		return append(to, int64(x.value))
	}
	for b := x.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return to
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to
}

// floats appends the floats of a repeated field, packed or not.
func (x field) floats(to []float64) []float64 {
	if x.kind == protowire.Fixed32Type {
		return append(to, float64(math.Float32frombits(uint32(x.value))))
	}
	for b := x.bytes; len(b) >= 4; b = b[4:] {
		v, _ := protowire.ConsumeFixed32(b)
		to = append(to, float64(math.Float32frombits(v)))
	}
	return to
}

// doubles appends the doubles of a repeated field, packed or not.
func (x field) doubles(to []float64) []float64 {
	if x.kind == protowire.Fixed64Type {
		return append(to, math.Float64frombits(x.value))
	}
	for b := x.bytes; len(b) >= 8; b = b[8:] {
		v, _ := protowire.ConsumeFixed64(b)
		to = append(to, math.Float64frombits(v))
	}
	return to
}
