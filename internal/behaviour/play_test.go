package behaviour

import (
	"net/netip"
	"sort"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// play is traffic made by hand: flow events in order of time.
type play struct {
	events []flow.Event
	ids    uint64
}

const second = 1_000_000

const epoch = int64(1_700_000_000) * second

func ip(s string) packet.Addr { return packet.AddrFrom(netip.MustParseAddr(s)) }

// host gives the n-th address of a /16.
func host(n int) packet.Addr {
	return ip(netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}).String())
}

// talk is one flow: how it begins, what comes of it, how long it lasts.
type talk struct {
	at, lasts int64 // microseconds after epoch
	src, dst  packet.Addr
	sport     uint16
	port      uint16
	proto     uint8
	icmp      uint8
	code      uint8
	first     uint8 // TCP flags of the first packet; 0: SYN
	null      bool  // first packet without flags
	result    string
	up, down  uint64 // payload
	packets   uint32 // of each side, in a conversation
	signals   *payload.Signals
	ttl       uint8
	size      uint64 // payload of a first packet that is a datagram
	reason    flow.EndReason
	window    uint16
	open      bool   // does not end
	header    uint16 // of the first packet
}

// add turns a talk into events: refused, silent, aborted, empty, unreachable,
// answered (small), conversation (with payload and handshake), oneway.
func (p *play) add(t talk) {
	p.ids++
	if t.proto == 0 {
		t.proto = packet.TCP
	}
	if t.first == 0 && t.proto == packet.TCP && !t.null {
		t.first = packet.SYN
	}
	if t.sport == 0 && (t.proto == packet.TCP || t.proto == packet.UDP) {
		t.sport = uint16(32768 + p.ids%28000)
	}
	r := flow.Record{
		ID: p.ids, Tuple: flow.Tuple{Src: t.src, Dst: t.dst, SrcPort: t.sport, DstPort: t.port, Proto: t.proto},
		ICMPType: t.icmp, ICMPCode: t.code, Start: epoch + t.at, Last: epoch + t.at,
		MidStream: t.proto == packet.TCP && t.first&packet.SYN == 0, Header: t.header,
	}
	r.Fwd = flow.Direction{Packets: 1, Payload: t.size, Flags: t.first, FirstFlags: t.first, TTL: t.ttl}
	if t.size > 0 {
		r.Fwd.DataPackets = 1
	}
	if t.first&packet.SYN != 0 {
		r.Fwd.SYN = 1
	}
	p.put(flow.Started, r)
	r = p.grow(r, &t)
	if t.open {
		return
	}
	if t.reason == flow.NotEnded {
		t.reason = flow.Idle
	}
	r.Reason = t.reason
	p.put(flow.Ended, r)
}

func (p *play) put(kind flow.Kind, r flow.Record) {
	p.events = append(p.events, flow.Event{Kind: kind, Time: r.Last, Record: r})
}

// grow plays the rest of a flow up to its end.
func (p *play) grow(r flow.Record, t *talk) flow.Record {
	const rtt = 20_000
	back := func(flags uint8) {
		r.Last += rtt
		r.Bwd.Packets++
		r.Bwd.Flags |= flags
		if r.Bwd.Packets == 1 {
			r.Bwd.FirstFlags = flags
		}
		if flags&packet.SYN != 0 {
			r.Bwd.SYN++
		}
		if flags&packet.RST != 0 {
			r.Bwd.RST++
		}
		p.put(flow.Updated, r)
	}
	forth := func(flags uint8) {
		r.Fwd.Packets++
		r.Fwd.Flags |= flags
		if flags&packet.RST != 0 {
			r.Fwd.RST++
		}
		if flags&packet.FIN != 0 {
			r.Fwd.FIN++
		}
	}
	switch t.result {
	case "refused":
		back(packet.RST | packet.ACK)
		r.Last += 2 * second
		t.reason = flow.Reset
	case "acked":
		back(packet.ACK)
		r.Last += 120 * second
	case "unreachable":
		r.Unreachable = true
		r.Last += rtt
		p.put(flow.Updated, r)
		r.Last += 600 * second
	case "aborted":
		back(packet.SYN | packet.ACK)
		forth(packet.RST)
		r.Last += 2 * second
		t.reason = flow.Reset
	case "halfopen":
		back(packet.SYN | packet.ACK)
		r.Last += 120 * second
	case "empty":
		back(packet.SYN | packet.ACK)
		forth(packet.ACK)
		r.Established = true
		p.put(flow.Updated, r)
		forth(packet.FIN | packet.ACK)
		r.Last += t.lasts
		t.reason = flow.Closed
	case "answered":
		r.Established = true
		r.Bwd.Payload = t.down
		back(0)
		r.Last += 120 * second
	case "conversation":
		back(packet.SYN | packet.ACK)
		forth(packet.ACK)
		r.Established = true
		p.put(flow.Updated, r)
		r.Fwd.Payload, r.Bwd.Payload = t.up, t.down
		r.Fwd.Packets, r.Bwd.Packets = r.Fwd.Packets+t.packets, r.Bwd.Packets+t.packets
		r.Fwd.DataPackets, r.Bwd.DataPackets = t.packets, t.packets
		if t.down == 0 {
			r.Bwd.DataPackets = 0
		}
		r.Signals = t.signals
		r.Detail = &flow.Detail{}
		r.Detail.Fwd.LastWindow = 501
		if t.window != 0 {
			r.Detail.Fwd.LastWindow = t.window - 1
		}
		r.Last += t.lasts / 2
		p.put(flow.Updated, r)
		if !t.open {
			forth(packet.FIN | packet.ACK)
			r.Bwd.FIN++
			r.Last += t.lasts / 2
			t.reason = flow.Closed
		}
	case "oneway":
		r.Fwd.Packets, r.Fwd.Payload = t.packets, t.up
		r.Last += t.lasts
		p.put(flow.Updated, r)
	default:
		r.Last += 600 * second
	}
	return r
}

// found runs the play through one behaviour, or all, and gives the last finding of
// each class and actor.
func (p *play) found(t *testing.T, all ...Behaviour) map[attack.Class][]Finding {
	t.Helper()
	sort.SliceStable(p.events, func(i, j int) bool { return p.events[i].Time < p.events[j].Time })
	last := map[string]Finding{}
	var order []string
	emit := func(f Finding) {
		k := string(f.Class) + f.Actor.String() + f.Activity + f.Behaviour
		if _, ok := last[k]; !ok {
			order = append(order, k)
		}
		last[k] = f
	}
	now := epoch
	for i := range p.events {
		e := &p.events[i]
		for now+second < e.Time {
			now += second
			if e.Time-now > 100*second {
				now += 50 * second
			}
			for _, b := range all {
				b.Advance(now, emit)
			}
		}
		o := Observation{Event: e}
		for _, b := range all {
			b.Observe(&o, emit)
		}
	}
	Close(all, now, emit)
	out := map[attack.Class][]Finding{}
	for _, k := range order {
		f := last[k]
		out[f.Class] = append(out[f.Class], f)
	}
	for _, b := range all {
		if s := b.Stats(); s.Entries > s.Limit {
			t.Errorf("%s holds %d entries, more than its limit of %d", b.Name(), s.Entries, s.Limit)
		}
	}
	return out
}
