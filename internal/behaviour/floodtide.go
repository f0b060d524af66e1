package behaviour

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// tide is what came to a place in a window.
type tide struct {
	begun, opened, refused, empty, strays, resets, oneSided int
	idle                                                    int // connections completed on which the client has said nothing
	syns                                                    int // SYNs sent again within a flow
	acked                                                   int // connections of which only the client's side was seen
	in, out                                                 int // packets
	payload, reply                                          uint64
	swapped                                                 int // connections seen only by their SYN+ACK
	land                                                    int // packets from the target itself
	crafted                                                 int // packets that no stack and no useful program sends (crafted)
	impossible                                              int // of them: TCP flags that mean nothing
	plain                                                   int // datagrams of no known protocol
	lone                                                    int // TCP packets with payload, outside any connection and alone
	sip                                                     int // datagrams of SIP
	broken                                                  int // flows with fragments that fit no packet
	fatal                                                   int // connections with a message that stops its receiver
	asked                                                   asks
}

func (t *tide) plus(u *tide) {
	t.begun += u.begun
	t.opened += u.opened
	t.refused += u.refused
	t.empty += u.empty
	t.idle += u.idle
	t.strays += u.strays
	t.resets += u.resets
	t.oneSided += u.oneSided
	t.syns += u.syns
	t.acked += u.acked
	t.in += u.in
	t.out += u.out
	t.payload += u.payload
	t.reply += u.reply
	t.swapped += u.swapped
	t.land += u.land
	t.crafted += u.crafted
	t.impossible += u.impossible
	t.plain += u.plain
	t.lone += u.lone
	t.sip += u.sip
	t.broken += u.broken
	t.fatal += u.fatal
	t.asked.plus(&u.asked)
}

// turned is what the other side sent.
func (t *tide) turned() *tide {
	return &tide{in: t.out, out: t.in, payload: t.reply, reply: t.payload}
}

// booked is how far a flow's counters have been booked.
type booked struct {
	fwd, bwd       uint32
	payload, reply uint64
	open           bool  // the TCP handshake is complete
	broken, fatal  bool  // fragments that fit no packet, and a fatal message, were booked
	at             int64 // packet time of the last packet booked
	asked          asks
}

// change is what an event adds to the tide.
func (b *flood) change(r *flow.Record, kind flow.Kind) (t tide) {
	if kind == flow.Started {
		t.begun = 1
		t.broken, t.fatal = bit(r.Broken), bit(fatal(r))
		t.in, t.out = int(r.Fwd.Packets), int(r.Bwd.Packets)
		t.payload, t.reply = r.Fwd.Payload, r.Bwd.Payload
		if r.Proto == packet.TCP {
			b.begin(r, &t)
		}
		t.craft(r)
		t.asked = asksOf(r)
		return t
	}
	g := b.flows.get(r.ID)
	var was booked
	if g != nil {
		was = *g
	} else {
		was = firstPacket(r)
	}
	was.at = max(was.at, r.Start)
	t.broken, t.fatal = bit(r.Broken && !was.broken), bit(fatal(r) && !was.fatal)
	t.in, t.out = int(r.Fwd.Packets-was.fwd), int(r.Bwd.Packets-was.bwd)
	t.payload, t.reply = r.Fwd.Payload-min(was.payload, r.Fwd.Payload), r.Bwd.Payload-was.reply
	if took := r.Last - was.at; took > b.cfg.Window {
		// They came over longer than a window: this one has its share of them.
		share := float64(b.cfg.Window) / float64(took)
		t.in, t.out = int(share*float64(t.in)), int(share*float64(t.out))
		t.payload, t.reply = uint64(share*float64(t.payload)), uint64(share*float64(t.reply))
	}
	t.part(r)
	if r.Proto == packet.TCP {
		b.growTCP(r, was, &t)
		if kind == flow.Ended && r.Established && unused(r) && (r.Reason == flow.Closed || r.Reason == flow.Reset) {
			t.empty = 1
		}
	}
	t.craft(r)
	asked := asksOf(r)
	t.asked = asked.since(&was.asked)
	switch {
	case kind == flow.Ended:
		if g != nil {
			b.flows.drop(r.ID)
		}
	case g == nil:
		g, _ = b.flows.add(r.ID)
		fallthrough
	default:
		*g = booked{r.Fwd.Packets, r.Bwd.Packets, r.Fwd.Payload, r.Bwd.Payload, r.Established, r.Broken, fatal(r), r.Last, asked}
	}
	return t
}

