package flowlog

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"firetower/internal/evefile"
)

// folder is an output of one file after the other.
type folder struct {
	cfg    Config
	format format
	log    *slog.Logger
	file   file
	begun  *atomic.Uint64 // files
}

// write puts encoded records into the current file, or a new one if that is due.
func (d *folder) write(data []byte) error {
	d.tick(time.Now())
	if !d.file.open() {
		if err := d.file.create(d.cfg, d.format.extension(), time.Now()); err != nil {
			return err
		}
		d.begun.Add(1)
		if err := d.prune(); err != nil {
			d.log.Warn("flow log: old files stay", "error", err)
		}
	}
	return d.file.write(d.format, data)
}

func (d *folder) tick(now time.Time) {
	if d.file.due(d.cfg, now) {
		if err := d.file.close(); err != nil {
			d.log.Error("flow log: a file could not be finished", "error", err)
		}
	}
}

func (d *folder) close() error { return d.file.close() }

// prune removes the oldest files beyond Keep.
func (d *folder) prune() error {
	if d.cfg.Keep <= 0 {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(d.cfg.Dir, prefix+"*"+d.format.extension()))
	if err != nil {
		return err
	}
	slices.Sort(names) // names hold their time, so this is by age
	var errs []error
	for len(names) > d.cfg.Keep {
		errs = append(errs, os.Remove(names[0]))
		names = names[1:]
	}
	return errors.Join(errs...)
}

// prefix begins every file's name: flows-20261123T105600_000Z.csv.
const prefix = "flows-"

func nameAt(t time.Time, extension string) string {
	return prefix + strings.ReplaceAll(t.UTC().Format("20060102T150405.000"), ".", "_") + "Z" + extension
}

// shared is an output that others write to as well.
type shared struct{ file *evefile.File }

func (s shared) write(data []byte) error { return s.file.Append(data) }
func (shared) tick(time.Time)            {}
func (shared) close() error              { return nil } // not ours to close
