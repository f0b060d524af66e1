// Command contacts asks how the contact of a host with a server should be judged: by
// the weights that internal/behaviour gives its signs by hand, by weights fitted to
// captures, or by a forest. It collects the signs and the numbers of every contact in
// captures whose truth is known, leaves each source out in turn, fits on the others,
// and prints what each judge recognises of the source left out.
//
//	go run ./bench/contacts DIR/manifest.tsv...
//
// Manifests are those that bench/score reads, with a column source_repo. With -signs it
// prints how often each sign is seen and what a fit to all sources would make of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

func main() {
	signs := flag.Bool("signs", false, "print the signs and their fitted weights instead")
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, flag.Args(), *signs); err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, manifests []string, signs bool) error {
	var all []*capture
	for _, m := range manifests {
		some, err := collect(ctx, m)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	if signs {
		signTable(w, all)
		return nil
	}
	return compare(ctx, w, all)
}

// tally is how a judge fares on captures.
type tally struct{ found, bots, clean, benign int }

func (t *tally) add(c *capture, alarm bool) {
	switch {
	case c.bot():
		t.bots++
		if alarm {
			t.found++
		}
	case c.Benign():
		t.benign++
		if !alarm {
			t.clean++
		}
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%d of %d, %d of %d", t.found, t.bots, t.clean, t.benign)
}

// compare leaves each source out in turn.
func compare(ctx context.Context, w io.Writer, all []*capture) error {
	var sources []string
	for _, c := range all {
		if !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
	}
	fmt.Fprint(w, "| left out |")
	for _, m := range methods {
		fmt.Fprintf(w, " %s |", m.name)
	}
	fmt.Fprint(w, "\n|---|")
	for range methods {
		fmt.Fprint(w, "---|")
	}
	fmt.Fprintln(w)
	total := make([]tally, len(methods))
	for _, s := range sources {
		train := slices.DeleteFunc(slices.Clone(all), func(c *capture) bool { return c.Source == s })
		one := make([]tally, len(methods))
		for i, m := range methods {
			judge, err := m.fit(ctx, train)
			if err != nil {
				return fmt.Errorf("%s without %s: %w", m.name, s, err)
			}
			for _, c := range all {
				if c.Source == s {
					one[i].add(c, c.alarms(judge))
					total[i].add(c, c.alarms(judge))
				}
			}
		}
		row(w, s, one)
	}
	row(w, "**all**", total)
	return nil
}

func row(w io.Writer, name string, cells []tally) {
	fmt.Fprintf(w, "| %s |", name)
	for _, c := range cells {
		fmt.Fprintf(w, " %s |", c)
	}
	fmt.Fprintln(w)
}
