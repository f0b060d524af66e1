// Command perturb asks how much recognition depends on how a capture was taken:
//
//	go run ./bench/perturb -manifest DIR/manifest.tsv [-v]
//
// Every capture whose truth is known is told again as other taps would have had it,
// one direction only, cut short, with losses, slower, with other addresses, amid
// other traffic, and the table says how many are still told rightly. The manifest is
// as 'lab/run record' writes it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"

	"firetower/bench/truth"
	"firetower/internal/attack"
	"firetower/internal/capture"
	"firetower/internal/detect"
	"firetower/internal/forest"
	"firetower/internal/pipeline"
)

func main() {
	manifest := flag.String("manifest", "", "manifest of the captures")
	verbose := flag.Bool("v", false, "list what is told wrongly though it is told rightly as it stands")
	flag.Parse()
	if *manifest == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*manifest, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "perturb:", err)
		os.Exit(1)
	}
}

func run(manifest string, verbose bool) error {
	captures, err := truth.Read(manifest)
	if err != nil {
		return err
	}
	model, err := detect.Open("")
	if err != nil {
		return err
	}
	tellings, err := loadAll(captures)
	if err != nil {
		return err
	}
	background := background(tellings)
	fmt.Printf("%-34s", "captures as they would be")
	for _, class := range attack.Classes() {
		fmt.Printf(" %5.5s", class)
	}
	fmt.Println("  clean  macro  score")
	var plain []bool
	for _, v := range variants {
		told, err := judgeAll(tellings, v, background, model)
		if err != nil {
			return err
		}
		if plain == nil {
			plain = told
		}
		printRow(v.name, captures, told)
		for i := range captures {
			if verbose && plain[i] && !told[i] {
				fmt.Printf("    %-13s %s\n", captures[i].Class, captures[i].File)
			}
		}
	}
	return nil
}

// loadAll reads every capture into memory.
func loadAll(captures []truth.Capture) ([]telling, error) {
	out := make([]telling, len(captures))
	for i := range captures {
		frames, err := load(captures[i].Path)
		if err != nil {
			return nil, err
		}
		out[i] = telling{truth: captures[i], frames: frames}
	}
	return out, nil
}

func load(path string) ([]capture.Frame, error) {
	src, err := capture.Open(path, capture.DefaultConfig())
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var out []capture.Frame
	for {
		var b capture.Batch // its memory is kept
		err := src.Next(&b)
		out = append(out, b.Frames...)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
}

func judgeAll(tellings []telling, v variant, background []capture.Frame, model *forest.Model) ([]bool, error) {
	out := make([]bool, len(tellings))
	errs := make([]error, len(tellings))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for i := range next {
				t := v.change(tellings[i], background)
				out[i], errs[i] = judge(t, model)
			}
		})
	}
	for i := range tellings {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", tellings[i].truth.File, v.name, err)
		}
	}
	return out, nil
}

func judge(t telling, model *forest.Model) (bool, error) {
	cfg := pipeline.DefaultConfig()
	judge, err := detect.NewJudge(model, cfg.Flow.Profile)
	if err != nil {
		return false, err
	}
	p := pipeline.New(cfg, judge, pipeline.Outputs{}, slog.New(slog.DiscardHandler))
	open := func(capture.Config) (capture.Source, error) { return &memory{frames: t.frames}, nil }
	if err := p.Read(context.Background(), open); err != nil {
		return false, err
	}
	return t.truth.Told(p.Incidents()), nil
}

func printRow(name string, captures []truth.Capture, told []bool) {
	var tally truth.Tally
	for i := range captures {
		tally.Add(captures[i].Class, told[i])
	}
	fmt.Printf("%-34s", name)
	for _, class := range attack.Classes() {
		n, of := tally.Class(class)
		fmt.Printf(" %5.2f", float64(n)/float64(max(1, of)))
	}
	recall, clean, score := tally.Rates()
	fmt.Printf("  %5.3f  %5.3f  %5.3f\n", clean, recall, score)
}

// memory is a source of frames that are there already.
type memory struct {
	frames []capture.Frame
	stats  capture.Stats
}

// batch is how many frames memory gives at a time.
const batch = 1024

// Next implements capture.Source.
func (m *memory) Next(b *capture.Batch) error {
	if len(m.frames) == 0 {
		b.Frames = nil
		return io.EOF
	}
	n := min(batch, len(m.frames))
	b.Frames, m.frames = m.frames[:n:n], m.frames[n:]
	m.stats.Received += uint64(n)
	m.stats.Delivered += uint64(n)
	return nil
}

// Stats implements capture.Source.
func (m *memory) Stats() capture.Stats { return m.stats }

// Close implements capture.Source.
func (m *memory) Close() error { return nil }
