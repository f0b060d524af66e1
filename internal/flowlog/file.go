package flowlog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// file is the one being written. Its zero value is none.
type file struct {
	f     *os.File
	begun time.Time
	size  int64
	out   body
}

// body is what an encoder wraps a file in.
type body interface {
	write(data []byte) error
	close() error
}

func (f *file) open() bool { return f.f != nil }

func (f *file) due(cfg Config, now time.Time) bool {
	return f.open() && (f.size >= cfg.RotateBytes || now.Sub(f.begun) >= cfg.RotateEvery)
}

func (f *file) create(cfg Config, extension string, now time.Time) error {
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return fmt.Errorf("flow log: %w: make the folder writable, or set flow_log.dir", err)
	}
	path := filepath.Join(cfg.Dir, nameAt(now, extension))
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("flow log: %w", err)
	}
	*f = file{f: out, begun: now}
	return nil
}

// write appends a chunk. A write that failed half-way is taken back, so that a full
// disk leaves whole records behind.
func (f *file) write(e format, data []byte) error {
	if f.out == nil {
		out, err := e.begin(f)
		if err != nil {
			return f.back(err)
		}
		f.out = out
	}
	if err := f.out.write(data); err != nil {
		return f.back(err)
	}
	return nil
}

func (f *file) back(err error) error {
	if terr := f.f.Truncate(f.size); terr != nil {
		err = errors.Join(err, terr)
	}
	if _, serr := f.f.Seek(f.size, io.SeekStart); serr != nil {
		err = errors.Join(err, serr)
	}
	return fmt.Errorf("flow log: %w", err)
}

// Write lets an encoder's body write to the file itself.
func (f *file) Write(b []byte) (int, error) {
	n, err := f.f.Write(b)
	if err == nil {
		f.size += int64(n)
	}
	return n, err
}

func (f *file) close() error {
	if !f.open() {
		return nil
	}
	var err error
	if f.out != nil {
		err = f.out.close()
	}
	err = errors.Join(err, f.f.Close())
	*f = file{}
	if err != nil {
		return fmt.Errorf("flow log: %w", err)
	}
	return nil
}
