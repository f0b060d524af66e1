package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

func newSuppressCommand() *cobra.Command {
	var f storeFlags
	cmd := group(&cobra.Command{
		Use:   "suppress",
		Short: "Keep what is known to be harmless silent",
		Long: `A suppression keeps alerts of matching incidents from being sent. The incidents are
recorded all the same. It matches when every actor, target and port of the incident
is covered, so that a rule for one scanner does not hide a flood that it is part of.`,
	}, newSuppressAddCommand(&f), newSuppressPreviewCommand(&f), newSuppressListCommand(&f),
		newSuppressRemoveCommand(&f), newSuppressSuggestCommand(&f), newSuppressAuditCommand(&f))
	f.add(cmd)
	return cmd
}

// ruleFlags describe a rule on the command line.
type ruleFlags struct {
	rule    suppress.Rule
	class   string
	ports   []string
	expires string
	since   string
}

func (r *ruleFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.rule.Source, "source", "", "`address` or network of the actors")
	f.StringVar(&r.rule.Destination, "destination", "", "`address` or network of the targets")
	f.StringVar(&r.rule.Network, "network", "", "`address` or network of the actors or of the targets")
	f.StringSliceVar(&r.ports, "port", nil, "`port`; several with commas")
	f.StringVar(&r.class, "class", "", "`class` of attack")
	f.StringVar(&r.since, "since", "7d", "length of `time` to look back over for the preview")
}

func (r *ruleFlags) parse(now time.Time) (suppress.Rule, time.Duration, error) {
	rule := r.rule
	rule.Class = attack.Class(r.class)
	for _, s := range r.ports {
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return rule, 0, fmt.Errorf("--port: %q is not a port", s)
		}
		rule.Ports = append(rule.Ports, uint16(n))
	}
	span, err := ago(r.since)
	if err != nil {
		return rule, 0, fmt.Errorf("--since: %w", err)
	}
	if r.expires != "" {
		if rule.Expires, err = until(r.expires, now); err != nil {
			return rule, 0, fmt.Errorf("--expires: %w", err)
		}
	}
	rule.Created, rule.Author = now, operator()
	return rule, span, rule.Validate()
}

func newSuppressAddCommand(f *storeFlags) *cobra.Command {
	var r ruleFlags
	cmd := &cobra.Command{
		Use:   "add --reason REASON [--source A] [--destination A] [--network N] [--port P] [--class C]",
		Short: "Add a suppression and say what it would have hidden",
		Example: `  firetower suppress add --source 10.0.0.5 --class portscan --expires 90d --reason "vulnerability scanner"
  firetower suppress add --network 10.9.0.0/16 --expires never --reason "honeypots"`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rule, span, err := r.parse(time.Now())
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				p, err := store.Preview(cmd.Context(), s, rule, time.Now(), span)
				if err != nil {
					return err
				}
				if rule, err = s.AddSuppression(cmd.Context(), rule); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "suppression %d: %s, %s; %s\n", rule.ID, rule, expiry(rule), p)
				return nil
			})
		},
	}
	r.add(cmd)
	cmd.Flags().StringVar(&r.rule.Reason, "reason", "", "why it is harmless")
	cmd.Flags().StringVar(&r.expires, "expires", "30d", "`when` it ends: 30d, 2026-12-31 or never")
	return cmd
}

func expiry(r suppress.Rule) string {
	if r.Expires.IsZero() {
		return "for good"
	}
	return "until " + r.Expires.Local().Format("2006-01-02 15:04")
}

func newSuppressPreviewCommand(f *storeFlags) *cobra.Command {
	var r ruleFlags
	cmd := &cobra.Command{
		Use:   "preview [--source A] [--destination A] [--network N] [--port P] [--class C]",
		Short: "Say what a suppression would have hidden, without adding it",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.rule.Reason = "preview" // a rule has to have one
			rule, span, err := r.parse(time.Now())
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				p, err := store.Preview(cmd.Context(), s, rule, time.Now(), span)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", rule, p)
				for _, id := range p.Examples {
					rec, err := s.Incident(cmd.Context(), id)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "  %s  %s\n", rec.Start.Local().Format("2006-01-02 15:04"), alert.Headline(alert.Item{Incident: &rec.Incident}))
				}
				return nil
			})
		},
	}
	r.add(cmd)
	return cmd
}

