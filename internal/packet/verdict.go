package packet

import "strconv"

// Verdict says what Decode made of a frame. Every frame gets exactly one, so that
// the counts of all verdicts add up to the frames decoded.
type Verdict uint8

// The verdicts. Only after OK does the Packet hold a packet.
const (
	OK             Verdict = iota
	ARP                    // ARP or RARP
	NonIP                  // another protocol than IP: LLDP, STP, EAPOL, PPP control and so on
	NotData                // 802.11 management, control and empty data frames
	Encrypted              // 802.11 data frames whose content is encrypted
	UnknownLink            // a link type that Decode does not read
	Duplicate              // not of Decode: a second copy of a packet, from a mirror port
	TruncatedLink          // the frame or what was captured of it ends before its IP header
	TruncatedIP            // the capture ends within the IP header
	TruncatedPorts         // the capture ends within the part of the transport header that is needed
	BadIPVersion           // announced as IP, but the version is neither 4 nor 6
	BadIPHeader            // IP header shorter than 20 bytes or longer than the packet
	BadIPLength            // IP length shorter than the header, or more extension headers than allowed
	BadTransport           // the packet on the wire is too short for its transport's header
	TooDeep                // more tags and labels in front of the IP header than allowed
	NumVerdicts    = iota
)

var verdictNames = [NumVerdicts]string{
	"decoded", "ARP", "not IP", "802.11 without data", "802.11 encrypted", "unknown link type", "duplicate",
	"cut in link header", "cut in IP header", "cut in transport header", "bad IP version",
	"bad IP header", "bad IP length", "bad transport header", "too many tags",
}

func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "verdict " + strconv.Itoa(int(v))
}

// Malformed says whether the frame was broken or cut rather than of no interest.
func (v Verdict) Malformed() bool { return v >= TruncatedLink }

// Counts counts frames by verdict.
type Counts [NumVerdicts]uint64

// Total is the number of frames counted.
func (c *Counts) Total() uint64 {
	var n uint64
	for _, x := range c {
		n += x
	}
	return n
}

// Add adds other to c, verdict by verdict.
func (c *Counts) Add(other *Counts) {
	for i := range c {
		c[i] += other[i]
	}
}
