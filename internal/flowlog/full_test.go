package flowlog

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"firetower/internal/detect"
)

// TestAFullDisk fills the disk while each format is being written, and makes room
// again: what counts as written can be read, and later records are written again.
func TestAFullDisk(t *testing.T) {
	for _, name := range []string{"csv", "jsonl", "parquet"} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, name)
			if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", cfg.Dir).CombinedOutput(); err != nil {
				t.Skipf("cannot make a small file system: %v: %s", err, out)
			}
			t.Cleanup(func() { syscall.Unmount(cfg.Dir, syscall.MNT_DETACH) })
			l, err := New(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- l.Run(t.Context()) }()
			port := uint16(0)
			write := func(enough func(Stats) bool) {
				t.Helper()
				for end := time.Now().Add(30 * time.Second); !enough(l.Stats()); time.Sleep(time.Millisecond) {
					for range 100 {
						port++
						l.Write(record(port), detect.Verdict{})
					}
					l.Flush()
					if time.Now().After(end) {
						t.Fatalf("%+v", l.Stats())
					}
				}
			}
			write(func(s Stats) bool { return s.Written >= 300 })
			filler := filepath.Join(cfg.Dir, "filler")
			f, err := os.Create(filler)
			if err != nil {
				t.Fatal(err)
			}
			for err == nil {
				_, err = f.Write(make([]byte, 4096))
			}
			f.Close()
			write(func(s Stats) bool { return s.Failed > 0 })
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			before := l.Stats().Written
			write(func(s Stats) bool { return s.Written >= before+100 })
			l.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
			rows := 0
			files, _ := filepath.Glob(filepath.Join(cfg.Dir, "flows-*"))
			slices.Sort(files)
			for _, path := range files {
				rows += readable(t, name, path)
			}
			if s := l.Stats(); uint64(rows) != s.Written {
				t.Errorf("%d rows can be read in %d files, %+v", rows, len(files), s)
			}
		})
	}
}

// readable counts the records of a file.
func readable(t *testing.T, format, path string) (rows int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch format {
	case "parquet":
		type row struct {
			SrcPort float64 `parquet:"Src Port"`
		}
		got, err := parquet.ReadFile[row](path)
		if err != nil {
			t.Errorf("%s, %d bytes: %v", filepath.Base(path), len(text), err)
		}
		return len(got)
	case "jsonl":
		for line := range bytes.Lines(text) {
			if !json.Valid(line) {
				t.Errorf("%q", line)
			}
			rows++
		}
		return rows
	}
	return bytes.Count(text, []byte{'\n'}) - 1
}
