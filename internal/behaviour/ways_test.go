package behaviour

import "testing"

// Every behaviour says in words how it finds what it finds.
func TestWays(t *testing.T) {
	for _, b := range All(DefaultConfig()) {
		if ways[b.Name()] == "" {
			t.Errorf("%q has no words: add them to ways.go", b.Name())
		}
	}
}
