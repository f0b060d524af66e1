package feature

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

// Rows turns the rows of a flow CSV into records, so that what reads flows can read
// them from files as well: addresses and time, the numbers as they are given, and as
// much of the other facts as the numbers tell.
type Rows struct {
	schema  *Schema
	feature []int // of each field, -1 if it is none
	text    map[string]int
	at      facts
}

// Rows makes a reader of rows with the given header, whose names may be those of any
// profile. It wants addresses, a duration and packet counts.
func (s *Schema) Rows(header []string) (*Rows, error) {
	r := &Rows{schema: s, feature: make([]int, len(header)), text: map[string]int{}}
	seen := map[int]bool{}
	for i, name := range header {
		name = strings.TrimPrefix(name, "\ufeff")
		r.feature[i] = -1
		if f, ok := s.Lookup(name); ok && !seen[f] {
			r.feature[i], seen[f] = f, true
		}
		if _, taken := r.text[normal(name)]; !taken {
			r.text[normal(name)] = i
		}
	}
	for _, names := range [][]string{{"Src IP", "Source IP"}, {"Dst IP", "Destination IP"}} {
		if r.field(names...) < 0 {
			return nil, fmt.Errorf("no column %q: flows without addresses cannot be attributed", names[0])
		}
	}
	for _, name := range []string{"Flow Duration", "Total Fwd Packet", "Total Bwd packets", "Protocol"} {
		if f, ok := s.Lookup(name); !ok || !seen[f] {
			return nil, fmt.Errorf("no column %q: not CICFlowMeter's columns", name)
		}
	}
	r.at = s.facts()
	return r, nil
}

// field gives the position of the first of the named fields, -1 if there is none.
func (r *Rows) field(names ...string) int {
	for _, n := range names {
		if i, ok := r.text[normal(n)]; ok {
			return i
		}
	}
	return -1
}

// Record fills rec with a row. It is an Ended flow without Detail; its numbers are in
// Given, unknown ones as NaN.
func (r *Rows) Record(fields []string, rec *flow.Record) error {
	if len(fields) != len(r.feature) {
		return fmt.Errorf("%d fields, the header has %d", len(fields), len(r.feature))
	}
	given := slices.Repeat([]float64{math.NaN()}, r.schema.Len())
	for i, f := range r.feature {
		if f < 0 {
			continue
		}
		x, err := number64(fields[i])
		if err != nil {
			return fmt.Errorf("column %q: %w", r.schema.features[f].in(r.schema.Profile), err)
		}
		given[f] = x
	}
	*rec = flow.Record{Given: given}
	var err error
	if rec.Src, err = address(fields[r.field("Src IP", "Source IP")]); err != nil {
		return err
	}
	if rec.Dst, err = address(fields[r.field("Dst IP", "Destination IP")]); err != nil {
		return err
	}
	if i := r.field("Timestamp"); i >= 0 && fields[i] != "" {
		if rec.Start, err = parseTime(fields[i]); err != nil {
			return err
		}
	}
	r.at.fill(rec)
	return nil
}

func number64(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%.20q is no number", s)
	}
	return x, nil
}

func address(s string) (packet.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return packet.Addr{}, fmt.Errorf("%.40q is no IP address", s)
	}
	return packet.AddrFrom(a), nil
}

// timeLayouts are those of CICFlowMeter's builds and of the files made from them.
var timeLayouts = []string{
	"2006-01-02 15:04:05", // with any fraction
	"02/01/2006 03:04:05 PM",
	"02/01/2006 15:04:05",
	"2/1/2006 15:04:05",
	"2/1/2006 15:04",
	"2006-01-02T15:04:05Z07:00",
}

func parseTime(s string) (int64, error) {
	s = strings.TrimSpace(s)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMicro(), nil
		}
	}
	return 0, fmt.Errorf("column \"Timestamp\": %.40q is no time in a known form, such as %q", s, "2017-07-03 11:57:41.826651")
}

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
