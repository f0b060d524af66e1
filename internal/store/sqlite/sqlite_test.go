package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"firetower/internal/store"
	"firetower/internal/store/sqlite"
	"firetower/internal/store/storetest"
)

func open(t *testing.T, path string) store.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "odd ?#%&name.db")) })
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	if err := open(t, path).Health(context.Background()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", f, st.Mode(), err)
		}
	}
}

func TestMissingDirectory(t *testing.T) {
	_, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "none", "f.db"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	if err := os.WriteFile(path, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("this is a text file, long enough to have a header of a hundred bytes, which SQLite looks at when it opens the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(context.Background(), path); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// TestRetentionGivesSpaceBack looks at the file, not at what SQLite says of it.
func TestRetentionGivesSpaceBack(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "f.db")
	s := open(t, path)
	for n := range 40 {
		inc := storetest.Incident(n)
		if err := s.Record(ctx, storetest.Epoch, inc, 0, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.PutEvidence(ctx, storetest.Epoch, inc.ID, "x", make([]byte, 100_000)); err != nil {
			t.Fatal(err)
		}
	}
	size := func() (n int64) {
		for _, suffix := range []string{"", "-wal"} {
			if st, err := os.Stat(path + suffix); err == nil {
				n += st.Size()
			}
		}
		return n
	}
	before := size()
	if _, err := s.Retain(ctx, storetest.Epoch, store.Retention{Bytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if after := size(); before < 4_000_000 || after > 1_200_000 {
		t.Errorf("the files had %d bytes, have %d after a limit of 1 MiB", before, after)
	}
}

func TestDamage(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "f.db")
	s := open(t, path)
	for n := range 200 {
		if err := s.Record(ctx, storetest.Epoch, storetest.Incident(n), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(8192); at < 600_000; at += 4096 {
		if _, err := f.WriteAt([]byte("damage damage damage"), at); err != nil {
			t.Fatal(err)
		}
	}
	_ = f.Close()
	s, err = sqlite.Open(ctx, path)
	if err == nil {
		_, err = s.FindIncidents(ctx, store.Query{})
		_ = s.Close()
	}
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a damaged file gives %v, want ErrCorrupt", err)
	}
}

// BenchmarkRecord is one incident with one alert, on the disk.
func BenchmarkRecord(b *testing.B) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "f.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	n := 0
	for b.Loop() {
		n++
		inc := storetest.Incident(n)
		if err := s.Record(ctx, storetest.Epoch, inc, 0, []store.Alert{storetest.AlertFor(inc, "mail", "new", storetest.Epoch)}); err != nil {
			b.Fatal(err)
		}
	}
}
