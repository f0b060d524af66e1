package capture

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6
)

// maxBlock is how long a block may be that has to be held in memory.
const maxBlock = maxRecord

// maxInterfaces bounds the interfaces of one section, against files made to use up
// memory.
const maxInterfaces = 65536

// pcapng reads the format of pcapng files: several sections, each in a byte order
// of its own and with any number of interfaces.
type pcapng struct {
	file    *file
	big     bool
	ifaces  []iface
	last    int64 // time of the last packet, for those that have none
	refused error // about the first frame of a link type that cannot be read
	readAny bool
	kernel  uint64 // drops of all interfaces of all sections
	nic     uint64
}

func (p *pcapng) u16(b []byte) uint16 {
	if p.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (p *pcapng) u32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *pcapng) u64(b []byte) uint64 {
	if p.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (p *pcapng) bad(offset int64, text string, args ...any) error {
	return &FormatError{Path: p.file.path, Offset: offset, Reason: fmt.Sprintf(text, args...), Remedy: "the file is damaged from here on"}
}

// records implements format.
func (p *pcapng) records(b *Batch, data []byte, offset int64) (int64, int, error) {
	pos := 0
	for len(data)-pos >= 12 {
		at := offset + int64(pos)
		rest := data[pos:]
		if binary.LittleEndian.Uint32(rest) == blockSection { // reads the same in both orders
			switch {
			case binary.BigEndian.Uint32(rest[8:]) == 0x1a2b3c4d:
				p.big = true
			case binary.LittleEndian.Uint32(rest[8:]) == 0x1a2b3c4d:
				p.big = false
			default:
				return int64(pos), 0, p.bad(at, "section header without a byte order")
			}
		}
		kind, size := p.u32(rest), p.u32(rest[4:])
		if size < 12 || size%4 != 0 {
			return int64(pos), 0, p.bad(at, "block of %d bytes", size)
		}
		if !p.wanted(kind) {
			pos += int(size)
			if pos > len(data) {
				break
			}
			continue
		}
		if size > maxBlock {
			return int64(pos), 0, p.bad(at, "block of %d bytes, more than any packet needs", size)
		}
		if int(size) > len(rest) {
			return int64(pos), int(size), nil
		}
		if tail := p.u32(rest[size-4:]); tail != size {
			return int64(pos), 0, p.bad(at, "block of %d bytes that ends as one of %d", size, tail)
		}
		if err := p.block(b, kind, rest[8:size-4:size-4], at); err != nil {
			return int64(pos), 0, err
		}
		pos += int(size)
	}
	return int64(pos), 0, nil
}

// wanted says whether a block is looked into.
func (p *pcapng) wanted(kind uint32) bool {
	switch kind {
	case blockSection, blockInterface, blockPacket, blockSimple, blockStatistics, blockEnhanced:
		return true
	}
	return false
}

// block reads the body of one block.
func (p *pcapng) block(b *Batch, kind uint32, body []byte, at int64) error {
	switch kind {
	case blockSection:
		return p.section(body, at)
	case blockInterface:
		return p.describe(body, at)
	case blockStatistics:
		p.statistics(body)
		return nil
	case blockSimple:
		return p.simple(b, body, at)
	}
	if len(body) < 20 {
		return p.bad(at, "packet block of %d bytes", len(body)+12)
	}
	id := int(p.u32(body))
	if kind == blockPacket {
		id = int(p.u16(body))
	}
	if id >= len(p.ifaces) {
		return p.bad(at, "packet of interface %d, but only %d were described", id, len(p.ifaces))
	}
	have, wire := p.u32(body[12:]), p.u32(body[16:])
	if uint64(have) > uint64(len(body)-20) {
		return p.bad(at, "packet of %d bytes in a block of %d", have, len(body)+12)
	}
	i := &p.ifaces[id]
	p.last = i.time(uint64(p.u32(body[4:]))<<32 | uint64(p.u32(body[8:])))
	p.frame(b, i, body[20:20+have], wire, at)
	return nil
}

// simple reads a simple packet block: of the first interface, without a time, and
// with no length of what was captured.
func (p *pcapng) simple(b *Batch, body []byte, at int64) error {
	if len(body) < 4 || len(p.ifaces) == 0 {
		return p.bad(at, "packet without a length or an interface")
	}
	i := &p.ifaces[0]
	wire := p.u32(body)
	have := min(uint32(len(body)-4), wire)
	if i.snap > 0 {
		have = min(have, i.snap)
	}
	p.frame(b, i, body[4:4+have], wire, at)
	return nil
}

// frame appends a frame if its link type can be read.
func (p *pcapng) frame(b *Batch, i *iface, data []byte, wire uint32, at int64) {
	if !i.usable {
		p.file.unreadable()
		if p.refused == nil {
			p.refused = unsupported(p.file.path, at, i.link)
		}
		return
	}
	p.readAny = true
	b.Frames = append(b.Frames, Frame{
		Time:    p.last,
		Data:    data[:min(len(data), p.file.cfg.SnapLen)],
		WireLen: max(wire, uint32(len(data))),
		Link:    i.link,
	})
}

// section begins a new section: what interfaces there are is forgotten.
func (p *pcapng) section(body []byte, at int64) error {
	if len(body) < 16 {
		return p.bad(at, "section header of %d bytes", len(body)+12)
	}
	if major := p.u16(body[4:]); major != 1 {
		return &FormatError{Path: p.file.path, Offset: at, Reason: fmt.Sprintf("pcapng version %d.%d", major, p.u16(body[6:])), Remedy: "convert it to 1.0 with editcap FILE NEW"}
	}
	p.ifaces = p.ifaces[:0]
	return nil
}

// finish implements format: a file all of whose frames are of a link type that
// cannot be read is refused.
func (p *pcapng) finish() error {
	if p.refused != nil && !p.readAny {
		return p.refused
	}
	return io.EOF
}
