package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"firetower/demo"
	"firetower/internal/capture"
	"firetower/internal/dashboard"
	"firetower/internal/pipeline"
)

func newDemoCommand() *cobra.Command {
	var o detectOptions
	var serve bool
	var speed float64
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job on the capture that comes with the program",
		Long: `Demo reads the capture that comes with the program, two and a half minutes of a
small office and of four attackers, as 'firetower detect' would read it from a file.

With --serve it replays the capture at a chosen speed and opens the dashboard on it,
without any right and with a store that is removed when it ends.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if serve {
				if !(speed > 0 && speed <= 1000) {
					return usagef(cmd, "--speed %g is not above 0 and at most 1000", speed)
				}
				return serveDemo(cmd, speed, listen)
			}
			judge, err := openJudge("")
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.ErrOrStderr(), "An office of four people, and four attackers from outside: what does Firetower see?\n\n")
			began := time.Now()
			p := pipeline.New(pipeline.DefaultConfig(), judge, pipeline.Outputs{}, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
			err = p.Read(cmd.Context(), func(cfg capture.Config) (capture.Source, error) {
				return capture.NewReader("demo capture", demo.Capture(), cfg)
			})
			if err != nil {
				return err
			}
			if err := printIncidents(cmd.OutOrStdout(), p.Incidents(), o.printer(terminalOf(cmd.OutOrStdout()))); err != nil {
				return err
			}
			printSummary(cmd.ErrOrStderr(), p.Stats(), p.Incidents(), time.Since(began))
			return nil
		},
	}
	cmd.Flags().BoolVar(&serve, "serve", false, "open the dashboard on the replayed capture")
	cmd.Flags().Float64Var(&speed, "speed", 2, "with --serve: this many `times` as fast as it was")
	cmd.Flags().StringVar(&listen, "listen", dashboard.DefaultConfig().Listen, "with --serve: the dashboard's `address`")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON, one incident a line")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "print each incident's evidence, advice and Wireshark filter")
	return cmd
}
