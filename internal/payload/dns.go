package payload

import (
	"bytes"
	"slices"

	"firetower/internal/packet"
)

// Lookups counts DNS queries and what became of them.
type Lookups struct {
	Missing       uint16 // answers that the name does not exist
	MissingRandom uint16 // the same of a name that looks generated
	Full          uint16 // queries for names that carry what names do not; twice for those whose case carries, too
	Packed        uint16 // queries for an address of a name with a long label that is no word and no hash
	Absent        Sketch // different names of these
	Long          uint16 // queries with a label of 30 bytes or more
	Bulk          uint16 // queries of types whose answers hold a name, text or data: what tunnels use
	Vain          uint16 // answers that a name with a label of 20 bytes or more does not exist
	Listed        uint16 // answers of a block list: an address of 127/8 (RFC 5782)
	Answered      Sketch // different names that were answered
	Given         Given  // addresses that the latest answer gave
	Parent        uint32 // hash of the domain of the last query's name: its last two labels, of co.uk and the like three
}

// looksDNS knows a message with one question of a plausible name and class.
func looksDNS(b []byte) bool {
	if len(b) < 17 || be16(b, 4) != 1 || b[2]&0x78 != 0 || be16(b, 6) > 256 || be16(b, 8) > 256 || be16(b, 10) > 256 {
		return false
	}
	if b[2]&0x80 == 0 && be16(b, 6) != 0 {
		return false
	}
	var name [256]byte
	_, end := dnsName(b, name[:])
	if end == 0 {
		return len(b) > 100 && b[12] > 0 && b[12] < 64 // a long name that the capture cut
	}
	if b[12] == 32 && (be16(b, end) == 0x20 || be16(b, end) == 0x21) { // NetBIOS names
		return false
	}
	class := be16(b, end+2) & 0x7fff
	return class == 1 || class == 3 || class == 255
}

// dnsHeader says whether the counts of a message's header are such as DNS has, of
// any operation: an update, a notification, an answer without its question.
func dnsHeader(b []byte) bool {
	return len(b) >= 12 && be16(b, 4) <= 4 && be16(b, 6) <= 512 && be16(b, 8) <= 512 && be16(b, 10) <= 64
}

// dnsName writes the question's name into buf, dotted, and gives it and the
// offset behind it; 0 if the name is cut or no name.
func dnsName(b, buf []byte) (name []byte, end int) {
	n := 0
	for at := 12; at < len(b); {
		l := int(b[at])
		if l == 0 {
			return buf[:n], at + 1
		}
		if l > 63 || at+1+l > len(b) || n+l+1 > len(buf) {
			return buf[:n], 0
		}
		if n > 0 {
			buf[n] = '.'
			n++
		}
		n += copy(buf[n:], b[at+1:at+1+l])
		at += 1 + l
	}
	return buf[:n], 0
}

// dns counts one message.
func (s *Signals) dns(d int, b []byte, p *packet.Packet) bool {
	if p.Proto == packet.TCP {
		b = b[min(2, len(b)):]
	}
	if !looksDNS(b) {
		if p.Proto == packet.UDP && !dnsHeader(b) {
			inc16(&s.Alien)
		}
		return false
	}
	var buf [256]byte
	name, end := dnsName(b, buf[:])
	q := &s.DNS
	if b[2]&0x80 != 0 {
		inc32(&s.Responses)
		q.Answered.Add(hash(name))
		if b[3]&15 == 3 {
			inc16(&q.Missing)
			if len(longest(name)) >= 20 && !digest(name) && !inZone(name, reputation) {
				inc16(&q.Vain)
			}
			if RandomName(name) {
				inc16(&q.MissingRandom)
				q.Absent.Add(hash(name))
			}
			return true
		}
		if !q.Given.take(b, end, &q.Listed) {
			return false
		}
		q.Given.Dynamic = inZone(name, dynamicZones)
		return true
	}
	s.Reversed = d == 1
	inc32(&s.Requests)
	s.Names.Add(hash(name))
	q.Parent = hash(domain(name))
	s.Marks |= nameMarks(name) & (CheapDomain | AddressLookup)
	kind := 0
	if end > 0 {
		kind = be16(b, end)
	}
	if kind == 255 {
		inc16(&s.Anything)
	}
	if !inZone(name, reputation) {
		q.carry(name, kind)
	}
	return RandomName(name)
}

