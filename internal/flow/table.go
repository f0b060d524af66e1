package flow

import (
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// Table is one shard of the meter.
type Table struct {
	cfg      Config
	active   int64 // timeouts in microseconds
	idle     int64
	activity int64
	linger   int64

	index   index
	entries slab[entry]
	states  slab[state]
	signals slab[payload.Signals]
	sent    slab[segments]
	spare   spareSlots
	lists   [lists]list

	now     int64
	leapt   int64 // a time stamp far ahead of now
	behind  int   // packets in a row far behind it
	nextID  uint64
	fetched int64 // keeps the compiler from leaving out what fetch reads
	stats   Stats
}

const (
	checkEvery = 1_000_000  // how often running flows are looked at
	swallow    = 30_000_000 // how long a closed flow swallows stragglers
)

// New makes an empty table. Limits that are 0 are those of DefaultConfig.
func New(cfg Config) *Table {
	if cfg.MaxFlows <= 0 {
		cfg.MaxFlows = DefaultConfig().MaxFlows
	}
	if cfg.MaxRunning <= 0 {
		cfg.MaxRunning = DefaultConfig().MaxRunning
	}
	return &Table{
		cfg:      cfg,
		active:   cfg.ActiveTimeout.Microseconds(),
		idle:     cfg.IdleTimeout.Microseconds(),
		activity: cfg.ActivityTimeout.Microseconds(),
		linger:   cfg.Linger.Microseconds(),
		index:    newIndex(),
	}
}

// AddAll meters packets in order, the same as Add of each. In a large table it is
// faster: the places of several packets' flows are fetched from memory at a time.
func (t *Table) AddAll(packets []packet.Packet, out *Batch) {
	for len(packets) > 0 {
		var hashes [lookahead]uint32
		n := min(len(packets), lookahead)
		t.fetch(packets[:n], &hashes)
		for i := range packets[:n] {
			t.add(hashes[i], &packets[i], out)
		}
		packets = packets[n:]
	}
}

// lookahead is how many packets AddAll looks up at a time: about as many cache misses
// as a processor core can have under way, and some.
const lookahead = 16

// fetch computes the hashes of packets. Reading each one's slot here, the entry that
// the slot names and the state of that, where no read waits for another packet's,
// brings them into the cache.
func (t *Table) fetch(packets []packet.Packet, hashes *[lookahead]uint32) {
	var slots [lookahead]uint64
	for i := range packets {
		p := &packets[i]
		h := t.index.hash(&p.Src, &p.Dst, p.SrcPort, p.DstPort, p.Proto)
		hashes[i] = h
		slots[i] = t.index.slots[h&t.index.mask]
	}
	for i := range packets {
		if slots[i] != 0 {
			slots[i] = uint64(t.entries.at(uint32(slots[i])).state)
		}
	}
	for i := range packets {
		if slots[i] != 0 {
			s := t.states.at(uint32(slots[i]))
			d := &s.detail
			t.fetched += s.lastEvent + int64(s.fwd.Wire+s.bwd.Wire) + d.activeEnd + d.IAT.Sum +
				d.Fwd.last + d.Bwd.last + d.Fwd.Payload.Sum + d.Bwd.Payload.Sum + d.Fwd.IAT.Sum + d.Bwd.IAT.Sum
		}
	}
}

// Add meters one packet. The events it causes are appended to out.
func (t *Table) Add(p *packet.Packet, out *Batch) {
	t.add(t.index.hash(&p.Src, &p.Dst, p.SrcPort, p.DstPort, p.Proto), p, out)
}

func (t *Table) add(hash uint32, p *packet.Packet, out *Batch) {
	t.stats.Packets++
	t.clock(p.Time, out)
	i := t.find(hash, p)
	switch {
	case i == 0:
		t.begin(hash, p, out)
	case t.cfg.Profile == CIC2017:
		t.next2017(i, p, out)
	case t.cfg.Profile == CICV4:
		t.nextV4(i, p, out)
	default:
		t.nextFixed(i, p, out)
	}
	if p.HasUnreachable {
		t.Unreachable(&p.Unreachable, out)
	}
}

// find gives the entry of p's conversation, 0 if there is none.
func (t *Table) find(hash uint32, p *packet.Packet) uint32 {
	x := &t.index
	for i := hash & x.mask; x.slots[i] != 0; i = (i + 1) & x.mask {
		if uint32(x.slots[i]>>32) != hash {
			continue
		}
		k := &t.entries.at(uint32(x.slots[i])).tuple
		if k.Proto != p.Proto {
			continue
		}
		if k.Src == p.Src && k.Dst == p.Dst && k.SrcPort == p.SrcPort && k.DstPort == p.DstPort {
			return uint32(x.slots[i])
		}
		if k.Src == p.Dst && k.Dst == p.Src && k.SrcPort == p.DstPort && k.DstPort == p.SrcPort && !t.oneWay(k) {
			return uint32(x.slots[i])
		}
	}
	return 0
}

// begin makes a flow of a packet that belongs to none.
func (t *Table) begin(hash uint32, p *packet.Packet, out *Batch) {
	if t.index.count >= t.cfg.MaxFlows {
		t.evict(out)
	}
	i := t.entries.alloc()
	t.index.insert(hash, i)
	t.open(i, conversation{hash: hash}, p, t.orient(p), out)
}

// orientation of a new flow relative to its first packet.
type orientation struct {
	tuple   Tuple
	swapped bool
}

// orient makes the sender of p the initiator, except that of a SYN+ACK, whose
// sender answers.
func (t *Table) orient(p *packet.Packet) orientation {
	o := orientation{tuple: Tuple{Src: p.Src, Dst: p.Dst, SrcPort: p.SrcPort, DstPort: p.DstPort, Proto: p.Proto}}
	if t.cfg.Profile == CICFixed && p.Proto == packet.TCP && p.Flags&(packet.SYN|packet.ACK) == packet.SYN|packet.ACK {
		o.tuple = o.tuple.Reverse()
		o.swapped = true
	}
	return o
}

// reopen starts the next flow of a conversation with p.
func (t *Table) reopen(i uint32, p *packet.Packet, o orientation, out *Batch) {
	t.unlink(i)
	t.open(i, t.entries.at(i).conversation, p, o, out)
}

// open starts a flow with p in an entry that is in the index and in no list.
func (t *Table) open(i uint32, c conversation, p *packet.Packet, o orientation, out *Batch) {
	e := t.entries.at(i)
	t.nextID++
	t.stats.Flows++
	*e = entry{
		tuple: o.tuple, vlan: p.VLAN, id: t.nextID, start: p.Time, last: p.Time, conversation: c,
		wire: p.WireLen, payload: p.PayloadLen, size: t.size(p), header: p.HeaderLen, window: p.Window,
		flags: p.Flags, ttl: p.TTL, icmpType: p.ICMPType, icmpCode: p.ICMPCode,
	}
	if e.since == 0 {
		e.since = p.Time
	}
	if o.swapped {
		e.bits |= swapped
	}
	if !t.outbound(e, p) {
		e.bits |= firstBackward
	}
	if p.Proto == packet.TCP && p.Flags&packet.SYN == 0 {
		e.bits |= midStream
	}
	if p.Broken {
		e.bits |= broken
	}
	if p.Tunnelled {
		e.bits |= tunnelled
	}
	e.due = t.now + t.singleLife()
	t.push(singles, i)
	t.observe(e, p, !e.has(firstBackward))
	if p.Proto == packet.TCP {
		t.shake(e, p, !e.has(firstBackward))
		if t.remember(e, p, !e.has(firstBackward)) {
			e.bits |= repeated
		}
	}
	t.emit(Started, NotEnded, e, out)
}

// outbound says whether the first packet of e counts as forward.
func (t *Table) outbound(e *entry, p *packet.Packet) bool {
	return t.cfg.Profile != CICFixed || e.forward(p)
}

// grow books a packet of a flow that has begun before.
func (t *Table) grow(i uint32, p *packet.Packet, activity bool, out *Batch) {
	e := t.entries.at(i)
	if e.state == 0 {
		t.promote(i, out)
	}
	s := t.states.at(e.state)
	fwd, size := e.forward(p), t.size(p)
	if activity {
		s.detail.activity(p.Time, t.activity)
	}
	s.detail.gap(e.last, p.Time)
	s.detail.add(p, fwd, size)
	s.detail.bulk(p, fwd || t.cfg.Profile == CICV4, size)
	if fwd {
		s.fwd.add(p)
	} else {
		s.bwd.add(p)
	}
	e.last = p.Time
	before := e.bits & (established | broken)
	if p.Broken {
		e.bits |= broken
	}
	changed := t.observe(e, p, fwd)
	if p.Proto == packet.TCP {
		t.shake(e, p, fwd)
		if t.remember(e, p, fwd) {
			s.detail.side(fwd).Retransmitted++
		}
	} else if s.fwd.Packets > 0 && s.bwd.Packets > 0 {
		e.bits |= established
	}
	if !t.cfg.Updates {
		return
	}
	if n := s.fwd.Packets + s.bwd.Packets; changed || n >= s.nextEvent ||
		e.bits&(established|broken) != before || t.now-s.lastEvent >= updateEvery {
		for s.nextEvent <= n {
			s.nextEvent *= 2
		}
		s.lastEvent = t.now
		t.emit(Updated, NotEnded, e, out)
	}
}

const updateEvery = 1_000_000 // packet time between Updated events of a flow that grows

// promote gives a flow the state that its second packet needs.
func (t *Table) promote(i uint32, out *Batch) {
	if t.states.live() >= t.cfg.MaxRunning {
		t.stats.Evictions++
		t.evictRunning(out)
	}
	e := t.entries.at(i)
	e.state = t.states.alloc()
	s := t.states.at(e.state)
	*s = state{lastEvent: t.now, nextEvent: 2}
	p := e.first()
	d := &s.bwd
	if !e.has(firstBackward) {
		d = &s.fwd
	}
	d.add(&p)
	s.detail.begin(&p, d == &s.fwd, e.size)
	s.detail.bulk(&p, d == &s.fwd || t.cfg.Profile == CICV4, e.size)
	if e.has(repeated) {
		s.detail.side(d == &s.fwd).Retransmitted++
	}
	e.due = t.now + checkEvery
	t.move(running, i)
}

// size is what the profile takes for a packet's payload. The 2017 build took the
// padding of short Ethernet frames for payload; the corrected one does so only
// behind an empty UDP datagram. Neither looks into other protocols.
func (t *Table) size(p *packet.Packet) uint32 {
	switch {
	case p.Proto != packet.TCP && p.Proto != packet.UDP && p.Proto != packet.SCTP:
		return 0
	case t.cfg.Profile == CIC2017, p.Proto == packet.UDP && p.PayloadLen == 0:
		return p.PayloadLen + p.Trailer
	}
	return p.PayloadLen
}
