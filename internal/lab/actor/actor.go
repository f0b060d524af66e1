// Package actor holds the small programs that the lab runs inside its namespaces
// because no tool of a Debian system does just that: a browser-like client, a
// beaconing bot, request floods, a TLS server that bleeds. Each runs only as long
// as its flags say.
package actor

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

type program func(ctx context.Context, args []string) error

func programs() map[string]program {
	return map[string]program{
		"beacon":    beacon,
		"bleed":     bleed,
		"browse":    browse,
		"chat":      chat,
		"delay":     delay,
		"dial":      dial,
		"flood":     flood,
		"heartbeat": heartbeat,
		"peer":      peer,
		"probe":     probe,
		"reflect":   reflect,
		"socket":    socket,
		"spoof":     spoof,
	}
}

// Parse reads the flags of one of the lab's commands. A wrong one is told in a line;
// -h lists them all and gives flag.ErrHelp.
func Parse(f *flag.FlagSet, args []string) error {
	f.SetOutput(io.Discard)
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(os.Stderr)
		f.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %s -h lists the flags", err, f.Name())
	case f.NArg() > 0:
		return fmt.Errorf("%s takes flags only, not %q: %s -h lists them", f.Name(), f.Arg(0), f.Name())
	}
	return nil
}

// Run runs the actor that args[0] names with the rest as its flags.
func Run(ctx context.Context, args []string) error {
	all := programs()
	if len(args) > 0 {
		if p, ok := all[args[0]]; ok {
			if err := p(ctx, args[1:]); err != nil {
				return fmt.Errorf("actor %s: %w", args[0], err)
			}
			return nil
		}
	}
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	return fmt.Errorf("want the name of an actor: %s", strings.Join(names, ", "))
}
