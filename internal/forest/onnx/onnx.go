// Package onnx writes forests as ONNX models and reads forests from them, so that
// a forest grown here runs in any ONNX runtime and one grown elsewhere runs here.
//
// Both tree operators of the ai.onnx.ml domain are known: TreeEnsembleClassifier,
// which most converters write, and its successor TreeEnsemble of version 5. The
// messages are those of onnx.proto (https://github.com/onnx/onnx); only the few
// fields that forests need are read and written.
package onnx

import "fmt"

// Operator is the ONNX operator that holds the trees.
type Operator string

// The operators.
const (
	Classifier Operator = "TreeEnsembleClassifier" // ai.onnx.ml 1 to 4; written as 3
	Ensemble   Operator = "TreeEnsemble"           // ai.onnx.ml 5
)

// metaKey is the metadata property that carries what ONNX has no place for.
const metaKey = "firetower"

// Message numbers of attribute and tensor types in onnx.proto.
const (
	typeFloat  = 1 // TensorProto.DataType
	typeUint8  = 2
	typeInt64  = 7
	typeString = 8
	typeBool   = 9
	typeDouble = 11

	attrFloat   = 1 // AttributeProto.AttributeType
	attrInt     = 2
	attrString  = 3
	attrTensor  = 4
	attrFloats  = 6
	attrInts    = 7
	attrStrings = 8
)

// Modes of TreeEnsemble, by number.
var modeNames = [...]string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"}

// UnsupportedError says what in an ONNX model does not fit a forest.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string {
	return "onnx: " + e.What + " is not supported: only forests whose trees vote class probabilities are"
}

func unsupported(format string, args ...any) error {
	return &UnsupportedError{fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("onnx: malformed model: %s", fmt.Sprintf(format, args...))
}