// carry counts a question by the room that there is in its name, and in the answer by its
// type.
func (q *Lookups) carry(name []byte, kind int) {
	label := longest(name)
	n := len(label)
	switch kind {
	case 5, null, 15, 16, 25, 65399:
		inc16(&q.Bulk)
		n *= 2 // shorter ones do
	}
	if n >= 30 {
		inc16(&q.Long)
	}
	address := kind == 1 || kind == 28
	switch {
	case contentID(label):
		return
	case len(name) >= 100, len(label) > longestHash, kind == null && len(label) >= 20, // longer than any hash, or of no type, which programs ask for for nothing else
		address && len(label) >= 45 && len(label) < longestHash && !balancer(label): // as long as none
		inc16(&q.Full)
	case cased(name, label):
		q.Full = min(q.Full, 65533) + 2
	case address && chunk(label):
		inc16(&q.Packed)
	}
}

// reputation are zones in which scanners ask about files and addresses, by hashes and
// more. Nobody else can have answers in them.
var reputation = []string{".mcafee.com", ".sophosxl.net", ".e5.sk", ".trendmicro.com", ".bitdefender.net", ".cymru.com", ".spamhaus.net", ".spamhaus.org", ".surbl.org",
	".uribl.com", ".msbl.org"}

// contentID is true for the name of a file in IPFS, by which browsers ask a gateway for
// it: a SHA-256 in base 32 behind a version and two codes.
func contentID(label []byte) bool { return len(label) == 59 && foldPrefix(label, "ba") }

// cased is true for a label in base 64. DNS does not keep the case of letters (RFC
// 4343), so no name means anything by it; who mixes it at random, lest others forge
// answers, does so in all labels.
func cased(name, label []byte) bool {
	upper, lower, digits := cases(label)
	zoneUpper, zoneLower, _ := cases(domain(name))
	return len(label) >= 20 && upper >= 3 && lower >= 3 && digits > 0 && (zoneUpper == 0 || zoneLower == 0)
}

func cases(b []byte) (upper, lower, digits int) {
	for _, c := range b {
		switch {
		case digit(c):
			digits++
		case c >= 'A' && c <= 'Z':
			upper++
		case letter(c):
			lower++
		}
	}
	return upper, lower, digits
}

// chunk is true for a label of 30 letters and digits and more, nowhere parted, that is
// as long as no hash is in base 16 or 32.
func chunk(label []byte) bool {
	upper, lower, digits := cases(label)
	return len(label) >= 30 && len(label) < longestHash && len(label) != 32 && len(label) != 40 && digits >= 3 && upper+lower+digits == len(label)
}

// balancer says whether a label ends in a hyphen and a number in base 10 or 16, as the
// names do that clouds make for load balancers.
func balancer(label []byte) bool {
	number := label[bytes.LastIndexByte(label, '-')+1:]
	return len(number) < len(label) && len(number) >= 8 && hexadecimal(number)
}

// null is the type of records that hold data of no type (RFC 1035).
const null = 10

// longestHash is how long a label is that asks a reputation service for a file: its
// SHA-256 in base 32.
const longestHash = 52

// longest is a name's longest label.
func longest(name []byte) (most []byte) {
	for len(name) > 0 {
		var label []byte
		if label, name, _ = bytes.Cut(name, []byte(".")); len(label) > len(most) {
			most = label
		}
	}
	return most
}

// digest is true for a name whose first label is an MD5, SHA-1 or SHA-256 in base 16,
// as lists of what is bad are asked; there, not to exist is a good answer.
func digest(name []byte) bool {
	label, _, _ := bytes.Cut(name, []byte("."))
	return (len(label) == 32 || len(label) == 40 || len(label) == 64) && hexadecimal(label)
}

var reverseZones = [...]uint32{hash([]byte("in-addr.arpa")), hash([]byte("ip6.arpa"))}

// ReverseZone says whether the hash of a domain is that of one that names addresses:
// who reads logs asks there for address after address.
func ReverseZone(parent uint32) bool { return slices.Contains(reverseZones[:], parent) }

// domain is the part of a name that somebody registered: the last two labels, or
// three where the last has two letters and the one before it at most three (co.uk).
// Nobody registered a name whose last label has a digit, as no top-level domain has
// (RFC 1123): all of those are one, asked of a server that knows what to do with them.
func domain(name []byte) []byte {
	last := bytes.LastIndexByte(name, '.')
	if last > 0 && bytes.ContainsAny(name[last:], "0123456789") && !foldPrefix(name[last:], ".xn--") {
		return nil
	}
	second := bytes.LastIndexByte(name[:max(0, last)], '.')
	if second < 0 {
		return name
	}
	if len(name)-last == 3 && last-second <= 4 {
		second = bytes.LastIndexByte(name[:second], '.')
	}
	return name[second+1:]
}

// AutoProxy is what a sketch of names holds if it was shown wpad, the name by which
// browsers look for a proxy's settings.
var AutoProxy = func() (s Sketch) { s.Add(hash([]byte("wpad"))); return s }()
