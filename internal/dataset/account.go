package dataset

import (
	"fmt"
	"slices"
	"strings"
)

// Cause is why a row was not used.
type Cause string

// The causes.
const (
	EmptyRow       Cause = "empty row"
	RepeatedHeader Cause = "header in the middle of the file"
	WrongWidth     Cause = "wrong number of fields"
	BadNumber      Cause = "not a number"
	UnknownLabel   Cause = "unknown label"
	Unlabelled     Cause = "not labelled, or label mapped to drop"
	AttemptedRow   Cause = "attack only attempted"
	Duplicate      Cause = "duplicate"
)

// malformed causes count against Config.MaxBad; the others are known quirks of
// published files or what the user asked for.
func (c Cause) malformed() bool { return c == WrongWidth || c == BadNumber || c == UnknownLabel }

// Dropped counts the rows dropped for one cause, with a few places as examples.
type Dropped struct {
	Cause    Cause    `json:"cause"`
	Rows     int      `json:"rows"`
	Examples []string `json:"examples,omitempty"` // "file:line: what"
}

// Account says where every row of the input went: Read = kept + all Dropped.
type Account struct {
	Files    []string  `json:"files"`
	Read     int       `json:"read"`
	Dropped  []Dropped `json:"dropped"`
	Absent   []string  `json:"absent,omitempty"`  // features left out because not every file has them
	Ignored  []string  `json:"ignored,omitempty"` // columns that are no features
	Missing  int       `json:"missing_cells"`
	Infinite int       `json:"infinite_cells"`
}

const maxExamples = 3

func (a *Account) drop(c Cause, n int, examples ...string) {
	i := slices.IndexFunc(a.Dropped, func(d Dropped) bool { return d.Cause == c })
	if i < 0 {
		a.Dropped = append(a.Dropped, Dropped{Cause: c})
		i = len(a.Dropped) - 1
	}
	d := &a.Dropped[i]
	d.Rows += n
	for _, e := range examples {
		if len(d.Examples) < maxExamples {
			d.Examples = append(d.Examples, e)
		}
	}
}

func (a *Account) merge(other *Account) {
	a.Read += other.Read
	a.Missing += other.Missing
	a.Infinite += other.Infinite
	for _, d := range other.Dropped {
		a.drop(d.Cause, d.Rows, d.Examples...)
	}
}

// Malformed is the number of rows that could not be understood.
func (a *Account) Malformed() int {
	n := 0
	for _, d := range a.Dropped {
		if d.Cause.malformed() {
			n += d.Rows
		}
	}
	return n
}

// check stops the run when more than a share of the rows cannot be understood.
func (a *Account) check(maxBad float64) error {
	bad := a.Malformed()
	if bad == 0 || float64(bad) <= maxBad*float64(a.Read) {
		return nil
	}
	var why []string
	remedy := ""
	for _, d := range a.Dropped {
		if d.Cause == UnknownLabel {
			remedy = "; map labels to classes with --labels, beginning with what --dump-labels prints"
		}
		if d.Cause.malformed() {
			why = append(why, fmt.Sprintf("%d %s (%s)", d.Rows, d.Cause, strings.Join(d.Examples, "; ")))
		}
	}
	return fmt.Errorf("%d of %d rows cannot be used: %s; the limit is %g of the rows (--max-bad)%s", bad, a.Read, strings.Join(why, ", "), maxBad, remedy)
}
