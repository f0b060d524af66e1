package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"firetower/internal/attack"
	"firetower/internal/detect"
	"firetower/internal/training"
	"firetower/internal/words"
)

type evaluateOptions struct {
	load  loadOptions
	model string
	json  bool
}

func newEvaluateCommand() *cobra.Command {
	var o evaluateOptions
	cmd := &cobra.Command{
		Use:   "evaluate [flags] --model MODEL --data FILE...",
		Short: "Measure a model on labelled flows",
		Long: `Evaluate reads labelled flow records as train does and tells how a model does on all of
them: precision, recall and F1 of every class with their 95 % intervals, the confusion
matrix, calibration, and what its false alarms mean on a real network. Rows that the
model was trained on flatter it; evaluate cannot know them.`,
		Example: `  firetower evaluate --model model/model.firetower --data other-network.csv
  firetower evaluate --json --data other-network.csv | jq .macro_f1`,
		RunE: func(cmd *cobra.Command, args []string) error { return runEvaluate(cmd, &o, args) },
	}
	f := cmd.Flags()
	o.load.flags(f)
	f.StringVar(&o.model, "model", "", "model `file` (default: the one built in)")
	f.BoolVar(&o.json, "json", false, "print the metrics as JSON")
	return cmd
}

func runEvaluate(cmd *cobra.Command, o *evaluateOptions, args []string) error {
	m, err := detect.Open(o.model)
	if err != nil {
		return err
	}
	if o.load.profile == "" {
		o.load.profile = m.Meta.Profile
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	t, err := o.load.load(cmd, args, bar)
	if err != nil {
		return err
	}
	metrics, err := training.Evaluate(m, t)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		return e.Encode(metrics)
	}
	printEvaluation(cmd.OutOrStdout(), metrics.Test)
	return nil
}

// printEvaluation prints the table that people look at first.
func printEvaluation(w io.Writer, e *training.Evaluation) {
	fmt.Fprintf(w, "\n%-13s %9s %9s %9s %18s %9s\n", "class", "precision", "recall", "F1", "F1, 95 %", "rows")
	for _, c := range e.Classes {
		note := ""
		if !c.Claim {
			note = "  too few to claim anything"
		}
		fmt.Fprintf(w, "%-13s %9.4f %9.4f %9.4f %8.4f - %7.4f %9d%s\n", c.Name, c.Precision, c.Recall, c.F1, c.F1CI.Low, c.F1CI.High, c.Support, note)
	}
	fmt.Fprintf(w, "\nmacro-F1 %.4f (%.4f - %.4f), accuracy %.4f, balanced accuracy %.4f, MCC %.4f\n",
		e.MacroF1, e.MacroF1CI.Low, e.MacroF1CI.High, e.Accuracy, e.BalancedAccuracy, e.MCC)
	fmt.Fprintf(w, "benign flows flagged %.3f %%%s, attack flows flagged %.2f %%\n", 100*e.FalseRate, atMost(e), 100*e.Recall)
	for _, op := range e.Operations {
		fmt.Fprintf(w, "if %g %% of %s flows a day were attacks: %s alerts, %.1f %% of them right\n",
			100*op.BaseRate, words.Count(uint64(op.FlowsPerDay)), words.Count(uint64(op.AlertsPerDay+0.5)), 100*op.Precision)
	}
	fmt.Fprintln(w)
}

// atMost says what none of so few benign flows may hide: by the rule of three, up to
// 3/n with 95 % confidence.
func atMost(e *training.Evaluation) string {
	for _, c := range e.Classes {
		if c.Name == string(attack.Benign) && e.FalseRate == 0 && c.Support > 0 {
			return fmt.Sprintf(" (none of %s; on others up to %.2g %%)", words.Count(c.Support), min(100, 300/float64(c.Support)))
		}
	}
	return ""
}
