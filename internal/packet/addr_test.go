package packet

import (
	"net/netip"
	"testing"
)

// TestAddrKinds: what an Addr says of itself is what netip says of it.
func TestAddrKinds(t *testing.T) {
	for _, text := range []string{
		"0.0.0.0", "0.0.0.1", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "127.0.0.1", "128.0.0.0",
		"169.253.0.1", "169.254.0.1", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "192.167.1.1", "192.168.0.1", "192.169.0.1",
		"223.255.255.255", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.254", "255.255.255.255", "203.0.113.7",
		"::", "::1", "::2", "1::1", "::ffff:0:0:1", "fbff::1", "fc00::1", "fdff::1", "fe7f::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "feff::1", "2001:db8::1",
	} {
		n := netip.MustParseAddr(text)
		a := AddrFrom(n)
		many := n.IsMulticast() || n.Is4() && n.IsUnspecified() || text == "255.255.255.255"
		if got := a.Many(); got != many {
			t.Errorf("%s: Many is %t", text, got)
		}
		if got, want := a.Local(), n.IsPrivate() || n.IsLoopback() || n.IsLinkLocalUnicast(); got != want {
			t.Errorf("%s: Local is %t", text, got)
		}
		if got := a.Is4(); got != n.Is4() {
			t.Errorf("%s: Is4 is %t", text, got)
		}
	}
}
