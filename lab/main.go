// Lab plays and records attacks and daily life between network namespaces.
// See docs/lab.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"firetower/internal/lab"
	"firetower/internal/lab/actor"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "lab:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("want a command: demo, record, live, load, day, flows, list, clean")
	}
	switch args[0] {
	case "demo":
		return demo(ctx, args[1:])
	case "record":
		return record(ctx, args[1:])
	case "live":
		return live(ctx, args[1:])
	case "load":
		return load(ctx, args[1:])
	case "day":
		return day(ctx, args[1:])
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
	return fmt.Errorf("no command %q: demo, record, live, load, day, flows, list, clean", args[0])
}

func logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
