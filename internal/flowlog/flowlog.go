// Package flowlog writes flow records to files in a folder: one file after the
// other, begun anew by size and by time, the oldest removed. CSV files have the
// header of the meter's profile, so that training reads them as they are.
//
// Write never waits for the disk: what a slow or full disk cannot take is counted
// and left out, and watching goes on.
package flowlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"firetower/internal/detect"
	"firetower/internal/flow"
)

// Config says where and how flow records are written.
type Config struct {
	// Dir is the folder; empty writes none.
	Dir string `yaml:"dir"`
	// Format is csv, jsonl, parquet or eve (Suricata's EVE JSON).
	Format string `yaml:"format"`
	// RotateBytes begins a new file when one has grown that far.
	RotateBytes int64 `yaml:"rotate_bytes"`
	// RotateEvery begins a new file when one is that old.
	RotateEvery time.Duration `yaml:"rotate_every"`
	// Keep is how many files stay; older ones are removed. 0 keeps all.
	Keep int `yaml:"keep"`
}

// DefaultConfig writes nothing until a folder is named, then CSV by the hour.
func DefaultConfig() Config {
	return Config{Format: "csv", RotateBytes: 256 << 20, RotateEvery: time.Hour, Keep: 168}
}

// Validate names the first setting that cannot work.
func (c Config) Validate() error {
	if c.Dir == "" {
		return nil
	}
	if _, err := newEncoder(c.Format); err != nil {
		return err
	}
	if c.RotateBytes < 1<<16 {
		return fmt.Errorf("flow log: rotate_bytes %d is below 65536", c.RotateBytes)
	}
	if c.RotateEvery < time.Second {
		return fmt.Errorf("flow log: rotate_every %s is below a second", c.RotateEvery)
	}
	return nil
}

// Stats counts records.
type Stats struct {
	Written uint64 // taken by the file system
	Dropped uint64 // left out because the disk was too slow
	Failed  uint64 // left out because it refused them
	Files   uint64 // files begun
}

// Log writes flow records. Write belongs to one goroutine, Run to another.
type Log struct {
	cfg     Config
	log     *slog.Logger
	encoder encoder
	chunk   *chunk
	queue   chan *chunk
	free    chan *chunk
	counts  chan []byte // stats events

	written, dropped, failed, files atomic.Uint64
}

// chunk is encoded records on their way to the disk.
type chunk struct {
	data    []byte
	records int
}

const (
	chunkBytes  = 128 << 10 // a chunk is handed over when it is this full
	chunksQueue = 64        // and this many may wait: 8 MiB
)

// New makes a log; nothing is opened before Run.
func New(cfg Config, log *slog.Logger) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e, err := newEncoder(cfg.Format)
	if err != nil {
		return nil, err
	}
	l := &Log{cfg: cfg, log: log, encoder: e, chunk: &chunk{}, queue: make(chan *chunk, chunksQueue), free: make(chan *chunk, chunksQueue+2), counts: make(chan []byte, 4)}
	for range cap(l.free) - 1 {
		l.free <- &chunk{}
	}
	return l, nil
}

// Write takes one record.
func (l *Log) Write(r *flow.Record, v detect.Verdict) {
	l.chunk.data = l.encoder.record(l.chunk.data, r, v)
	l.chunk.records++
	if len(l.chunk.data) >= chunkBytes {
		l.Flush()
	}
}

// Flush hands over what Write has gathered, so that it reaches the file soon also
// when few flows end.
func (l *Log) Flush() {
	if l.chunk.records == 0 {
		return
	}
	select {
	case next := <-l.free:
		l.queue <- l.chunk
		l.chunk = next
	default:
		l.dropped.Add(uint64(l.chunk.records))
		l.chunk.data, l.chunk.records = l.chunk.data[:0], 0
	}
}

// Close ends the queue after what Write has gathered; Run returns when all of it is
// in the files. No Write may follow.
func (l *Log) Close() {
	l.Flush()
	close(l.queue)
}

// Stats gives the counters.
func (l *Log) Stats() Stats {
	return Stats{Written: l.written.Load(), Dropped: l.dropped.Load(), Failed: l.failed.Load(), Files: l.files.Load()}
}

// Run writes the files until Close; when ctx ends it gives up what is still queued.
func (l *Log) Run(ctx context.Context) error {
	var f file
	defer f.close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if f.due(l.cfg, time.Now()) {
				f.close()
			}
		case line := <-l.counts:
			if err := l.write(&f, line); err != nil {
				l.log.Error("flow log: counters are not written", "error", err)
			}
		case c, ok := <-l.queue:
			if !ok {
				return f.close()
			}
			err := l.write(&f, c.data)
			switch {
			case err == nil:
				l.written.Add(uint64(c.records))
			case !failing:
				l.log.Error("flow log: records are being lost", "error", err)
			}
			if err != nil {
				l.failed.Add(uint64(c.records))
			}
			failing = err != nil
			c.data, c.records = c.data[:0], 0
			l.free <- c
		}
	}
}

// write puts encoded records into the current file, or a new one if that is due.
func (l *Log) write(f *file, data []byte) error {
	if f.due(l.cfg, time.Now()) {
		f.close()
	}
	if !f.open() {
		if err := f.create(l.cfg, l.encoder.extension(), time.Now()); err != nil {
			return err
		}
		l.files.Add(1)
		if err := l.prune(); err != nil {
			l.log.Warn("flow log: old files stay", "error", err)
		}
	}
	return f.write(l.encoder, data)
}

// prune removes the oldest files beyond Keep.
func (l *Log) prune() error {
	if l.cfg.Keep <= 0 {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(l.cfg.Dir, prefix+"*"+l.encoder.extension()))
	if err != nil {
		return err
	}
	slices.Sort(names) // names hold their time, so this is by age
	var errs []error
	for len(names) > l.cfg.Keep {
		errs = append(errs, os.Remove(names[0]))
		names = names[1:]
	}
	return errors.Join(errs...)
}

// prefix begins every file's name: flows-20261123T105600.000Z.csv.
const prefix = "flows-"

func nameAt(t time.Time, extension string) string {
	return prefix + strings.ReplaceAll(t.UTC().Format("20060102T150405.000"), ".", "_") + "Z" + extension
}
