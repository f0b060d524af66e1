package payload

import "bytes"

// hash is FNV-1a of the bytes in lower case: enough to count distinct things, too
// little to tell them back.
func hash(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(lower(c))) * 16777619
	}
	return h
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerName writes a parameter's name in lower case into the room; of one that is
// longer, its end, for none that is known is.
func lowerName(name []byte, room *[40]byte) []byte {
	name = name[max(0, len(name)-len(room)):]
	for i, c := range name {
		room[i] = lower(c)
	}
	return room[:len(name)]
}

func letter(c byte) bool { c = lower(c); return c >= 'a' && c <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// foldPrefix says whether b begins with the lower-case text, in any case.
func foldPrefix(b []byte, text string) bool {
	if len(b) < len(text) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if lower(b[i]) != text[i] {
			return false
		}
	}
	return true
}

// foldIndex finds the lower-case text in b, in any case; -1 if it is not there. The
// standard library looks for the first letter, many bytes at a time.
func foldIndex(b []byte, text string) int {
	small, large := text[0], text[0]
	if 'a' <= small && small <= 'z' {
		large = small - 'a' + 'A'
	}
	end := len(b) - len(text) + 1
	nextSmall, nextLarge := -1, -1
	for i := 0; i < end; i++ {
		if nextSmall < i {
			nextSmall = indexFrom(b, i, end, small)
		}
		if nextLarge < i {
			nextLarge = indexFrom(b, i, end, large)
		}
		if i = min(nextSmall, nextLarge); i < end && foldPrefix(b[i:], text) {
			return i
		}
	}
	return -1
}

// indexFrom is the place of c in b[i:end], end if it is not there.
func indexFrom(b []byte, i, end int, c byte) int {
	if j := bytes.IndexByte(b[i:end], c); j >= 0 {
		return i + j
	}
	return end
}

// be16, be32, le16 and le32 read numbers; 0 where the bytes end before.
func be16(b []byte, i int) int {
	if i < 0 || i+2 > len(b) {
		return 0
	}
	return int(b[i])<<8 | int(b[i+1])
}

func le16(b []byte, i int) int {
	if i < 0 || i+2 > len(b) {
		return 0
	}
	return int(b[i]) | int(b[i+1])<<8
}

func be32(b []byte, i int) uint32 {
	if i < 0 || i+4 > len(b) {
		return 0
	}
	return uint32(b[i])<<24 | uint32(b[i+1])<<16 | uint32(b[i+2])<<8 | uint32(b[i+3])
}

func le32(b []byte, i int) uint32 {
	if i < 0 || i+4 > len(b) {
		return 0
	}
	return uint32(b[i+3])<<24 | uint32(b[i+2])<<16 | uint32(b[i+1])<<8 | uint32(b[i])
}