// part gives back the answers that a host's datagrams to itself had: the meter, as
// CICFlowMeter, cannot tell the sides and counts them as one, but the ports do.
func (t *tide) part(r *flow.Record) {
	if s := r.Signals; r.Proto == packet.UDP && r.Src == r.Dst && s != nil && s.Looked[1] > 0 {
		t.out = t.in * int(s.Looked[1]) / (int(s.Looked[0]) + int(s.Looked[1]))
		t.in -= t.out
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// firstPacket is what Started said of a flow that has booked since: one packet, of
// about the average size.
func firstPacket(r *flow.Record) booked {
	if r.Swapped {
		return booked{bwd: 1}
	}
	if r.Fwd.Packets == 0 {
		return booked{bwd: 1, reply: r.Bwd.Payload / uint64(max(1, r.Bwd.Packets))}
	}
	return booked{fwd: 1, payload: r.Fwd.Payload / uint64(r.Fwd.Packets), asked: asksOf(r).first()}
}

// begin books how a TCP flow begins.
func (b *flood) begin(r *flow.Record, t *tide) {
	switch {
	case r.Swapped:
		t.swapped = 1
	case r.MidStream && r.Fwd.Payload > 0:
		t.opened, t.lone = 1, 1
	case r.MidStream && r.Fwd.FirstFlags&packet.RST != 0:
		t.resets = 1
	case r.MidStream && r.Header > bareHeader:
		t.opened = 1 // only a stack adds timestamps (RFC 7323): begun before the capture, or forgotten by one side
	case r.MidStream:
		t.strays = 1
	}
}

// fatal is true for a connection with a message that stops its receiver: known ones,
// and urgent data to Windows' old port of files (WinNuke), which nobody else sends.
func fatal(r *flow.Record) bool {
	return r.Signals != nil && r.Signals.Marks.Any(payload.Crashes) || r.Proto == packet.TCP && r.DstPort == 139 && r.Established && r.Fwd.Flags&packet.URG != 0
}

// bareHeader is that of a SYN without options. Every stack announces at least its
// segment size (RFC 9293, 3.7.1); hping3, Scapy and their like announce nothing.
const bareHeader = 20

// craft counts what only a program that builds its own packets sends.
func (t *tide) craft(r *flow.Record) {
	switch r.Proto {
	case packet.TCP:
		first := r.Fwd.FirstFlags & flagsOfInterest
		syn := first == packet.SYN && r.Header == bareHeader
		switch {
		case r.Swapped || r.Established || r.Fwd.RST > 0:
			return
		case r.Src == r.Dst && r.SrcPort == r.DstPort && r.Fwd.Flags == packet.SYN && !r.Src.Netip().IsLoopback():
			t.land = t.in
		case illegalFlags(first):
			t.impossible, t.crafted = t.in, t.in
		case syn || (r.DstPort == 0) != (r.SrcPort == 0):
			t.crafted = t.in
		}
	case packet.UDP:
		s := r.Signals
		switch {
		case s == nil || s.Proto == payload.Unknown || s.Proto == payload.QUIC:
			t.plain = t.in
		case s.Proto == payload.SIP:
			t.sip = t.in
		}
		// No program says nothing, or one byte over and over, and goes on without an answer.
		if r.Fwd.Payload == 0 || r.DstPort == 0 && r.SrcPort != 0 || s != nil && s.First[0].Length >= 8 && s.First[0].Entropy == 0 && s.Says.Same() {
			t.crafted = t.in
		}
	case packet.ICMP, packet.ICMPv6:
		// The ping commands of all systems send payload.
		if echo := r.ICMPType == 8 || r.Proto == packet.ICMPv6 && r.ICMPType == 128; echo && r.Fwd.Payload == 0 {
			t.crafted = t.in
		}
	}
}

// alone is true where most of what came are packets outside any connection, each by
// itself: from forged sources, or with the same much to say.
func (b *flood) alone(o *onslaught) bool {
	w := &o.window
	alone := w.lone + w.strays
	return w.lone >= b.cfg.Strays && alone*10 >= w.begun*8 && (o.forged() || o.sizes.lead*10 > w.lone*6)
}

// deaf is true where all that the other side ever says is that it knows of no such
// connection.
func deaf(r *flow.Record) bool {
	return r.Bwd.Packets > 0 && uint32(r.Bwd.RST) == r.Bwd.Packets && r.Bwd.Payload == 0
}

// growTCP books how a TCP flow goes on.
func (b *flood) growTCP(r *flow.Record, was booked, t *tide) {
	before, total := was.fwd+was.bwd, r.Fwd.Packets+r.Bwd.Packets
	if r.MidStream && was.payload > 0 && before <= 1 && total > 1 {
		t.lone = -1
	}
	if r.Src == r.Dst { // both directions are counted as one
		if r.Fwd.Payload > 0 && was.payload == 0 {
			t.opened = 1
		}
		return
	}
	switch {
	case r.Established && !was.open, r.Swapped && r.Bwd.Payload > 0 && was.reply == 0:
		t.opened = 1
		at, _ := b.spoke.add([2]packet.Addr{r.Src, r.Dst})
		*at = b.now
	case r.Bwd.RST > 0 && r.Bwd.SYN == 0 && r.Bwd.Payload == 0 && before <= 1 && !r.MidStream:
		t.refused = 1
	case r.MidStream && r.Header > bareHeader:
	case r.MidStream && r.Fwd.FirstFlags&packet.RST == 0 && deaf(r):
		t.strays = t.in
		if was.payload > 0 && was.bwd == 0 {
			t.strays, t.opened = t.in+1, -1
		}
	case r.MidStream && r.Fwd.FirstFlags&packet.RST == 0 && was.payload == 0 && total > 1 && before <= 1:
		t.strays, t.opened = -1, 1 // it was a conversation after all
	}
	switch silent := r.Fwd.Payload == 0; {
	case r.Established && !was.open && silent:
		t.idle = 1
	case was.open && !silent && was.payload == 0:
		t.idle = -1
	}
	if r.Bwd.Packets == 0 && r.Fwd.Payload > 0 && was.fwd <= 1 && !r.MidStream {
		t.oneSided = 1
	}
	if r.Bwd.Packets == 0 && r.Fwd.Flags&packet.ACK != 0 && r.Fwd.Payload == 0 && was.fwd <= 1 && !r.MidStream {
		t.acked = 1
	}
	if r.Fwd.SYN > 1 && r.Bwd.Payload == 0 {
		t.syns = t.in
	}
}

// unused is true for a connection over which nothing was asked: not a byte, or no
// more than the handshake of TLS, of which the server bears the cost.
func unused(r *flow.Record) bool {
	s := r.Signals
	if s == nil {
		return r.Fwd.Payload+r.Bwd.Payload == 0
	}
	return s.Proto == payload.TLS && s.Requests > 0 && s.TLS.AppData == [2]uint16{}
}
