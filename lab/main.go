// Lab plays and records attacks and daily life between network namespaces.
// See docs/lab.md.
package main

import (
	"context"
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
		return errors.New("want a command: demo, record, live, list, clean")
	}
	switch args[0] {
	case "demo":
		return demo(ctx, args[1:])
	case "record":
		return record(ctx, args[1:])
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
	return fmt.Errorf("no command %q: demo, record, live, list, clean", args[0])
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
