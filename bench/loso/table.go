package main

import (
	"fmt"
	"io"
	"strings"

	"firetower/bench/truth"
	"firetower/internal/attack"
	"firetower/internal/behaviour"
)

func ofField(c *truth.Capture) bool { return c.Source != lab }
func ofLab(c *truth.Capture) bool   { return c.Source == lab }

// print writes the table of field and lab by class, given which captures are judged
// right under the setting that holds for a source, and lists those that are not.
func (r *rig) print(w io.Writer, title string, of func(source string) []bool) {
	fmt.Fprintf(w, "\n## %s\n", title)
	var field, own truth.Tally
	var wrong []string
	for k, t := range r.tapes {
		right := of(t.Source)[k]
		if ofLab(&t.Capture) {
			own.Add(t.Class, right)
		} else {
			field.Add(t.Class, right)
		}
		if !right {
			wrong = append(wrong, fmt.Sprintf("%s (%s)", t.File, t.Source))
		}
	}
	fmt.Fprintln(w, "\n| class | field | lab |\n|---|---|---|")
	for _, c := range append(attack.Classes(), attack.Benign) {
		a, n := field.Class(c)
		b, m := own.Class(c)
		fmt.Fprintf(w, "| %s | %d of %d | %d of %d |\n", c, a, n, b, m)
	}
	recall, clean, score := field.Rates()
	recallOwn, cleanOwn, scoreOwn := own.Rates()
	fmt.Fprintf(w, "| macro recall | %.3f | %.3f |\n| clean rate | %.3f | %.3f |\n| score | %.3f | %.3f |\n",
		recall, recallOwn, clean, cleanOwn, score, scoreOwn)
	fmt.Fprintf(w, "\nwrong: %s\n", strings.Join(wrong, ", "))
}

// sensitivity writes what halving and doubling each limit does to the scores. Limits
// that move nothing are only counted.
func (r *rig) sensitivity(w io.Writer) {
	now := behaviour.DefaultConfig()
	base := r.right(now)
	still := 0
	fmt.Fprintln(w, "\n## Each limit halved and doubled, all others as they are")
	fmt.Fprintln(w, "\n| limit | halved: field | lab | captures lost, won | doubled: field | lab | captures lost, won |\n|---|---|---|---|---|---|---|")
	for _, l := range limits() {
		row, moved := "| "+l.name+" |", false
		for _, m := range []float64{0.5, 2} {
			right := r.right(l.times(now, m))
			lost, won := 0, 0
			for k := range right {
				if base[k] && !right[k] {
					lost++
				} else if right[k] && !base[k] {
					won++
				}
			}
			field, own := r.tally(right, ofField), r.tally(right, ofLab)
			_, _, inField := field.Rates()
			_, _, inLab := own.Rates()
			row += fmt.Sprintf(" %.3f | %.3f | %d, %d |", inField, inLab, lost, won)
			moved = moved || lost+won > 0
		}
		if !moved {
			still++
			continue
		}
		fmt.Fprintln(w, row)
	}
	fmt.Fprintf(w, "\nThe other %d limits change no verdict.\n", still)
}

// moved lists the limits that were chosen otherwise than they are, and for how many
// of the sources left out.
func (r *rig) moved(w io.Writer, chosen map[string]behaviour.Config) {
	fmt.Fprintln(w, "\n| limit | chosen as multiples of what it is, and for how many sources left out |\n|---|---|")
	for _, l := range limits() {
		count := map[string]int{}
		for _, cfg := range chosen {
			count[fmt.Sprintf("%.2g", l.multiple(cfg))]++
		}
		var said []string
		for _, m := range multiples {
			cfg := l.times(behaviour.DefaultConfig(), m)
			name := fmt.Sprintf("%.2g", l.multiple(cfg))
			if n := count[name]; n > 0 && name != "1" {
				said = append(said, fmt.Sprintf("x %s: %d", name, n))
				delete(count, name)
			}
		}
		if len(said) > 0 {
			fmt.Fprintf(w, "| %s | %s |\n", l.name, strings.Join(said, ", "))
		}
	}
}
