// Package capture reads frames from network interfaces and from capture files, and
// hands them up in batches, so that neither a call into libpcap nor a read from a
// file costs anything per frame. It is the only package that uses cgo.
//
// Open and Live give a Source. A Source fills a Batch at a time; the frames lie in
// the Batch's own memory and stay valid until that same Batch is filled again, so
// that one batch can be worked on while the next one is being read.
package capture

import (
	"time"

	"firetower/internal/packet"
)

// LinkType is the type of a frame's outermost header.
type LinkType = packet.LinkType

// Frame is one frame as captured.
type Frame struct {
	Time    int64  // microseconds since the Unix epoch
	Data    []byte // what was captured of it, in the memory of the Batch
	WireLen uint32 // its length on the wire
	Link    LinkType
}

// Batch is a number of frames in the order in which they were captured. The zero
// value is ready for use. It grows to Config.BatchBytes and is meant to be reused.
type Batch struct {
	Frames []Frame

	buf  []byte
	pass []byte // the filter's answers, one byte a frame
}

// Config says how to read.
type Config struct {
	// Filter is a BPF filter expression as tcpdump takes them (pcap-filter(7));
	// empty lets everything through.
	Filter string `yaml:"filter"`
	// SnapLen is how many bytes of each frame are kept.
	SnapLen int `yaml:"snap_len"`
	// BatchBytes is how much memory a Batch has for frames.
	BatchBytes int `yaml:"-"`

	// Promiscuous asks an interface for frames that are not addressed to it.
	Promiscuous bool `yaml:"promiscuous"`
	// BufferBytes is the size of the kernel's buffer for an interface.
	BufferBytes int `yaml:"buffer_bytes"`
	// ReadTimeout is how long a live Source waits for frames before it returns an
	// empty batch, and how long the kernel may hold frames back to gather more.
	ReadTimeout time.Duration `yaml:"read_timeout"`
}

// DefaultConfig gives the settings that suit both files and busy interfaces.
func DefaultConfig() Config {
	return Config{
		SnapLen:     maxFrame,
		BatchBytes:  512 << 10,
		Promiscuous: true,
		BufferBytes: 32 << 20,
		ReadTimeout: 100 * time.Millisecond,
	}
}

// withDefaults fills in what was left zero.
func (c Config) withDefaults() Config {
	d := DefaultConfig()
	if c.SnapLen <= 0 || c.SnapLen > maxFrame {
		c.SnapLen = d.SnapLen
	}
	if c.BatchBytes <= 0 {
		c.BatchBytes = d.BatchBytes
	}
	if c.BufferBytes <= 0 {
		c.BufferBytes = d.BufferBytes
	}
	if c.ReadTimeout <= 0 {
		c.ReadTimeout = d.ReadTimeout
	}
	return c
}

// Source gives frames in batches. Its methods may not be called concurrently,
// apart from Stats.
type Source interface {
	// Next fills b. It returns io.EOF behind the last batch of a file, and may
	// return an empty batch without an error: from an interface on which nothing
	// happened within the read timeout.
	Next(b *Batch) error
	// Stats gives the counters so far.
	Stats() Stats
	// Close frees what the Source holds. Batches stay valid.
	Close() error
}

// Stats are a Source's counters. Received is the sum of Delivered, Filtered and
// Unreadable; what the kernel or the interface dropped was never received.
type Stats struct {
	Received         uint64 // frames that arrived here
	Delivered        uint64 // frames handed out in batches
	Filtered         uint64 // frames of a file that its filter kept back
	Unreadable       uint64 // frames of a link type that cannot be read
	DroppedKernel    uint64 // lost because the kernel's buffer was full
	DroppedInterface uint64 // lost by the interface or its driver
	Bytes            uint64 // lengths on the wire of the frames delivered
	Cut              *Cut   // set if a file ended in the middle of a packet
}
