// Command loso judges captures by limits that saw nothing of their repository:
//
//	go run ./bench/loso -field DIR/manifest.tsv -lab LAB/manifest.tsv -model MODEL
//
// Every limit of every behaviour (each number of behaviour.Config) is chosen anew for
// each repository of the field captures, by the captures of all other repositories
// and the lab's recordings, and the captures left out are judged by what was chosen.
// The lab is left out in turn as well, and once all limits are chosen by the lab
// alone. The bundled forest has learnt from such captures: MODEL should be one that has
// not ('SOURCES=cicids OUT=MODEL tools/model.sh'). What stays is the structure of the
// rules; docs/evaluation.md says what that means.
//
// Choosing: one limit after the other, in rounds, takes the multiple of its present
// value (an eighth to eight times) that gives the best harmonic mean of macro recall
// and clean rate; of several that are equally good the middle one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"firetower/bench/truth"
	"firetower/internal/behaviour"
)

// lab is the source of the lab's recordings.
const lab = "lab"

func main() {
	field := flag.String("field", "", "manifest of captures from several repositories")
	recorded := flag.String("lab", "", "manifest of the lab's recordings")
	model := flag.String("model", "", "forest that has seen none of the captures; empty: the bundled one")
	rounds := flag.Int("rounds", 1, "how often each limit is chosen")
	flag.Parse()
	if *field == "" || *recorded == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*field, *recorded, *model, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "loso:", err)
		os.Exit(1)
	}
}

func run(field, recorded, model string, rounds int) error {
	all, err := truth.Read(field)
	if err != nil {
		return err
	}
	own, err := truth.Read(recorded)
	if err != nil {
		return err
	}
	for i := range own {
		own[i].Source = lab
	}
	r := newRig()
	if err := r.record(context.Background(), append(all, own...), model); err != nil {
		return err
	}
	began := time.Now()
	note := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%5.0f s  "+format+"\n", append([]any{time.Since(began).Seconds()}, args...)...)
	}
	now := behaviour.DefaultConfig()
	r.print(os.Stdout, "As it is", func(string) []bool { return r.right(now) })
	quiet := r.without("forest", now)
	r.print(os.Stdout, "Without the forest", func(string) []bool { return quiet })
	r.sensitivity(os.Stdout)
	note("sensitivity done")

	sources := r.sources()
	chosen := map[string]behaviour.Config{}
	for _, s := range sources {
		chosen[s] = r.choose(rounds, func(c *truth.Capture) bool { return c.Source != s })
		note("%s left out", s)
	}
	r.print(os.Stdout, "Each source left out", func(source string) []bool { return r.right(chosen[source]) })
	r.moved(os.Stdout, chosen)

	byLab := r.choose(rounds, func(c *truth.Capture) bool { return c.Source == lab })
	r.print(os.Stdout, "Limits chosen by the lab alone", func(string) []bool { return r.right(byLab) })
	return nil
}

// sources lists them in order of appearance.
func (r *rig) sources() (all []string) {
	for _, t := range r.tapes {
		if !slices.Contains(all, t.Source) {
			all = append(all, t.Source)
		}
	}
	return all
}
