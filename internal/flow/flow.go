// Package flow groups packets into bidirectional flows, as CICFlowMeter does, and
// reports what happens to each flow while it happens: it starts, it grows, it
// ends. A Table is one shard of the meter, is not safe for concurrent use, and
// takes its clock from the packets, so that a replay gives the same events.
package flow

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// Tuple is a flow's identity in the direction of its initiator: Src is whoever
// sent the first packet (swapped where that packet was a SYN+ACK). It holds no
// pointers.
type Tuple struct {
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
	Proto            uint8
}

// Direction counts one direction of a flow.
type Direction struct {
	Packets     uint32
	DataPackets uint32 // packets with transport payload
	Payload     uint64 // bytes of transport payload
	Wire        uint64 // bytes of whole frames
	Flags       uint8  // union of the TCP flags seen
	FirstFlags  uint8  // flags of the first packet in this direction
	TTL         uint8  // of the first packet in this direction
	MaxPayload  uint16
	SYN, FIN    uint16 // saturating counts
	RST         uint16
}

// Reverse is the tuple seen from the other end.
func (k Tuple) Reverse() Tuple {
	return Tuple{Src: k.Dst, Dst: k.Src, SrcPort: k.DstPort, DstPort: k.SrcPort, Proto: k.Proto}
}

// Record is what is known of a flow at one moment. It is a copy: the receiver may
// keep it. Behaviours read it; the numbers of the CICFlowMeter columns are in
// Detail, which is nil while a flow has only one packet.
type Record struct {
	ID uint64 // rises with each new flow of a table
	Tuple
	VLAN        uint16
	ICMPType    uint8 // of the first packet
	ICMPCode    uint8
	Header      uint16 // transport header of the first packet
	Window      uint16 // TCP window of the first packet
	FirstSize   uint32 // payload of the first packet by the profile's rules
	Start, Last int64  // microseconds since the Unix epoch
	Since       int64  // start of the first flow of the same TCP connection or UDP dialogue
	Fwd, Bwd    Direction
	Established bool      // TCP: SYN, SYN+ACK and the client's ACK or data were seen; UDP: both sides spoke
	MidStream   bool      // TCP whose first packet was neither SYN nor SYN+ACK
	Swapped     bool      // first packet was a SYN+ACK and the flow was turned round
	Unreachable bool      // an ICMP error came back for one of its packets
	Tunnelled   bool      // the first packet was seen through a tunnel
	Broken      bool      // a fragment came that fits no packet
	Repeated    bool      // the first packet repeats one of an earlier flow of the connection
	Reason      EndReason // set in End events
	Detail      *Detail
	Signals     *payload.Signals // nil until payload was seen
	Given       []float64        // a record read from a file: its numbers by the schema of its profile
}

// Duration is the time between first and last packet in microseconds.
func (r *Record) Duration() int64 { return r.Last - r.Start }

// Sums gives the accumulators of a record, its Detail if it has one. Those of a
// flow of one packet are put together in scratch, which must not be nil then.
func (r *Record) Sums(scratch *Detail) *Detail {
	if r.Detail != nil {
		return r.Detail
	}
	d, fwd := &r.Fwd, true
	if d.Packets == 0 {
		d, fwd = &r.Bwd, false
	}
	*scratch = Detail{}
	scratch.begin(&packet.Packet{
		Time: r.Start, Flags: d.FirstFlags, Window: r.Window, HeaderLen: r.Header,
	}, fwd, r.FirstSize)
	if r.Repeated {
		scratch.side(fwd).Retransmitted++
	}
	return scratch
}

// Kind is what happened to a flow.
type Kind uint8

// The kinds of Event.
const (
	// Started: the first packet was seen. Detail is nil.
	Started Kind = iota
	// Updated: the flow grew to the next power of two in packets, or a second of
	// packet time has passed since its last event, or Established turned true,
	// or its Signals changed in a way that behaviours wait for.
	Updated
	// Ended: no more is expected; the final numbers. Emitted once per flow. A TCP
	// flow ends at mutual FIN or RST, others by a timeout (see EndReason).
	Ended
)

// EndReason says why a flow ended.
type EndReason uint8

// The end reasons.
const (
	NotEnded EndReason = iota
	Closed             // mutual FIN
	Reset              // RST
	Idle               // idle timeout
	Active             // active timeout: what follows is a new flow of the same conversation
	Flushed            // end of input
	Evicted            // table full
)

var reasons = [...]string{"", "closed", "reset", "idle", "active", "end of input", "evicted"}

func (r EndReason) String() string { return reasons[r] }

// Event is one happening, at a packet time.
type Event struct {
	Kind   Kind
	Time   int64 // packet time in microseconds
	Record Record
}
