package packet

import "encoding/binary"

// Bounds of Fragments: 1024 sets of 4 packets, 64 bytes each.
const (
	fragmentSets = 1024
	fragmentWays = 4
)

// fragmentLife is how long a packet's later fragments are waited for, in
// microseconds; Linux waits as long (net.ipv4.ipfrag_time).
const fragmentLife = 30e6

// Fragments gives later fragments of IP packets the ports, or the ICMP type, that
// only the first fragment has, so that they join its flow, and marks those that
// overlap it or reach too far. It does not put packets together. It holds the last
// 4096 or so fragmented packets in 256 KiB, whatever comes; a packet pushed out before
// its time is counted. The zero value is ready for use, not safe for concurrent use,
// and wants packets in the order in which they were captured.
type Fragments struct {
	FragmentCounts

	sets [fragmentSets][fragmentWays]fragmentEntry
}

// FragmentCounts are the counters of Fragments.
type FragmentCounts struct {
	First   uint64 // first fragments remembered
	Joined  uint64 // later fragments that were given their ports
	Orphans uint64 // later fragments whose first one was never seen, or is forgotten
	Evicted uint64 // first fragments forgotten early, to make room
}

// Add sums counters.
func (c *FragmentCounts) Add(o *FragmentCounts) {
	c.First += o.First
	c.Joined += o.Joined
	c.Orphans += o.Orphans
	c.Evicted += o.Evicted
}

type fragmentKey struct {
	src, dst Addr
	id       uint32
	vlan     uint16
	proto    uint8
}

type fragmentEntry struct {
	key              fragmentKey
	icmpType         uint8
	icmpCode         uint8
	srcPort, dstPort uint16
	end              uint32 // where the second fragment begins
	time             int64  // 0: empty
}

// Resolve notes p if it is a first fragment, and completes it if it is a later one.
// It does nothing with whole packets.
func (f *Fragments) Resolve(p *Packet) {
	if p.Fragment || p.MoreFragments {
		f.resolve(p)
	}
}

func (f *Fragments) resolve(p *Packet) {
	key := fragmentKey{src: p.Src, dst: p.Dst, id: p.FragmentID, vlan: p.VLAN, proto: p.Proto}
	set := &f.sets[key.hash()%fragmentSets]
	oldest := &set[0]
	for i := range set {
		e := &set[i]
		if e.key == key && e.time != 0 && p.Time-e.time <= fragmentLife {
			if p.Fragment {
				p.SrcPort, p.DstPort = e.srcPort, e.dstPort
				p.ICMPType, p.ICMPCode = e.icmpType, e.icmpCode
				p.Broken = uint32(p.FragmentOffset) < e.end || uint32(p.FragmentOffset)+p.PayloadLen > 65535
				f.Joined++
				return
			}
			oldest = e // sent again, or the identification is used again
			break
		}
		if e.time < oldest.time {
			oldest = e
		}
	}
	if p.Fragment {
		f.Orphans++
		return
	}
	if oldest.key != key && oldest.time != 0 && p.Time-oldest.time <= fragmentLife {
		f.Evicted++
	}
	f.First++
	*oldest = fragmentEntry{
		key: key, time: max(p.Time, 1),
		srcPort: p.SrcPort, dstPort: p.DstPort,
		icmpType: p.ICMPType, icmpCode: p.ICMPCode, end: p.carried(),
	}
}

// carried is how many bytes of the IP packet's payload a first fragment has.
func (p *Packet) carried() uint32 {
	switch p.Proto {
	case ICMP, ICMPv6:
		return 8 + p.PayloadLen
	case SCTP:
		return 12 + p.PayloadLen
	}
	return uint32(p.HeaderLen) + p.PayloadLen
}

// hash spreads keys over the sets. It is the same in every run, so that a replay
// gives the same result.
func (k *fragmentKey) hash() uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(k.id)<<8 | uint64(k.proto)
	h ^= binary.LittleEndian.Uint64(k.src[8:])
	h *= prime
	h ^= binary.LittleEndian.Uint64(k.dst[8:]) + h>>32
	h *= prime
	return h ^ h>>29
}
