package capture

import (
	"encoding/binary"
	"fmt"
	"io"
)

// pcapHeader is the length of a pcap file's header.
const pcapHeader = 24

// The first four bytes of pcap files, as big-endian numbers.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // Kuznetzov's libpcap of the 1990s: longer record headers
)

// pcap reads the format of pcap-savefile(5).
type pcap struct {
	file   *file
	order  binary.ByteOrder
	swap   bool   // the file's byte order is not little endian
	nano   bool   // time stamps in nanoseconds
	record int    // length of a record's header
	minor  uint16 // format version 2.minor
	link   LinkType
}

// magic recognises a pcap file by its first four bytes.
func (p *pcap) magic(head []byte) bool {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		p.order, p.swap, p.record = order, order == binary.BigEndian, 16
		switch order.Uint32(head) {
		case magicMicro:
			return true
		case magicNano:
			p.nano = true
			return true
		case magicModified:
			p.record = 24
			return true
		}
	}
	return false
}

// header reads the rest of the file header.
func (p *pcap) header(b []byte) error {
	if major := p.order.Uint16(b[4:]); major != 2 {
		return &FormatError{Path: p.file.path, Offset: 4, Reason: fmt.Sprintf("pcap version %d.%d", major, p.order.Uint16(b[6:])), Remedy: "convert it to 2.4 with tcpdump -r FILE -w NEW"}
	}
	p.minor = p.order.Uint16(b[6:])
	p.link = LinkType(p.order.Uint32(b[20:])) // the upper half tells about a checksum behind each frame
	if !p.link.Supported() {
		return unsupported(p.file.path, 20, p.link)
	}
	return nil
}

// unsupported refuses a link type.
func unsupported(path string, offset int64, link LinkType) error {
	return &FormatError{Path: path, Offset: offset, Reason: "link type " + link.String() + " is not supported",
		Remedy: "give a capture of Ethernet, Linux cooked, raw IP, loopback, PPP or 802.11"}
}

// records implements format.
func (p *pcap) records(b *Batch, data []byte, offset int64) (int64, int, error) {
	pos, snap := 0, p.file.cfg.SnapLen
	for len(data)-pos >= p.record {
		h := data[pos : pos+16]
		sec, frac := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:])
		have, wire := binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
		if p.swap {
			sec, frac = binary.BigEndian.Uint32(h), binary.BigEndian.Uint32(h[4:])
			have, wire = binary.BigEndian.Uint32(h[8:]), binary.BigEndian.Uint32(h[12:])
		}
		if p.minor < 3 || p.minor == 3 && have > wire {
			have, wire = wire, have // old versions had the lengths the other way round
		}
		if have > maxFrame {
			return int64(pos), 0, &FormatError{Path: p.file.path, Offset: offset + int64(pos), Reason: fmt.Sprintf("packet of %d bytes, more than any interface gives", have), Remedy: "the file is damaged from here on"}
		}
		end := pos + p.record + int(have)
		if end > len(data) {
			return int64(pos), end - pos, nil
		}
		if p.nano {
			frac /= 1000
		}
		start := pos + p.record
		b.Frames = append(b.Frames, Frame{
			Time:    int64(sec)*1e6 + int64(frac),
			Data:    data[start:min(end, start+snap):end],
			WireLen: max(wire, have),
			Link:    p.link,
		})
		pos = end
	}
	return int64(pos), 0, nil
}

// finish implements format.
func (p *pcap) finish() error { return io.EOF }
