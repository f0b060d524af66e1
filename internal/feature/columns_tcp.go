package feature

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// flags counts TCP flags by direction, and header bytes.
func flags() []Column {
	return []Column{
		{Name: "Fwd PSH Flags", Old: "Fwd PSH Flags", Short: "Fwd PSH Flags", Kind: Integer, Unit: "packets",
			Doc:   "with PSH; cic2017: 1 if the first packet has it",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.PSH) }, old: first(packet.PSH)},
		{Name: "Bwd PSH Flags", Old: "Bwd PSH Flags", Short: "Bwd PSH Flags", Kind: Integer, Unit: "packets",
			Doc: "with PSH; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.PSH) }, old: zero},
		{Name: "Fwd URG Flags", Old: "Fwd URG Flags", Short: "Fwd URG Flags", Kind: Integer, Unit: "packets",
			Doc:   "with URG; cic2017: 1 if the first packet has it",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.URG) }, old: first(packet.URG)},
		{Name: "Bwd URG Flags", Old: "Bwd URG Flags", Short: "Bwd URG Flags", Kind: Integer, Unit: "packets",
			Doc: "with URG; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.URG) }, old: zero},
		{Name: "Fwd RST Flags", Kind: Integer, Unit: "packets",
			Doc: "with RST", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.RST) }},
		{Name: "Bwd RST Flags", Kind: Integer, Unit: "packets",
			Doc: "with RST", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.RST) }},
		{Name: "Fwd Header Length", Old: "Fwd Header Length", Short: "Fwd Header Len", Kind: Integer, Unit: "bytes",
			Doc: "transport headers of the initiator, summed (TCP with options, UDP 8, others 0)", both: fwdHeader},
		{Name: "Bwd Header Length", Old: "Bwd Header Length", Short: "Bwd Header Len", Kind: Integer, Unit: "bytes",
			Doc: "transport headers of the responder, summed", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Header) }},
		{Name: "Fwd Packets/s", Old: "Fwd Packets/s", Short: "Fwd Pkts/s", Unit: "packets/s",
			Doc: "0 if the duration is 0", both: func(r *flow.Record, d *flow.Detail) float64 { return rate(float64(d.Fwd.Payload.N), r, 0) }},
		{Name: "Bwd Packets/s", Old: "Bwd Packets/s", Short: "Bwd Pkts/s", Unit: "packets/s",
			Doc: "0 if the duration is 0", both: func(r *flow.Record, d *flow.Detail) float64 { return rate(float64(d.Bwd.Payload.N), r, 0) }},
	}
}

