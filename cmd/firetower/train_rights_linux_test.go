package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// unprivileged takes root's power over files from this thread, so that what a user may
// not read cannot be read here either.
func unprivileged(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Skipf("cannot become another user: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err == nil {
			runtime.UnlockOSThread()
		} // else the thread ends with the test
	})
}

// TestTrainWithoutRights finds out at once what it may not read or write, names it and
// says what to do.
func TestTrainWithoutRights(t *testing.T) {
	flows, err := os.ReadFile(labelledFlows(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	place := func(name string) string { return filepath.Join(dir, name) }
	for _, folder := range []string{"", "locked", "readonly", "nothing", "mixed"} {
		if err := os.MkdirAll(place(folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"good.csv", "secret.csv", "mixed/a.csv", "mixed/b.csv", "nothing/flows.txt"} {
		if err := os.WriteFile(place(name), flows, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{
		"secret.csv": 0, "mixed/b.csv": 0, "locked": 0, "readonly": 0o555, "..": 0o755,
	} {
		if err := os.Chmod(place(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(place("locked"), 0o755) })
	unprivileged(t)
	good, out := place("good.csv"), os.TempDir()
	for _, tt := range []struct{ data, out, named, remedy string }{
		{place("secret.csv"), out, "secret.csv", "chmod"},
		{place("mixed"), out, "b.csv", "chmod"},
		{place("locked"), out, "locked", "chmod"},
		{place("nothing"), out, "nothing", "no .csv, .csv.gz or .parquet"},
		{place("absent.csv"), out, "absent.csv", "name files or folders of labelled flows"},
		{good, place("readonly"), "readonly", "choose another"},
		{good, place("readonly/below"), "readonly/below", "choose another"},
		{good, place("good.csv"), "good.csv", "choose another"},
	} {
		code, stdout, stderr := call(t, "", "train", "--data", tt.data, "--out", tt.out)
		if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tt.named) || !strings.Contains(stderr, tt.remedy) {
			t.Errorf("--data %s --out %s: exit %d; want one line with %q; said\n%s", tt.data, tt.out, code, tt.remedy, stderr)
		}
	}
}
