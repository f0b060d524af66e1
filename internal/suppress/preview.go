package suppress

import (
	"fmt"
	"time"

	"firetower/internal/attack"
	"firetower/internal/incident"
)

// Preview is what a rule would have done.
type Preview struct {
	Hidden  int                  `json:"hidden"`
	Total   int                  `json:"total"`
	Span    time.Duration        `json:"span"`
	ByClass map[attack.Class]int `json:"by_class"`
	// Examples are the ids of some that it would have hidden, most urgent first.
	Examples []string `json:"examples"`
	// Urgent is how many of the hidden are of the highest severity: a reason to
	// look twice.
	Urgent int `json:"urgent"`
}

// maxExamples bounds Preview.Examples.
const maxExamples = 10

// Try counts which of the incidents of a span of time the rule would have
// hidden. The rule's expiry does not count: it is about what comes.
func Try(r Rule, incidents []incident.Incident, span time.Duration) Preview {
	r.Expires = time.Time{}
	p := Preview{Total: len(incidents), Span: span, ByClass: make(map[attack.Class]int)}
	for severity := 1; severity <= 3; severity++ {
		for i := range incidents {
			inc := &incidents[i]
			if min(max(inc.Severity, 1), 3) != severity || !r.Match(inc, inc.End) {
				continue
			}
			p.Hidden++
			p.ByClass[inc.Class]++
			if severity == 1 {
				p.Urgent++
			}
			if len(p.Examples) < maxExamples {
				p.Examples = append(p.Examples, inc.ID)
			}
		}
	}
	return p
}

// String is the preview in a sentence.
func (p Preview) String() string {
	s := fmt.Sprintf("would have hidden %d of %d incidents in the last %s", p.Hidden, p.Total, days(p.Span))
	if p.Urgent > 0 {
		s += fmt.Sprintf(", %d of them urgent", p.Urgent)
	}
	return s
}

func days(d time.Duration) string {
	switch n := int(d.Round(24*time.Hour) / (24 * time.Hour)); {
	case d < 24*time.Hour:
		return d.String()
	case n == 1:
		return "day"
	case n == 7:
		return "week"
	default:
		return fmt.Sprintf("%d days", n)
	}
}
