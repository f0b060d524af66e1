// Command score runs firetower on captures whose truth is known and counts what it
// says of them:
//
//	go run ./bench/score -manifest DIR/manifest.tsv [-bin bin/firetower] [-v]
//
// The manifest is as 'lab/run record' writes it. Package truth has the rules.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"firetower/bench/truth"
	"firetower/internal/incident"
)

// said is what the program said of a capture.
type said struct {
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
	captures, err := truth.Read(*manifest)
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
	if report(os.Stdout, captures, detectAll(captures, *bin), *verbose) > 0 {
		os.Exit(1)
	}
}

func detectAll(captures []truth.Capture, bin string) []said {
	out := make([]said, len(captures))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for i := range next {
				out[i].incidents, out[i].err = detect(bin, captures[i].Path)
			}
		})
	}
	for i := range captures {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
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

// report prints the table and gives the number of captures that could not be read,
// which count as told wrongly.
func report(w io.Writer, captures []truth.Capture, answers []said, verbose bool) (failures int) {
	var tally truth.Tally
	for i := range captures {
		c, s := &captures[i], answers[i]
		told := s.err == nil && c.Told(s.incidents)
		tally.Add(c.Class, told)
		switch {
		case s.err != nil:
			failures++
			fmt.Fprintf(w, "failed  %s: %v\n", c.File, s.err)
		case !told && verbose:
			var classes []string
			for _, i := range s.incidents {
				classes = append(classes, string(i.Class))
			}
			fmt.Fprintf(w, "wrong   %-13s %s %v\n", c.Class, c.File, classes)
		}
	}
	tally.Print(w)
	return failures
}
