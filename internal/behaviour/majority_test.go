package behaviour

import "testing"

func TestMajority(t *testing.T) {
	type shown struct {
		v string
		n int
	}
	for _, c := range []struct {
		name  string
		shown []shown
		value string
		lead  int
	}{
		{"nothing", nil, "", 0},
		{"one", []shown{{"a", 3}}, "a", 3},
		{"more of it", []shown{{"a", 3}, {"b", 2}, {"a", 4}}, "a", 5},
		{"as many of another", []shown{{"a", 2}, {"b", 5}}, "a", 0},
		{"then another", []shown{{"a", 2}, {"b", 2}, {"b", 4}}, "b", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m majority[string]
			for _, s := range c.shown {
				m.add(s.v, s.n)
			}
			if m.value != c.value || m.lead != c.lead {
				t.Errorf("%q leads by %d, want %q by %d", m.value, m.lead, c.value, c.lead)
			}
		})
	}
}
