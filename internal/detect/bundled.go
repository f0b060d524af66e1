package detect

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"

	"firetower/internal/forest"
)

// bundled is the model that the program comes with; docs/model-card.md says what it
// was trained on and gives the command that makes these bytes again.
//
//go:embed bundled/default.firetower
var bundled []byte

// Bundled gives the model that the program comes with.
func Bundled() (*forest.Model, error) {
	m, err := forest.Read(bytes.NewReader(bundled))
	if err != nil {
		return nil, fmt.Errorf("bundled model: %w", err)
	}
	return m, nil
}

// Open reads a model file; an empty path is the bundled model.
func Open(path string) (*forest.Model, error) {
	if path == "" {
		return Bundled()
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w; train one with 'firetower train', or leave --model out for the one built in", err)
	}
	defer f.Close()
	m, err := forest.Read(f)
	if errors.Is(err, forest.ErrNotModel) {
		return nil, fmt.Errorf("model %s: %w; 'firetower train' writes one, 'firetower import' makes one of ONNX", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}
