package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/dashboard"
	"firetower/internal/store"
)

func newDashboardCommand() *cobra.Command {
	var f storeFlags
	token := group(&cobra.Command{Use: "token", Short: "Tokens of the API"},
		newTokenCreateCommand(&f), newTokenListCommand(&f), newTokenRevokeCommand(&f))
	cmd := group(&cobra.Command{Use: "dashboard", Short: "Password and tokens of the daemon's dashboard"},
		newDashboardPasswordCommand(&f), token)
	f.add(cmd)
	return cmd
}

func newDashboardPasswordCommand(f *storeFlags) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:   "password",
		Short: "Set a new password and end all sessions",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := dashboard.NewPassword()
			if stdin {
				b, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), 4096))
				if err != nil {
					return fmt.Errorf("reading the password: %w", err)
				}
				text = strings.TrimRight(string(b), "\r\n")
			}
			err := f.with(cmd.Context(), func(s store.Store) error {
				if err := dashboard.SetPassword(cmd.Context(), s, time.Now(), text); err != nil {
					return err
				}
				return s.AppendAudit(cmd.Context(), store.AuditEntry{At: time.Now(), Author: operator(), Action: "password", Subject: dashboard.User})
			})
			if err == nil && !stdin {
				fmt.Fprintln(cmd.OutOrStdout(), text)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "take the password from standard input instead of making one")
	return cmd
}

func newTokenCreateCommand(f *storeFlags) *cobra.Command {
	var name string
	var write bool
	var days int
	cmd := &cobra.Command{
		Use:   "create --name NAME",
		Short: "Make a token; it is shown once",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scope, expires := dashboard.ReadOnly, time.Time{}
			if write {
				scope = dashboard.ReadWrite
			}
			if days > 0 {
				expires = time.Now().AddDate(0, 0, days)
			}
			return f.with(cmd.Context(), func(s store.Store) error {
				text, t, err := dashboard.CreateToken(cmd.Context(), s, time.Now(), name, scope, expires)
				if err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), text)
				return s.AppendAudit(cmd.Context(), store.AuditEntry{At: time.Now(), Author: operator(), Action: "token.create", Subject: t.ID, Detail: t.Name + " (" + string(t.Scope) + ")"})
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what uses it")
	cmd.Flags().BoolVar(&write, "write", false, "let it change things too")
	cmd.Flags().IntVar(&days, "days", 365, "how many `days` it lasts; 0: for ever")
	return cmd
}

func newTokenListCommand(f *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tokens",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				all, err := dashboard.ListTokens(cmd.Context(), s, time.Now())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tNAME\tMAY\tMADE\tEXPIRES\tUSED")
				for _, t := range all {
					fmt.Fprintf(w, "%s\t%q\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Scope, date(t.Created), date(t.Expires), date(t.Used))
				}
				return w.Flush()
			})
		},
	}
}

func newTokenRevokeCommand(f *storeFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a token",
		Args:  one("token by its ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), func(s store.Store) error {
				if err := dashboard.RevokeToken(cmd.Context(), s, time.Now(), args[0]); err != nil {
					return err
				}
				return s.AppendAudit(cmd.Context(), store.AuditEntry{At: time.Now(), Author: operator(), Action: "token.revoke", Subject: args[0]})
			})
		},
	}
}

// date is a day, or a dash for none.
func date(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.DateOnly)
}
