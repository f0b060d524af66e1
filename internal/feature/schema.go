package feature

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"firetower/internal/flow"
)

// Kind is how a column is printed.
type Kind uint8

// The kinds of Column.
const (
	Float Kind = iota
	Integer
	Text // addresses, time, label: no number, never part of a vector
)

// Column is one number (or text) that is known of a flow.
type Column struct {
	Name    string   // in cic-fixed; "" if that has no such column
	Old     string   // in cic2017
	Short   string   // in CSE-CIC-IDS2018
	Aliases []string // further names in files that are about
	Kind    Kind
	Unit    string
	Doc     string

	both       number // in every profile, or one of each:
	fixed, old number
	v4         number // in cic-v4, where that has neither both nor old
	text       text
}

// in gives the column's name in a profile, "" if the profile lacks it.
func (c *Column) in(p flow.Profile) string {
	switch {
	case p == flow.CIC2017:
		return c.Old
	case p == flow.CICV4 && c.Old == "":
		return ""
	}
	return c.Name
}

func (c *Column) number(p flow.Profile) number {
	switch {
	case p == flow.CICV4 && c.v4 != nil:
		return c.v4
	case c.both != nil:
		return c.both
	case p == flow.CICFixed:
		return c.fixed
	}
	return c.old
}

// Schema is the columns of one profile in order. The numeric ones are the features
// that a model may use; a feature's index is its place among them.
type Schema struct {
	Profile  flow.Profile
	Columns  []Column // all of them, in the order of the CSV header
	features []Column
	compute  []number
	printed  []number // of each of Columns, nil for text
	byName   map[string]int
}

// For gives the schema of a profile.
func For(p flow.Profile) *Schema { return schemas()[p] }

var schemas = sync.OnceValue(func() map[flow.Profile]*Schema {
	return map[flow.Profile]*Schema{
		flow.CICFixed: newSchema(flow.CICFixed),
		flow.CIC2017:  newSchema(flow.CIC2017),
		flow.CICV4:    newSchema(flow.CICV4),
	}
})

func newSchema(p flow.Profile) *Schema {
	s := &Schema{Profile: p, byName: map[string]int{}}
	for _, c := range columns(p) {
		s.Columns = append(s.Columns, c)
		s.printed = append(s.printed, c.number(p))
		if c.Kind == Text {
			continue
		}
		i := len(s.features)
		s.features = append(s.features, c)
		s.compute = append(s.compute, c.number(p))
		for _, name := range append([]string{c.Name, c.Old, c.Short}, c.Aliases...) {
			if _, taken := s.byName[normal(name)]; name != "" && !taken {
				s.byName[normal(name)] = i
			}
		}
	}
	return s
}

// columns lists those of a profile in order.
func columns(p flow.Profile) []Column {
	var all []Column
	for _, f := range families() {
		for _, c := range f.columns {
			if c.in(p) != "" {
				all = append(all, c)
			}
		}
	}
	return all
}

// normal makes names comparable: files differ in blanks and capitals.
func normal(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Len is the number of features.
func (s *Schema) Len() int { return len(s.features) }

// Names lists the features in order, named as the profile names them.
func (s *Schema) Names() []string {
	names := make([]string, len(s.features))
	for i := range s.features {
		names[i] = s.features[i].in(s.Profile)
	}
	return names
}

// Feature gives the column behind a feature's index.
func (s *Schema) Feature(i int) *Column { return &s.features[i] }

// Lookup finds a feature by any of its names, whatever the profile of the name.
func (s *Schema) Lookup(name string) (index int, ok bool) {
	index, ok = s.byName[normal(name)]
	return index, ok
}

// Indices finds several features.
func (s *Schema) Indices(names []string) ([]int, error) {
	out := make([]int, len(names))
	for i, n := range names {
		j, ok := s.Lookup(n)
		if !ok {
			return nil, fmt.Errorf("profile %s has no feature %q", s.Profile, n)
		}
		out[i] = j
	}
	return out, nil
}

// Hash tells two schemas apart: it changes with the profile and with the name, unit
// and order of any feature.
func (s *Schema) Hash() string {
	h := sha256.New()
	fmt.Fprintln(h, s.Profile)
	for i := range s.features {
		fmt.Fprintf(h, "%s\t%s\n", s.features[i].in(s.Profile), s.features[i].Unit)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}
