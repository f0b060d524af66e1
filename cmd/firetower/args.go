package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
)

// group is a command that only holds others: by itself it prints its help.
func group(cmd *cobra.Command, subcommands ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef(cmd, "there is no command %q%s", strings.TrimPrefix(cmd.CommandPath()+" "+args[0], "firetower "), hint)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(subcommands...)
	return cmd
}

// none refuses arguments beside the flags.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef(cmd, "takes no arguments beside flags, but was given %q", args[0])
	}
	return nil
}

// one asks for exactly one argument, which is a what.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef(cmd, "name one %s, not %d", what, len(args))
		}
		return nil
	}
}

// some asks for at least one argument.
func some(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef(cmd, "name %s", what)
		}
		return nil
	}
}

// unread says of a file that cannot be opened what to do: name another in its place, or
// get the right to read it.
func unread(err error, want string) error {
	at, ok := errors.AsType[*fs.PathError](err)
	switch {
	case ok && errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w; name %s", at.Path, fs.ErrNotExist, want)
	case ok && errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w; give this user the right to read it (chmod, chown)", at.Path, fs.ErrPermission)
	}
	return err
}
