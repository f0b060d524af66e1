package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
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

// iface is what an interface description block says.
type iface struct {
	link    LinkType
	usable  bool
	snap    uint32
	micro   bool   // time stamps in microseconds from 1970: the usual case
	div     uint64 // time stamp units in a second
	offset  int64  // microseconds to be added
	drops   uint64 // by the interface, from a statistics block
	osDrops uint64 // by the operating system
}

// pcapng reads the format of pcapng files: several sections, each in a byte order
// of its own and with any number of interfaces.
type pcapng struct {
	file    *file
	big     bool
	started bool // inside a section
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

// describe reads an interface description block.
func (p *pcapng) describe(body []byte, at int64) error {
	if len(body) < 8 {
		return p.bad(at, "interface description of %d bytes", len(body)+12)
	}
	if len(p.ifaces) >= maxInterfaces {
		return p.bad(at, "more than %d interfaces", maxInterfaces)
	}
	i := iface{link: LinkType(p.u16(body)), snap: p.u32(body[4:]), micro: true, div: 1e6}
	i.usable = i.link.Supported()
	p.options(body[8:], func(code uint16, value []byte) {
		switch {
		case code == 9 && len(value) >= 1: // if_tsresol
			i.div = resolution(value[0])
		case code == 14 && len(value) >= 8: // if_tsoffset, in seconds
			i.offset = max(min(int64(p.u64(value)), latest/1_000_000), -latest/1_000_000) * 1e6
		}
	})
	i.micro = i.div == 1e6 && i.offset == 0
	p.ifaces = append(p.ifaces, i)
	return nil
}

// statistics reads an interface's drop counts, which are totals of the interface.
func (p *pcapng) statistics(body []byte) {
	if len(body) < 12 || p.u32(body) >= uint32(len(p.ifaces)) {
		return
	}
	i := &p.ifaces[p.u32(body)]
	p.options(body[12:], func(code uint16, value []byte) {
		switch {
		case code == 5 && len(value) >= 8: // isb_ifdrop
			p.nic += p.u64(value) - i.drops
			i.drops = p.u64(value)
		case code == 7 && len(value) >= 8: // isb_osdrop
			p.kernel += p.u64(value) - i.osDrops
			i.osDrops = p.u64(value)
		}
	})
	p.file.dropped(p.kernel, p.nic)
}

// options calls do for each option of a block.
func (p *pcapng) options(b []byte, do func(code uint16, value []byte)) {
	for len(b) >= 4 {
		code, size := p.u16(b), int(p.u16(b[2:]))
		b = b[4:]
		if code == 0 || size > len(b) {
			return
		}
		do(code, b[:size])
		b = b[min((size+3)&^3, len(b)):]
	}
}

// resolution gives the units in a second of an if_tsresol: a negative power of ten,
// or of two if the highest bit is set. One that cannot be counted in 64 bits is
// taken as the finest that can.
func resolution(v byte) uint64 {
	if v&0x80 != 0 {
		return 1 << min(v&0x7f, 63)
	}
	units := uint64(1)
	for range min(v, 19) {
		units *= 10
	}
	return units
}

// latest is the end of the year 9999 in microseconds, the last that RFC 3339 can
// write.
const latest = 253402300799_999999

// time gives the microseconds since 1970 of a time stamp. What lies before 1970 or
// behind the year 9999 is damage, and is moved to the nearer end.
func (i *iface) time(stamp uint64) int64 {
	micros := stamp
	if !i.micro {
		hi, lo := bits.Mul64(stamp, 1e6)
		if hi >= i.div {
			return latest
		}
		micros, _ = bits.Div64(hi, lo, i.div)
	}
	return min(max(int64(min(micros, latest))+i.offset, 0), latest)
}

// finish implements format: a file all of whose frames are of a link type that
// cannot be read is refused.
func (p *pcapng) finish() error {
	if p.refused != nil && !p.readAny {
		return p.refused
	}
	return io.EOF
}
