package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/dataset"
	"firetower/internal/feature"
	"firetower/internal/flow"
	"firetower/internal/report"
	"firetower/internal/training"
)

type trainOptions struct {
	load   loadOptions
	recipe recipeOptions
	out    string
}

func newTrainCommand() *cobra.Command {
	var o trainOptions
	cmd := &cobra.Command{
		Use:   "train [flags] --data FILE... --out DIR",
		Short: "Train a model on labelled flows and report on it",
		Long: `Train reads labelled flow records (CSV, also gzipped, or Parquet; files or folders),
trains a random forest, and writes into DIR:

  model.firetower   the model, for 'detect --model' and 'watch'
  report.html       what was done and how well it went, for a browser, without a network
  metrics.json      the same numbers
  figures/*.svg     the figures

Preset default serves networks that the data has not seen; preset sources does so
with data of several networks (--group says which rows are of one); preset paper carries
out the seed paper's pipeline step by step. A recipe file changes any step of
each: start from --dump-recipe. The same data, recipe and seed give the same model, byte
for byte, on any number of cores. docs/training.md tells it from the beginning.`,
		Example: `  firetower train --data CICIDS2017/ --out model
  firetower train --preset paper --data CICIDS2017/ --out paper
  firetower flows office.pcap > office.csv
  firetower train --data CICIDS2017/ --data office.csv --rules who-did-what.csv --out mine`,
		RunE: func(cmd *cobra.Command, args []string) error { return runTrain(cmd, &o, args) },
	}
	f := cmd.Flags()
	o.load.flags(f)
	o.recipe.flags(f)
	f.StringVar(&o.out, "out", "", "`folder` to write into")
	return cmd
}

func runTrain(cmd *cobra.Command, o *trainOptions, args []string) error {
	recipe, err := o.recipe.recipe(cmd)
	if err != nil {
		return err
	}
	if o.recipe.dump {
		return recipe.Write(cmd.OutOrStdout())
	}
	if o.load.dumpLabels {
		_, err := fmt.Fprint(cmd.OutOrStdout(), dataset.DefaultLabelsText())
		return err
	}
	if o.out == "" {
		return usagef(cmd, "say with --out which folder to write into")
	}
	if err := report.Writable(o.out); err != nil {
		return err // now rather than after the training
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	table, err := o.load.load(cmd, args, bar)
	if err != nil {
		return err
	}
	result, err := training.Train(cmd.Context(), table, recipe, training.Watch{Step: bar.step, Progress: bar.progress})
	if err != nil {
		return err
	}
	bar.end()
	m := result.Metrics()
	m.Command = commandLine(cmd)
	files, err := report.Training(result, m)
	if err != nil {
		return err
	}
	if err := report.WriteAll(o.out, files); err != nil {
		return err
	}
	return printTraining(cmd, result, o.out)
}

func printTraining(cmd *cobra.Command, r *training.Result, out string) error {
	w := cmd.ErrOrStderr()
	if e := r.Test; e != nil {
		printEvaluation(w, e)
	}
	_, err := fmt.Fprintf(w, "wrote %s, report.html and metrics.json after %s\n",
		filepath.Join(out, "model.firetower"), time.Duration(r.Seconds*float64(time.Second)).Round(10*time.Millisecond))
	return err
}

// commandLine is the call as it was made, to reproduce it.
func commandLine(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	for _, a := range os.Args[min(2, len(os.Args)):] {
		if a == "" || strings.ContainsAny(a, " \t'\"\\$*?[](){}<>|&;#~`") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// schemas are the profiles that data can be of.
func schemas() []dataset.Schema {
	return []dataset.Schema{
		dataset.SchemaOf(feature.For(flow.CICFixed)), dataset.SchemaOf(feature.For(flow.CIC2017)),
	}
}

var errNoData = errors.New("say with --data which files or folders of labelled flows to read")
