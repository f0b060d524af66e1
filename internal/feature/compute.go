package feature

import (
	"firetower/internal/flow"
	"firetower/internal/packet"
)

// The computations that take more than an expression. Those whose names end in 2017
// repeat the mistakes of the 2017 build; most of them live on in cic-v4.

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
