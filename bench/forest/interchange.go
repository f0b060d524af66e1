package main

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"firetower/internal/forest"
	"firetower/internal/forest/grow"
	"firetower/internal/forest/onnx"
)

// export grows a forest on the table and writes it in all formats.
func export(t *table, cfg grow.Config, folder string) error {
	m, _, err := grow.Train(context.Background(), t.subset(func(int) bool { return true }), cfg)
	if err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"forest.firetower": m.Write,
		"classifier.onnx":  func(w io.Writer) error { return onnx.Export(w, m, onnx.Classifier) },
		"ensemble.onnx":    func(w io.Writer) error { return onnx.Export(w, m, onnx.Ensemble) },
	} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if err := write(f); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// predict writes the probabilities of rows.f32 to probabilities.f32.
func predict(folder, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var m *forest.Model
	if strings.HasSuffix(path, ".onnx") {
		m, err = onnx.Import(f, nil)
	} else {
		m, err = forest.Read(f)
	}
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join(folder, "rows.f32"))
	if err != nil {
		return err
	}
	x := make([]float32, len(raw)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	proba := make([]float32, len(x)/len(m.Features)*len(m.Classes))
	m.PredictBatch(x, proba)
	out := make([]byte, 0, 4*len(proba))
	for _, p := range proba {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(p))
	}
	return os.WriteFile(filepath.Join(folder, "probabilities.f32"), out, 0o644)
}
