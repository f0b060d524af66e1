// Command score runs firetower on captures whose truth is known and counts what it
// says of them:
//
//	go run ./bench/score -manifest DIR/manifest.tsv [-bin bin/firetower] [-v]
//
// The manifest is tab-separated with a header; it has at least the columns file,
// class, also, attacker and victim, as 'lab/run record' writes them; the captures are
// in the folder captures beside it. An attack counts as found if an incident has its
// class (dos and ddos stand for each other, also names a second one that is fair) and
// names an attacker, for bot and infiltration a victim as well; for ddos any. A
// benign capture is clean if there is no incident at all.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

type capture struct {
	file, class, also, attacker, victim string

	incidents []incident.Incident
	err       error
}

func main() {
	manifest := flag.String("manifest", "", "manifest of the captures")
	bin := flag.String("bin", "bin/firetower", "program to judge")
	verbose := flag.Bool("v", false, "list what is missed and what is false")
	flag.Parse()
	if *manifest == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	captures, err := read(*manifest)
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
	detectAll(captures, *bin, filepath.Join(filepath.Dir(*manifest), "captures"))
	if report(os.Stdout, captures, *verbose) > 0 {
		os.Exit(1)
	}
}

func read(path string) ([]capture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows := csv.NewReader(f)
	rows.Comma, rows.LazyQuotes, rows.FieldsPerRecord = '\t', true, -1
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: is empty", path)
	}
	field := func(row []string, name string) string {
		if i := slices.Index(all[0], name); i >= 0 && i < len(row) {
			return row[i]
		}
		return ""
	}
	var out []capture
	for _, row := range all[1:] {
		c := capture{file: field(row, "file"), class: field(row, "class"), also: field(row, "also"), attacker: field(row, "attacker"), victim: field(row, "victim")}
		if _, known := attack.Parse(c.class); known {
			out = append(out, c)
		}
	}
	return out, nil
}

func detectAll(captures []capture, bin, dir string) {
	next := make(chan *capture)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for c := range next {
				c.incidents, c.err = detect(bin, filepath.Join(dir, c.file))
			}
		})
	}
	for i := range captures {
		next <- &captures[i]
	}
	close(next)
	wg.Wait()
}

func detect(bin, path string) ([]incident.Incident, error) {
	var errs bytes.Buffer
	cmd := exec.Command(bin, "detect", "--json", path)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs.String())
	}
	var found []incident.Incident
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var i incident.Incident
		if err := lines.Decode(&i); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		found = append(found, i)
	}
}

// right says whether the capture was judged as its truth has it.
func (c *capture) right() bool {
	if c.class == string(attack.Benign) {
		return c.err == nil && len(c.incidents) == 0
	}
	want := []string{c.class, c.also}
	if c.class == string(attack.DoS) || c.class == string(attack.DDoS) {
		want = []string{string(attack.DoS), string(attack.DDoS), c.also}
	}
	names := c.attacker
	if c.class == string(attack.Bot) || c.class == string(attack.Infiltration) {
		names += " " + c.victim
	}
	known := strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(" ,;", r) })
	known = slices.DeleteFunc(known, func(s string) bool { return !strings.ContainsAny(s, ".:") || strings.ContainsAny(s, "/x(") })
	for _, i := range c.incidents {
		if !slices.Contains(want, string(i.Class)) {
			continue
		}
		if len(known) == 0 || c.class == string(attack.DDoS) || slices.ContainsFunc(i.Actors, func(a string) bool { return slices.Contains(known, a) }) {
			return true
		}
	}
	return false
}

// report prints the table and gives the number of captures that could not be read.
func report(w io.Writer, captures []capture, verbose bool) (failures int) {
	right, total := map[string]int{}, map[string]int{}
	for i := range captures {
		c := &captures[i]
		total[c.class]++
		switch {
		case c.err != nil:
			failures++
			fmt.Fprintf(w, "failed  %s: %v\n", c.file, c.err)
		case c.right():
			right[c.class]++
		case verbose:
			var said []string
			for _, i := range c.incidents {
				said = append(said, string(i.Class))
			}
			fmt.Fprintf(w, "wrong   %-13s %s %v\n", c.class, c.file, said)
		}
	}
	sum, classes := 0.0, 0.0
	for _, class := range attack.Classes() {
		if n := total[string(class)]; n > 0 {
			recall := float64(right[string(class)]) / float64(n)
			fmt.Fprintf(w, "%-13s %3d of %3d  %.2f\n", class, right[string(class)], n, recall)
			sum, classes = sum+recall, classes+1
		}
	}
	macro := sum / max(1, classes)
	benign := string(attack.Benign)
	clean := float64(right[benign]) / float64(max(1, total[benign]))
	fmt.Fprintf(w, "%-13s %3d of %3d  %.2f clean\n", benign, right[benign], total[benign], clean)
	fmt.Fprintf(w, "macro recall %.3f, clean rate %.3f, harmonic mean %.3f\n", macro, clean, 2*macro*clean/max(1e-9, macro+clean))
	return failures
}
