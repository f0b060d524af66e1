package payload

import "bytes"

// published knows protocols that say what they are and of which nothing is read here:
// virtual private networks, meshes, games, messengers, trackers of vehicles. They are no
// protocols of somebody's own, however evenly they are kept alive. The bytes are those
// of their specifications or of their clients.
func published(b []byte) bool {
	for _, begin := range [...]string{"\x13BitTorrent protocol", "8=FIX", "ZBXD\x01", "AMQP\x00", "\x00\x04\x00\x00\x01"} { // the last is Spotify's
		if bytes.HasPrefix(b, []byte(begin)) {
			return true
		}
	}
	n := len(b)
	switch {
	case n < 10:
		return false
	case be16(b, 0) == n-2 && (b[2] == 0x38 || b[2] == 0x40 || b[2] == 0x50): // OpenVPN over TCP: a session begins
	case string(b[4:8]) == "VT01" && int(le32(b, 0)) == n-8: // Steam
	case b[1] == 0xf1 && b[0] >= 0x15 && b[0] <= 0x19 && (b[2] == 3 || b[2] == 4): // WeChat's variant of TLS
	case n >= 16 && string(b[4:16]) == "version\x00\x00\x00\x00\x00": // Bitcoin and its kin, behind the net's number
	case b[0] == 0x78 && b[1] == 0x78 && n == int(b[2])+5 && b[n-2] == '\r' && b[n-1] == '\n': // GT06, of vehicles
	case b[0] == 0xe3 && int(le32(b, 1)) == n-5 && b[5] == 1: // eDonkey: hello
	default:
		return plays(b)
	}
	return true
}

// plays knows the hello of Minecraft: a length, zero, a version, the host's name behind
// its length, a port, and what is wanted.
func plays(b []byte) bool {
	n := int(b[0])
	if b[1] != 0 || n < 8 || n >= len(b) || b[n] < 1 || b[n] > 3 {
		return false
	}
	at := 2
	for at < n && at < 7 && b[at]&0x80 != 0 {
		at++
	}
	at++
	return at < n && int(b[at]) == n-at-3 && plain(b[at+1:n-2])
}
