package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/incident"
	"firetower/internal/pipeline"
)

type detectOptions struct {
	model   string
	json    bool
	verbose bool
	filter  string
	follow  string
}

func newDetectCommand() *cobra.Command {
	var o detectOptions
	cmd := &cobra.Command{
		Use:   "detect [flags] FILE...",
		Short: "Find attacks in captures or flow records",
		Long: `Detect reads captures (pcap or pcapng, also gzipped, - for standard input) or flow
records (CSV with CICFlowMeter's columns), several as if they were one, and prints
one line for each incident: when, what, who, whom, how sure, and why. A summary
goes to standard error.

With --json each incident is one JSON object a line.`,
		Example: `  firetower detect capture.pcap
  tcpdump -w - -i eth0 -G 60 -W 1 | firetower detect -
  firetower detect --json *.pcapng | jq .title`,
		Args: func(cmd *cobra.Command, args []string) error {
			if (o.follow == "") == (len(args) == 0) {
				return usagef(cmd, "name files to read, or a folder with --follow")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runDetect(cmd, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "model `file` (default: the one built in)")
	f.BoolVar(&o.json, "json", false, "print JSON, one incident a line")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print each incident's evidence, advice and Wireshark filter")
	f.StringVar(&o.follow, "follow", "", "read the flow records that another program goes on writing into this `folder`, as *.csv")
	f.StringVar(&o.filter, "filter", "", "read only packets that match this BPF `expression`")
	return cmd
}

func runDetect(cmd *cobra.Command, o detectOptions, paths []string) error {
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	judge, err := openJudge(o.model)
	if err != nil {
		return err
	}
	cfg := pipeline.DefaultConfig()
	cfg.Capture.Filter = o.filter
	if o.follow != "" {
		return follow(cmd, o, cfg, judge, log)
	}
	began := time.Now()
	p := pipeline.New(cfg, judge, pipeline.Outputs{}, log)
	if err := readAll(cmd, p, judge, paths); err != nil {
		return err
	}
	if err := printIncidents(cmd.OutOrStdout(), p.Incidents(), o.printer()); err != nil {
		return err
	}
	printSummary(cmd.ErrOrStderr(), p.Stats(), p.Incidents(), time.Since(began))
	return nil
}

// follow prints incidents as they are found and as they grow, until it is stopped.
func follow(cmd *cobra.Command, o detectOptions, cfg pipeline.Config, judge *detect.Judge, log *slog.Logger) error {
	print := o.printer()
	p := pipeline.New(cfg, judge, pipeline.Outputs{Incident: func(i incident.Incident) {
		if err := print(cmd.OutOrStdout(), &i); err != nil {
			log.Warn("standard output does not take incidents", "error", err)
		}
	}}, log)
	return p.Follow(cmd.Context(), o.follow, func(profile flow.Profile) (*detect.Judge, error) {
		return detect.NewJudge(judge.Model(), profile)
	})
}

// readAll analyses files, which are all captures or all flow records.
func readAll(cmd *cobra.Command, p *pipeline.Pipeline, judge *detect.Judge, paths []string) error {
	rows := 0
	var sources []pipeline.Opener
	for _, path := range paths {
		if path != "-" && pipeline.IsRows(path) {
			rows++
		}
		sources = append(sources, pipeline.File(path))
	}
	switch rows {
	case 0:
		return p.Read(cmd.Context(), sources...)
	case len(paths):
		return p.Rows(cmd.Context(), paths, func(profile flow.Profile) (*detect.Judge, error) {
			return detect.NewJudge(judge.Model(), profile)
		})
	}
	return usagef(cmd, "captures and flow records cannot be read in one run: of %d files %d are flow records", len(paths), rows)
}

// printer writes one incident.
type printer func(w io.Writer, i *incident.Incident) error

func (o detectOptions) printer() printer {
	switch {
	case o.json:
		return printJSON
	case o.verbose:
		return printVerbose
	}
	return printPlain
}

func printIncidents(w io.Writer, incidents []incident.Incident, print printer) error {
	out := bufio.NewWriter(w)
	for i := range incidents {
		if err := print(out, &incidents[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

func printJSON(w io.Writer, i *incident.Incident) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // for a terminal and for jq, not for a page
	return e.Encode(i)
}

// printPlain prints the one line that a person reads.
func printPlain(w io.Writer, i *incident.Incident) error {
	_, err := fmt.Fprintf(w, "%s  %-16s %s  %3.0f %%  %s\n",
		i.Start.UTC().Format("2006-01-02 15:04:05"), i.Class.Title(), i.Parties(), 100*i.Confidence, i.Reason)
	return err
}

func printVerbose(w io.Writer, i *incident.Incident) error {
	if err := printPlain(w, i); err != nil {
		return err
	}
	fmt.Fprintf(w, "    from %s to %s, %d flows, severity %d, ATT&CK %v\n",
		i.Start.UTC().Format(time.DateTime), i.End.UTC().Format(time.DateTime), i.Flows, i.Severity, i.Techniques)
	for _, e := range i.Evidence {
		fmt.Fprintf(w, "    %s: %g %s\n", e.Name, e.Value, e.Unit)
	}
	_, err := fmt.Fprintf(w, "    do next: %s\n    Wireshark: %s\n", i.Advice, i.Filter)
	return err
}
