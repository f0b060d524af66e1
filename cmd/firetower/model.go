package main

import (
	"firetower/internal/detect"
	"firetower/internal/flow"
)

// openJudge reads a model, the bundled one if path is empty, for flows as the daemon
// and the demo meter them.
func openJudge(path string) (*detect.Judge, error) {
	m, err := detect.Open(path)
	if err != nil {
		return nil, err
	}
	return detect.NewJudge(m, flow.CICFixed)
}
