package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"firetower/internal/feature"
	"firetower/internal/flow"
)

// badData are files that nothing can be trained on, made from rows that are good.
func badData(good []byte) map[string][]byte {
	rows := strings.Split(strings.TrimSpace(string(good)), "\n")
	head := strings.Split(rows[0], ",")
	with := func(change func(name, cell string) string) []byte {
		out := rows[:1:1]
		for _, row := range rows[1:] {
			cells := strings.Split(row, ",")
			for i, name := range head {
				cells[i] = change(name, cells[i])
			}
			out = append(out, strings.Join(cells, ","))
		}
		return []byte(strings.Join(out, "\n") + "\n")
	}
	only := func(column, value string) []byte {
		return with(func(name, cell string) string {
			if name == column {
				return value
			}
			return cell
		})
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(good)
	_ = w.Close()
	seconds := with(func(name, cell string) string {
		switch name {
		case "Flow Duration":
			return "2"
		case "Total Fwd Packet", "Total Bwd packets", "Flow Packets/s":
			return "4"
		}
		return cell
	})
	missing := with(func(name, cell string) string {
		if name == "Label" || name == "Timestamp" {
			return cell
		}
		return ""
	})
	return map[string][]byte{
		"unlabelled.csv":  bytes.ReplaceAll(good, []byte(",Label"), []byte(",Verdict")),
		"unknown.csv":     only("Label", "Worm"),
		"one-class.csv":   only("Label", "BENIGN"),
		"all-missing.csv": missing,
		"no-rows.csv":     []byte(rows[0] + "\n"),
		"empty.csv":       nil,
		"seconds.csv":     seconds,
		"binary.csv":      {0x7f, 'E', 'L', 'F', 0, 1, 2, 3, '\n', 0xff},
		"cut.csv.gz":      z.Bytes()[:z.Len()/2],
		"cut.parquet":     []byte("PAR1 and then"),
		"capture.pcap":    {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0},
		"capture.pcapng":  {0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a},
		"mixed/a.csv":     good,
		"mixed/b.csv":     []byte(strings.TrimSpace(string(feature.For(flow.CIC2017).AppendHeader(nil))) + "\n"),
	}
}

// TestTrainOnBadData holds each kind of bad data to an error of one line that names the
// file and a remedy, and to leaving the model that was there alone.
func TestTrainOnBadData(t *testing.T) {
	good, err := os.ReadFile(labelledFlows(t, 60))
	if err != nil {
		t.Fatal(err)
	}
	dir, out := t.TempDir(), t.TempDir()
	model := filepath.Join(out, "model.firetower")
	if err := os.WriteFile(model, []byte("of yesterday"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, content := range badData(good) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, remedy := range map[string]string{
		"unlabelled.csv":  "--label-column",
		"unknown.csv":     "--labels",
		"one-class.csv":   "add flows of another",
		"all-missing.csv": "meter the captures",
		"no-rows.csv":     "no rows",
		"empty.csv":       "must name the columns",
		"seconds.csv":     "firetower flows",
		"binary.csv":      "no header",
		"cut.csv.gz":      "fetch it again",
		"cut.parquet":     "fetch it again",
		"capture.pcap":    "meter it with",
		"capture.pcapng":  "meter it with",
		"mixed":           "cannot be mixed",
	} {
		code, stdout, stderr := call(t, "", "train", "--data", filepath.Join(dir, name), "--out", out)
		said := slices.DeleteFunc(strings.Split(stderr, "\n"), func(s string) bool { return !strings.HasPrefix(s, "firetower: ") })
		if code != 1 || stdout != "" || len(said) != 1 || !strings.Contains(said[0], name) || !strings.Contains(said[0], remedy) {
			t.Errorf("%s: exit %d; want one line with %q; said\n%s", name, code, remedy, stderr)
		}
	}
	entries, _ := os.ReadDir(out)
	if b, _ := os.ReadFile(model); string(b) != "of yesterday" || len(entries) != 1 {
		t.Errorf("something was written: %v", entries)
	}
}
