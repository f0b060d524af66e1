package feature

import (
	"math"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// facts says where a row has the numbers that a record's other fields follow from.
type facts struct {
	old                                     bool
	srcPort, dstPort, proto                 int
	duration, fwd, bwd, fwdBytes, bwdBytes  int
	fwdMax, bwdMax, fwdData, bwdData        int
	fwdHeader, bwdHeader, header, window    int
	syn, fin, rst, psh, ack, fwdRST, bwdRST int
	icmpType, icmpCode, connection          int
}

func (s *Schema) facts() facts {
	at := func(name string) int {
		if i, ok := s.Lookup(name); ok {
			return i
		}
		return -1
	}
	f := facts{
		srcPort: at("Src Port"), dstPort: at("Dst Port"), proto: at("Protocol"), duration: at("Flow Duration"),
		fwd: at("Total Fwd Packet"), bwd: at("Total Bwd packets"),
		fwdBytes: at("Total Length of Fwd Packet"), bwdBytes: at("Total Length of Bwd Packet"),
		fwdMax: at("Fwd Packet Length Max"), bwdMax: at("Bwd Packet Length Max"),
		fwdData: at("Fwd Act Data Pkts"), bwdData: at("Bwd Act Data Pkts"),
		fwdHeader: at("Fwd Header Length"), bwdHeader: at("Bwd Header Length"),
		header: at("Fwd Seg Size Min"), window: at("FWD Init Win Bytes"),
		syn: at("SYN Flag Count"), fin: at("FIN Flag Count"), rst: at("RST Flag Count"),
		psh: at("PSH Flag Count"), ack: at("ACK Flag Count"),
		fwdRST: at("Fwd RST Flags"), bwdRST: at("Bwd RST Flags"),
		icmpType: at("ICMP Type"), icmpCode: at("ICMP Code"), connection: at("Total Connection Flow Time"),
	}
	if s.Profile == flow.CIC2017 { // its flag columns are permuted, and of the first packet only
		f.old = true
		f.syn, f.fin, f.rst, f.psh = f.psh, at("URG Flag Count"), f.fin, f.syn
	}
	return f
}

// unite derives the flags of a direction from its counts.
func unite(d *flow.Direction, fwd, acks bool) {
	switch {
	case d.SYN > 0 && fwd:
		d.FirstFlags = packet.SYN
	case d.SYN > 0:
		d.FirstFlags = packet.SYN | packet.ACK
	case d.RST > 0 && d.Packets == uint32(d.RST):
		d.FirstFlags = packet.RST | packet.ACK
	case d.Packets > 0 && acks:
		d.FirstFlags = packet.ACK
	}
	d.Flags = d.FirstFlags
	if d.FIN > 0 {
		d.Flags |= packet.FIN
	}
	if d.RST > 0 {
		d.Flags |= packet.RST
	}
	if acks && d.Packets > 0 && (!fwd || d.Packets > uint32(d.SYN)) {
		d.Flags |= packet.ACK
	}
}

// fill derives a record's fields from its Given.
func (f *facts) fill(r *flow.Record) {
	get := func(i int) uint64 {
		if i < 0 || !(r.Given[i] > 0) || r.Given[i] > 1<<53 {
			return 0
		}
		return uint64(r.Given[i])
	}
	r.SrcPort, r.DstPort, r.Proto = uint16(get(f.srcPort)), uint16(get(f.dstPort)), uint8(get(f.proto))
	r.Last = r.Start + int64(get(f.duration))
	r.Since = r.Last - int64(max(get(f.connection), get(f.duration)))
	r.ICMPType, r.ICMPCode = uint8(get(f.icmpType)), uint8(get(f.icmpCode))
	r.Header, r.Window = uint16(get(f.header)), uint16(get(f.window))
	r.Fwd = flow.Direction{
		Packets: uint32(get(f.fwd)), Payload: get(f.fwdBytes), MaxPayload: uint16(min(65535, get(f.fwdMax))),
		DataPackets: uint32(get(f.fwdData)),
	}
	r.Bwd = flow.Direction{
		Packets: uint32(get(f.bwd)), Payload: get(f.bwdBytes), MaxPayload: uint16(min(65535, get(f.bwdMax))),
		DataPackets: uint32(get(f.bwdData)),
	}
	if f.bwdData < 0 && r.Bwd.Payload > 0 { // some of them, at least
		r.Bwd.DataPackets = uint32(max(1, r.Bwd.Payload/max(1, uint64(r.Bwd.MaxPayload))))
	}
	const below = 34 // Ethernet and IPv4 headers
	r.Fwd.Wire = r.Fwd.Payload + get(f.fwdHeader) + below*uint64(r.Fwd.Packets)
	r.Bwd.Wire = r.Bwd.Payload + get(f.bwdHeader) + below*uint64(r.Bwd.Packets)
	if r.Proto != packet.TCP {
		r.Established = r.Fwd.Packets > 0 && r.Bwd.Packets > 0
		r.Reason = flow.Idle
		return
	}
	f.flags(r, get)
}

// flags shares out the TCP flags, of which a row mostly has only sums, as they stand
// in ordinary connections.
func (f *facts) flags(r *flow.Record, get func(int) uint64) {
	syn, fin, rst := get(f.syn), get(f.fin), get(f.rst)
	both := r.Bwd.Packets > 0
	switch {
	case f.old && syn > 0 && both && r.Fwd.Packets > 1: // it tells of the first packet only
		syn = 2
	case !both:
		r.Fwd.SYN, r.Fwd.FIN = uint16(min(syn, 65535)), uint16(min(fin, 65535))
	}
	if both {
		r.Bwd.SYN, r.Bwd.FIN = uint16(syn/2), uint16(fin/2)
		r.Fwd.SYN, r.Fwd.FIN = uint16(syn-syn/2), uint16(fin-fin/2)
	}
	r.Fwd.RST, r.Bwd.RST = uint16(get(f.fwdRST)), uint16(get(f.bwdRST))
	if f.fwdRST < 0 || math.IsNaN(r.Given[f.fwdRST]) {
		if both {
			r.Bwd.RST = uint16(rst)
		} else {
			r.Fwd.RST = uint16(rst)
		}
	}
	acks := get(f.ack) > 0
	for _, d := range []*flow.Direction{&r.Fwd, &r.Bwd} {
		unite(d, d == &r.Fwd, acks)
	}
	r.MidStream = syn == 0
	r.Established = syn > 1 && both && r.Bwd.SYN > 0 && r.Fwd.Packets > uint32(r.Fwd.SYN)
	switch {
	case r.Fwd.RST+r.Bwd.RST > 0:
		r.Reason = flow.Reset
	case r.Fwd.FIN > 0 && r.Bwd.FIN > 0:
		r.Reason = flow.Closed
	default:
		r.Reason = flow.Active
	}
}
