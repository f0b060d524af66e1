package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/words"
)

func newIncidentsCommand() *cobra.Command {
	var f storeFlags
	cmd := group(&cobra.Command{Use: "incidents", Short: "List, show and judge what the daemon has recorded"},
		newIncidentsListCommand(&f), newIncidentsShowCommand(&f), newIncidentsExportCommand(&f))
	f.add(cmd)
	for _, s := range []struct {
		use, short string
		state      store.State
	}{
		{"resolve ID", "Mark an incident as dealt with", store.Resolved},
		{"false-alarm ID", "Mark an incident as a false alarm: no more alerts of it, and its flows can be exported for training", store.FalseAlarm},
		{"reopen ID", "Mark an incident as open again", store.Open},
	} {
		cmd.AddCommand(newIncidentsStateCommand(&f, s.use, s.short, s.state))
	}
	return cmd
}

type incidentFilter struct {
	since, class, state, address, text string
	severity, limit                    int
	port                               uint16
	suppressed, json                   bool
}

func newIncidentsListCommand(f *storeFlags) *cobra.Command {
	var o incidentFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List incidents, newest first",
		Example: `  firetower incidents list --since 7d --severity 2
  firetower incidents list --address 203.0.113.7 --json | jq .title`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := o.query(time.Now())
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				page, err := s.FindIncidents(cmd.Context(), q)
				if err != nil {
					return err
				}
				return o.print(cmd.OutOrStdout(), cmd.ErrOrStderr(), page)
			})
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.since, "since", "", "only what was still going on within this `time`, such as 7d or 36h")
	fl.StringVar(&o.class, "class", "", "only this `class`; several with commas")
	fl.StringVar(&o.state, "state", "", "only this `state`: open, resolved or false_alarm")
	fl.StringVar(&o.address, "address", "", "only with this `address` as actor or target")
	fl.StringVar(&o.text, "search", "", "only with these `words`")
	fl.IntVar(&o.severity, "severity", 0, "only this severity or more urgent: 1 to 3")
	fl.Uint16Var(&o.port, "port", 0, "only with this port")
	fl.IntVarP(&o.limit, "limit", "n", 50, "at most so many")
	fl.BoolVar(&o.suppressed, "suppressed", false, "also those that a suppression hides")
	fl.BoolVar(&o.json, "json", false, "print JSON, one incident a line")
	return cmd
}

func (o incidentFilter) query(now time.Time) (store.Query, error) {
	q := store.Query{Address: o.address, Text: o.text, Severity: o.severity, Port: o.port, Limit: o.limit}
	if !o.suppressed {
		q.Suppressed = new(bool)
	}
	if o.since != "" {
		d, err := ago(o.since)
		if err != nil {
			return q, fmt.Errorf("--since: %w", err)
		}
		q.Since = now.Add(-d)
	}
	for _, c := range strings.FieldsFunc(o.class, func(r rune) bool { return r == ',' }) {
		class, ok := attack.Parse(c)
		if !ok {
			return q, fmt.Errorf("--class: %q is none of %v", c, attack.Classes())
		}
		q.Classes = append(q.Classes, class)
	}
	switch s := store.State(o.state); s {
	case "":
	case store.Open, store.Resolved, store.FalseAlarm:
		q.States = []store.State{s}
	default:
		return q, fmt.Errorf("--state: %q is none of open, resolved, false_alarm", o.state)
	}
	return q, nil
}

