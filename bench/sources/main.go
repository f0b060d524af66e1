// Command sources asks what a model gains from several sources of flows: CICIDS2017,
// the lab, and captures that others published. It trains on all sources but one and
// judges the model on that one, each in turn (leave one group out), beside models of
// CICIDS2017 alone. It prints Markdown tables.
//
//	go run ./bench/sources -cicids FLOWS.csv.gz -lab lab/flows.csv.gz -field DIR
//
// DIR has manifest.tsv (columns file, class, attacker, victim, source_repo) and the
// folder captures. Two other uses:
//
//	go run ./bench/sources -field DIR -write OUT                     # only meter and label, a file for each source
//	go run ./bench/sources -thin all.csv.gz -write lab/flows.csv.gz  # of 'lab/run flows --most 0'
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

type options struct {
	cicids, lab, field, bin, write, thin string
	most, seeds                          int
}

func main() {
	var o options
	flag.StringVar(&o.cicids, "cicids", "", "labelled flows of CICIDS2017")
	flag.StringVar(&o.lab, "lab", "lab/flows.csv.gz", "labelled flows of the lab, with a column Capture")
	flag.StringVar(&o.field, "field", "", "folder with manifest.tsv and captures/")
	flag.StringVar(&o.bin, "bin", "bin/firetower", "program that meters")
	flag.StringVar(&o.write, "write", "", "write the flows here and end: a folder, with -thin a file")
	flag.StringVar(&o.thin, "thin", "", "flows of the lab to make smaller, for -write")
	flag.IntVar(&o.most, "most", 60, "rows of a label in a capture")
	flag.IntVar(&o.seeds, "seeds", 3, "trainings of each kind")
	flag.Parse()
	if err := o.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "sources:", err)
		os.Exit(1)
	}
}

func (o *options) run(ctx context.Context) error {
	switch {
	case o.thin != "" && o.write != "":
		f, err := os.Create(o.write)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := thin(o.thin, o.most, f); err != nil {
			return err
		}
		return f.Close()
	case o.field == "":
		return fmt.Errorf("-field DIR says where the captures are")
	case o.write != "":
		return meterField(ctx, o.bin, o.field, o.write, o.most)
	case o.cicids == "":
		return fmt.Errorf("-cicids FILE says where the flows of CICIDS2017 are")
	}
	dir, err := os.MkdirTemp("", "sources")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	field := filepath.Join(dir, "field")
	if err := meterField(ctx, o.bin, o.field, field, o.most); err != nil {
		return err
	}
	repositories, err := filepath.Glob(filepath.Join(field, "*.csv"))
	if err != nil {
		return err
	}
	s, err := split(o.cicids, o.lab, repositories, dir)
	if err != nil {
		return err
	}
	if s.all, err = s.load(ctx); err != nil {
		return err
	}
	return s.tables(ctx, os.Stdout, o.seeds)
}
