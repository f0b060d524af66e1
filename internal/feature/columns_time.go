package feature

import (
	"math"

	"firetower/internal/flow"
)

// bulks is runs of payload in one direction, and subflows.
func bulks() []Column {
	return []Column{
		{Name: "Fwd Bytes/Bulk Avg", Old: "Fwd Avg Bytes/Bulk", Short: "Fwd Byts/b Avg", Unit: "bytes",
			Doc:   "a bulk is four or more packets with payload, at most 1 s apart, not interrupted by the other side; cic2017: always 0",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkBytes(&d.Fwd.Bulk) }, old: zero},
		{Name: "Fwd Packet/Bulk Avg", Old: "Fwd Avg Packets/Bulk", Short: "Fwd Pkts/b Avg", Unit: "packets",
			Doc: "packets in a bulk; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkPackets(&d.Fwd.Bulk) }, old: zero},
		{Name: "Fwd Bulk Rate Avg", Old: "Fwd Avg Bulk Rate", Short: "Fwd Blk Rate Avg", Unit: "bytes/s",
			Doc: "in bulks; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkRate(&d.Fwd.Bulk) }, old: zero},
		{Name: "Bwd Bytes/Bulk Avg", Old: "Bwd Avg Bytes/Bulk", Short: "Bwd Byts/b Avg", Unit: "bytes",
			Doc: "bytes in a bulk; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkBytes(&d.Bwd.Bulk) }, old: zero,
			v4: func(_ *flow.Record, d *flow.Detail) float64 { return math.Trunc(bulkBytes(&d.Fwd.Bulk)) }},
		{Name: "Bwd Packet/Bulk Avg", Old: "Bwd Avg Packets/Bulk", Short: "Bwd Pkts/b Avg", Unit: "packets",
			Doc: "packets in a bulk; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkPackets(&d.Bwd.Bulk) }, old: zero,
			v4: func(_ *flow.Record, d *flow.Detail) float64 { return math.Trunc(bulkPackets(&d.Fwd.Bulk)) }},
		{Name: "Bwd Bulk Rate Avg", Old: "Bwd Avg Bulk Rate", Short: "Bwd Blk Rate Avg", Unit: "bytes/s",
			Doc: "in bulks; cic2017: always 0", fixed: func(_ *flow.Record, d *flow.Detail) float64 { return bulkRate(&d.Bwd.Bulk) }, old: zero,
			v4: func(_ *flow.Record, d *flow.Detail) float64 { return math.Trunc(bulkRate(&d.Fwd.Bulk)) }},
		{Name: "Subflow Fwd Packets", Old: "Subflow Fwd Packets", Short: "Subflow Fwd Pkts", Unit: "packets",
			Doc:   "over the number of silences longer than 1 s, 0 without one; cic2017: the total",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return perSubflow(float64(d.Fwd.Payload.N), d) },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.N) },
			v4: func(_ *flow.Record, d *flow.Detail) float64 {
				return math.Trunc(perSubflow(float64(d.Fwd.Payload.N), d))
			}},
		{Name: "Subflow Fwd Bytes", Old: "Subflow Fwd Bytes", Short: "Subflow Fwd Byts", Unit: "bytes",
			Doc:   "as above",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return perSubflow(float64(d.Fwd.Payload.Sum), d) },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Payload.Sum) },
			v4: func(_ *flow.Record, d *flow.Detail) float64 {
				return math.Trunc(perSubflow(float64(d.Fwd.Payload.Sum), d))
			}},
		{Name: "Subflow Bwd Packets", Old: "Subflow Bwd Packets", Short: "Subflow Bwd Pkts", Unit: "packets",
			Doc:   "as above",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return perSubflow(float64(d.Bwd.Payload.N), d) },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.N) },
			v4: func(_ *flow.Record, d *flow.Detail) float64 {
				return math.Trunc(perSubflow(float64(d.Bwd.Payload.N), d))
			}},
		{Name: "Subflow Bwd Bytes", Old: "Subflow Bwd Bytes", Short: "Subflow Bwd Byts", Unit: "bytes",
			Doc:   "as above",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return perSubflow(float64(d.Bwd.Payload.Sum), d) },
			old:   func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Payload.Sum) },
			v4: func(_ *flow.Record, d *flow.Detail) float64 {
				return math.Trunc(perSubflow(float64(d.Bwd.Payload.Sum), d))
			}},
	}
}

// rest is activity and what only cic-fixed has.
func rest() []Column {
	return []Column{
		{Name: "Active Mean", Old: "Active Mean", Short: "Active Mean", Unit: "µs",
			Doc:  "periods without a silence longer than the activity timeout; the last one is never counted",
			both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Active.Mean() }},
		{Name: "Active Std", Old: "Active Std", Short: "Active Std", Unit: "µs",
			Doc: "their sample standard deviation", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Active.Std() }},
		{Name: "Active Max", Old: "Active Max", Short: "Active Max", Unit: "µs",
			Doc: "the longest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Active.Max) }},
		{Name: "Active Min", Old: "Active Min", Short: "Active Min", Unit: "µs",
			Doc: "the shortest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Active.Min) }},
		{Name: "Idle Mean", Old: "Idle Mean", Short: "Idle Mean", Unit: "µs",
			Doc: "silences longer than the activity timeout", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Idle.Mean() }},
		{Name: "Idle Std", Old: "Idle Std", Short: "Idle Std", Unit: "µs",
			Doc: "their sample standard deviation", both: func(_ *flow.Record, d *flow.Detail) float64 { return d.Idle.Std() }},
		{Name: "Idle Max", Old: "Idle Max", Short: "Idle Max", Unit: "µs",
			Doc: "the longest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Idle.Max) }},
		{Name: "Idle Min", Old: "Idle Min", Short: "Idle Min", Unit: "µs",
			Doc: "the shortest", both: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Idle.Min) }},
		{Name: "ICMP Code", Kind: Integer, Doc: "of the first packet, -1 for other protocols",
			fixed: func(r *flow.Record, _ *flow.Detail) float64 { return icmp(r, r.ICMPCode) }},
		{Name: "ICMP Type", Kind: Integer, Doc: "of the first packet, -1 for other protocols",
			fixed: func(r *flow.Record, _ *flow.Detail) float64 { return icmp(r, r.ICMPType) }},
		{Name: "Fwd TCP Retrans. Count", Kind: Integer, Unit: "packets",
			Doc:   "equal to an earlier one of the connection in sender, sequence and acknowledgement number, payload length and window",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Retransmitted) }},
		{Name: "Bwd TCP Retrans. Count", Kind: Integer, Unit: "packets", Doc: "as above",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Bwd.Retransmitted) }},
		{Name: "Total TCP Retrans. Count", Kind: Integer, Unit: "packets", Doc: "the sum of the two",
			fixed: func(_ *flow.Record, d *flow.Detail) float64 {
				return float64(d.Fwd.Retransmitted) + float64(d.Bwd.Retransmitted)
			}},
		{Name: "Total Connection Flow Time", Aliases: []string{"Total TCP Flow Time"}, Kind: Integer, Unit: "µs",
			Doc: "last packet minus the first of the TCP connection or UDP dialogue that this flow continues; other protocols 0", fixed: connectionTime},
		{Name: "Label", Old: "Label", Short: "Label", Kind: Text, Doc: "NeedManualLabel: the meter has no opinion", text: label},
	}
}
