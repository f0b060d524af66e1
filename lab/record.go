package main

import (
	"context"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"firetower/internal/lab"
	"firetower/internal/lab/actor"
)

func demo(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	out := f.String("out", "demo", "directory for demo.pcap and truth.tsv")
	seed := f.Uint64("seed", 1, "of everything drawn")
	keep := f.Bool("keep", false, "keep the scratch directory with the programs' logs")
	if err := actor.Parse(f, args); err != nil {
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
		DelayMin: 4 * time.Millisecond, DelayMax: 30 * time.Millisecond, Assets: "lab", Keep: *keep,
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
	if err := actor.Parse(f, args); err != nil {
		return err
	}
	if c.Out == "" {
		return errors.New("record: --out DIR says where")
	}
	c.Stage.Assets, c.Stage.Log = "lab", logger(*verbose)
	return c.Record(ctx)
}

func flows(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("flows", flag.ContinueOnError)
	var l lab.Labels
	f.StringVar(&l.Corpus, "corpus", "", "directory that record wrote")
	f.StringVar(&l.Out, "out", "flows.csv.gz", "file for the labelled flows")
	f.IntVar(&l.Most, "most", 3000, "rows of one capture, 0: all")
	f.StringVar(&l.Firetower, "firetower", "bin/firetower", "the program")
	if err := actor.Parse(f, args); err != nil {
		return err
	}
	return l.Write(ctx)
}
