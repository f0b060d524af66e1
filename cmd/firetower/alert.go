package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/evefile"
	"firetower/internal/incident"
	"firetower/internal/store"
)

func newAlertCommand() *cobra.Command {
	var f storeFlags
	cmd := group(&cobra.Command{Use: "alert", Short: "Try out alerts, and see which are under way"},
		newAlertTestCommand(&f), newAlertStatusCommand(&f), newAlertRetryCommand(&f))
	f.add(cmd)
	return cmd
}

func newAlertTestCommand(f *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "test [NAME]...",
		Short: "Send an example alert to every sink, or to those named, and say whether it arrived",
		Example: `  firetower alert test --config /etc/firetower.yaml
  firetower alert test --config /etc/firetower.yaml mail`,
		RunE: func(cmd *cobra.Command, names []string) error {
			cfg, err := readConfiguration(f.config)
			if err != nil {
				return err
			}
			var eve *evefile.File
			if cfg.EVE.Path != "" {
				eve = evefile.New(cfg.EVE)
			}
			routes, err := cfg.routes(eve)
			if err != nil {
				return err
			}
			return testSinks(cmd, routes, names)
		},
	}
}

func testSinks(cmd *cobra.Command, routes []alert.Route, names []string) error {
	if len(routes) == 0 {
		return errors.New("the configuration has no sinks: add mail, webhook or syslog below alerts, or set eve.path")
	}
	for _, n := range names {
		if !slices.ContainsFunc(routes, func(r alert.Route) bool { return r.Name == n }) {
			var all []string
			for _, r := range routes {
				all = append(all, r.Name)
			}
			return usagef(cmd, "there is no sink %q; there are %s", n, strings.Join(all, ", "))
		}
	}
	failed := 0
	for _, r := range routes {
		if len(names) > 0 && !slices.Contains(names, r.Name) {
			continue
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), time.Minute)
		now := time.Now()
		err := r.Sink.Deliver(ctx, &alert.Message{ID: fmt.Sprintf("test%d", now.UnixNano()),
			Items: []alert.Item{{Kind: alert.Test, Created: now, Incident: exampleIncident(now)}}})
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(cmd.OutOrStdout(), "%s: failed: %v\n", r.Name, err)
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: delivered in %d ms\n", r.Name, time.Since(now).Milliseconds())
	}
	if failed > 0 {
		return fmt.Errorf("%d of the sinks failed", failed)
	}
	return nil
}

// exampleIncident is between addresses that are kept for examples (RFC 5737).
func exampleIncident(now time.Time) *incident.Incident {
	return &incident.Incident{EventType: "incident", ID: "example", Class: attack.BruteForce,
		Title:  "Example: brute force of 192.0.2.10 port 22 by 203.0.113.7",
		Actors: []string{"203.0.113.7"}, Targets: []string{"192.0.2.10"}, Ports: []uint16{22}, ActorsTotal: 1, TargetsTotal: 1, PortsTotal: 1,
		Start: now.Add(-time.Minute), End: now, Detected: now, Flows: 120, Confidence: 0.98, Severity: 2, Techniques: []string{"T1110.001"},
		Reason:   "This is a test. No such attack has happened.",
		Advice:   "Nothing: if you can read this, alerts arrive here.",
		Evidence: []behaviour.Evidence{{Name: "failed log-ins", Value: 118, Normal: 3}}, Behaviours: []string{"example"},
		Filter: "ip.addr == 203.0.113.7 && tcp.port == 22", Revision: 1}
}

func newAlertStatusCommand(f *storeFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what waits to be delivered, and why",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				stats, err := s.OutboxStats(cmd.Context())
				if err != nil {
					return err
				}
				if len(stats) == 0 {
					fmt.Fprintln(cmd.ErrOrStderr(), "no alert was ever sent or waits")
				}
				enc := json.NewEncoder(cmd.OutOrStdout())
				for _, st := range stats {
					if asJSON {
						if err := enc.Encode(st); err != nil {
							return err
						}
						continue
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %d delivered, %d pending (%d held back, %d failing), %d given up", alert.Line(st.Sink, 40),
						st.Delivered, st.Pending, st.Held, st.Failing, st.Dropped)
					if st.LastError != "" {
						fmt.Fprintf(cmd.OutOrStdout(), "; %s", alert.Line(st.LastError, 300))
					}
					fmt.Fprintln(cmd.OutOrStdout())
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one sink a line")
	return cmd
}

func newAlertRetryCommand(f *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "retry NAME",
		Short: "Have what a sink has failed to deliver tried again within a minute",
		Args:  one("sink"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), func(s store.Store) error { return s.RetryNow(cmd.Context(), args[0], time.Now()) })
		},
	}
}
