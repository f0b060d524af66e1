package alert

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Policy says what is sent to one sink and when.
type Policy struct {
	// Severity is the least urgent that is sent: 1 only the most urgent, 3 all.
	Severity int `yaml:"severity" json:"severity"`
	// Confidence is the least sure that is sent, 0..1.
	Confidence float64 `yaml:"confidence" json:"confidence"`
	// Classes that are sent; empty: all.
	Classes []attack.Class `yaml:"classes,omitempty" json:"classes,omitempty"`
	// Growth is the factor of flows at which an incident that was told is told
	// again; 0: never. It is also told when it becomes more urgent.
	Growth float64 `yaml:"growth" json:"growth"`
	// PerHour is the most messages within an hour; 0: no limit. What is beyond
	// waits and comes together in one message.
	PerHour int `yaml:"per_hour" json:"per_hour"`
	// Quiet are the hours in which nothing is sent, what comes then is sent in
	// one message at their end. Severity up to QuietUnless is sent anyway.
	Quiet       []Window `yaml:"quiet,omitempty" json:"quiet,omitempty"`
	QuietUnless int      `yaml:"quiet_unless" json:"quiet_unless"`
	// Digest collects what is less urgent than DigestBelow and sends it together
	// at this interval; 0: send each at once.
	Digest      time.Duration `yaml:"digest,omitempty" json:"digest,omitempty"`
	DigestBelow int           `yaml:"digest_below,omitempty" json:"digest_below,omitempty"`
	// GiveUp is the age at which an alert that can not be delivered is dropped.
	GiveUp time.Duration `yaml:"give_up" json:"give_up"`
}

// DefaultPolicy sends everything, growth ten-fold, with no more than twenty
// messages an hour.
func DefaultPolicy() Policy {
	return Policy{Severity: 3, Growth: 10, PerHour: 20, QuietUnless: 1, GiveUp: 7 * 24 * time.Hour}
}

// MachinePolicy is for programs that read every alert: no budget.
func MachinePolicy() Policy {
	p := DefaultPolicy()
	p.PerHour = 0
	return p
}

// Validate names the first setting that can not work.
func (p Policy) Validate() error {
	switch {
	case p.Severity < 1 || p.Severity > 3:
		return fmt.Errorf("severity %d is not 1, 2 or 3", p.Severity)
	case p.Confidence < 0 || p.Confidence > 1 || math.IsNaN(p.Confidence):
		return fmt.Errorf("confidence %g is not between 0 and 1", p.Confidence)
	case p.Growth != 0 && !(p.Growth >= 1.5):
		return fmt.Errorf("growth %g: use 0 for never or a factor of at least 1.5", p.Growth)
	case p.PerHour < 0:
		return errors.New("per_hour can not be negative; 0 means no limit")
	case p.Digest < 0 || p.GiveUp < 0:
		return errors.New("digest and give_up can not be negative")
	case p.Digest > 0 && p.Digest < time.Minute:
		return fmt.Errorf("digest %s is shorter than a minute", p.Digest)
	}
	for _, c := range p.Classes {
		if _, ok := attack.Parse(string(c)); !ok || c == attack.Benign {
			return fmt.Errorf("class %q is not a class of attack; choose of %v", c, attack.Classes())
		}
	}
	for _, w := range p.Quiet {
		if err := w.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Wants says whether the policy sends such incidents at all.
func (p Policy) Wants(inc *incident.Incident) bool {
	return inc.Severity <= p.Severity && inc.Confidence >= p.Confidence &&
		(len(p.Classes) == 0 || slices.Contains(p.Classes, inc.Class))
}

// Grown says whether an incident has grown enough since it was told.
func (p Policy) Grown(told, now *incident.Incident) bool {
	if p.Growth == 0 {
		return false
	}
	return now.Severity < told.Severity ||
		grown(told.Flows, now.Flows, p.Growth) ||
		grown(told.TargetsTotal, now.TargetsTotal, p.Growth) ||
		grown(told.ActorsTotal, now.ActorsTotal, p.Growth)
}

func grown(before, now int, factor float64) bool {
	return now > before && float64(now) >= factor*float64(max(before, 1))
}

// Ready is the time at which an alert made at a time may go: at once, at the end
// of the quiet hours, or with the next digest. why is "" for at once.
func (p Policy) Ready(severity int, created, now time.Time) (at time.Time, why string) {
	if p.Digest > 0 && severity >= max(p.DigestBelow, 1) {
		// Digests go at whole multiples of the interval, as clocks show them.
		local := created.Sub(midnight(created))
		due := midnight(created).Add((local/p.Digest + 1) * p.Digest)
		if due.After(now) {
			return due, "digest"
		}
	}
	if severity > p.QuietUnless {
		if end, quiet := quietUntil(p.Quiet, now); quiet {
			return end, "quiet hours"
		}
	}
	return now, ""
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