func newSuppressListCommand(f *storeFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the suppressions in force",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				rules, err := s.ActiveSuppressions(cmd.Context(), time.Now())
				if err != nil {
					return err
				}
				if len(rules) == 0 {
					fmt.Fprintln(cmd.ErrOrStderr(), "no suppressions")
				}
				enc := json.NewEncoder(cmd.OutOrStdout())
				for _, r := range rules {
					if asJSON {
						if err := enc.Encode(r); err != nil {
							return err
						}
						continue
					}
					last := ""
					if !r.LastHit.IsZero() {
						last = ", last " + r.LastHit.Local().Format("2006-01-02 15:04")
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%4d  %s, %s, by %s: %s (%d hidden%s)\n", r.ID, r, expiry(r),
						alert.Line(r.Author, 40), alert.Line(r.Reason, 200), r.Hits, last)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one suppression a line")
	return cmd
}

func newSuppressRemoveCommand(f *storeFlags) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "remove NUMBER",
		Short: "End a suppression; the audit keeps it",
		Args:  one("suppression by its number"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usagef(cmd, "%q is not the number of a suppression: 'firetower suppress list' lists them", args[0])
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				return s.RemoveSuppression(cmd.Context(), time.Now(), id, operator(), reason)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why it ends")
	return cmd
}

func newSuppressAuditCommand(f *storeFlags) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "audit [NUMBER]",
		Short: "Say who changed what, newest first",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			subject := ""
			if len(args) == 1 {
				subject = "suppression:" + args[0]
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				entries, err := s.Audit(cmd.Context(), subject, limit)
				for _, e := range entries {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s %s  %s\n", e.At.Local().Format("2006-01-02 15:04:05"),
						alert.Line(e.Author, 40), alert.Line(e.Action, 60), alert.Line(e.Subject, 80), alert.Line(e.Detail, 400))
				}
				return err
			})
		},
	}
	cmd.Flags().IntVarP(&limit, "limit", "n", 100, "at most so many")
	return cmd
}

func newSuppressSuggestCommand(f *storeFlags) *cobra.Command {
	var since string
	var resolve bool
	cmd := &cobra.Command{
		Use:   "suggest",
		Short: "Suggest suppressions: scheduled scans, monitoring, repeated false alarms",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			span, err := ago(since)
			if err != nil {
				return usagef(cmd, "--since: %v", err)
			}
			return f.with(cmd.Context(), func(s store.Store) error { return suggestRules(cmd, s, span, resolve) })
		},
	}
	cmd.Flags().StringVar(&since, "since", "14d", "length of `time` to look back over")
	cmd.Flags().BoolVar(&resolve, "resolve", false, "also ask the DNS whether actors are well-known scanners (Censys, Shodan, ...)")
	return cmd
}

func suggestRules(cmd *cobra.Command, s store.Store, span time.Duration, resolve bool) error {
	suggestions, err := store.Suggest(cmd.Context(), s, time.Now(), span)
	if err != nil {
		return err
	}
	for _, sug := range suggestions {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s; %s\n  firetower suppress add %s --reason \"...\"\n", sug.Rule, sug.Rule.Reason, sug.Preview, ruleArguments(sug.Rule))
	}
	if len(suggestions) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing to suggest")
	}
	if !resolve {
		return nil
	}
	records, err := store.Recent(cmd.Context(), s, time.Now().Add(-span))
	if err != nil {
		return err
	}
	return knownScanners(cmd, records)
}

func ruleArguments(r suppress.Rule) string {
	var parts []string
	add := func(flag, value string) {
		if value != "" {
			parts = append(parts, "--"+flag+" "+value)
		}
	}
	add("source", r.Source)
	add("class", string(r.Class))
	for _, p := range r.Ports {
		add("port", strconv.Itoa(int(p)))
	}
	return strings.Join(parts, " ")
}

// maxResolved bounds the questions to the DNS.
const maxResolved = 100

func knownScanners(cmd *cobra.Command, records []store.Record) error {
	asked := make(map[string]bool)
	for _, r := range records {
		for _, a := range r.Actors {
			if asked[a] || len(asked) >= maxResolved {
				continue
			}
			asked[a] = true
			ctx, cancel := context.WithTimeout(cmd.Context(), 3*time.Second)
			who, err := suppress.Known(ctx, net.DefaultResolver, a)
			cancel()
			if err == nil && who != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is %s, by its name in the DNS\n  firetower suppress add --source %s --reason \"%s\"\n", a, who, a, who)
			}
		}
	}
	return cmd.Context().Err()
}
