package lab

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// Setting is how the network of a run differs from the usual one.
type Setting struct {
	Loss, Reorder float64       // share of the frames on the way outside
	Far           time.Duration // one-way delay of the farthest hosts, the nearest at half of it
	V6            bool          // both kinds of addresses; attacks go over IPv6
	Shared        bool          // everybody inside is behind one address: the tap is outside of the NAT
}

var inside6, outside6 = netip.MustParsePrefix("2001:db8:1::/64"), netip.MustParsePrefix("2001:db8:2::/64")

// map6 gives a host its second address, whose end is the first.
func map6(net netip.Prefix, a netip.Addr) netip.Addr {
	b, v4 := net.Addr().As16(), a.As4()
	copy(b[12:], v4[:])
	return netip.AddrFrom16(b)
}

func (s Setting) sysctl() string {
	if s.V6 {
		return " net.ipv6.conf.all.accept_dad=0 net.ipv6.icmp.ratelimit=0"
	}
	return " net.ipv6.conf.all.disable_ipv6=1"
}

// at gives the address of a host that attacks use.
func (r *Run) at(h *Host) netip.Addr {
	if r.Setting.V6 {
		return h.V6
	}
	return h.Addr
}

// bracket writes IPv6 addresses as URLs and address:port want them. A port is told
// from a group by the address being known.
func (r *Run) bracket(line string) string {
	if !r.Setting.V6 {
		return line
	}
	for _, a := range append(r.Truth.Victims, r.Truth.Attackers...) {
		port := regexp.MustCompile(regexp.QuoteMeta(a.String()) + `(:[0-9]+\b)`)
		line = port.ReplaceAllString(line, "["+a.String()+"]$1")
		line = strings.ReplaceAll(line, "//"+a.String(), "//["+a.String()+"]")
	}
	return line
}

// elsewhere plays some scenarios again, in networks that lose, delay and hide more.
func elsewhere(all []Scenario) []Scenario {
	byName := map[string]Scenario{}
	for _, s := range all {
		byName[s.Name] = s
	}
	var out []Scenario
	for _, e := range []struct {
		prefix string
		Setting
		names string
	}{
		{"lossy", Setting{Loss: 0.015, Reorder: 0.02}, "nmap-syn nmap-connect masscan-sweep hydra-ssh hydra-ftp hydra-form slow-headers beacon-http-jitter beacon-https-keep sqlmap-item sql-by-hand ssh-then-put heartbleed-some office browsing download video"},
		{"far", Setting{Far: 280 * time.Millisecond, Loss: 0.002}, "nmap-connect hydra-ssh patator-ftp hydra-get slow-headers slow-read beacon-http xss-search sqlmap-search heartbleed-some browsing mail ssh-work"},
		{"shared", Setting{Shared: true}, "beacon-http beacon-https-keep beacon-dns irc-bot ssh-then-put office browsing dns peer-to-peer updates mail"},
	} {
		for _, n := range strings.Fields(e.names) {
			s, ok := byName[n]
			if !ok {
				continue
			}
			s.Name, s.Setting, s.Near = e.prefix+"-"+n, e.Setting, s.Near && e.Far == 0 && e.Loss == 0
			out = append(out, s)
		}
	}
	return append(out, overIPv6()...)
}
