package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"firetower/internal/store"
)

// storeFlags are those of the commands that look into the daemon's store.
type storeFlags struct {
	config string
	path   string
}

func (f *storeFlags) add(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&f.config, "config", "", "the daemon's configuration `file`, which names the store")
	cmd.PersistentFlags().StringVar(&f.path, "store", "", "SQLite `file` of the store, instead of the configuration's")
}

// open opens a store that is there. A wrong path is an error, not a new store.
func (f *storeFlags) open(ctx context.Context) (store.Store, error) {
	cfg, err := readConfiguration(f.config)
	if err != nil {
		return nil, err
	}
	if f.path != "" {
		cfg.Store = store.Config{Path: f.path}
	}
	if cfg.Store.PostgreSQL == "" && cfg.Store.PostgreSQLFile == "" {
		if _, err := os.Stat(cfg.Store.Path); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no store at %s: 'firetower watch' makes it; name another with --store or --config", cfg.Store.Path)
		}
	}
	return openStore(ctx, cfg.Store)
}

// with opens the store, runs f and closes it.
func (f *storeFlags) with(ctx context.Context, use func(store.Store) error) error {
	s, err := f.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(use(s), s.Close())
}

// operator is who runs the command, for the audit.
func operator() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// ago reads a length of time, with days beside Go's units: "7d", "36h".
func ago(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number of days such as 7d", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a length of time such as 7d or 36h", s)
	}
	return d, nil
}

// until reads when something ends: "30d", "36h", "2026-12-31" or "never".
func until(s string, now time.Time) (time.Time, error) {
	if s == "never" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation("2006-01-02", s, now.Location()); err == nil {
		if !t.After(now) {
			return t, fmt.Errorf("%s is over; name a day to come", s)
		}
		return t, nil
	}
	d, err := ago(s)
	if err != nil || d == 0 {
		return now, fmt.Errorf("%q is neither a length of time such as 30d, nor a date such as 2026-12-31, nor never", s)
	}
	return now.Add(d), nil
}
