package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// outcome is what became of an attempt to reach an endpoint, as far as a flow's
// counters tell.
type outcome uint8

const (
	pending  outcome = iota // nothing came back yet
	answered                // the two sides conversed
	empty                   // TCP: handshake and goodbye, not a byte of payload
	aborted                 // TCP: the offer of a connection was taken back or left lying
	refused                 // RST, ICMP unreachable, SCTP ABORT
	silent                  // nothing came back, and time is up
	stray                   // TCP: began in the middle, with a bare ACK or FIN+ACK, and led nowhere
	illegal                 // TCP: flags that no stack sends
	odd                     // ICMP timestamp, information or address mask request
	reply                   // not an attempt: the answer to something the capture did not see
	reversed                // a refusal whose request the capture did not see: the attempt is the other side's
	halfOpen                // offered and accepted, so far neither used nor taken back
	bare                    // stray so far; more packets may make it a conversation seen from its middle
	greeted                 // the server has spoken, the client not yet
	mute                    // and the client never did
)

const flagsOfInterest = packet.FIN | packet.SYN | packet.RST | packet.PSH | packet.ACK | packet.URG

// attempt says what has become of a flow so far. Some outcomes may still change:
// pending to anything, aborted and stray to answered.
func attempt(r *flow.Record) outcome {
	switch r.Proto {
	case packet.TCP:
		return attemptTCP(r)
	case packet.UDP:
		return attemptUDP(r)
	case packet.ICMP, packet.ICMPv6:
		return attemptICMP(r)
	case packet.SCTP:
		switch {
		case r.Unreachable || r.Bwd.Packets == 1 && r.Fwd.Packets == 1:
			return refused
		case r.Bwd.Packets > 0:
			return answered
		}
		return pending
	}
	switch {
	case r.Unreachable:
		return refused
	case r.Bwd.Packets > 0:
		return answered
	}
	return pending
}

func attemptTCP(r *flow.Record) outcome {
	first := r.Fwd.FirstFlags & flagsOfInterest
	if r.Swapped {
		if r.Fwd.Packets == 0 {
			return reply // the initiator's side is not in the capture
		}
		first = packet.SYN
	}
	if illegalFlags(first) {
		return illegal
	}
	switch {
	case r.Established && r.Fwd.Payload == 0 && r.Bwd.Payload > 0 && r.Bwd.Payload < greeting && serves(r.DstPort):
		return greeted
	case r.Bwd.Payload > 0, r.Fwd.Payload > 0 && r.Fwd.Packets > uint32(r.Fwd.SYN)+uint32(r.Fwd.RST):
		return answered // what a SYN carries is no conversation yet
	case r.Unreachable:
		return refused
	case first == packet.RST || first == packet.RST|packet.ACK:
		if r.Fwd.Packets == 1 && r.Bwd.Packets == 0 {
			return reversed
		}
		return reply
	case first&packet.SYN == 0:
		return attemptStray(r, first)
	case first&packet.ACK != 0 && !r.Swapped:
		return reply
	}
	return attemptSYN(r)
}

// greeting is more than a server says before its client has said anything.
const greeting = 2048

// attemptStray judges a flow without SYN and without payload.
func attemptStray(r *flow.Record, first uint8) outcome {
	switch {
	case first != packet.ACK && first != packet.FIN|packet.ACK && first != packet.PSH|packet.ACK:
		return reply
	case r.Fwd.Packets > 2 || r.Bwd.Packets > r.Fwd.Packets || r.Bwd.Packets > 0 && r.Bwd.RST == 0:
		return reply
	case r.Fwd.Flags&packet.RST != 0:
		return reply
	case r.Header > bareHeader:
		return reply // only a stack adds timestamps (RFC 7323): begun before the capture
	}
	return stray
}

// attemptSYN judges a flow that begins with SYN and has no payload.
func attemptSYN(r *flow.Record) outcome {
	clientAcked := r.Fwd.Flags&packet.ACK != 0
	switch {
	case r.Bwd.Packets == 0 && clientAcked && r.Fwd.RST == 0:
		return answered // only the initiator's side is in the capture
	case r.Bwd.Packets == 0 && r.Fwd.RST > 0:
		return aborted
	case r.Bwd.Packets == 0:
		return pending
	case r.Bwd.SYN == 0 && r.Bwd.RST > 0:
		return refused
	case r.Bwd.SYN == 0:
		return pending
	case r.Established || clientAcked && r.Fwd.RST == 0 || r.Fwd.Flags&packet.FIN != 0:
		if r.Reason == flow.Closed || r.Reason == flow.Reset || r.Fwd.RST > 0 || r.Bwd.RST > 0 || r.Fwd.FIN > 0 {
			return empty
		}
		return pending
	case r.Fwd.RST > 0:
		return aborted
	}
	return pending
}

