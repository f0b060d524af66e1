package feature

import (
	"math"

	"firetower/internal/flow"
	"firetower/internal/packet"
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

func zero(*flow.Record, *flow.Detail) float64 { return 0 }

func fwdMean(_ *flow.Record, d *flow.Detail) float64 { return d.Fwd.Payload.Mean() }
func bwdMean(_ *flow.Record, d *flow.Detail) float64 { return d.Bwd.Payload.Mean() }

func fwdHeader(_ *flow.Record, d *flow.Detail) float64 { return float64(d.Fwd.Header) }

// rate is n per second of the flow's duration.
func rate(n float64, r *flow.Record, without float64) float64 {
	if r.Duration() <= 0 {
		return without
	}
	return n / (float64(r.Duration()) / 1e6)
}

func bytesRate(r *flow.Record, d *flow.Detail) float64 {
	return rate(float64(d.Fwd.Payload.Sum+d.Bwd.Payload.Sum), r, -1)
}

func packetsRate(r *flow.Record, d *flow.Detail) float64 {
	return rate(float64(d.Fwd.Payload.N+d.Bwd.Payload.N), r, -1)
}

// bytesRate2017 is Infinity or NaN where the duration is 0.
func bytesRate2017(r *flow.Record, d *flow.Detail) float64 {
	return float64(d.Fwd.Payload.Sum+d.Bwd.Payload.Sum) / (float64(r.Duration()) / 1e6)
}

func packetsRate2017(r *flow.Record, d *flow.Detail) float64 {
	return float64(d.Fwd.Payload.N+d.Bwd.Payload.N) / (float64(r.Duration()) / 1e6)
}

func lengths(d *flow.Detail) flow.Moments { return d.Fwd.Payload.Plus(d.Bwd.Payload) }

// lengths2017 has the first packet twice.
func lengths2017(d *flow.Detail) flow.Moments {
	m := lengths(d)
	m.Add(int64(d.FirstPayload))
	return m
}

func lengthMean(_ *flow.Record, d *flow.Detail) float64 { m := lengths(d); return m.Mean() }

func lengthMean2017(_ *flow.Record, d *flow.Detail) float64 { m := lengths2017(d); return m.Mean() }

func packetSize2017(_ *flow.Record, d *flow.Detail) float64 {
	m := lengths(d)
	return float64(m.Sum+int64(d.FirstPayload)) / float64(m.N)
}

func downUp(_ *flow.Record, d *flow.Detail) float64 {
	if d.Fwd.Payload.N == 0 {
		return 0
	}
	return float64(d.Bwd.Payload.N) / float64(d.Fwd.Payload.N)
}

func downUp2017(_ *flow.Record, d *flow.Detail) float64 {
	if d.Fwd.Payload.N == 0 {
		return 0
	}
	return float64(d.Bwd.Payload.N / d.Fwd.Payload.N)
}

// flagCount is how many packets have a flag.
func flagCount(of func(*flow.Detail) uint32) number {
	return func(_ *flow.Record, d *flow.Detail) float64 { return float64(of(d)) }
}

// first is 1 if the first packet of the flow has the TCP flag.
func first(flag uint8) number {
	return func(_ *flow.Record, d *flow.Detail) float64 {
		if d.FirstFlags&flag != 0 {
			return 1
		}
		return 0
	}
}

func bulkBytes(b *flow.Bulk) float64 {
	if b.Bulks == 0 {
		return 0
	}
	return float64(b.Bytes) / float64(b.Bulks)
}

func bulkPackets(b *flow.Bulk) float64 {
	if b.Bulks == 0 {
		return 0
	}
	return float64(b.Packets) / float64(b.Bulks)
}

func bulkRate(b *flow.Bulk) float64 {
	if b.Duration == 0 {
		return 0
	}
	return float64(b.Bytes) / (float64(b.Duration) / 1e6)
}

func perSubflow(x float64, d *flow.Detail) float64 {
	if d.Subflows == 0 {
		return 0
	}
	return x / float64(d.Subflows)
}

func initWindow(_ *flow.Record, d *flow.Detail) float64 {
	if !d.FirstForward {
		return 0
	}
	return float64(d.FirstWindow)
}

func initWindow2017(r *flow.Record, d *flow.Detail) float64 {
	if r.Proto != packet.TCP {
		return -1
	}
	return float64(d.FirstWindow)
}

func lastWindow2017(r *flow.Record, d *flow.Detail) float64 {
	if r.Proto != packet.TCP || d.Bwd.Payload.N == 0 {
		return -1
	}
	return float64(d.Bwd.LastWindow)
}

func dataPackets2017(_ *flow.Record, d *flow.Detail) float64 {
	n := float64(d.Fwd.Data)
	if d.FirstForward && d.FirstPayload > 0 {
		n--
	}
	return n
}

func forwardHeaderMin(_ *flow.Record, d *flow.Detail) float64 {
	if !d.FirstForward {
		return 0
	}
	return float64(d.Fwd.MinHeader)
}

func backwardHeaderMin(_ *flow.Record, d *flow.Detail) float64 {
	if d.FirstForward {
		return 0
	}
	return float64(d.Bwd.MinHeader)
}

func connectionTime(r *flow.Record, _ *flow.Detail) float64 {
	if r.Proto != packet.TCP && r.Proto != packet.UDP {
		return 0
	}
	return float64(r.Last - r.Since)
}

func icmp(r *flow.Record, x uint8) float64 {
	if r.Proto != packet.ICMP && r.Proto != packet.ICMPv6 {
		return -1
	}
	return float64(x)
}

func protocolFixed(r *flow.Record, _ *flow.Detail) float64 {
	switch r.Proto {
	case packet.TCP, packet.UDP, packet.ICMP, packet.IGMP, packet.SCTP, packet.ICMPv6:
		return float64(r.Proto)
	}
	return 0
}

func protocol2017(r *flow.Record, _ *flow.Detail) float64 {
	switch r.Proto {
	case packet.TCP, packet.UDP:
		return float64(r.Proto)
	}
	return 0
}
