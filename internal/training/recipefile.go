package training

import (
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
)

// Read changes the recipe by a YAML file; what the file does not mention stays, and
// a field that does not exist is an error with its line.
func (r *Recipe) Read(in io.Reader) error {
	err := yaml.NewDecoder(in, yaml.DisallowUnknownField()).Decode(r)
	switch {
	case err == io.EOF: // an empty file changes nothing
		return nil
	case err != nil:
		return fmt.Errorf("%s: --dump-recipe prints every field", yaml.FormatError(err, false, false))
	}
	return nil
}

// Write writes the recipe as YAML.
func (r *Recipe) Write(out io.Writer) error { return yaml.NewEncoder(out).Encode(r) }

// Steps lists the steps that can be left out, in their order.
func Steps() []string {
	return []string{"deduplicate", "medians", "constant", "correlation", "smote", "weights", "elimination", "depth", "trees", "honesty", "refit"}
}

// Without turns a step off; it says whether there is such a step.
func (r *Recipe) Without(step string) bool {
	switch step {
	case "deduplicate":
		r.Deduplicate = false
	case "medians":
		r.Medians = false
	case "constant":
		r.DropConstant = false
	case "correlation":
		r.Correlation = 0
	case "smote":
		r.SMOTE.On = false
	case "weights":
		r.Forest.Balanced = false
	case "elimination":
		r.Elimination.On = false
	case "depth":
		r.Depth.On = false
	case "trees":
		r.Trees.On = false
	case "honesty":
		r.LeaveOneOut = false
	case "refit":
		r.Refit = false
	default:
		return false
	}
	return true
}