// illegalFlags are those of NULL, FIN, Xmas and fingerprinting probes. Every
// segment after the first carries ACK or RST (RFC 9293, 3.10.7), and SYN comes
// with neither FIN nor RST.
func illegalFlags(f uint8) bool {
	if f&(packet.ACK|packet.SYN|packet.RST) == 0 {
		return true
	}
	return f&packet.SYN != 0 && f&(packet.FIN|packet.RST) != 0
}

func attemptUDP(r *flow.Record) outcome {
	switch {
	case r.Bwd.Packets > 0:
		return answered
	case r.Unreachable:
		return refused
	case r.Fwd.Packets > 4:
		return reply // a stream, whoever hears it
	case traced(r):
		return reply
	}
	return pending
}

// traced is true for the probes of traceroute: the ports that RFC 2151 names, sent
// to expire on their way.
func traced(r *flow.Record) bool {
	return r.DstPort >= 33434 && r.DstPort <= 33700 && r.Fwd.TTL <= 32
}

func attemptICMP(r *flow.Record) outcome {
	echo, others := uint8(8), uint8(13)
	if r.Proto == packet.ICMPv6 {
		echo, others = 128, 255
	}
	switch {
	case r.ICMPType == echo && r.Bwd.Packets > 0:
		return answered
	case r.ICMPType == echo && r.Unreachable:
		return refused
	case r.ICMPType == echo:
		return pending
	case r.Proto == packet.ICMP && r.ICMPType == 3 && r.ICMPCode == 2 && r.Bwd.Packets == 0:
		return reversed // protocol unreachable
	case r.ICMPType == others || others == 13 && (r.ICMPType == 15 || r.ICMPType == 17):
		return odd
	}
	return reply
}

// serves says whether a port is one at which services listen, and not one that a
// client gets from its system: below 1024, or registered and well known.
func serves(port uint16) bool {
	if port < 1024 {
		return port != 0
	}
	switch port {
	case 1080, 1194, 1433, 1521, 1723, 1883, 1935, 2049, 2222, 2323, 2375, 2376, 3000, 3128, 3260, 3268, 3269, 3306,
		3389, 4443, 4444, 5000, 5060, 5061, 5222, 5223, 5228, 5357, 5432, 5555, 5601, 5672, 5900, 5901, 5985, 5986,
		6379, 6443, 6667, 7001, 7547, 8000, 8008, 8009, 8080, 8081, 8088, 8443, 8883, 8888, 9000, 9042, 9090, 9092,
		9100, 9200, 9300, 9443, 10000, 10250, 11211, 15672, 25565, 27017, 50000, 50070:
		return true
	}
	return false
}

// controls says whether a UDP port is one at which machines of plants and buildings
// tell what they are: BACnet, EtherNet/IP, OMRON's FINS, KNX.
func controls(port uint16) bool {
	return port == 47808 || port == 44818 || port == 9600 || port == 3671
}

// asksService knows a request to a service that is asked for at whatever port.
func asksService(r *flow.Record) bool {
	s := r.Signals
	return s != nil && (s.Proto == payload.SIP || s.Proto == payload.SNMP) && !s.Reversed
}

// looksReply is true where the ports say that the flow's initiator is the one who
// serves: what was seen first is an answer.
func looksReply(r *flow.Record) bool {
	if r.Proto == packet.TCP && !r.Swapped && r.Fwd.FirstFlags&(packet.SYN|packet.ACK) == packet.SYN {
		return false // a SYN answers nothing, whichever port it comes from
	}
	if asksService(r) {
		return false
	}
	return (r.Proto == packet.TCP || r.Proto == packet.UDP) && serves(r.SrcPort) && r.DstPort >= 1024 && !serves(r.DstPort)
}

// toMany is true for addresses that stand for more than one host.
func toMany(a packet.Addr) bool { return a.Many() }

// sample is a flow's tuple as a Finding's Samples have it.
func sample(r *flow.Record) flow.Tuple {
	t := r.Tuple
	if t.Proto == packet.ICMP || t.Proto == packet.ICMPv6 {
		t.SrcPort, t.DstPort = uint16(r.ICMPType), uint16(r.ICMPCode)
	}
	return t
}
