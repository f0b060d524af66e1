// Package truth knows captures of which it is written down what happens in them: it
// reads their manifest, says whether incidents tell the truth, and counts.
package truth

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Capture is a row of a manifest.
type Capture struct {
	File, Class, Also, Attacker, Victim string
	Source                              string // the collection it comes from; may be ""
	Path                                string // where the file is
}

// Read reads a manifest: tab-separated with a header that has at least the columns
// file, class, also, attacker and victim. The captures are in the folder captures
// beside it. Rows of a class that Firetower does not know are left out.
func Read(manifest string) ([]Capture, error) {
	f, err := os.Open(manifest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows := csv.NewReader(f)
	rows.Comma, rows.LazyQuotes, rows.FieldsPerRecord = '\t', true, -1
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifest, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: is empty", manifest)
	}
	var out []Capture
	for _, row := range all[1:] {
		field := func(name string) string {
			if i := slices.Index(all[0], name); i >= 0 && i < len(row) {
				return row[i]
			}
			return ""
		}
		c := Capture{File: field("file"), Class: field("class"), Also: field("also"), Attacker: field("attacker"), Victim: field("victim"), Source: field("source_repo")}
		if _, known := attack.Parse(c.Class); known {
			c.Path = filepath.Join(filepath.Dir(manifest), "captures", c.File)
			out = append(out, c)
		}
	}
	return out, nil
}

// Benign is true if nothing bad happens in the capture.
func (c *Capture) Benign() bool { return c.Class == string(attack.Benign) }

// Told says whether the incidents tell what happens: of an attack, one has its class
// (dos and ddos stand for each other, Also names a second one that is fair) and
// names an attacker, for bot and infiltration either end, for ddos anybody; of
// benign life there is none.
func (c *Capture) Told(incidents []incident.Incident) bool {
	if c.Benign() {
		return len(incidents) == 0
	}
	want := []string{c.Class, c.Also}
	if c.Class == string(attack.DoS) || c.Class == string(attack.DDoS) {
		want = []string{string(attack.DoS), string(attack.DDoS), c.Also}
	}
	known := c.actors()
	for _, i := range incidents {
		if !slices.Contains(want, string(i.Class)) {
			continue
		}
		if len(known) == 0 || slices.ContainsFunc(i.Actors, func(a string) bool { return slices.Contains(known, a) }) {
			return true
		}
	}
	return false
}

// actors lists the addresses one of which an incident has to name; none if anybody
// will do. Networks and descriptions are not addresses.
func (c *Capture) actors() []string {
	if c.Class == string(attack.DDoS) {
		return nil
	}
	names := c.Attacker
	if c.Class == string(attack.Bot) || c.Class == string(attack.Infiltration) {
		names += " " + c.Victim
	}
	words := strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune(" ,;", r) })
	return slices.DeleteFunc(words, func(s string) bool { return !strings.ContainsAny(s, ".:") || strings.ContainsAny(s, "/x(") })
}

// Tally counts captures by class. The zero value is empty.
type Tally struct {
	told, total map[string]int
}

// Add counts a capture.
func (t *Tally) Add(class string, told bool) {
	if t.total == nil {
		t.told, t.total = map[string]int{}, map[string]int{}
	}
	t.total[class]++
	if told {
		t.told[class]++
	}
}

// Class gives how many captures of a class were told rightly, of how many.
func (t *Tally) Class(class attack.Class) (told, total int) {
	return t.told[string(class)], t.total[string(class)]
}

// Rates gives the mean over the attack classes of the share told, the share of
// benign captures that stayed clean, and the harmonic mean of the two.
func (t *Tally) Rates() (recall, clean, score float64) {
	classes := 0.0
	for _, class := range attack.Classes() {
		if told, total := t.Class(class); total > 0 {
			recall += float64(told) / float64(total)
			classes++
		}
	}
	recall /= max(1, classes)
	told, total := t.Class(attack.Benign)
	clean = float64(told) / float64(max(1, total))
	return recall, clean, 2 * recall * clean / max(1e-9, recall+clean)
}

// Print writes a line for each class and one with the rates.
func (t *Tally) Print(w io.Writer) {
	for _, class := range append(attack.Classes(), attack.Benign) {
		if told, total := t.Class(class); total > 0 {
			fmt.Fprintf(w, "%-13s %3d of %3d  %.2f\n", class, told, total, float64(told)/float64(total))
		}
	}
	recall, clean, score := t.Rates()
	fmt.Fprintf(w, "macro recall %.3f, clean rate %.3f, harmonic mean %.3f\n", recall, clean, score)
}
