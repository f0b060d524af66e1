package capture

import "math/bits"

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
