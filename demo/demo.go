// Package demo holds the capture that "firetower demo" reads; README.md says what is
// in it and how it was made.
package demo

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed demo.pcap.gz
var recorded []byte

// Capture gives the capture, a gzipped pcap file.
func Capture() io.Reader { return bytes.NewReader(recorded) }
