package main

import (
	"errors"
	"flag"

	"firetower/internal/lab"
)

func view(args []string) error {
	f := flag.NewFlagSet("view", flag.ContinueOnError)
	corpus := f.String("corpus", "", "directory that record wrote")
	out := f.String("out", "", "directory for the other corpus")
	as := f.String("as", "", "how it is seen: vlan, qinq, inbound, outbound, late, drops, short, nat")
	seed := f.Uint64("seed", 1, "of everything drawn")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *corpus == "" || *out == "" {
		return errors.New("view: --corpus DIR and --out DIR say where from and where to")
	}
	return lab.View(*corpus, *out, *as, *seed)
}
