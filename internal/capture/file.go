package capture

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFrame is the longest frame that is taken for real, libpcap's own limit.
const maxFrame = 262144

// maxRecord is room for the longest frame with its record's headers and options.
const maxRecord = maxFrame + 64<<10

// format reads the records of one file format.
type format interface {
	// records parses whole records at the start of data, which lies offset bytes
	// into the capture, and appends their frames to b. It returns how many bytes
	// it has used up, which may be more than there are: the rest is skipped. When
	// the next record is not all there, it returns the size it must have, if that
	// is known.
	records(b *Batch, data []byte, offset int64) (used int64, need int, err error)
	// finish returns io.EOF, or what was wrong with the file as a whole.
	finish() error
}

// file is a Source that reads a capture file or stream.
type file struct {
	path   string
	cfg    Config
	in     io.Reader
	close  []io.Closer
	live   bool // hand out what is there rather than wait for a full batch
	format format
	filter *filter

	offset int64  // of the next byte to parse, in the uncompressed capture
	carry  []byte // read but not yet parsed
	need   int    // the size of the record that carry begins, if known
	skip   int64  // to be skipped before more is parsed
	err    error  // what the next call returns
	counters
}

// Open opens a capture file; "-" is standard input. It reads pcap files of both
// byte orders with time stamps in micro- and nanoseconds, pcapng files, and either
// compressed by gzip, told by their first bytes. What is no such file is refused
// with a FormatError.
func Open(path string, cfg Config) (Source, error) {
	if path == "-" {
		return newFile("standard input", os.Stdin, true, cfg)
	}
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("capture %s: %w; give a .pcap, .pcapng or .gz of one", path, fs.ErrNotExist)
		}
		return nil, fmt.Errorf("capture %s: cannot open: %w", path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &FormatError{Path: path, Reason: "is a directory", Remedy: "name the capture files in it"}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	src, err := newFile(path, f, !info.Mode().IsRegular(), cfg)
	if err != nil {
		f.Close()
		return nil, err
	}
	return src, nil
}

// NewReader reads a capture from r, as Open does from a file; path is what to call
// it in errors. It closes r in the end if r can be closed.
func NewReader(path string, r io.Reader, cfg Config) (Source, error) {
	return newFile(path, r, true, cfg)
}

func newFile(path string, r io.Reader, live bool, cfg Config) (*file, error) {
	f := &file{path: path, cfg: cfg.withDefaults(), in: r, live: live}
	if c, ok := r.(io.Closer); ok {
		f.close = append(f.close, c)
	}
	if err := f.begin(); err != nil {
		return nil, err
	}
	if cfg.Filter != "" {
		f.filter = newFilter(cfg.Filter, f.cfg.SnapLen)
		if p, ok := f.format.(*pcap); ok {
			if _, err := f.filter.program(p.link); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// Next implements Source.
func (f *file) Next(b *Batch) error {
	b.Frames = b.Frames[:0]
	for f.err == nil && len(b.Frames) == 0 {
		f.fill(b)
	}
	if len(b.Frames) > 0 {
		return nil
	}
	return f.err
}

// fill reads into b's memory and parses what it has read. What is left over is
// carried into the next batch.
func (f *file) fill(b *Batch) {
	have, err := f.read(b)
	used, need, bad := f.format.records(b, b.buf[:have], f.offset)
	f.offset += used
	if used > int64(have) {
		f.skip, used = used-int64(have), int64(have)
	}
	f.carry = append(f.carry[:0], b.buf[used:have]...)
	f.need = need
	f.deliver(b)
	switch {
	case f.err != nil:
	case bad != nil:
		f.err = bad
	case err != nil:
		f.err = f.end(err)
	}
}

// read puts what was carried over and then fresh bytes into b's memory, and
// returns how many bytes there are.
func (f *file) read(b *Batch) (int, error) {
	if size := max(f.cfg.BatchBytes, f.need, len(f.carry)+512); len(b.buf) < size {
		b.buf = make([]byte, size)
	}
	have := copy(b.buf, f.carry)
	if f.skip > 0 {
		n, err := io.CopyN(io.Discard, f.in, f.skip)
		f.skip -= n
		if err != nil {
			return have, err
		}
	}
	for have < len(b.buf) {
		n, err := f.in.Read(b.buf[have:])
		have += n
		if err != nil || f.live && n > 0 {
			return have, err
		}
	}
	return have, nil
}

// deliver filters and counts the frames of a batch.
func (f *file) deliver(b *Batch) {
	received := uint64(len(b.Frames))
	if f.filter != nil {
		if err := f.filter.apply(b); err != nil && f.err == nil {
			f.err = fmt.Errorf("capture %s: %w", f.path, err)
			b.Frames = b.Frames[:0]
		}
	}
	f.count(received, b.Frames)
}

// end says how a file ended: well, cut off, or damaged.
func (f *file) end(err error) error {
	reason := "the file ends"
	switch {
	case err == io.EOF:
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "the compressed data ends"
	default:
		return f.failed(err, f.offset+int64(len(f.carry)))
	}
	if len(f.carry) > 0 || f.skip > 0 || err != io.EOF {
		f.setCut(&Cut{Path: f.path, Offset: f.offset, Have: len(f.carry), Reason: reason})
	}
	return f.format.finish()
}

// failed explains an error while reading at the given offset.
func (f *file) failed(err error, offset int64) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return &FormatError{Path: f.path, Offset: offset, Reason: "damaged gzip data: " + err.Error(), Remedy: "check the file with gzip -t"}
	}
	return fmt.Errorf("capture %s: byte %d: cannot read: %w", f.path, offset, err)
}

// Close implements Source.
func (f *file) Close() error {
	if f.filter != nil {
		f.filter.free()
	}
	var err error
	for _, c := range f.close {
		err = errors.Join(err, c.Close())
	}
	return err
}
