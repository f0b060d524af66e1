// Lab plays and records attacks and daily life between network namespaces.
// See docs/lab.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"firetower/internal/lab"
	"firetower/internal/lab/actor"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("want a command: demo, record, live, flows, list, clean")
	}
	switch args[0] {
	case "demo":
		return demo(ctx, args[1:])
	case "record":
		return record(ctx, args[1:])
	case "live":
		return live(ctx, args[1:])
	case "flows":
		return flows(ctx, args[1:])
	case "list":
		for _, s := range lab.Find(strings.Join(args[1:], "")) {
			fmt.Printf("%-14s %s\n", s.Class, s.Name)
		}
		return nil
	case "actor":
		return actor.Run(ctx, args[1:])
	case "clean":
		fmt.Printf("removed %d namespaces\n", lab.Sweep(strings.Join(args[1:], "")))
		return nil
	}
	return fmt.Errorf("no command %q: demo, record, live, flows, list, clean", args[0])
}

func demo(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	out := f.String("out", "demo", "directory for demo.pcap and truth.tsv")
	seed := f.Uint64("seed", 1, "of everything drawn")
	keep := f.Bool("keep", false, "keep the scratch directory with the programs' logs")
	if err := f.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", lab.Prefix+"-demo-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // servers drop their rights
		return err
	}
	w, err := lab.Open(ctx, lab.Config{ID: "demo", Dir: dir, Inside: netip.MustParsePrefix("192.168.50.0/24"),
		DelayMin: 4 * time.Millisecond, DelayMax: 30 * time.Millisecond, Assets: "lab/servers", Keep: *keep,
		Log: logger(true)})
	if w != nil {
		defer w.Close()
	}
	if err != nil {
		return err
	}
	file, err := filepath.Abs(filepath.Join(*out, "demo.pcap"))
	if err != nil {
		return err
	}
	truth, err := lab.Demo(ctx, w, *seed, file)
	if err != nil {
		return err
	}
	t, err := os.Create(filepath.Join(*out, "truth.tsv"))
	if err != nil {
		return err
	}
	defer t.Close()
	return lab.WriteTruth(t, truth)
}

func record(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("record", flag.ContinueOnError)
	var c lab.Corpus
	f.StringVar(&c.Out, "out", "", "directory for manifest.tsv and captures/")
	f.Uint64Var(&c.Seed, "seed", 1, "of everything drawn")
	f.IntVar(&c.Runs, "runs", 10, "of each class of attack")
	f.IntVar(&c.Life, "life", 40, "of benign life")
	f.IntVar(&c.Each, "each", 0, "instead, of every scenario")
	f.IntVar(&c.Jobs, "jobs", 3, "networks at once")
	f.StringVar(&c.Only, "only", "", "a class or a scenario; all if empty")
	f.BoolVar(&c.Stage.Keep, "keep", false, "keep the scratch directories with the programs' logs")
	f.BoolVar(&c.Stage.Quiet, "quiet", false, "no life beside the attacks")
	verbose := f.Bool("v", false, "tell of every program run")
	if err := f.Parse(args); err != nil {
		return err
	}
	if c.Out == "" {
		return errors.New("record: --out DIR says where")
	}
	c.Stage.Assets, c.Stage.Log = "lab/servers", logger(*verbose)
	return c.Record(ctx)
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func live(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("live", flag.ContinueOnError)
	var l lab.Live
	f.StringVar(&l.Only, "class", "", "a class or a scenario; all if empty")
	f.Uint64Var(&l.Seed, "seed", uint64(time.Now().Unix()), "of everything drawn; a new one each time if not given")
	f.IntVar(&l.Runs, "runs", 20, "of each class")
	f.IntVar(&l.Jobs, "jobs", 2, "networks at once, each with a daemon of its own")
	f.StringVar(&l.Firetower, "firetower", "bin/firetower", "the program")
	f.StringVar(&l.Model, "model", "", "its model; the built-in one if empty")
	f.BoolVar(&l.Stage.Quiet, "quiet", false, "no life beside the attacks")
	f.BoolVar(&l.Stage.Keep, "keep", false, "keep the logs of all programs")
	lines := f.String("results", "", "also write each result as a line of JSON to this file")
	verbose := f.Bool("v", false, "tell of every program run")
	if err := f.Parse(args); err != nil {
		return err
	}
	var err error
	if l.Firetower, err = filepath.Abs(l.Firetower); err != nil {
		return err
	}
	if _, err := os.Stat(l.Firetower); err != nil {
		return fmt.Errorf("no firetower to watch with: %w: make build", err)
	}
	l.Stage.Assets, l.Stage.Log = "lab/servers", logger(*verbose)
	var out *json.Encoder
	if *lines != "" {
		file, err := os.Create(*lines)
		if err != nil {
			return err
		}
		defer file.Close()
		out = json.NewEncoder(file)
	}
	fmt.Fprintf(os.Stderr, "seed %d\n", l.Seed)
	var t lab.Tally
	err = l.Run(ctx, func(r lab.Result) {
		t.Add(r)
		printResult(r)
		if out != nil {
			_ = out.Encode(r) // the same is on the screen
		}
	})
	fmt.Println()
	return errors.Join(err, t.Write(os.Stdout))
}

func printResult(r lab.Result) {
	word := "missed"
	switch {
	case r.Err != "":
		word = "failed"
	case r.Detected:
		word = fmt.Sprintf("detected in %.1f s", r.Seconds)
	case r.Class == "benign" && len(r.False) == 0:
		word = "silent"
	case r.Class == "benign":
		word = "alarmed"
	}
	fmt.Printf("%-13s %-24s %-20s said %v  %s\n", r.Class, r.Scenario, word, r.As, r.Err)
	for _, f := range r.False {
		fmt.Printf("%15sfalse: %s\n", "", f)
	}
	if word == "missed" {
		fmt.Printf("%15splayed: %s\n", "", r.Note)
	}
}

func flows(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("flows", flag.ContinueOnError)
	var l lab.Labels
	f.StringVar(&l.Corpus, "corpus", "", "directory that record wrote")
	f.StringVar(&l.Out, "out", "flows.csv.gz", "file for the labelled flows")
	f.IntVar(&l.Most, "most", 3000, "rows of one capture, 0: all")
	f.StringVar(&l.Firetower, "firetower", "bin/firetower", "the program")
	if err := f.Parse(args); err != nil {
		return err
	}
	return l.Write(ctx)
}
