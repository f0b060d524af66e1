package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
)

// begin finds out the format by the first bytes and reads a pcap file's header.
func (f *file) begin() error {
	head, err := f.head(4)
	if err != nil {
		return err
	}
	if head[0] == 0x1f && head[1] == 0x8b {
		zip, err := gzip.NewReader(bufio.NewReaderSize(io.MultiReader(bytes.NewReader(head), f.in), 64<<10))
		if err != nil {
			return &FormatError{Path: f.path, Reason: "broken gzip header: " + err.Error(), Remedy: "check the file with gzip -t"}
		}
		f.in, f.offset = zip, 0
		f.close = append(f.close, zip)
		if head, err = f.head(4); err != nil {
			return err
		}
	}
	if binary.BigEndian.Uint32(head) == blockSection {
		f.carry, f.offset = head, 0
		f.format = &pcapng{file: f}
		return nil
	}
	format := &pcap{file: f}
	if !format.magic(head) {
		return f.notCapture(head)
	}
	rest, err := f.head(pcapHeader - 4)
	if err != nil {
		return err
	}
	f.format = format
	return format.header(append(head, rest...))
}

// head reads exactly n bytes at the start of a capture.
func (f *file) head(n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := io.ReadFull(f.in, b)
	f.offset += int64(got)
	switch {
	case err == nil:
		return b, nil
	case errors.Is(err, io.EOF) && got == 0 && n == 4:
		return nil, &FormatError{Path: f.path, Reason: "is empty", Remedy: "give a .pcap, .pcapng or .gz of one"}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &FormatError{Path: f.path, Offset: f.offset, Reason: "ends within the header of a capture file", Remedy: "give a complete .pcap, .pcapng or .gz of one"}
	}
	return nil, f.failed(err, f.offset)
}

// notCapture describes a file by how it begins.
func (f *file) notCapture(head []byte) error {
	remedy := "give a .pcap, .pcapng or .gz of one"
	switch {
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		remedy = "it is compressed by zstd: give it through zstd -dc FILE | ... -"
	case bytes.Equal(head, []byte{0xfd, '7', 'z', 'X'}):
		remedy = "it is compressed by xz: give it through xz -dc FILE | ... -"
	case bytes.HasPrefix(head, []byte("BZh")):
		remedy = "it is compressed by bzip2: give it through bzip2 -dc FILE | ... -"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		remedy = "it is a zip archive: unpack it first"
	}
	return &FormatError{Path: f.path, Reason: "not a capture file: begins with " + strconv.QuoteToASCII(string(head)), Remedy: remedy}
}
