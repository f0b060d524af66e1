package evefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// File appends whole lines. It puts the file aside when it is large or old, and
// opens it anew when somebody else (logrotate) has moved it away. It may be used by
// many goroutines; what they append does not mix, also not with what another process
// appends.
type File struct {
	cfg Config

	mu    sync.Mutex
	f     *os.File
	size  int64
	begun time.Time
	look  time.Time // when the path was last compared with the open file
}

// New makes a File. It is opened by Open, or at the first line.
func New(cfg Config) *File { return &File{cfg: cfg} }

// Open opens the file now, to find out at once what would fail later.
func (f *File) Open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready(time.Now())
}

// Reopen lets go of the open file, so that the next line goes to whatever is at the
// path by then.
func (f *File) Reopen() error { return f.Close() }

// Append writes one or several lines, each with its line break, in one call. Lines
// that could be written in part only, on a full disk, are taken back.
func (f *File) Append(lines []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if err := f.ready(now); err != nil {
		return err
	}
	if f.due(now) {
		if err := f.rotate(now); err != nil {
			return err
		}
	}
	n, err := f.f.Write(lines)
	f.size += int64(n)
	if err == nil {
		return nil
	}
	if st, serr := f.f.Stat(); n > 0 && serr == nil {
		_ = f.f.Truncate(st.Size() - int64(n))
		f.size -= int64(n)
	}
	return fmt.Errorf("cannot write %s: %w", f.cfg.Path, err)
}

// Sync waits until the lines are on the disk.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return nil
	}
	return f.f.Sync()
}

// Close closes the file. A later line opens it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.close()
}

func (f *File) close() error {
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	return err
}

// lookEvery bounds how often the path is compared with the open file.
const lookEvery = time.Second

// ready makes sure that the file that is open is the one at the path.
func (f *File) ready(now time.Time) error {
	if f.f != nil && now.Sub(f.look).Abs() < lookEvery {
		return nil
	}
	f.look = now
	if f.f != nil {
		there, err1 := os.Stat(f.cfg.Path)
		ours, err2 := f.f.Stat()
		if err1 == nil && err2 == nil && os.SameFile(there, ours) {
			f.size = ours.Size() // somebody may have truncated it
			return nil
		}
		_ = f.close()
	}
	return f.open(now)
}

func (f *File) open(now time.Time) error {
	file, err := os.OpenFile(f.cfg.Path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("cannot open the EVE file: %w: let the daemon's user write there, or set eve.path", err)
	}
	size, err := mend(file)
	if err != nil {
		_ = file.Close()
		return fmt.Errorf("cannot open the EVE file: %w", err)
	}
	f.f, f.size, f.begun = file, size, now
	return nil
}

// longestLine is how far back the beginning of a torn line is looked for.
const longestLine = 1 << 20

// mend takes away the beginning of a line that a killed process has left at the end,
// and gives the size. What is no regular file is left as it is.
func mend(file *os.File) (size int64, err error) {
	st, err := file.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() == 0 {
		return 0, err
	}
	from := max(0, st.Size()-longestLine)
	tail := make([]byte, st.Size()-from)
	n, err := file.ReadAt(tail, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	whole := int64(bytes.LastIndexByte(tail[:n], '\n') + 1)
	if whole == int64(n) {
		return st.Size(), nil
	}
	return from + whole, file.Truncate(from + whole)
}

func (f *File) due(now time.Time) bool {
	if f.size == 0 {
		return false
	}
	return f.cfg.RotateBytes > 0 && f.size >= f.cfg.RotateBytes ||
		f.cfg.RotateEvery > 0 && now.Sub(f.begun) >= f.cfg.RotateEvery
}

// rotate puts the file aside under its name with the time, and begins a new one.
func (f *File) rotate(now time.Time) error {
	if err := f.close(); err != nil {
		return fmt.Errorf("cannot close %s: %w", f.cfg.Path, err)
	}
	base, ext := f.stem()
	aside := base + "-" + strings.Replace(now.UTC().Format("20060102T150405.000"), ".", "_", 1) + "Z" + ext
	if err := os.Rename(f.cfg.Path, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot put %s aside: %w", f.cfg.Path, err)
	}
	f.prune()
	return f.open(now)
}

// stem is the path without and the name's extension.
func (f *File) stem() (base, ext string) {
	ext = filepath.Ext(f.cfg.Path)
	return strings.TrimSuffix(f.cfg.Path, ext), ext
}

// prune removes the oldest of the files that were put aside, beyond Keep. One that
// can not be removed is no reason to lose lines; it is tried again the next time.
func (f *File) prune() {
	if f.cfg.Keep <= 0 {
		return
	}
	base, ext := f.stem()
	const day, clock = "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]", "[0-9][0-9][0-9][0-9][0-9][0-9]_[0-9][0-9][0-9]"
	names, _ := filepath.Glob(base + "-" + day + "T" + clock + "Z" + ext) // the one error is a wrong pattern
	slices.Sort(names)                                                    // names hold their time, so this is by age
	for ; len(names) > f.cfg.Keep; names = names[1:] {
		_ = os.Remove(names[0])
	}
}
