package main

import (
	"errors"

	"firetower/internal/detect"
	"firetower/internal/flow"
)

// openJudge reads a model, the bundled one if path is empty, for flows as the
// program meters them.
func openJudge(path string) (*detect.Judge, error) {
	m, err := detect.Open(path)
	if errors.Is(err, detect.ErrNoModel) {
		return nil, nil // until the first model is bundled
	}
	if err != nil {
		return nil, err
	}
	return detect.NewJudge(m, flow.CICFixed)
}
