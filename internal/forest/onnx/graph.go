package onnx

import "google.golang.org/protobuf/encoding/protowire"

// graph is the part of an ONNX model that matters here.
type graph struct {
	nodes    []op
	inputs   []input
	tensors  map[string]tensor // initializers
	metadata map[string]string
}

type op struct {
	kind, domain    string
	inputs, outputs []string
	attrs           map[string]attr
}

type input struct {
	name  string
	width int // of the last dimension; 0: not said
}

type attr struct {
	ints    []int64
	floats  []float64
	strings []string
	tensor  tensor
}

// tensor holds numbers of any type as float64, exact for all that occur here.
type tensor struct {
	name    string
	values  []float64
	strings []string
}

func parseModel(b []byte) (*graph, error) {
	g := &graph{tensors: map[string]tensor{}, metadata: map[string]string{}}
	found := false
	err := fields(b, func(x field) error {
		switch x.number {
		case 7:
			found = true
			return g.parse(x.bytes)
		case 14:
			var key, value string
			err := fields(x.bytes, func(x field) error {
				switch x.number {
				case 1:
					key = string(x.bytes)
				case 2:
					value = string(x.bytes)
				}
				return nil
			})
			g.metadata[key] = value
			return err
		}
		return nil
	})
	if err == nil && !found {
		err = malformed("no graph")
	}
	return g, err
}

func (g *graph) parse(b []byte) error {
	return fields(b, func(x field) error {
		switch x.number {
		case 1:
			o, err := parseOp(x.bytes)
			g.nodes = append(g.nodes, o)
			return err
		case 5:
			t, err := parseTensor(x.bytes)
			g.tensors[t.name] = t
			return err
		case 11:
			in, err := parseInput(x.bytes)
			g.inputs = append(g.inputs, in)
			return err
		}
		return nil
	})
}

func parseOp(b []byte) (op, error) {
	o := op{attrs: map[string]attr{}}
	err := fields(b, func(x field) error {
		switch x.number {
		case 1:
			o.inputs = append(o.inputs, string(x.bytes))
		case 2:
			o.outputs = append(o.outputs, string(x.bytes))
		case 4:
			o.kind = string(x.bytes)
		case 7:
			o.domain = string(x.bytes)
		case 5:
			name, a, err := parseAttr(x.bytes)
			o.attrs[name] = a
			return err
		}
		return nil
	})
	return o, err
}

func parseAttr(b []byte) (name string, a attr, err error) {
	err = fields(b, func(x field) error {
		switch x.number {
		case 1:
			name = string(x.bytes)
		case 2, 7:
			a.floats = x.floats(a.floats)
		case 3, 8:
			a.ints = x.ints(a.ints)
		case 4, 9:
			a.strings = append(a.strings, string(x.bytes))
		case 5:
			var err error
			a.tensor, err = parseTensor(x.bytes)
			return err
		}
		return nil
	})
	// Singular and repeated floats have fields 2 and 7, ints 3 and 8 in onnx.proto.
	return name, a, err
}

func parseTensor(b []byte) (tensor, error) {
	var t tensor
	var raw []byte
	kind := int64(0)
	err := fields(b, func(x field) error {
		switch x.number {
		case 2:
			kind = int64(x.value)
		case 4:
			t.values = x.floats(t.values)
		case 5, 7:
			for _, v := range x.ints(nil) {
				t.values = append(t.values, float64(v))
			}
		case 6:
			t.strings = append(t.strings, string(x.bytes))
		case 8:
			t.name = string(x.bytes)
		case 9:
			raw = x.bytes
		case 10:
			t.values = x.doubles(t.values)
		case 14:
			if x.value != 0 {
				return unsupported("data outside the file")
			}
		}
		return nil
	})
	if err != nil || raw == nil {
		return t, err
	}
	return t, t.readRaw(kind, raw)
}

// readRaw reads raw_data, which is little-endian like packed fields.
func (t *tensor) readRaw(kind int64, raw []byte) error {
	x := field{kind: protowire.BytesType, bytes: raw}
	switch kind {
	case typeFloat:
		t.values = x.floats(t.values)
	case typeDouble:
		t.values = x.doubles(t.values)
	case typeUint8, typeBool:
		for _, v := range raw {
			t.values = append(t.values, float64(v))
		}
	case typeInt64:
		for ; len(raw) >= 8; raw = raw[8:] {
			v, _ := protowire.ConsumeFixed64(raw)
			t.values = append(t.values, float64(int64(v)))
		}
	default:
		return unsupported("tensor type %d", kind)
	}
	return nil
}

// parseInput reads a ValueInfoProto: name, and the last dimension of its shape.
func parseInput(b []byte) (input, error) {
	var in input
	dive := func(b []byte, number protowire.Number, f func([]byte) error) error {
		return fields(b, func(x field) error {
			if x.number == number {
				return f(x.bytes)
			}
			return nil
		})
	}
	err := fields(b, func(x field) error {
		switch x.number {
		case 1:
			in.name = string(x.bytes)
		case 2: // type, tensor_type, shape, dim
			return dive(x.bytes, 1, func(b []byte) error {
				return dive(b, 2, func(b []byte) error {
					return dive(b, 1, func(b []byte) error {
						in.width = 0
						return fields(b, func(x field) error {
							if x.number == 1 && x.value < 1<<31 {
								in.width = int(x.value)
							}
							return nil
						})
					})
				})
			})
		}
		return nil
	})
	return in, err
}
