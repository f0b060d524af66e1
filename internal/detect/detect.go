// Package detect gives the forest's verdict on one flow: its vector by the model's
// own schema, the class probabilities, and what moved them.
package detect

import "firetower/internal/attack"

// Verdict is the forest's opinion of one flow.
type Verdict struct {
	Class       attack.Class // "" if the forest was not asked
	Probability float64      // of Class, 0..1
	Benign      float64      // probability of benign, 0..1
}
