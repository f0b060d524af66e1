package packet

import (
	"net/netip"
	"testing"
)

func TestAddr(t *testing.T) {
	for _, text := range []string{"10.0.0.1", "2001:db8::1", "0.0.0.0", "::"} {
		a := AddrFrom(netip.MustParseAddr(text))
		if a.String() != text || a.Is4() != netip.MustParseAddr(text).Is4() {
			t.Errorf("%s: %v, IPv4 %v", text, a, a.Is4())
		}
		b, err := a.MarshalText()
		if err != nil || string(b) != text {
			t.Errorf("%s written as %q, %v", text, b, err)
		}
		var back Addr
		if err := back.UnmarshalText(b); err != nil || back != a {
			t.Errorf("%s read back as %v, %v", text, back, err)
		}
	}
	if AddrFrom(netip.MustParseAddr("::ffff:10.0.0.1")) != AddrFrom(netip.MustParseAddr("10.0.0.1")) {
		t.Error("an IPv4 address has two forms")
	}
	for _, bad := range []string{"", "10.0.0", "host"} {
		var a Addr
		if err := a.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, a)
		}
	}
}
