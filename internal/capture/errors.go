package capture

import (
	"errors"
	"fmt"
)

// Errors that callers act upon, found by errors.Is.
var (
	// ErrFormat is in all errors about a file that is no readable capture.
	ErrFormat = errors.New("not a readable capture")
	// ErrInterfaceDown is in errors about an interface that went away or down;
	// opening it again may succeed later.
	ErrInterfaceDown = errors.New("interface is down")
	// ErrNoInterface is in errors about opening an interface that does not exist.
	ErrNoInterface = errors.New("no such interface")
	// ErrPermission is in errors about lacking the right to capture.
	ErrPermission = errors.New("no permission to capture")
	// ErrFilter is in errors about a filter expression.
	ErrFilter = errors.New("bad filter")
)

// FormatError says what is wrong with a capture file, where, and what to do.
type FormatError struct {
	Path   string
	Offset int64 // bytes from the start of the (uncompressed) capture; 0: the file as a whole
	Reason string
	Remedy string
}

func (e *FormatError) Error() string {
	s := fmt.Sprintf("capture %s: ", e.Path)
	if e.Offset > 0 {
		s += fmt.Sprintf("byte %d: ", e.Offset)
	}
	s += e.Reason
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap makes errors.Is(err, ErrFormat) true.
func (e *FormatError) Unwrap() error { return ErrFormat }

// Cut says that a capture ended in the middle of a packet. What came before it
// was read and counts.
type Cut struct {
	Path   string
	Offset int64 // where the incomplete record begins, in the uncompressed capture
	Have   int   // how many bytes of it there are
	Reason string
}

func (c *Cut) String() string {
	return fmt.Sprintf("capture %s: byte %d: %s after %d bytes of a packet; everything before it was read",
		c.Path, c.Offset, c.Reason, c.Have)
}
