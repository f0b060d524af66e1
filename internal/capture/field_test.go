package capture_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// shared finds a directory beside the project, where captures are kept that may
// not be copied into it.
func shared(t *testing.T, name string) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	path := filepath.Join(filepath.Dir(dir), "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: %v", name, err)
	}
	return path
}

// TestFieldCaptures reads every capture and compares the number of packets with
// what capinfos counts.
func TestFieldCaptures(t *testing.T) {
	capinfos, err := exec.LookPath("capinfos")
	if err != nil {
		t.Skip("capinfos is not installed")
	}
	var files []string
	for _, pattern := range []string{"field/captures/*", "conformance/*.pcap*", "conformance/cic2017/*.pcap*"} {
		found, err := filepath.Glob(filepath.Join(shared(t, ""), pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("no captures beside the project")
	}
	var verdicts packet.Counts
	for _, path := range files {
		stats, counts := readAll(t, path)
		verdicts.Add(&counts)
		out, _ := exec.Command(capinfos, "-c", "-T", "-r", "-M", path).Output()
		fields := strings.Split(strings.TrimSpace(string(out)), "\t")
		want, err := strconv.ParseUint(fields[len(fields)-1], 10, 64)
		if err != nil {
			t.Errorf("%s: capinfos says %q", path, out)
			continue
		}
		if stats.Received != want || counts.Total() != want {
			t.Errorf("%s: received %d, decoded %d, capinfos counts %d", filepath.Base(path), stats.Received, counts.Total(), want)
		}
		if stats.Cut != nil {
			t.Log(stats.Cut)
		}
	}
	for v, n := range verdicts {
		t.Logf("%-24s %d", packet.Verdict(v), n)
	}
}

func readAll(t *testing.T, path string) (capture.Stats, packet.Counts) {
	t.Helper()
	src, err := capture.Open(path, capture.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var (
		batch  capture.Batch
		counts packet.Counts
		p      packet.Packet
	)
	for {
		err := src.Next(&batch)
		if errors.Is(err, io.EOF) {
			return src.Stats(), counts
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range batch.Frames {
			counts[packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p)]++
		}
	}
}
