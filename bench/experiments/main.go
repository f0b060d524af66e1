// Command experiments compares recipes for the default preset: each is trained
// several times on the same labelled flows, scored on held-out rows of the same
// data, and then asked about captures of other people's networks that nobody
// trained on. It prints a Markdown table.
//
//	go run ./bench/experiments -data FLOWS.csv.gz -manifest manifest.tsv -captures DIR -bin bin/firetower
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"firetower/internal/dataset"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/score"
	"firetower/internal/training"
)

func main() {
	data := flag.String("data", "", "labelled flows to train on")
	manifest := flag.String("manifest", "", "TSV of captures: file, class, also, ...")
	captures := flag.String("captures", "", "folder of the captures")
	bin := flag.String("bin", "bin/firetower", "program that meters them")
	seeds := flag.Int("seeds", 3, "trainings of each recipe")
	only := flag.String("only", "", "only recipes whose name contains this")
	flag.Parse()
	if err := run(*data, *manifest, *captures, *bin, *seeds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "experiments:", err)
		os.Exit(1)
	}
}

func run(data, manifest, captures, bin string, seeds int, only string) error {
	ctx := context.Background()
	foreign, err := meter(ctx, manifest, captures, bin)
	if err != nil {
		return err
	}
	fmt.Printf("%d foreign flows in %d captures; %d trainings of each recipe\n\n", foreign.table.Rows(), len(foreign.class), seeds)
	fmt.Println("| recipe | features | macro-F1 held out | macro-F1 later days | foreign: benign flows flagged | mean over captures | captures clean | attacks recognised | p >= 0.8: flagged | mean | clean | recognised |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, c := range candidates() {
		if !strings.Contains(c.name, only) {
			continue
		}
		var sum outcome
		for seed := range seeds {
			o, err := c.try(ctx, data, foreign, uint64(seed+1))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			sum.add(o)
		}
		fmt.Println(sum.row(c.name, float64(seeds)))
	}
	return nil
}

// captured is the flows of all captures, a group for each.
type captured struct {
	table *dataset.Table
	class map[string]string // by capture
	also  map[string]string
}

// meter runs the program over every capture and reads its flows.
func meter(ctx context.Context, manifest, captures, bin string) (*captured, error) {
	c := &captured{class: map[string]string{}, also: map[string]string{}}
	f, err := os.Open(manifest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dir, err := os.MkdirTemp("", "experiments")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		if len(field) < 3 || field[0] == "file" || field[1] == "other" {
			continue
		}
		name := strings.TrimSuffix(field[0], ".pcap.gz") + ".csv"
		out, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, bin, "flows", filepath.Join(captures, field[0]))
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", field[0], err)
		}
		if err := out.Close(); err != nil {
			return nil, err
		}
		c.class[name], c.also[name] = field[1], field[2]
	}
	cfg := dataset.DefaultConfig()
	cfg.Rules = &dataset.Rules{} // no rule fits: all count as benign, nothing is dropped
	cfg.Group = dataset.GroupFile
	c.table, err = dataset.Load(ctx, []string{dir}, schemas(), cfg, nil)
	return c, err
}

func schemas() []dataset.Schema {
	return []dataset.Schema{dataset.SchemaOf(feature.For(flow.CICFixed))}
}

// outcome is what one training came to.
type outcome struct {
	features, macro, later float64
	at                     [2]foreignOutcome // argmax, and only verdicts of p >= 0.8
}

// foreignOutcome: the share of benign flows flagged, the mean of that share over
// captures, benign captures without any, and attack captures with a right one.
type foreignOutcome struct{ flagged, mean, clean, recognised float64 }

func (o *outcome) add(b outcome) {
	o.features, o.macro, o.later = o.features+b.features, o.macro+b.macro, o.later+b.later
	for i := range o.at {
		o.at[i].flagged += b.at[i].flagged
		o.at[i].mean += b.at[i].mean
		o.at[i].clean += b.at[i].clean
		o.at[i].recognised += b.at[i].recognised
	}
}

func (o *outcome) row(name string, n float64) string {
	row := fmt.Sprintf("| %s | %.0f | %.4f | %.3f |", name, o.features/n, o.macro/n, o.later/n)
	for _, f := range o.at {
		row += fmt.Sprintf(" %.2f %% | %.2f %% | %.0f %% | %.0f %% |", 100*f.flagged/n, 100*f.mean/n, 100*f.clean/n, 100*f.recognised/n)
	}
	return row
}

// try trains once and judges.
func (c *candidate) try(ctx context.Context, data string, foreign *captured, seed uint64) (outcome, error) {
	t, err := dataset.Load(ctx, []string{data}, schemas(), dataset.DefaultConfig(), nil)
	if err != nil {
		return outcome{}, err
	}
	r := plain()
	c.change(&r)
	r.Seed = seed
	result, err := training.Train(ctx, t, r, training.Watch{})
	if err != nil {
		return outcome{}, err
	}
	o := outcome{features: float64(len(result.Features)), macro: result.Test.MacroF1}
	proba, err := training.Apply(result.Model, foreign.table)
	if err != nil {
		return o, err
	}
	for i, least := range []float32{0, 0.8} {
		o.at[i] = foreign.judge(proba, least)
	}
	r.Split.By, r.Refit = dataset.ByTime, false
	if t, err = dataset.Load(ctx, []string{data}, schemas(), dataset.DefaultConfig(), nil); err != nil {
		return o, err
	}
	later, err := training.Train(ctx, t, r, training.Watch{})
	if err != nil {
		return o, err
	}
	o.later = later.Test.MacroF1
	return o, nil
}

// judge counts verdicts by capture.
func (c *captured) judge(proba []float32, least float32) foreignOutcome {
	classes := dataset.Classes()
	k := len(classes)
	rows, flagged, right := map[string]int{}, map[string]int{}, map[string]int{}
	for i, g := range c.table.Group {
		name := c.table.Groups[g]
		p := proba[i*k : (i+1)*k]
		best := score.Argmax(p)
		rows[name]++
		if best == 0 || p[best] < least {
			continue
		}
		flagged[name]++
		if c.fits(name, classes[best]) {
			right[name]++
		}
	}
	var o foreignOutcome
	var flows, wrong, benign, attacks float64
	for name, n := range rows {
		if c.class[name] == "benign" {
			benign++
			flows += float64(n)
			wrong += float64(flagged[name])
			o.mean += float64(flagged[name]) / float64(n)
			if flagged[name] == 0 {
				o.clean++
			}
			continue
		}
		attacks++
		if right[name] > 0 {
			o.recognised++
		}
	}
	o.flagged, o.mean, o.clean, o.recognised = wrong/flows, o.mean/benign, o.clean/benign, o.recognised/attacks
	return o
}

// fits says whether a verdict names a capture's class; dos and ddos count for each
// other.
func (c *captured) fits(name, class string) bool {
	dos := func(s string) bool { return s == "dos" || s == "ddos" }
	want := c.class[name]
	return class == want || (dos(class) && dos(want)) || strings.Contains(c.also[name], class)
}
