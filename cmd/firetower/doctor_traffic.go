package main

import (
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"firetower/internal/capture"
	"firetower/internal/packet"
)

// interfaces looks at each interface that the daemon would watch.
func (p *patient) interfaces(listen time.Duration) {
	names := p.cfg.Interfaces
	if len(names) == 0 {
		all, err := capture.Interfaces()
		if err != nil || len(all) == 0 {
			p.fail("interface", "there is none to watch: name one with -i")
			return
		}
		names = []string{all[0].Name}
	}
	for _, name := range names {
		p.iface(name, listen)
	}
}

func (p *patient) iface(name string, listen time.Duration) {
	i, err := net.InterfaceByName(name)
	if err != nil && name != "any" {
		p.fail(name, "there is no such interface: 'ip link' lists them")
		return
	}
	if err == nil && i.Flags&net.FlagUp == 0 {
		p.fail(name, "is down: sudo ip link set %s up", name)
		return
	}
	if carrier, err := os.ReadFile("/sys/class/net/" + name + "/carrier"); err == nil && strings.TrimSpace(string(carrier)) == "0" {
		p.fail(name, "has no carrier: is the cable in, and is the other side up?")
		return
	}
	src, err := capture.Live(name, p.cfg.Capture)
	if err != nil {
		if !errors.Is(err, capture.ErrPermission) { // said already
			p.fail(name, "%v", err)
		}
		return
	}
	defer src.Close()
	mtu := 0
	if i != nil {
		mtu = i.MTU
	}
	t := &traffic{mtu: mtu, seen: map[frameKey]int64{}}
	for end := time.Now().Add(listen); time.Now().Before(end); {
		var b capture.Batch
		if err := src.Next(&b); err != nil {
			p.fail(name, "%v", err)
			return
		}
		for _, f := range b.Frames {
			t.look(f)
		}
	}
	p.traffic(name, listen, t, src.Stats())
}

// traffic is what was heard on an interface.
type traffic struct {
	mtu                                        int
	frames, metered, tagged, large, duplicates int
	tcp, both                                  int
	seen                                       map[frameKey]int64
	talks                                      map[[2]packet.Addr]uint8
}

// frameKey tells a packet that comes twice.
type frameKey struct {
	src, dst   packet.Addr
	ports      uint32
	seq, ack   uint32
	id, length uint32
	proto      uint8
	flags      uint8
}

// maxSeen bounds what is remembered while listening.
const maxSeen = 1 << 16

func (t *traffic) look(f capture.Frame) {
	var p packet.Packet
	t.frames++
	if packet.Decode(f.Data, f.Link, f.WireLen, f.Time, &p) != packet.OK {
		return
	}
	t.metered++
	if p.VLAN != 0 {
		t.tagged++
	}
	if t.mtu > 0 && int(p.WireLen) > t.mtu+14+8+4 { // Ethernet header and two tags
		t.large++
	}
	if p.Proto != packet.TCP || len(t.seen) >= maxSeen {
		return
	}
	t.tcp++
	k := frameKey{p.Src, p.Dst, uint32(p.SrcPort)<<16 | uint32(p.DstPort), p.Seq, p.Ack, uint32(p.Window), p.PayloadLen, p.Proto, p.Flags}
	if before, ok := t.seen[k]; ok && f.Time-before < 1000 && p.PayloadLen > 0 { // within a millisecond: no retransmission
		t.duplicates++
	}
	t.seen[k] = f.Time
	t.direction(&p)
}

// direction notes for each pair of hosts who has spoken.
func (t *traffic) direction(p *packet.Packet) {
	if t.talks == nil {
		t.talks = map[[2]packet.Addr]uint8{}
	}
	pair, bit := [2]packet.Addr{p.Src, p.Dst}, uint8(1)
	if p.Src.Netip().Compare(p.Dst.Netip()) > 0 {
		pair, bit = [2]packet.Addr{p.Dst, p.Src}, 2
	}
	if was := t.talks[pair]; was|bit == 3 && was != 3 {
		t.both++
	}
	t.talks[pair] |= bit
}

func (p *patient) traffic(name string, listen time.Duration, t *traffic, s capture.Stats) {
	if t.frames == 0 {
		p.fail(name, "nothing arrived within %s: is the cable in, is the mirror port on? 'tcpdump -i %s' would see nothing either", listen, name)
		return
	}
	p.good(name, "%d packets within %s, %d of them IP", t.frames, listen, t.metered)
	if t.metered == 0 {
		p.warn(name, "none of it is IP")
	}
	if n := len(t.talks); n >= 5 && t.both*4 < n {
		p.warn(name, "of %d pairs of hosts that spoke TCP only %d were heard in both directions: the mirror port may copy one direction only", n, t.both)
	}
	if t.tagged > 0 {
		p.good(name, "%d packets carry VLAN tags; they are read through", t.tagged)
	}
	if t.tcp > 50 && t.duplicates*4 > t.tcp {
		p.warn(name, "%d of %d TCP packets came twice: the mirror port copies both sides of a switch. Second copies are left out; to spare the work, mirror one side", t.duplicates, t.tcp)
	}
	if t.large > 0 {
		p.warn(name, "%d packets are longer than the wire allows: receive offloading joins packets before they are captured, which changes flow features; sudo ethtool -K %s gro off lro off tso off gso off", t.large, name)
	}
	if s.DroppedKernel > 0 {
		p.warn(name, "%d packets were dropped by the kernel while listening: raise capture.buffer_bytes", s.DroppedKernel)
	}
}
