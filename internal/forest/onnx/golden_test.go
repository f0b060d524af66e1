package onnx

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The models and probabilities are scikit-learn's and onnxruntime's, made as
// testdata/README.md says.
func TestGolden(t *testing.T) {
	for _, name := range []string{"three-classes", "two-classes", "double", "missing"} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open("testdata/" + name + ".onnx")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			m, err := Import(f, nil)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := os.Open("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			x, proba := make([]float32, len(m.Features)), make([]float32, len(m.Classes))
			for lines := bufio.NewScanner(rows); lines.Scan(); {
				words := strings.Fields(lines.Text())
				for i := range x {
					bits, err := strconv.ParseUint(words[i], 16, 32)
					if err != nil {
						t.Fatal(err)
					}
					x[i] = math.Float32frombits(uint32(bits))
				}
				m.Predict(x, proba)
				for c, p := range proba {
					want, err := strconv.ParseFloat(words[len(x)+c], 64)
					if err != nil {
						t.Fatal(err)
					}
					if math.Abs(float64(p)-want) > 1e-6 {
						t.Errorf("%v: class %d has %v, want %v", x, c, p, want)
					}
				}
			}
		})
	}
}
