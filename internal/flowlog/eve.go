package flowlog

import (
	"encoding/json"
	"fmt"

	"firetower/internal/detect"
	"firetower/internal/evefile"
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// eve writes EVE "flow" events as Suricata's documentation describes them, so that
// readers of EVE take them as they are. What is ours stands under "firetower".
type eve struct{ sensor string }

type eveEvent struct {
	Timestamp   string    `json:"timestamp"`
	FlowID      uint64    `json:"flow_id"`
	EventType   string    `json:"event_type"`
	VLAN        []uint16  `json:"vlan,omitempty"`
	SrcIP       string    `json:"src_ip"`
	SrcPort     *uint16   `json:"src_port,omitempty"`
	DestIP      string    `json:"dest_ip"`
	DestPort    *uint16   `json:"dest_port,omitempty"`
	Proto       string    `json:"proto"`
	ICMPType    *uint8    `json:"icmp_type,omitempty"`
	ICMPCode    *uint8    `json:"icmp_code,omitempty"`
	CommunityID string    `json:"community_id"`
	Host        string    `json:"host,omitempty"`
	Flow        eveFlow   `json:"flow"`
	TCP         *eveTCP   `json:"tcp,omitempty"`
	Firetower   *eveExtra `json:"firetower,omitempty"`
}

type eveFlow struct {
	PktsToServer  uint32 `json:"pkts_toserver"`
	PktsToClient  uint32 `json:"pkts_toclient"`
	BytesToServer uint64 `json:"bytes_toserver"`
	BytesToClient uint64 `json:"bytes_toclient"`
	Start         string `json:"start"`
	End           string `json:"end"`
	Age           int64  `json:"age"`
	State         string `json:"state"`
	Reason        string `json:"reason"`
	Alerted       bool   `json:"alerted"`
}

type eveTCP struct {
	Flags   string `json:"tcp_flags"`
	FlagsTS string `json:"tcp_flags_ts"`
	FlagsTC string `json:"tcp_flags_tc"`
	SYN     bool   `json:"syn,omitempty"`
	FIN     bool   `json:"fin,omitempty"`
	RST     bool   `json:"rst,omitempty"`
	PSH     bool   `json:"psh,omitempty"`
	ACK     bool   `json:"ack,omitempty"`
	State   string `json:"state"`
}

type eveExtra struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

func (x eve) record(dst []byte, r *flow.Record, v detect.Verdict) []byte {
	id := r.CommunityID()
	e := eveEvent{
		Timestamp: evefile.Micros(r.Last), FlowID: evefile.FlowID(id), EventType: evefile.Flow, Host: x.sensor,
		SrcIP: r.Src.String(), DestIP: r.Dst.String(), Proto: protoName(r.Proto), CommunityID: id,
		Flow: eveFlow{
			PktsToServer: r.Fwd.Packets, PktsToClient: r.Bwd.Packets,
			BytesToServer: r.Fwd.Wire, BytesToClient: r.Bwd.Wire,
			Start: evefile.Micros(r.Start), End: evefile.Micros(r.Last), Age: r.Duration() / 1e6,
			State: state(r), Reason: reason(r.Reason),
		},
	}
	if r.VLAN != 0 {
		e.VLAN = []uint16{r.VLAN}
	}
	switch r.Proto {
	case packet.TCP, packet.UDP, packet.SCTP:
		e.SrcPort, e.DestPort = &r.SrcPort, &r.DstPort
	case packet.ICMP, packet.ICMPv6:
		e.ICMPType, e.ICMPCode = &r.ICMPType, &r.ICMPCode
	}
	if r.Proto == packet.TCP {
		e.TCP = tcp(r)
	}
	if v.Class != "" {
		e.Firetower = &eveExtra{string(v.Class), v.Probability}
	}
	line, err := json.Marshal(e)
	if err != nil { // no field can make it fail
		return dst
	}
	return append(append(dst, line...), '\n')
}

func tcp(r *flow.Record) *eveTCP {
	all := r.Fwd.Flags | r.Bwd.Flags
	return &eveTCP{
		Flags: hex(all), FlagsTS: hex(r.Fwd.Flags), FlagsTC: hex(r.Bwd.Flags),
		SYN: all&packet.SYN != 0, FIN: all&packet.FIN != 0, RST: all&packet.RST != 0,
		PSH: all&packet.PSH != 0, ACK: all&packet.ACK != 0, State: state(r),
	}
}

func hex(b uint8) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

func state(r *flow.Record) string {
	switch {
	case r.Reason == flow.Closed || r.Reason == flow.Reset:
		return "closed"
	case r.Established || r.Bwd.Packets > 0:
		return "established"
	}
	return "new"
}

func reason(r flow.EndReason) string {
	switch r {
	case flow.Flushed:
		return "shutdown"
	case flow.Evicted:
		return "forced"
	}
	return "timeout"
}

func protoName(p uint8) string {
	if name := packet.ProtocolName(p); name != "" {
		return name
	}
	return fmt.Sprintf("PROTO:%03d", p)
}