func (o incidentFilter) print(out, errs io.Writer, page store.Page) error {
	enc := json.NewEncoder(out)
	for _, r := range page.Records {
		if o.json {
			if err := enc.Encode(r); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if r.State != store.Open {
			mark = " [" + strings.ReplaceAll(string(r.State), "_", " ") + "]"
		}
		if r.SuppressedBy != 0 {
			mark += fmt.Sprintf(" [hidden by suppression %d]", r.SuppressedBy)
		}
		_, err := fmt.Fprintf(out, "%s  %s  %s%s\n", r.Start.Local().Format("2006-01-02 15:04:05"), alert.Line(r.ID, 80),
			alert.Headline(alert.Item{Incident: &r.Incident}), mark)
		if err != nil {
			return err
		}
	}
	if page.Next != "" {
		fmt.Fprintf(errs, "%d of %d; --limit shows more\n", len(page.Records), page.Total)
	} else if page.Total == 0 {
		fmt.Fprintln(errs, "no incidents")
	}
	return nil
}

func newIncidentsShowCommand(f *storeFlags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show an incident: why, what to do, its history and its alerts",
		Args:  one("incident by its ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				return showIncident(cmd, s, args[0], asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func showIncident(cmd *cobra.Command, s store.Store, id string, asJSON bool) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	r, err := s.Incident(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no incident %q: 'firetower incidents list' lists them", id)
	} else if err != nil {
		return err
	}
	history, err := s.History(ctx, id)
	if err != nil {
		return err
	}
	alerts, err := s.Alerts(ctx, id, 100)
	if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			store.Record
			History []store.Revision `json:"history"`
			Alerts  []store.Alert    `json:"alerts"`
		}{r, history, alerts})
	}
	const below = "          " // the width of a name
	t := terminalOf(out)
	fmt.Fprintln(out, t.paint(colourOf(r.Severity), alert.Headline(alert.Item{Incident: &r.Incident})))
	for _, p := range []struct{ name, value string }{
		{"state", strings.TrimSpace(fmt.Sprintf("%s %s %s", r.State, r.StateBy, r.Note))},
		{"why", r.Reason}, {"next", r.Advice}, {"actors", listOf(r.Actors, r.ActorsTotal)}, {"targets", listOf(r.Targets, r.TargetsTotal)},
		{"ports", strings.TrimPrefix(strings.TrimPrefix(alert.Ports(r.Ports, r.PortsTotal), "ports "), "port ")},
		{"from", r.Start.Local().Format(time.RFC3339)}, {"to", r.End.Local().Format(time.RFC3339)}, {"flows", words.Count(r.Flows)},
		{"att&ck", strings.Join(r.Techniques, ", ")}, {"filter", r.Filter},
	} {
		if p.value != "" {
			fmt.Fprintf(out, "%-9s %s\n", p.name, t.wrap(below, alert.Line(p.value, 2000)))
		}
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(out, "%-9s %s\n", "measured", t.wrap(below, alert.Line(measured(e), 200)))
	}
	for _, h := range history {
		fmt.Fprintf(out, "%-9s %s revision %d: %s\n", "history", h.Recorded.Local().Format(time.RFC3339), h.Incident.Revision, words.Plural(h.Incident.Flows, "flow"))
	}
	for _, a := range alerts {
		remark := strings.TrimSpace(a.Held + " " + a.LastError)
		if remark != "" {
			remark = ": " + alert.Line(remark, 200)
		}
		fmt.Fprintf(out, "%-9s %s to %s: %s, %s%s\n", "alert", a.Kind, alert.Line(a.Sink, 40), a.State, words.Plural(a.Attempts, "attempt"), remark)
	}
	return nil
}

func listOf(names []string, total int) string {
	s := strings.Join(names, ", ")
	if more := total - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func newIncidentsStateCommand(f *storeFlags, use, short string, state store.State) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  one("incident by its ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				return s.SetState(cmd.Context(), time.Now(), args[0], state, operator(), note)
			})
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "a `remark` for whoever reads it later")
	return cmd
}

func newIncidentsExportCommand(f *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Print the flows of all false alarms as CSV, labelled BENIGN, for the next training",
		Example: `  firetower incidents export > false-alarms.csv
  firetower train --data flows.csv false-alarms.csv --out model`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				done, err := store.ExportLabelled(cmd.Context(), s, cmd.OutOrStdout())
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "%d flows of %d false alarms", done.Rows, done.Incidents)
				if done.NoRows > 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "; of %d more no flows were kept", done.NoRows)
				}
				if done.OtherHeader > 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "; %d have other columns and are left out", done.OtherHeader)
				}
				fmt.Fprintln(cmd.ErrOrStderr())
				return nil
			})
		},
	}
}
