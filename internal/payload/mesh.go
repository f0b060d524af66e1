package payload

import "bytes"

// Mesh is what the programs are that send such a datagram to ever other hosts.
type Mesh uint8

// The kinds of meshes.
const (
	NoMesh    Mesh = iota
	OpenMesh       // programs by which people share files, call each other and play
	ClosedOne      // Overnet, which they left in 2006 when it was closed, and the Storm worm took over
)

// Shapes of the datagrams by which such programs look for each other.
const (
	bencoded   = 'd' // BitTorrent, BEP 5: a dictionary, whose first key is one letter
	eDonkey    = 0xe3
	eMule      = 0xc5
	eMuleSmall = 0xd4 // squeezed
	kad        = 0xe4
	kadSmall   = 0xe5
)

// meshOf knows them by their first bytes.
func meshOf(b []byte) Mesh {
	switch n := len(b); {
	case n < 2:
		return NoMesh
	case b[0] == eDonkey && b[1] >= 0x0a && b[1] <= 0x15:
		return ClosedOne
	case b[0] == eDonkey, b[0] == eMule, b[0] == eMuleSmall, b[0] == kad, b[0] == kadSmall:
		return OpenMesh
	case n >= 4 && b[0] == bencoded && b[1] == '1' && b[2] == ':':
		return OpenMesh
	case n >= 20 && b[0]&0x0f == 1 && b[0]>>4 <= 4 && b[1] <= 2: // BEP 29, uTP
		return OpenMesh
	case n >= 8 && b[4] == 0x21 && b[5] == 0x12 && b[6] == 0xa4 && b[7] == 0x42: // STUN, RFC 8489
		return OpenMesh
	case n >= 23 && b[17] < 16 && le32(b, 19) < 4096 && (b[16] <= 2 || b[16] >= 0x80 && b[16] <= 0x82), bytes.HasPrefix(b, []byte("GND")): // Gnutella
		return OpenMesh
	case n >= 3 && b[2]&0x0f == 2: // Skype before 2017, and whatever has the same byte
		return OpenMesh
	case bytes.HasPrefix(b, []byte("SAMP")), b[0] == 0xfe && b[1] == 0xfd, b[0] == 0xff && b[1] == 0xff, n >= 17 && b[9] == 0 && b[10] == 0xff && b[11] == 0xff && b[12] == 0: // games' lists of servers
		return OpenMesh
	}
	return NoMesh
}
