package payload

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFoldIndex compares with the standard library on text made of few letters, so
// that near misses are frequent.
func TestFoldIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	letters := "aAbB-( "
	for range 20_000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		text := make([]byte, 1+r.IntN(4))
		for i := range text {
			text[i] = "ab-( "[r.IntN(5)]
		}
		want := strings.Index(strings.ToLower(string(b)), string(text))
		if got := foldIndex(b, string(text)); got != want {
			t.Fatalf("%q in %q: %d, want %d", text, b, got, want)
		}
	}
}
