package behaviour

import (
	"fmt"
	"strings"

	"firetower/internal/packet"
	"firetower/internal/words"
)

// roughly writes a count that is an estimate where it is large: "about 4.1 million hosts".
func roughly(n int, noun string) string {
	switch {
	case n <= few:
		return words.Plural(n, noun)
	case n < 1e6:
		return "about " + words.Plural(n, noun)
	}
	return fmt.Sprintf("about %.1f million %ss", float64(n)/1e6, noun)
}

// span writes a duration given in microseconds in the unit that suits it.
func span(us int64) string {
	s := float64(us) / 1e6
	switch {
	case s < 0.01:
		return "under 0.01 s"
	case s < 10:
		return fmt.Sprintf("%.2g s", s)
	case s < 120:
		return fmt.Sprintf("%.0f s", s)
	case s < 2*3600:
		return fmt.Sprintf("%.0f min", s/60)
	}
	return fmt.Sprintf("%.1f h", s/3600)
}

// serviceName writes a protocol and port as tcpdump users do: "tcp/22", or the
// kind of ICMP message.
func serviceName(proto uint8, port uint16) string {
	switch proto {
	case packet.TCP:
		return fmt.Sprintf("tcp/%d", port)
	case packet.UDP:
		return fmt.Sprintf("udp/%d", port)
	case packet.SCTP:
		return fmt.Sprintf("sctp/%d", port)
	case packet.ICMP, packet.ICMPv6:
		if name, ok := icmpNames[uint16(proto)<<8|port&0xff]; ok {
			return name
		}
		return fmt.Sprintf("ICMP type %d", port)
	}
	return fmt.Sprintf("IP protocol %d", proto)
}

var icmpNames = map[uint16]string{
	1<<8 | 3: "ICMP unreachable", 1<<8 | 8: "ping", 1<<8 | 13: "ICMP timestamp", 1<<8 | 17: "ICMP address mask",
	58<<8 | 128: "ping", 58<<8 | 134: "IPv6 router advertisement", 58<<8 | 135: "IPv6 neighbour solicitation",
	58<<8 | 136: "IPv6 neighbour advertisement", 1 << 8: "ping reply", 58<<8 | 129: "ping reply",
}

// list writes names as a sentence does: a, b and c.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// verb writes "1 was" or "12 were".
func verb(n int) string {
	if n == 1 {
		return "1 was"
	}
	return words.Count(n) + " were"
}
