package dataset

import (
	"fmt"
	"runtime"
	"time"
)

// Attempted says what to do with rows of attacks that did not come off, which the
// corrected data sets label "X - Attempted".
type Attempted string

// The treatments of attempted attacks.
const (
	AttemptedDrop   Attempted = "drop"   // they count for neither side; the default
	AttemptedBenign Attempted = "benign" // as Engelen et al. 2021 did
	AttemptedAttack Attempted = "attack" // as the attack that was attempted
)

// Group says what rows of one group share: nothing, the file, the day, or the value
// of the column of that name.
type Group string

// The groups that are no columns.
const (
	GroupNone Group = ""
	GroupFile Group = "file"
	GroupDay  Group = "day"
)

func (g Group) column() bool { return g != GroupNone && g != GroupFile && g != GroupDay }

// Config says how to read.
type Config struct {
	Profile     string  // meter profile; "" recognises it
	Labels      *Labels // nil: DefaultLabels
	LabelColumn string
	Rules       *Rules // labels by address and time, in place of the label column
	Attempted   Attempted
	Group       Group
	MaxBad      float64 // share of malformed rows from which reading fails
	Workers     int

	labels *Labels
}

// DefaultConfig reads what DefaultLabels knows with every core.
func DefaultConfig() Config {
	return Config{LabelColumn: "Label", Attempted: AttemptedDrop, MaxBad: 0.05, Workers: runtime.GOMAXPROCS(0)}
}

func (c *Config) check() error {
	switch c.Attempted {
	case AttemptedDrop, AttemptedBenign, AttemptedAttack:
	default:
		return fmt.Errorf("attempted attacks can be treated as drop, benign or attack, not %q", c.Attempted)
	}
	if c.labels = c.Labels; c.labels == nil {
		c.labels = DefaultLabels()
	}
	c.Workers = max(c.Workers, 1)
	return nil
}

// day names the UTC day of a time.
func day(t int64) []byte {
	if t == NoTime {
		return []byte("unknown day")
	}
	return time.UnixMicro(t).UTC().AppendFormat(nil, time.DateOnly)
}
