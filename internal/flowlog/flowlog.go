// Package flowlog writes flow records: to files in a folder, one after the other,
// begun anew by size and by time, the oldest removed; or as events into the one EVE
// file. CSV files have the header of the meter's profile, so that training reads
// them as they are.
//
// Write never waits for the disk: what a slow or full disk cannot take is counted
// and left out, and watching goes on.
package flowlog

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"firetower/internal/detect"
	"firetower/internal/evefile"
	"firetower/internal/flow"
)

// Config says where and how flow records are written.
type Config struct {
	// Dir is the folder; empty writes none.
	Dir string `yaml:"dir"`
	// Format is csv, jsonl or parquet.
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
	if _, err := newFormat(c.Format); err != nil {
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
	name    string // in messages
	log     *slog.Logger
	encoder encoder
	out     output
	chunk   *chunk
	queue   chan *chunk
	free    chan *chunk

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

// output is where encoded records go.
type output interface {
	write(data []byte) error
	tick(now time.Time) // called once a second
	close() error
}

// New makes a log of files in a folder; nothing is opened before Run.
func New(cfg Config, log *slog.Logger) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	f, err := newFormat(cfg.Format)
	if err != nil {
		return nil, err
	}
	l := newLog("flow log", f, log)
	l.out = &folder{cfg: cfg, format: f, log: log, begun: &l.files}
	return l, nil
}

// NewEVE makes a log that appends to the EVE file. sensor is what the events name as
// their host.
func NewEVE(file *evefile.File, sensor string, log *slog.Logger) *Log {
	l := newLog("EVE flow events", eve{sensor}, log)
	l.out = shared{file}
	return l
}

func newLog(name string, e encoder, log *slog.Logger) *Log {
	l := &Log{name: name, log: log, encoder: e, chunk: &chunk{}, queue: make(chan *chunk, chunksQueue), free: make(chan *chunk, chunksQueue+2)}
	for range cap(l.free) - 1 {
		l.free <- &chunk{}
	}
	return l
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
	defer l.out.close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			l.out.tick(now)
		case c, ok := <-l.queue:
			if !ok {
				return l.out.close()
			}
			failing = l.put(c, failing)
			c.data, c.records = c.data[:0], 0
			l.free <- c
		}
	}
}

// put writes a chunk, counts what became of it, and says whether it failed. The
// first failure and the first success after it are told.
func (l *Log) put(c *chunk, failing bool) bool {
	if err := l.out.write(c.data); err != nil {
		l.failed.Add(uint64(c.records))
		if !failing {
			l.log.Error(l.name+": records are being lost", "error", err)
		}
		return true
	}
	l.written.Add(uint64(c.records))
	if failing {
		l.log.Info(l.name+": records are written again", "lost", l.failed.Load())
	}
	return false
}
