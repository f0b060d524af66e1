// Command firetower watches a network with a random forest: it meters packets into
// flows, classifies every flow, watches hosts over time and says who attacks whom.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out one call and gives its exit status: 0 it ran, 1 it failed, 2 the
// call was wrong.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	profile := profiled(root)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if failed := profile.write(); err == nil {
		err = failed
	}
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return 0
	}
	fmt.Fprintln(stderr, "firetower: "+strings.TrimSpace(err.Error()))
	var wrong usageError
	if errors.As(err, &wrong) {
		fmt.Fprintf(stderr, "firetower: see '%s --help'\n", wrong.command)
		return 2
	}
	return 1
}

// usageError is a call that was wrong, as opposed to one that failed.
type usageError struct {
	command string
	err     error
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef makes the usageError of a command.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return usageError{cmd.CommandPath(), fmt.Errorf(format, args...)}
}

func newRootCommand() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "firetower",
		Short: "Watch a network: who attacks whom, and how it shows",
		Long: `Firetower reads packets, from captures or live, meters them into flows, gives each
flow a random forest's verdict, watches hosts over time, and tells who attacks whom.

Exit status: 0 it ran, 1 it failed, 2 the call was wrong.`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}, commands()...)
	root.SetVersionTemplate("firetower {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	for _, c := range root.Commands() {
		wrongCallsAreUsageErrors(c)
	}
	wrongCallsAreUsageErrors(root)
	return root
}

// wrongCallsAreUsageErrors makes what cobra finds wrong with flags and arguments of
// c and below exit with status 2.
func wrongCallsAreUsageErrors(c *cobra.Command) {
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{cmd.CommandPath(), err}
	})
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			var wrong usageError
			if err == nil || errors.As(err, &wrong) {
				return err
			}
			return usageError{cmd.CommandPath(), err}
		}
	}
	for _, sub := range c.Commands() {
		wrongCallsAreUsageErrors(sub)
	}
}
