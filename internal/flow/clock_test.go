package flow

import (
	"testing"

	"firetower/internal/packet"
)

const day = 24 * 3600 * second

// TestOneWrongTimeStamp: a packet from another century ends no flow and holds up no
// timeout.
func TestOneWrongTimeStamp(t *testing.T) {
	wrong := tcp(3650*day, true, packet.ACK, 1)
	wrong.SrcPort = 1
	got := ends(meter(DefaultConfig(),
		tcp(0, true, packet.SYN, 0), wrong, tcp(1000, false, packet.SYN|packet.ACK, 0), tcp(2000, true, packet.ACK, 0)))
	if len(got) != 2 {
		t.Fatalf("%d flows, want 2: %+v", len(got), got)
	}
	for _, r := range got {
		if r.SrcPort != 1 && r.Fwd.Packets+r.Bwd.Packets != 3 {
			t.Errorf("the flow was cut: %+v", r)
		}
	}
}

// TestLongSilence: what comes after days ends what was before, and is not ended by
// the leap itself.
func TestLongSilence(t *testing.T) {
	late := []packet.Packet{
		tcp(3*day, true, packet.SYN, 0), tcp(3*day+1000, false, packet.SYN|packet.ACK, 0), tcp(3*day+2000, true, packet.ACK, 0),
	}
	got := ends(meter(DefaultConfig(), append([]packet.Packet{udp(0, true, 1)}, late...)...))
	if len(got) != 2 || got[0].Reason != Active || !got[1].Established {
		t.Errorf("flows: %+v", got)
	}
}

// TestAnotherCaptureBegins: many packets far behind set the clock back.
func TestAnotherCaptureBegins(t *testing.T) {
	tab := New(DefaultConfig())
	var out Batch
	first := tcp(30*day, true, packet.SYN, 0)
	tab.Add(&first, &out)
	for i := range int64(2 * leapBack) {
		p := udp(i*second, true, 1)
		tab.Add(&p, &out)
	}
	if tab.now > epoch+day {
		t.Errorf("the clock still stands %d days ahead", (tab.now-epoch)/day)
	}
	if n := len(ends(out.Events)); n < 3 {
		t.Errorf("%d flows ended, want the first and some cut by the active timeout", n)
	}
}