// sizes is payload of either side, flags of either side, and segments.
func sizes() []Column {
	return []Column{
		{Name: "Packet Length Min", Old: "Min Packet Length", Short: "Pkt Len Min", Unit: "bytes",
			Doc: "smallest payload of either side", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(lengths(d).Min) }},
		{Name: "Packet Length Max", Old: "Max Packet Length", Short: "Pkt Len Max", Unit: "bytes",
			Doc: "largest payload of either side", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(lengths(d).Max) }},
		{Name: "Packet Length Mean", Old: "Packet Length Mean", Short: "Pkt Len Mean", Unit: "bytes",
			Doc: "mean payload of either side; cic2017 counts the first packet twice", fixed: lengthMean, old: lengthMean2017},
		{Name: "Packet Length Std", Old: "Packet Length Std", Short: "Pkt Len Std", Unit: "bytes",
			Doc:   "sample standard deviation; cic2017 counts the first packet twice",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { m := lengths(d); return m.Std() },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { m := lengths2017(d); return m.Std() }},
		{Name: "Packet Length Variance", Old: "Packet Length Variance", Short: "Pkt Len Var", Unit: "bytes²",
			Doc:   "sample variance; cic2017 counts the first packet twice",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { m := lengths(d); return m.Variance() },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { m := lengths2017(d); return m.Variance() }},
		{Name: "FIN Flag Count", Old: "FIN Flag Count", Short: "FIN Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with FIN; cic2017: 1 if the first packet has RST",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.FIN }), v4: flagCount(func(d *flow.Detail) uint32 { return d.FIN }), old: first(packet.RST)},
		{Name: "SYN Flag Count", Old: "SYN Flag Count", Short: "SYN Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with SYN; cic2017: 1 if the first packet has PSH",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.SYN }), v4: flagCount(func(d *flow.Detail) uint32 { return d.SYN }), old: first(packet.PSH)},
		{Name: "RST Flag Count", Old: "RST Flag Count", Short: "RST Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with RST; cic2017: 1 if the first packet has ECE",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.RST }), v4: flagCount(func(d *flow.Detail) uint32 { return d.RST }), old: first(packet.ECE)},
		{Name: "PSH Flag Count", Old: "PSH Flag Count", Short: "PSH Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with PSH; cic2017: 1 if the first packet has SYN",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.PSH }), v4: flagCount(func(d *flow.Detail) uint32 { return d.PSH }), old: first(packet.SYN)},
		{Name: "ACK Flag Count", Old: "ACK Flag Count", Short: "ACK Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with ACK; cic2017: 1 if the first packet has it",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.ACK }), v4: flagCount(func(d *flow.Detail) uint32 { return d.ACK }), old: first(packet.ACK)},
		{Name: "URG Flag Count", Old: "URG Flag Count", Short: "URG Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with URG; cic2017: 1 if the first packet has FIN",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.URG }), v4: flagCount(func(d *flow.Detail) uint32 { return d.URG }), old: first(packet.FIN)},
		{Name: "CWR Flag Count", Old: "CWE Flag Count", Short: "CWE Flag Count", Kind: Integer, Unit: "packets",
			Doc:   "with CWR; cic2017: 1 if the first packet has URG",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.CWR }), v4: flagCount(func(d *flow.Detail) uint32 { return d.CWR }), old: first(packet.URG)},
		{Name: "ECE Flag Count", Old: "ECE Flag Count", Short: "ECE Flag Cnt", Kind: Integer, Unit: "packets",
			Doc:   "with ECE; cic2017: 1 if the first packet has CWR",
			fixed: flagCount(func(d *flow.Detail) uint32 { return d.ECE }), v4: flagCount(func(d *flow.Detail) uint32 { return d.ECE }), old: first(packet.CWR)},
		{Name: "Down/Up Ratio", Old: "Down/Up Ratio", Short: "Down/Up Ratio",
			Doc: "backward over forward packets, 0 without forward ones; cic2017 drops the fraction", fixed: downUp, old: downUp2017},
		{Name: "Average Packet Size", Old: "Average Packet Size", Short: "Pkt Size Avg", Unit: "bytes",
			Doc:   "the same as Packet Length Mean; cic2017: payload with the first packet's twice, over the packets",
			fixed: lengthMean, old: packetSize2017},
		{Name: "Fwd Segment Size Avg", Old: "Avg Fwd Segment Size", Short: "Fwd Seg Size Avg", Unit: "bytes",
			Doc: "the same as Fwd Packet Length Mean", both: fwdMean},
		{Name: "Bwd Segment Size Avg", Old: "Avg Bwd Segment Size", Short: "Bwd Seg Size Avg", Unit: "bytes",
			Doc: "the same as Bwd Packet Length Mean", both: bwdMean},
		{Old: "Fwd Header Length", Aliases: []string{"Fwd Header Length.1"}, Kind: Integer, Unit: "bytes",
			Doc: "cic2017 prints it a second time", old: fwdHeader},
	}
}

// handshake is what the first packets say of the two systems.
func handshake() []Column {
	return []Column{
		{Name: "FWD Init Win Bytes", Old: "Init_Win_bytes_forward", Short: "Init Fwd Win Byts", Kind: Integer, Unit: "bytes",
			Doc:   "TCP window of the first packet, not scaled; other protocols 0, in cic2017 -1",
			fixed: initWindow, v4: initWindow, old: initWindow2017},
		{Name: "Bwd Init Win Bytes", Old: "Init_Win_bytes_backward", Short: "Init Bwd Win Byts", Kind: Integer, Unit: "bytes",
			Doc:   "first TCP window of the responder that is not 0; cic2017: its last window, -1 if there is none",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.FirstWindow) }, old: lastWindow2017,
			v4: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.LastWindow) }},
		{Name: "Fwd Act Data Pkts", Old: "act_data_pkt_fwd", Short: "Fwd Act Data Pkts", Kind: Integer, Unit: "packets",
			Doc:   "of the initiator with payload; cic2017 leaves out the first packet of the flow",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Data) }, old: dataPackets2017},
		{Name: "Bwd Act Data Pkts", Kind: Integer, Unit: "packets",
			Doc: "of the responder with payload", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Data) }},
		{Name: "Fwd Seg Size Min", Old: "min_seg_size_forward", Short: "Fwd Seg Size Min", Kind: Integer, Unit: "bytes",
			Doc:   "smallest transport header of the initiator (the name misleads); 0 if the responder sent the first packet",
			fixed: forwardHeaderMin,
			old:   func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.MinHeader) }},
		{Name: "Bwd Seg Size Min", Kind: Integer, Unit: "bytes",
			Doc:   "smallest transport header of the responder if it sent the first packet, else 0",
			fixed: backwardHeaderMin},
	}
}
