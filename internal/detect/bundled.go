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

// ErrNoModel says that there is no bundled model.
var ErrNoModel = errors.New("this program was built without a model: name one with --model")

// Bundled gives the model that the program comes with.
func Bundled() (*forest.Model, error) {
	if len(bundled) == 0 {
		return nil, ErrNoModel
	}
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
		return nil, fmt.Errorf("model %s: %w: train one with 'firetower train', or leave --model out for the one built in", path, err)
	}
	defer f.Close()
	m, err := forest.Read(f)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return m, nil
}
