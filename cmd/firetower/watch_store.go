package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"firetower/internal/evefile"
	"firetower/internal/flowlog"
	"firetower/internal/privilege"
	"firetower/internal/store"
	"firetower/internal/store/postgres"
	"firetower/internal/store/sqlite"
)

// openStore opens the store that a configuration names.
func openStore(ctx context.Context, cfg store.Config) (store.Store, error) {
	if cfg.PostgreSQL != "" || cfg.PostgreSQLFile != "" {
		dsn, err := cfg.ConnectionString()
		if err != nil {
			return nil, err
		}
		return postgres.Open(ctx, dsn)
	}
	return sqlite.Open(ctx, cfg.Path)
}

// openStore opens the daemon's store so that it can still be written to after the
// rights have been given up.
func (w *watcher) openStore(ctx context.Context) error {
	file := w.cfg.Store.PostgreSQL == "" && w.cfg.Store.PostgreSQLFile == ""
	if file {
		if err := w.own(filepath.Dir(w.cfg.Store.Path)); err != nil {
			return err
		}
	}
	var err error
	if w.store, err = openStore(ctx, w.cfg.Store); err != nil || !file {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := w.chown(w.cfg.Store.Path + suffix); err != nil {
			return err
		}
	}
	return nil
}

// openFlowLogs makes the folder of the flow log and the EVE file what the daemon's
// user can write to, and opens the latter.
func (w *watcher) openFlowLogs() error {
	w.flowLogs = map[string]*flowlog.Log{}
	if dir := w.cfg.FlowLog.Dir; dir != "" {
		if err := w.own(dir); err != nil {
			return err
		}
		l, err := flowlog.New(w.cfg.FlowLog, w.log)
		if err != nil {
			return err
		}
		w.flowLogs["folder"] = l
	}
	if w.cfg.EVE.Path == "" {
		return nil
	}
	if err := w.own(filepath.Dir(w.cfg.EVE.Path)); err != nil {
		return err
	}
	w.eve = evefile.New(w.cfg.EVE)
	if err := w.eve.Open(); err != nil {
		return err
	}
	if w.cfg.EVE.Has(evefile.Flow) {
		w.flowLogs["eve"] = flowlog.NewEVE(w.eve, w.cfg.sensor(), w.log)
	}
	return w.chown(w.cfg.EVE.Path)
}

// reachesFolders finds out, with the rights that are left, whether the daemon could
// write again where it writes: files that are open already would hide it until later.
func (w *watcher) reachesFolders() error {
	need := map[string]string{} // folders by setting
	if w.cfg.Store.PostgreSQL == "" && w.cfg.Store.PostgreSQLFile == "" {
		need["store.path"] = filepath.Dir(w.cfg.Store.Path)
	}
	if w.cfg.FlowLog.Dir != "" {
		need["flow_log.dir"] = w.cfg.FlowLog.Dir
	}
	if w.cfg.EVE.Path != "" && w.cfg.EVE.Rotates() {
		need["eve.path"] = filepath.Dir(w.cfg.EVE.Path)
	}
	for setting, dir := range need {
		if err := unix.Access(dir, unix.R_OK|unix.W_OK|unix.X_OK); err != nil {
			return fmt.Errorf("%s: %s: %w for user %s, which the daemon has become: let it write there, or set %[1]s", setting, dir, err, w.cfg.Privilege.User)
		}
	}
	return nil
}

// own makes a folder that the daemon's user can write to. A folder that is there
// already is left as it is unless it is empty: it may be somebody else's.
func (w *watcher) own(dir string) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("%w: make the folder, or name another in the configuration", err)
	}
	return w.chown(dir)
}

func (w *watcher) chown(path string) error {
	uid, gid, err := privilege.Owner(w.cfg.Privilege)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if err := os.Lchown(path, uid, gid); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("giving %s to the daemon's user: %w", path, err)
	}
	return nil
}
