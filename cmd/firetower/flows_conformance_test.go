package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestConformance meters captures of which CICFlowMeter's own output is at hand and
// compares every column of every flow that both print. Run it with -v for the table
// of agreement.
func TestConformance(t *testing.T) {
	dir := conformanceDir(t)
	captures, err := filepath.Glob(filepath.Join(dir, "*.pcap.gz"))
	if err != nil || len(captures) == 0 {
		t.Fatalf("no captures in %s: %v", dir, err)
	}
	total := map[string]*agreement{}
	for _, c := range captures {
		base := strings.TrimSuffix(c, ".pcap.gz")
		conform(t, "cic-fixed", c, base+".cic-fixed.csv.gz", total)
		conform(t, "cic-v4", c, base+".cic-v4.csv.gz", total)
	}
	conform(t, "cic2017", filepath.Join(dir, "cic2017/test.pcap.gz"), filepath.Join(dir, "cic2017/test.csv.gz"), total)
	for profile, a := range total {
		t.Logf("%s: %s", profile, a)
		if a.equal == 0 {
			t.Errorf("%s: nothing compared", profile)
		}
	}
}

// conformanceDir finds the reference captures beside the repository.
func conformanceDir(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	dir = filepath.Join(dir, "../shared/data/conformance")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference captures: %v", err)
	}
	return dir
}

// agreement counts flows by how they compare.
type agreement struct {
	equal, different int
	theirs, ours     map[string]int // flows that one side prints, by cause
}

func (a *agreement) String() string {
	return fmt.Sprintf("%d flows equal in every column, %d not; only CICFlowMeter prints %v, only Firetower %v",
		a.equal, a.different, a.theirs, a.ours)
}

func conform(t *testing.T, profile, capture, reference string, total map[string]*agreement) {
	t.Helper()
	name := filepath.Base(capture)
	want := readRows(t, gunzip(t, reference))
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"flows", "--profile", profile, capture}, nil, &out, &errs); code != 0 {
		t.Fatalf("%s: exit status %d: %s", name, code, &errs)
	}
	got := readRows(t, &out)
	if !slices.Equal(got[0], want[0]) {
		t.Fatalf("%s: header\n%v\nwant\n%v", name, got[0], want[0])
	}
	a := &agreement{theirs: map[string]int{}, ours: map[string]int{}}
	theirs, ours := groups(want[1:]), groups(got[1:])
	for key, rows := range theirs {
		n := min(len(rows), len(ours[key]))
		for i := range n {
			if bad := differences(want[0], rows[i], ours[key][i]); len(bad) > 0 {
				a.different++
				t.Errorf("%s: flow %s: %s", name, rows[i][0], strings.Join(bad, ", "))
			} else {
				a.equal++
			}
		}
		theirs[key], ours[key] = rows[n:], ours[key][n:]
	}
	lumped := map[string]bool{} // pairs of hosts with a flow of no protocol that only we print
	for row := range left(ours) {
		lumped[row[1]+" "+row[3]] = lumped[row[1]+" "+row[3]] || row[5] == "0"
	}
	for row := range left(theirs) {
		a.theirs[causeTheirs(row, lumped)]++
	}
	for row := range left(ours) {
		a.ours[causeOurs(row, lumped, a.equal == 0 && len(a.theirs) > 0)]++
	}
	t.Logf("%-9s %-60s %s", profile, name, a)
	for _, causes := range []map[string]int{a.theirs, a.ours} {
		if n := causes["unexplained"]; n > 0 {
			t.Errorf("%s: %d flows that one side prints are unexplained", name, n)
		}
	}
	sum(total, profile, a)
}

// left goes through all rows of groups.
func left(groups map[string][][]string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, rows := range groups {
			for _, row := range rows {
				if !yield(row) {
					return
				}
			}
		}
	}
}

