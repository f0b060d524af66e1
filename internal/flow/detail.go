package flow

import "firetower/internal/packet"

// Detail holds the accumulators behind the CICFlowMeter columns. Times are in
// microseconds, sizes in bytes. It holds no pointers.
type Detail struct {
	Fwd, Bwd Side
	IAT      Moments // gaps between successive packets of either direction
	Active   Moments // periods of activity that a silence has ended
	Idle     Moments // silences longer than the activity timeout
	Subflows uint32  // silences longer than a second

	FIN, SYN, ACK, URG, ECE, CWR, PSH, RST uint32 // packets with the flag

	FirstPayload uint32 // of the flow's first packet
	FirstFlags   uint8
	FirstWindow  uint16
	FirstForward bool

	activeStart, activeEnd int64
}

// Side holds the accumulators of one direction.
type Side struct {
	Payload       Moments // transport payload of each packet
	Data          uint32  // packets with payload
	IAT           Moments
	Header        uint64 // sum of transport headers
	MinHeader     uint16
	FirstWindow   uint16 // first window that is not 0
	LastWindow    uint16
	PSH, URG, RST uint32
	Retransmitted uint32
	Bulk          Bulk // profile cic-v4: those of both sides together are in Fwd
	last          int64
}

// add books a packet whose gaps have been measured before.
func (s *Side) add(p *packet.Packet, size uint32) {
	if s.Payload.N > 0 {
		s.IAT.Add(p.Time - s.last)
	}
	if s.Payload.N == 0 || p.HeaderLen < s.MinHeader {
		s.MinHeader = p.HeaderLen
	}
	s.last = p.Time
	s.Payload.Add(int64(size))
	if size > 0 {
		s.Data++
	}
	s.Header += uint64(p.HeaderLen)
	if s.FirstWindow == 0 {
		s.FirstWindow = p.Window
	}
	s.LastWindow = p.Window
	if p.Flags&(packet.PSH|packet.URG|packet.RST) != 0 {
		s.PSH += bit(p.Flags, packet.PSH)
		s.URG += bit(p.Flags, packet.URG)
		s.RST += bit(p.Flags, packet.RST)
	}
}

// side gives the accumulators of a direction.
func (d *Detail) side(fwd bool) *Side {
	if fwd {
		return &d.Fwd
	}
	return &d.Bwd
}

// add books a packet. size is its payload by the rules of the profile.
func (d *Detail) add(p *packet.Packet, fwd bool, size uint32) {
	side := d.side(fwd)
	side.add(p, size)
	d.ACK += bit(p.Flags, packet.ACK)
	d.PSH += bit(p.Flags, packet.PSH)
	if p.Flags&^(packet.ACK|packet.PSH) != 0 {
		d.FIN += bit(p.Flags, packet.FIN)
		d.SYN += bit(p.Flags, packet.SYN)
		d.RST += bit(p.Flags, packet.RST)
		d.URG += bit(p.Flags, packet.URG)
		d.ECE += bit(p.Flags, packet.ECE)
		d.CWR += bit(p.Flags, packet.CWR)
	}
}

// bulk books a packet of a direction in its bulks.
func (d *Detail) bulk(p *packet.Packet, fwd bool, size uint32) {
	d.side(fwd).Bulk.add(&d.side(!fwd).Bulk, p.Time, size)
}

// begin books the first packet of a flow.
func (d *Detail) begin(p *packet.Packet, fwd bool, size uint32) {
	d.add(p, fwd, size)
	d.activeStart, d.activeEnd = p.Time, p.Time
	d.FirstPayload, d.FirstFlags, d.FirstWindow, d.FirstForward = size, p.Flags, p.Window, fwd
}

// gap books the silence before a packet at time now.
func (d *Detail) gap(last, now int64) {
	d.IAT.Add(now - last)
	if now-last > subflowGap {
		d.Subflows++
	}
}

// activity books the time of a packet for the active and idle periods. Like
// CICFlowMeter it never books the period that is still running at the end.
func (d *Detail) activity(now, timeout int64) {
	if now-d.activeEnd <= timeout {
		d.activeEnd = now
		return
	}
	if busy := d.activeEnd - d.activeStart; busy > 0 {
		d.Active.Add(busy)
	}
	d.Idle.Add(now - d.activeEnd)
	d.activeStart, d.activeEnd = now, now
}

const (
	subflowGap = 1_000_000 // a longer silence starts a new subflow
	bulkGap    = 1_000_000 // a longer silence ends a bulk
	bulkMin    = 4         // packets that make a bulk
)

// Bulk finds transfers of at least four packets with payload in one direction, at
// most a second apart and not interrupted by payload the other way.
type Bulk struct {
	Bulks    uint32
	Packets  uint32
	Bytes    uint64
	Duration int64

	start, last int64
	count       uint32
	size        uint64
}

func (b *Bulk) add(other *Bulk, now int64, size uint32) {
	if other.last > b.start {
		b.start = 0
	}
	if size == 0 {
		return
	}
	if b.start == 0 || now-b.last > bulkGap {
		b.start, b.last, b.count, b.size = now, now, 1, uint64(size)
		return
	}
	b.count++
	b.size += uint64(size)
	switch {
	case b.count == bulkMin:
		b.Bulks++
		b.Packets += b.count
		b.Bytes += b.size
		b.Duration += now - b.start
	case b.count > bulkMin:
		b.Packets++
		b.Bytes += uint64(size)
		b.Duration += now - b.last
	}
	b.last = now
}

// bit is 1 if flags has the flag.
func bit(flags, flag uint8) uint32 {
	if flags&flag != 0 {
		return 1
	}
	return 0
}
