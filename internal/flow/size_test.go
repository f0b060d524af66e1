package flow

import (
	"testing"
	"unsafe"
)

// TestSizes holds the memory of a flow to what the documentation says.
func TestSizes(t *testing.T) {
	sizes := Sizes()
	if n := sizes.Single; n > 192 {
		t.Errorf("a flow of one packet takes %d bytes, more than 192", n)
	}
	t.Logf("one packet %d bytes, more %d, with signals %d; event %d", sizes.Single, sizes.Running, sizes.Signals, unsafe.Sizeof(Event{}))
}
