// Command forest is the Go side of bench/forest.py: it grows forests on a table
// that the script wrote and prints scores or times as JSON.
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"firetower/internal/forest"
	"firetower/internal/forest/grow"
)

type table struct {
	Rows     int      `json:"rows"`
	Features []string `json:"features"`
	Classes  []string `json:"classes"`
	Repeats  int      `json:"repeats"`

	columns [][]float32
	labels  []uint8
	folds   []uint8 // by repeat, then row
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "forest bench:", err)
		os.Exit(1)
	}
}

func run() error {
	data := flag.String("data", "", "folder with the table")
	mode := flag.String("mode", "speed", "speed, parity, export or predict")
	model := flag.String("model", "", "model to predict with: .onnx or .firetower")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the training")
	cfg := grow.DefaultConfig()
	flag.IntVar(&cfg.Trees, "trees", cfg.Trees, "trees")
	flag.IntVar(&cfg.MaxDepth, "depth", cfg.MaxDepth, "maximum depth, 0: none")
	flag.BoolVar(&cfg.Balanced, "balanced", false, "balanced class weights")
	flag.IntVar(&cfg.Bins, "bins", cfg.Bins, "bins")
	flag.Parse()
	if *mode == "predict" {
		return predict(*data, *model)
	}
	t, err := load(*data)
	if err != nil {
		return err
	}
	if *mode == "export" {
		return export(t, cfg, *data)
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var result any
	if *mode == "parity" {
		result, err = parity(t, cfg)
	} else {
		result, err = speed(t, cfg)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func load(folder string) (*table, error) {
	b, err := os.ReadFile(filepath.Join(folder, "table.json"))
	if err != nil {
		return nil, err
	}
	t := &table{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, err
	}
	if t.labels, err = os.ReadFile(filepath.Join(folder, "y.u8")); err != nil {
		return nil, err
	}
	if t.folds, err = os.ReadFile(filepath.Join(folder, "folds.u8")); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(folder, "x.f32"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for range t.Features {
		c := make([]float32, t.Rows)
		if err := binary.Read(f, binary.LittleEndian, c); err != nil {
			return nil, err
		}
		t.columns = append(t.columns, c)
	}
	return t, nil
}

// subset copies the rows that keep says.
func (t *table) subset(keep func(row int) bool) grow.Dataset {
	d := grow.Dataset{Features: t.Features, Classes: t.Classes, Columns: make([][]float32, len(t.columns))}
	for i, y := range t.labels {
		if keep(i) {
			d.Labels = append(d.Labels, y)
		}
	}
	for f, c := range t.columns {
		for i, v := range c {
			if keep(i) {
				d.Columns[f] = append(d.Columns[f], v)
			}
		}
	}
	return d
}

// rows returns the first n rows of a dataset, one after another.
func rows(d grow.Dataset, n int) []float32 {
	f := len(d.Columns)
	x := make([]float32, n*f)
	for j, c := range d.Columns {
		for i := range n {
			x[i*f+j] = c[i]
		}
	}
	return x
}

func parity(t *table, cfg grow.Config) (any, error) {
	scores := make([][]float64, t.Repeats)
	for r := range scores {
		fold := t.folds[r*t.Rows : (r+1)*t.Rows]
		for k := range uint8(5) {
			cfg.Seed = uint64(100*r) + uint64(k)
			m, _, err := grow.Train(context.Background(), t.subset(func(i int) bool { return fold[i] != k }), cfg)
			if err != nil {
				return nil, err
			}
			scores[r] = append(scores[r], macroF1(m, t.subset(func(i int) bool { return fold[i] == k })))
		}
	}
	return map[string]any{"macro_f1": scores}, nil
}

func macroF1(m *forest.Model, d grow.Dataset) float64 {
	k, f := len(d.Classes), len(d.Columns)
	hit, said, is := make([]float64, k), make([]float64, k), make([]float64, k)
	x := rows(d, len(d.Labels))
	proba := make([]float32, k)
	for i, y := range d.Labels {
		p := m.Predict(x[i*f:(i+1)*f], proba)
		said[p]++
		is[y]++
		if p == int(y) {
			hit[y]++
		}
	}
	sum := 0.0
	for c := range k {
		if hit[c] > 0 {
			sum += 2 * hit[c] / (said[c] + is[c])
		}
	}
	return sum / float64(k)
}

func speed(t *table, cfg grow.Config) (any, error) {
	d := grow.Dataset{Features: t.Features, Classes: t.Classes, Columns: t.columns, Labels: t.labels}
	start, used := time.Now(), cpu()
	b, err := grow.Bin(context.Background(), d, cfg)
	if err != nil {
		return nil, err
	}
	bin := time.Since(start)
	m, _, err := b.Grow(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	train, trainCPU := time.Since(start), cpu()-used
	n := min(1024, len(d.Labels))
	x := rows(d, n)
	proba := make([]float32, n*len(m.Classes))
	f := len(m.Features)
	result := map[string]float64{
		"bin_s": bin.Seconds(), "grow_s": (train - bin).Seconds(), "train_s": train.Seconds(),
		"nodes": float64(len(m.Nodes)), "peak_mb": peak(), "cpu_s": trainCPU,
	}
	result["batch_s"] = best(400, func() { m.PredictBatch(x, proba) }) / float64(n)
	result["batch_all_s"] = best(400, func() { spread(m, x, proba) }) / float64(n)
	result["one_s"] = best(50, func() {
		for i := range 1000 {
			m.Predict(x[i*f:(i+1)*f], proba)
		}
	}) / 1000
	phi := make([]float64, f)
	result["explain_s"] = best(20, func() {
		for i := range 20 {
			m.Explain(x[i*41*f:(i*41+1)*f], i%len(m.Classes), phi)
		}
	}) / 20
	return result, nil
}

// spread predicts on all cores.
func spread(m *forest.Model, x, proba []float32) {
	f, k := len(m.Features), len(m.Classes)
	n := len(x) / f
	parts := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for p := range parts {
		from, to := p*n/parts, (p+1)*n/parts
		wg.Go(func() { m.PredictBatch(x[from*f:to*f], proba[from*k:to*k]) })
	}
	wg.Wait()
}

func best(repeat int, f func()) float64 {
	b := math.Inf(1)
	for range repeat {
		start := time.Now()
		f()
		b = min(b, time.Since(start).Seconds())
	}
	return b
}

// cpu returns the processor time used so far, which other programs disturb less
// than the wall clock.
func cpu() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peak is the most memory this program has held, in MB. Maxrss of getrusage(2) will not
// do: it begins with that of the program that started this one.
func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return math.NaN()
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kB float64
	if _, err := fmt.Sscan(after, &kB); err != nil {
		return math.NaN()
	}
	return kB / 1024
}
