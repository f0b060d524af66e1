package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"firetower/internal/dataset"
	"firetower/internal/words"
)

// loadOptions say how labelled flows are read; train and evaluate share them.
type loadOptions struct {
	data        []string
	profile     string
	labels      string
	labelColumn string
	rules       string
	attempted   string
	group       string
	maxBad      float64
	dumpLabels  bool
}

func (o *loadOptions) flags(f *pflag.FlagSet) {
	d := dataset.DefaultConfig()
	f.StringArrayVar(&o.data, "data", nil, "`file` or folder of labelled flows; may be given several times, and files may follow")
	f.StringVar(&o.profile, "profile", "", "meter profile of the columns, cic-fixed or cic2017 (default: told from the header)")
	f.StringVar(&o.labels, "labels", "", "`file` that maps labels to classes, in place of the built-in one")
	f.BoolVar(&o.dumpLabels, "dump-labels", false, "print the built-in label mapping and end")
	f.StringVar(&o.labelColumn, "label-column", d.LabelColumn, "`name` of the column with the label")
	f.StringVar(&o.rules, "rules", "", "CSV `file` that labels flows by address, port and time, for data without labels")
	f.StringVar(&o.attempted, "attempted", string(d.Attempted), "rows of attacks that did not come off: drop, benign or attack")
	f.StringVar(&o.group, "group", "", "what rows of a group share, for --split group and preset sources: file, day or the `name` of a column")
	f.Float64Var(&o.maxBad, "max-bad", d.MaxBad, "stop when more than this share of the rows cannot be read")
}

// config reads the files that the options name.
func (o *loadOptions) config(cmd *cobra.Command) (dataset.Config, error) {
	cfg := dataset.DefaultConfig()
	cfg.Profile, cfg.LabelColumn, cfg.MaxBad = o.profile, o.labelColumn, o.maxBad
	cfg.Attempted, cfg.Group = dataset.Attempted(o.attempted), dataset.Group(o.group)
	switch cfg.Attempted {
	case dataset.AttemptedDrop, dataset.AttemptedBenign, dataset.AttemptedAttack:
	default:
		return cfg, usagef(cmd, "--attempted: use drop, benign or attack, not %q", o.attempted)
	}
	if o.labels != "" {
		err := withFile(o.labels, "a file such as --dump-labels prints", func(f *os.File) (err error) {
			cfg.Labels, err = dataset.ReadLabels(f)
			return err
		})
		if err != nil {
			return cfg, err
		}
	}
	if o.rules != "" {
		err := withFile(o.rules, "a CSV file of rules as docs/training.md describes", func(f *os.File) (err error) {
			cfg.Rules, err = dataset.ReadRules(f)
			return err
		})
		if err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// withFile opens the file that want describes, and names it in errors.
func withFile(path, want string, read func(*os.File) error) error {
	f, err := os.Open(path)
	if err != nil {
		return unread(err, want)
	}
	defer f.Close()
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// load reads the data with a progress bar and prints what was left out.
func (o *loadOptions) load(cmd *cobra.Command, args []string, bar *progress) (*dataset.Table, error) {
	cfg, err := o.config(cmd)
	if err != nil {
		return nil, err
	}
	paths := append(append([]string(nil), o.data...), args...)
	if len(paths) == 0 {
		return nil, usageError{cmd.CommandPath(), errNoData}
	}
	t, err := dataset.Load(cmd.Context(), paths, schemas(), cfg, bar.read)
	bar.end()
	if err != nil {
		return nil, unread(err, "files or folders of labelled flows, CSV or Parquet")
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "read %s of %s, kept %s\n", words.Plural(t.Account.Read, "row"), words.Plural(len(t.Account.Files), "file"), words.Count(t.Rows()))
	for _, d := range t.Account.Dropped {
		line := fmt.Sprintf("  dropped %s: %s", words.Count(d.Rows), d.Cause)
		if len(d.Examples) > 0 {
			line += " (" + strings.Join(d.Examples, "; ") + ")"
		}
		fmt.Fprintln(w, line)
	}
	if n := t.Account.Absent; len(n) > 0 {
		fmt.Fprintf(w, "  left out, as not every file has them: %s\n", strings.Join(n, ", "))
	}
	return t, nil
}
