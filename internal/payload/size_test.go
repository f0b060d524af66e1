package payload

import (
	"testing"
	"unsafe"
)

// TestSize keeps the cost per flow where the documentation says it is.
func TestSize(t *testing.T) {
	if n := unsafe.Sizeof(Signals{}); n > 384 {
		t.Errorf("Signals takes %d bytes, want at most 384", n)
	} else {
		t.Logf("Signals takes %d bytes", n)
	}
}
