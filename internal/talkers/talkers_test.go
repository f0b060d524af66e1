package talkers

import (
	"encoding/binary"
	"testing"

	"firetower/internal/flow"
	"firetower/internal/packet"
)

func host(n uint32) (a packet.Addr) {
	binary.BigEndian.PutUint32(a[12:], n)
	return a
}

func ended(src, dst uint32, sent, received uint64, at int64) *flow.Record {
	return &flow.Record{
		Tuple: flow.Tuple{Src: host(src), Dst: host(dst)}, Last: at,
		Fwd: flow.Direction{Wire: sent}, Bwd: flow.Direction{Wire: received},
	}
}

func TestTop(t *testing.T) {
	c := New()
	c.Add(ended(1, 2, 100, 5000, 1))
	c.Add(ended(3, 2, 10, 10, 2))
	top := c.Top(2)
	if len(top) != 2 || top[0].Addr != host(2) || top[0].Sent != 5010 || top[0].Received != 110 || top[0].Flows != 2 || top[1].Addr != host(1) {
		t.Errorf("top %+v", top)
	}
}

// TestAFloodDoesNotHideTheTalkers: a hundred thousand hosts of one packet each neither
// grow the counter nor push a busy host off the top.
func TestAFloodDoesNotHideTheTalkers(t *testing.T) {
	c := New()
	for i := range uint32(100_000) {
		c.Add(ended(1000+i, 7, 60, 0, 1))
		if i%1000 == 0 {
			c.Add(ended(5, 6, 1_000_000, 20_000, 1))
		}
	}
	if n := len(c.now); n > hosts {
		t.Errorf("%d hosts are held", n)
	}
	top := c.Top(3)
	if top[0].Addr != host(5) || top[0].Sent < 100_000_000 {
		t.Errorf("top %+v", top)
	}
}

func TestOldTrafficIsForgotten(t *testing.T) {
	c := New()
	c.Add(ended(1, 2, 1000, 0, turn))
	for i := range int64(3) {
		c.Add(ended(3, 4, 1, 1, (i+2)*turn))
	}
	for _, h := range c.Top(10) {
		if h.Addr == host(1) {
			t.Errorf("still there: %+v", h)
		}
	}
}
