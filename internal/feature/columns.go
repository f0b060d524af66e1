package feature

import "firetower/internal/flow"

// number computes one column of a record whose accumulators are d.
type number func(r *flow.Record, d *flow.Detail) float64

// family is columns of one kind.
type family struct {
	title   string
	columns []Column
}

// families declares every column, in the order in which cic-fixed prints them.
func families() []family {
	return []family{
		{"Who and when", identity()},
		{"Volume", volume()},
		{"Rates and gaps", pace()},
		{"Flags and headers by direction", flags()},
		{"Both directions together", sizes()},
		{"Bulks and subflows", bulks()},
		{"Windows and segments", handshake()},
		{"Activity, ICMP, retransmissions", rest()},
	}
}

// identity is who talks to whom and when.
func identity() []Column {
	return []Column{
		{Name: "Flow ID", Old: "Flow ID", Short: "Flow ID", Kind: Text,
			Doc: "addresses, ports and protocol; cic2017: lower address first, bytes compared as signed", text: flowID},
		{Name: "Src IP", Old: "Source IP", Short: "Src IP", Kind: Text, Doc: "the initiator", text: srcIP},
		{Name: "Src Port", Old: "Source Port", Short: "Src Port", Kind: Integer, Doc: "0 where the protocol has no ports",
			both: func(r *flow.Record, _ *flow.Detail) float64 { return float64(r.SrcPort) }},
		{Name: "Dst IP", Old: "Destination IP", Short: "Dst IP", Kind: Text, Doc: "the responder", text: dstIP},
		{Name: "Dst Port", Old: "Destination Port", Short: "Dst Port", Kind: Integer, Doc: "0 where the protocol has no ports",
			both: func(r *flow.Record, _ *flow.Detail) float64 { return float64(r.DstPort) }},
		{Name: "Protocol", Old: "Protocol", Short: "Protocol", Kind: Integer,
			Doc:   "IP protocol number; what CICFlowMeter does not know is 0",
			fixed: protocolFixed, old: protocol2017},
		{Name: "Timestamp", Old: "Timestamp", Short: "Timestamp", Kind: Text,
			Doc: "of the first packet, UTC; cic2017: 12-hour clock without AM or PM", text: timestamp},
	}
}