func sum(total map[string]*agreement, profile string, a *agreement) {
	all := total[profile]
	if all == nil {
		all = &agreement{theirs: map[string]int{}, ours: map[string]int{}}
		total[profile] = all
	}
	all.equal += a.equal
	all.different += a.different
	for c, n := range a.theirs {
		all.theirs[c] += n
	}
	for c, n := range a.ours {
		all.ours[c] += n
	}
}

const quoted = "ICMP errors read as the packet they quote"

// causeTheirs says why only CICFlowMeter prints a flow. One without protocol is what
// the program makes of frames that hold no IPv4 where it looks for it.
func causeTheirs(row []string, lumped map[string]bool) string {
	switch {
	case lumped[row[1]+" "+row[3]], lumped[row[3]+" "+row[1]]:
		return quoted
	case strings.HasPrefix(row[0], "8.6.0.1-8.0.6.4-"), strings.HasPrefix(row[0], "8.0.6.4-8.6.0.1-"):
		return "ARP read as IPv4"
	case row[5] == "0":
		return "other frames read as IPv4"
	}
	return "unexplained"
}

// causeOurs says why only Firetower prints a flow.
func causeOurs(row []string, lumped map[string]bool, otherLink bool) string {
	switch {
	case lumped[row[1]+" "+row[3]]:
		return quoted
	case strings.Contains(row[1], ":"):
		return "IPv6"
	case otherLink:
		return "a link type that CICFlowMeter does not read"
	}
	return "unexplained"
}

// groups pairs rows: by Flow ID, start and packet counts, ordered by duration. The
// 2017 build printed its time without AM and PM in a time zone nobody knows.
func groups(rows [][]string) map[string][][]string {
	m := map[string][][]string{}
	for _, r := range rows {
		start := r[6]
		if strings.Contains(start, "/") && !strings.HasSuffix(start, "M") {
			start = ""
		}
		key := strings.Join([]string{r[0], start, r[8], r[9]}, " ")
		m[key] = append(m[key], r)
	}
	for _, rows := range m {
		slices.SortFunc(rows, func(a, b []string) int {
			x, _ := strconv.ParseFloat(a[7], 64)
			y, _ := strconv.ParseFloat(b[7], 64)
			return cmp.Compare(x, y)
		})
	}
	return m
}

// differences lists the columns in which two rows differ by more than 1e-9.
func differences(header, want, got []string) []string {
	var bad []string
	for i, name := range header {
		if name := strings.TrimSpace(name); name == "Label" || name == "Timestamp" && len(want[i]) == len("31/03/2015 08:32:22") {
			continue
		}
		if !sameCell(want[i], got[i]) {
			bad = append(bad, fmt.Sprintf("%s is %s, want %s", name, got[i], want[i]))
		}
	}
	return bad
}

func sameCell(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
}

func gunzip(t *testing.T, path string) io.Reader {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readRows(t *testing.T, r io.Reader) [][]string {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	return rows
}

func TestFlowsCalls(t *testing.T) {
	cases := []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"flows"}, 2, "name captures"},
		{[]string{"flows", "--profile", "cic1999", "x"}, 2, "cic-fixed"},
		{[]string{"flows", "--format", "xml", "x"}, 2, "csv or jsonl"},
		{[]string{"flows", "--active-timeout", "0s", "x"}, 2, "--active-timeout"},
		{[]string{"flows", "does-not-exist.pcap"}, 1, "does-not-exist.pcap"},
		{[]string{"flows", "."}, 1, "directory"},
		{[]string{"flows", "main.go"}, 1, "main.go"},
		{[]string{"flows", "-"}, 1, "standard input"},
	}
	for _, c := range cases {
		var out, errs bytes.Buffer
		start := time.Now()
		code := run(context.Background(), c.args, strings.NewReader(""), &out, &errs)
		if code != c.status || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%v: exit status %d after %v, %q; want %d and %q", c.args, code, time.Since(start), &errs, c.status, c.says)
		}
		if out.Len() > 0 {
			t.Errorf("%v: printed %q although it failed", c.args, &out)
		}
	}
}
