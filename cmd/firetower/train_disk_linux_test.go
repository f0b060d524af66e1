package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTrainOntoAFullDisk fills a file system of its own.
func TestTrainOntoAFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("needs root, for a file system to fill: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	if err := os.WriteFile(filepath.Join(disk, "model.firetower"), []byte("of yesterday"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := call(t, "", "train", "--data", labelledFlows(t, 300), "--out", disk, "--trees", "5")
	if code != 1 || !strings.Contains(stderr, "no space left") || !strings.Contains(stderr, "nothing was changed") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	entries, _ := os.ReadDir(disk)
	files := 0
	for _, e := range entries {
		if !e.IsDir() {
			files++
		}
	}
	if b, _ := os.ReadFile(filepath.Join(disk, "model.firetower")); string(b) != "of yesterday" || files != 1 {
		t.Errorf("half of it was written: %v", entries)
	}
}