// volume is how long and how much.
func volume() []Column {
	return []Column{
		{Name: "Flow Duration", Old: "Flow Duration", Short: "Flow Duration", Kind: Integer, Unit: "µs",
			Doc: "last packet minus first", both: func(r *flow.Record, _ *flow.Detail) float64 { return float64(r.Duration()) }},
		{Name: "Total Fwd Packet", Old: "Total Fwd Packets", Short: "Tot Fwd Pkts", Kind: Integer, Unit: "packets",
			Doc: "packets of the initiator", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.N) }},
		{Name: "Total Bwd packets", Old: "Total Backward Packets", Short: "Tot Bwd Pkts", Kind: Integer, Unit: "packets",
			Doc: "packets of the responder", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.N) }},
		{Name: "Total Length of Fwd Packet", Old: "Total Length of Fwd Packets", Short: "TotLen Fwd Pkts", Unit: "bytes",
			Doc: "payload of the initiator", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.Sum) }},
		{Name: "Total Length of Bwd Packet", Old: "Total Length of Bwd Packets", Short: "TotLen Bwd Pkts", Unit: "bytes",
			Doc: "payload of the responder", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.Sum) }},

		{Name: "Fwd Packet Length Max", Old: "Fwd Packet Length Max", Short: "Fwd Pkt Len Max", Unit: "bytes",
			Doc: "largest payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.Max) }},
		{Name: "Fwd Packet Length Min", Old: "Fwd Packet Length Min", Short: "Fwd Pkt Len Min", Unit: "bytes",
			Doc: "smallest payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.Min) }},
		{Name: "Fwd Packet Length Mean", Old: "Fwd Packet Length Mean", Short: "Fwd Pkt Len Mean", Unit: "bytes",
			Doc: "mean payload", both: fwdMean},
		{Name: "Fwd Packet Length Std", Old: "Fwd Packet Length Std", Short: "Fwd Pkt Len Std", Unit: "bytes",
			Doc: "sample standard deviation of payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Fwd.Payload.Std() }},
		{Name: "Bwd Packet Length Max", Old: "Bwd Packet Length Max", Short: "Bwd Pkt Len Max", Unit: "bytes",
			Doc: "largest payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.Max) }},
		{Name: "Bwd Packet Length Min", Old: "Bwd Packet Length Min", Short: "Bwd Pkt Len Min", Unit: "bytes",
			Doc: "smallest payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.Min) }},
		{Name: "Bwd Packet Length Mean", Old: "Bwd Packet Length Mean", Short: "Bwd Pkt Len Mean", Unit: "bytes",
			Doc: "mean payload", both: bwdMean},
		{Name: "Bwd Packet Length Std", Old: "Bwd Packet Length Std", Short: "Bwd Pkt Len Std", Unit: "bytes",
			Doc: "sample standard deviation of payload", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Bwd.Payload.Std() }},
	}
}

// pace is rates and gaps.
func pace() []Column {
	return []Column{
		{Name: "Flow Bytes/s", Old: "Flow Bytes/s", Short: "Flow Byts/s", Unit: "bytes/s",
			Doc: "payload of both sides over the duration; duration 0: -1, in cic2017 Infinity or NaN", fixed: bytesRate, old: bytesRate2017},
		{Name: "Flow Packets/s", Old: "Flow Packets/s", Short: "Flow Pkts/s", Unit: "packets/s",
			Doc: "duration 0: -1, in cic2017 Infinity", fixed: packetsRate, old: packetsRate2017},
		{Name: "Flow IAT Mean", Old: "Flow IAT Mean", Short: "Flow IAT Mean", Unit: "µs",
			Doc: "gaps between successive packets of either side", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.IAT.Mean() }},
		{Name: "Flow IAT Std", Old: "Flow IAT Std", Short: "Flow IAT Std", Unit: "µs",
			Doc: "their sample standard deviation", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.IAT.Std() }},
		{Name: "Flow IAT Max", Old: "Flow IAT Max", Short: "Flow IAT Max", Unit: "µs",
			Doc: "the longest gap", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.IAT.Max) }},
		{Name: "Flow IAT Min", Old: "Flow IAT Min", Short: "Flow IAT Min", Unit: "µs",
			Doc: "the shortest gap", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.IAT.Min) }},
		{Name: "Fwd IAT Total", Old: "Fwd IAT Total", Short: "Fwd IAT Tot", Unit: "µs",
			Doc: "gaps between the initiator's packets, summed", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.IAT.Sum) }},
		{Name: "Fwd IAT Mean", Old: "Fwd IAT Mean", Short: "Fwd IAT Mean", Unit: "µs",
			Doc: "their mean", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Fwd.IAT.Mean() }},
		{Name: "Fwd IAT Std", Old: "Fwd IAT Std", Short: "Fwd IAT Std", Unit: "µs",
			Doc: "their sample standard deviation", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Fwd.IAT.Std() }},
		{Name: "Fwd IAT Max", Old: "Fwd IAT Max", Short: "Fwd IAT Max", Unit: "µs",
			Doc: "the longest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.IAT.Max) }},
		{Name: "Fwd IAT Min", Old: "Fwd IAT Min", Short: "Fwd IAT Min", Unit: "µs",
			Doc: "the shortest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.IAT.Min) }},
		{Name: "Bwd IAT Total", Old: "Bwd IAT Total", Short: "Bwd IAT Tot", Unit: "µs",
			Doc: "gaps between the responder's packets, summed", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.IAT.Sum) }},
		{Name: "Bwd IAT Mean", Old: "Bwd IAT Mean", Short: "Bwd IAT Mean", Unit: "µs",
			Doc: "their mean", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Bwd.IAT.Mean() }},
		{Name: "Bwd IAT Std", Old: "Bwd IAT Std", Short: "Bwd IAT Std", Unit: "µs",
			Doc: "their sample standard deviation", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Bwd.IAT.Std() }},
		{Name: "Bwd IAT Max", Old: "Bwd IAT Max", Short: "Bwd IAT Max", Unit: "µs",
			Doc: "the longest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.IAT.Max) }},
		{Name: "Bwd IAT Min", Old: "Bwd IAT Min", Short: "Bwd IAT Min", Unit: "µs",
			Doc: "the shortest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.IAT.Min) }},
	}
}
