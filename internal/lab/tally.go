package lab

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"firetower/internal/attack"
)

// Tally sums results up by class.
type Tally struct {
	all []Result
}

// Add takes one more result.
func (t *Tally) Add(r Result) { t.all = append(t.all, r) }

// Write prints, for each class: runs, how many were detected under the right name,
// what the rest was called, false incidents, and seconds to detection.
func (t *Tally) Write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%-14s %5s %9s %7s %6s %22s  %s\n", "class", "runs", "detected", "recall", "false", "seconds: median p90 max", "instead said"); err != nil {
		return err
	}
	for _, class := range append(attack.Classes(), attack.Benign) {
		if err := t.row(w, class); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tally) row(w io.Writer, class attack.Class) error {
	runs, found, wrong := 0, 0, 0
	var seconds []float64
	instead := map[string]int{}
	for _, r := range t.all {
		if r.Class != class || r.Err != "" {
			continue
		}
		runs++
		wrong += len(r.False)
		if r.Detected {
			found++
			seconds = append(seconds, r.Seconds)
			continue
		}
		if class != attack.Benign {
			name := strings.Join(r.As, "+")
			if name == "" {
				name = "nothing"
			}
			instead[name]++
		}
	}
	if runs == 0 {
		return nil
	}
	var names []string
	for n, c := range instead {
		names = append(names, fmt.Sprintf("%s %d", n, c))
	}
	sort.Strings(names)
	recall, times := "-", "-"
	if class != attack.Benign {
		recall = fmt.Sprintf("%.2f", float64(found)/float64(runs))
	}
	if len(seconds) > 0 {
		sort.Float64s(seconds)
		times = fmt.Sprintf("%.1f %.1f %.1f", seconds[len(seconds)/2], seconds[len(seconds)*9/10], seconds[len(seconds)-1])
	}
	_, err := fmt.Fprintf(w, "%-14s %5d %9d %7s %6d %22s  %s\n", class, runs, found, recall, wrong, times, strings.Join(names, ", "))
	return err
}
