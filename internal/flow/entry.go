package flow

import "firetower/internal/packet"

// entry is what a table holds of every flow: enough to write the record of a flow
// of one packet. From the second packet on the numbers are in a state.
type entry struct {
	tuple       Tuple
	vlan        uint16
	id          uint64
	start, last int64
	due         int64 // when its list looks at it next
	conversation

	// The first packet.
	wire, payload      uint32
	size               uint32 // payload by the profile's rules
	header, window     uint16
	flags, ttl         uint8
	icmpType, icmpCode uint8

	bits    uint16
	close   closing
	list    listID
	prev    uint32 // entries of the same list
	next    uint32
	state   uint32 // 0: one packet so far
	signals uint32 // 0: no payload so far
}

// conversation is what successive flows of the same tuple share.
type conversation struct {
	since int64  // start of the first of them
	hash  uint32 // of the tuple
	sent  uint32 // segments seen, 0: at most one
	print uint64 // of that one
}

// Bits of an entry.
const (
	established uint16 = 1 << iota
	midStream
	swapped
	unreachable
	firstBackward // the first packet went from Dst to Src
	ended         // its Ended event is out; it stays for what may follow
	finForward
	finBackward
	clientSYN // SYN seen from Src
	serverSYN // SYN+ACK seen from Dst
	repeated  // the first packet was sent before, in an earlier flow
	broken    // a fragment that fits no packet was seen
	tunnelled // the first packet was seen through a tunnel
)

// closing is how far a TCP flow has come towards its end.
type closing uint8

const (
	open   closing = iota
	oneFIN         // one side has sent FIN
	twoFIN         // both have
	ready          // and the last ACK was seen, or an RST
)

// state is what a flow of more than one packet holds besides.
type state struct {
	fwd, bwd  Direction
	detail    Detail
	lastEvent int64
	nextEvent uint32 // packets at which the next Updated is due
}

func (e *entry) has(b uint16) bool { return e.bits&b != 0 }

// forward says whether p goes from Src to Dst. Like CICFlowMeter it looks at
// addresses only.
func (e *entry) forward(p *packet.Packet) bool { return p.Src == e.tuple.Src }

// first rebuilds what is known of the first packet of the flow.
func (e *entry) first() packet.Packet {
	return packet.Packet{
		Time: e.start, Flags: e.flags, TTL: e.ttl, Window: e.window, HeaderLen: e.header,
		WireLen: e.wire, PayloadLen: e.payload, ICMPType: e.icmpType, ICMPCode: e.icmpCode,
	}
}

// add books a packet in the counts that behaviours read.
func (d *Direction) add(p *packet.Packet) {
	if d.Packets == 0 {
		d.FirstFlags = p.Flags
		d.TTL = p.TTL
	}
	d.Packets++
	d.Wire += uint64(p.WireLen)
	d.Flags |= p.Flags
	if p.PayloadLen > 0 {
		d.DataPackets++
		d.Payload += uint64(p.PayloadLen)
		d.MaxPayload = max(d.MaxPayload, uint16(min(p.PayloadLen, 65535)))
	}
	if p.Flags&(packet.SYN|packet.FIN|packet.RST) != 0 {
		count(&d.SYN, p.Flags, packet.SYN)
		count(&d.FIN, p.Flags, packet.FIN)
		count(&d.RST, p.Flags, packet.RST)
	}
}

func count(n *uint16, flags, flag uint8) {
	if flags&flag != 0 && *n != 65535 {
		*n++
	}
}

// listID names the lists that entries are in, each in order of its deadlines.
type listID uint8

const (
	singles listID = iota // flows of one packet
	running               // flows of more, looked at every second
	closed                // closed flows that swallow stragglers
	talks                 // conversations whose last flow has ended by the active timeout
	lists
)

// list is a queue of entries, linked through their prev and next.
type list struct{ head, tail uint32 }

func (t *Table) push(id listID, i uint32) {
	l, e := &t.lists[id], t.entries.at(i)
	e.list, e.prev, e.next = id, l.tail, 0
	if l.tail == 0 {
		l.head = i
	} else {
		t.entries.at(l.tail).next = i
	}
	l.tail = i
}

func (t *Table) unlink(i uint32) {
	e := t.entries.at(i)
	l := &t.lists[e.list]
	if e.prev == 0 {
		l.head = e.next
	} else {
		t.entries.at(e.prev).next = e.next
	}
	if e.next == 0 {
		l.tail = e.prev
	} else {
		t.entries.at(e.next).prev = e.prev
	}
}

func (t *Table) move(id listID, i uint32) {
	t.unlink(i)
	t.push(id, i)
}
