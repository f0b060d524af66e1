package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/detect"
	"firetower/internal/flow"
	"firetower/internal/incident"
	"firetower/internal/pipeline"
	"firetower/internal/words"
)

type detectOptions struct {
	model   string
	json    bool
	verbose bool
	filter  string
	follow  string
	profile string
}

func newDetectCommand() *cobra.Command {
	var o detectOptions
	cmd := &cobra.Command{
		Use:   "detect [flags] FILE...",
		Short: "Find attacks in captures or flow records",
		Long: `Detect reads captures (pcap or pcapng, also gzipped, - for standard input) or flow
records (CSV with CICFlowMeter's columns), several as if they were one, and prints
one line for each incident: when (UTC), what, who, whom, how sure, and why. A summary
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
	f.StringVar(&o.profile, "profile", flow.CICFixed.String(), "meter packets by this `profile`, which must be the model's")
	f.StringVar(&o.follow, "follow", "", "read the flow records that another program goes on writing into this `folder`, as *.csv")
	f.StringVar(&o.filter, "filter", "", "read only packets that match this BPF `expression`")
	return cmd
}

func runDetect(cmd *cobra.Command, o detectOptions, paths []string) error {
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	cfg := pipeline.DefaultConfig()
	cfg.Capture.Filter = o.filter
	var err error
	if cfg.Flow.Profile, err = flow.ParseProfile(o.profile); err != nil {
		return usageError{cmd.CommandPath(), err}
	}
	records, err := areRecords(cmd, o, paths)
	if err != nil {
		return err
	}
	cfg.Behaviour.RecordsOnly = records
	model, err := detect.Open(o.model)
	if err != nil {
		return err
	}
	// Records bring their profile with them; packets are metered by one.
	judgeOf := func(p flow.Profile) (*detect.Judge, error) { return detect.NewJudge(model, p) }
	if o.follow != "" {
		return pipeline.New(cfg, nil, o.live(cmd, log), log).Follow(cmd.Context(), o.follow, judgeOf)
	}
	began := time.Now()
	p, err := o.read(cmd, cfg, judgeOf, paths, log)
	if err != nil {
		return err
	}
	if err := printIncidents(cmd.OutOrStdout(), p.Incidents(), o.printer(terminalOf(cmd.OutOrStdout()))); err != nil {
		return err
	}
	printSummary(cmd.ErrOrStderr(), p.Stats(), p.Incidents(), time.Since(began))
	return nil
}

// areRecords says whether the input is flow records; it is that or captures.
func areRecords(cmd *cobra.Command, o detectOptions, paths []string) (bool, error) {
	if o.follow != "" {
		return true, nil
	}
	n := 0
	for _, path := range paths {
		if path != "-" && pipeline.IsRows(path) {
			n++
		}
	}
	if n != 0 && n != len(paths) {
		return false, usagef(cmd, "captures and flow records cannot be read in one run: of %d files %d are flow records", len(paths), n)
	}
	return n > 0, nil
}

// read analyses files to their end.
func (o detectOptions) read(cmd *cobra.Command, cfg pipeline.Config, judgeOf pipeline.JudgeOf, paths []string, log *slog.Logger) (*pipeline.Pipeline, error) {
	if cfg.Behaviour.RecordsOnly {
		p := pipeline.New(cfg, nil, pipeline.Outputs{}, log)
		defer showReading(cmd, p)()
		return p, p.Rows(cmd.Context(), paths, judgeOf)
	}
	judge, err := judgeOf(cfg.Flow.Profile)
	if err != nil {
		return nil, err
	}
	var sources []pipeline.Opener
	for _, path := range paths {
		sources = append(sources, pipeline.File(path))
	}
	p := pipeline.New(cfg, judge, pipeline.Outputs{}, log)
	defer showReading(cmd, p)()
	return p, p.Read(cmd.Context(), sources...)
}

// showReading tells on a terminal how far a run over files has come, until what it
// returns is called.
func showReading(cmd *cobra.Command, p *pipeline.Pipeline) (stop func()) {
	ctx, cancel := context.WithCancel(cmd.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		newLife(cmd.ErrOrStderr()).run(ctx, func() string {
			s := p.Stats()
			if s.Rows > 0 {
				return fmt.Sprintf("reading: %s flow records", words.Count(s.Rows))
			}
			return fmt.Sprintf("reading: %s packets, %s, %s of traffic", words.Count(s.Capture.Received), bytesOf(s.Capture.Bytes), span(s.First, s.Last))
		})
	}()
	return func() {
		cancel()
		<-ended
	}
}

// live prints incidents as they are found and as they grow.
func (o detectOptions) live(cmd *cobra.Command, log *slog.Logger) pipeline.Outputs {
	print := o.printer(terminalOf(cmd.OutOrStdout()))
	return pipeline.Outputs{Incident: func(i incident.Incident) {
		if err := print(cmd.OutOrStdout(), &i); err != nil {
			log.Warn("standard output does not take incidents", "error", err)
		}
	}}
}
