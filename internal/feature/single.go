package feature

import "firetower/internal/flow"

// Single is all that the features of a flow of one packet depend on. Flows with
// equal Singles have equal vectors, so that a flood of them needs only one vector
// and one verdict.
type Single struct {
	SrcPort, DstPort   uint16
	Header, Window     uint16
	Proto, Flags       uint8
	ICMPType, ICMPCode uint8
	Backward, Repeated bool
	Size               uint32
}

// SingleOf gives the Single of a record; ok is false if the record has more packets,
// or continues a connection. A model that does not use Src Port may clear SrcPort.
func SingleOf(r *flow.Record) (key Single, ok bool) {
	if r.Fwd.Packets+r.Bwd.Packets != 1 || r.Given != nil || r.Since != r.Start {
		return Single{}, false
	}
	d, backward := &r.Fwd, false
	if d.Packets == 0 {
		d, backward = &r.Bwd, true
	}
	return Single{
		SrcPort: r.SrcPort, DstPort: r.DstPort, Header: r.Header, Window: r.Window, Proto: r.Proto,
		Flags: d.FirstFlags, ICMPType: r.ICMPType, ICMPCode: r.ICMPCode,
		Backward: backward, Repeated: r.Repeated, Size: r.FirstSize,
	}, true
}
