package payload

import "firetower/internal/packet"

// Given holds the first few addresses that the latest answer to a DNS query gave, by
// their hashes; clients take the first ones.
type Given struct {
	Answers uint16 // that gave others than the one before
	Dynamic bool   // they were asked for by a name of dynamic DNS
	Addrs   [4]uint32
}

// AddrHash is the hash by which Given holds an address.
func AddrHash(a packet.Addr) uint32 { return hash(a[:]) }

// take reads the answers of a message whose question ends at end, before type and
// class; true if they are others than before. Those of block lists are counted.
func (g *Given) take(b []byte, end int, listed *uint16) bool {
	var now [len(g.Addrs)]uint32
	n, at := 0, end+4
	for range min(be16(b, 6), 32) {
		if at = skipName(b, at); end == 0 || at == 0 || at+10 > len(b) || n == len(now) {
			break
		}
		kind, length := be16(b, at), be16(b, at+8)
		at += 10
		if at+length > len(b) {
			break
		}
		switch data := b[at : at+length]; {
		case kind == 1 && length == 4:
			if data[0] == 127 && [3]byte(data[1:]) != [3]byte{0, 0, 1} {
				inc16(listed)
			}
			now[n] = AddrHash(packet.Addr{10: 0xff, 11: 0xff, 12: data[0], 13: data[1], 14: data[2], 15: data[3]})
			n++
		case kind == 28 && length == 16:
			now[n] = AddrHash(packet.Addr(data))
			n++
		}
		at += length
	}
	if n == 0 || now == g.Addrs {
		return false
	}
	g.Addrs = now
	inc16(&g.Answers)
	return true
}

// skipName gives the offset behind a name that may end in a pointer; 0 if it is cut.
func skipName(b []byte, at int) int {
	for at < len(b) {
		switch l := int(b[at]); {
		case l == 0:
			return at + 1
		case l >= 192:
			return at + 2
		case l > 63:
			return 0
		default:
			at += 1 + l
		}
	}
	return 0
}
