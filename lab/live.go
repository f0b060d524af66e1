package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"firetower/internal/lab"
	"firetower/internal/lab/actor"
)

// daemon declares the flags of every command that has Firetower watch.
func daemon(f *flag.FlagSet, l *lab.Live) (verbose *bool) {
	f.Uint64Var(&l.Seed, "seed", uint64(time.Now().Unix()), "of everything drawn; a new one each time if not given")
	f.StringVar(&l.Firetower, "firetower", "bin/firetower", "the program")
	f.StringVar(&l.Model, "model", "", "its model; the built-in one if empty")
	f.BoolVar(&l.Stage.Keep, "keep", false, "keep the logs of all programs")
	return f.Bool("v", false, "tell of every program run")
}

// ready completes what daemon's flags say.
func ready(l *lab.Live, verbose bool) error {
	var err error
	if l.Firetower, err = filepath.Abs(l.Firetower); err != nil {
		return err
	}
	if _, err := os.Stat(l.Firetower); err != nil {
		return fmt.Errorf("no firetower to watch with: %w: make build", err)
	}
	l.Stage.Assets, l.Stage.Log = "lab", logger(verbose)
	fmt.Fprintf(os.Stderr, "seed %d\n", l.Seed)
	return nil
}

func live(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("live", flag.ContinueOnError)
	var l lab.Live
	verbose := daemon(f, &l)
	f.StringVar(&l.Only, "class", "", "a class or a scenario; all if empty")
	f.IntVar(&l.Runs, "runs", 20, "of each class of attack")
	f.IntVar(&l.Life, "life", 20, "of benign life")
	f.IntVar(&l.Jobs, "jobs", 2, "networks at once, each with a daemon of its own")
	f.BoolVar(&l.Stage.Quiet, "quiet", false, "no life beside the attacks")
	lines := f.String("results", "", "also write each result as a line of JSON to this file")
	if err := actor.Parse(f, args); err != nil {
		return err
	}
	if err := ready(&l, *verbose); err != nil {
		return err
	}
	var out *json.Encoder
	if *lines != "" {
		file, err := os.Create(*lines)
		if err != nil {
			return err
		}
		defer file.Close()
		out = json.NewEncoder(file)
	}
	var t lab.Tally
	err := l.Run(ctx, func(r lab.Result) {
		t.Add(r)
		printResult(r)
		if out != nil {
			_ = out.Encode(r) // the same is on the screen
		}
	})
	fmt.Println()
	return errors.Join(err, t.Write(os.Stdout))
}

func load(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	var l lab.Load
	verbose := daemon(f, &l.Live)
	f.IntVar(&l.Rate, "rate", 100000, "new flows a second")
	f.DurationVar(&l.Length, "for", time.Minute, "length of the flood")
	curve := f.String("curve", "", "write seconds and resident megabytes to this file")
	if err := actor.Parse(f, args); err != nil {
		return err
	}
	if err := ready(&l.Live, *verbose); err != nil {
		return err
	}
	l.Curve = io.Discard
	if *curve != "" {
		file, err := os.Create(*curve)
		if err != nil {
			return err
		}
		defer file.Close()
		l.Curve = file
	}
	got, err := l.Run(ctx)
	for _, r := range got.Results {
		printResult(r)
	}
	fmt.Printf("flood: %s\nfiretower: %s, at most %d MB resident\n", got.Results[0].Note, got.Daemon, got.Peak)
	return err
}

func day(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("day", flag.ContinueOnError)
	var l lab.Live
	verbose := daemon(f, &l)
	length := f.Duration("for", time.Hour, "how long")
	if err := actor.Parse(f, args); err != nil {
		return err
	}
	if err := ready(&l, *verbose); err != nil {
		return err
	}
	r, err := l.Day(ctx, *length, func(scenario string) { fmt.Fprintln(os.Stderr, time.Now().Format(time.TimeOnly), scenario) })
	printResult(r)
	return err
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
