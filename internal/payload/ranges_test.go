package payload

import (
	"fmt"
	"strings"
	"testing"
)

// TestRanges: lists that overlap are an attack's (CVE-2011-3192), others a download's.
func TestRanges(t *testing.T) {
	list := func(n int, f func(i int) string) string {
		var out []string
		for i := range n {
			out = append(out, f(i))
		}
		return "bytes=" + strings.Join(out, ",")
	}
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"all from the same byte", list(300, func(i int) string { return fmt.Sprintf("5-%d", i) }), true},
		{"all to the end", list(300, func(i int) string { return fmt.Sprintf("%d-", i) }), true},
		{"one behind the other", list(300, func(i int) string { return fmt.Sprintf("%d-%d", i*100, i*100+49) }), false},
		{"the rest of a file", "bytes=1000-", false},
		{"the last bytes", "bytes=-500", false},
	} {
		if got := ranges([]byte(test.value)); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}
