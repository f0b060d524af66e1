package behaviour

import (
	"fmt"
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

var (
	mallory = ip("203.0.113.66")
	alice   = ip("192.0.2.10")
	server  = ip("192.0.2.80")
)

// each plays one talk for each of n, step microseconds apart.
func each(n int, step int64, f func(i int) talk) func(*play) {
	return func(p *play) {
		for i := range n {
			t := f(i)
			t.at += int64(i) * step
			p.add(t)
		}
	}
}

func both(parts ...func(*play)) func(*play) {
	return func(p *play) {
		for _, f := range parts {
			f(p)
		}
	}
}

// neighbour gives the n-th host of a /24.
func neighbour(n int) packet.Addr { a := ip("10.1.2.0"); a[15] = byte(n); return a }

func TestPortScan(t *testing.T) {
	scan := func(i int) talk { return talk{src: mallory, dst: server, port: uint16(20 + i), result: "refused"} }
	as := func(change func(*talk, int)) func(int) talk {
		return func(i int) talk { x := scan(i); change(&x, i); return x }
	}
	browse := func(i int) talk {
		return talk{src: alice, dst: host(i), port: 443, result: "conversation", up: 700, down: 9000, packets: 9, lasts: 3 * second}
	}
	mixed := func(n int, step int64) func(*play) {
		return both(each(n, step, func(i int) talk {
			return talk{src: alice, dst: server, port: []uint16{8443, 6379, 9100, 5432, 2375}[i], result: "refused"}
		}), each(n, step, func(int) talk {
			return talk{src: alice, dst: server, proto: packet.ICMP, icmp: 8, size: 56, result: "answered", at: second}
		}),
			each(n, step, func(int) talk {
				return talk{src: alice, dst: server, port: 161, proto: packet.UDP, result: "unreachable", at: 2 * second}
			}))
	}
	inUse := func(n int, step int64) func(*play) {
		return both(each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 443, result: "conversation", up: 700, down: 9000, packets: 9}
		}), each(n, step, func(i int) talk {
			return talk{src: alice, dst: server, port: uint16(8000 + i), result: "refused", at: 90 * second}
		}))
	}
	for _, c := range []struct {
		name    string
		play    func(*play)
		actor   packet.Addr
		targets int
		ports   int
	}{
		{"five ports in three ways within half a minute", mixed(5, 5*second), alice, 1, 6},
		// What must be found.
		{"connect scan by a stack that repeats what was refused", each(60, second/2, as(func(x *talk, i int) {
			x.port, x.sport = uint16(20+i/3), uint16(50000+i/3)
		})), mallory, 1, 20},
		{"sweep of the port of ident", each(20, second, func(i int) talk { return talk{src: mallory, dst: neighbour(i), port: 113, result: "refused"} }), mallory, 20, 1},
		{"scan from the port of FTP's data", each(30, second/10, as(func(x *talk, i int) { x.sport = 20 })), mallory, 1, 30},
		{"SYN scan, closed ports", each(100, 1000, scan), mallory, 1, 100},
		{"a handful of closed ports", each(6, second, scan), mallory, 1, 6},
		{"sweep of a plant's devices", each(60, second/20, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i), port: 44818, proto: packet.UDP, size: 24}
		}), mallory, 60, 1},
		{"SYN scan, dropped", each(100, 10_000, as(func(x *talk, _ int) { x.result = "" })), mallory, 1, 100},
		{"SYN scan, all open", each(30, 1000, as(func(x *talk, _ int) { x.result = "aborted" })), mallory, 1, 30},
		{"SYN scan whose resets are lost", each(30, 1000, as(func(x *talk, _ int) { x.result = "halfopen" })), mallory, 1, 30},
		{"connect scan, all open", each(30, 1000, as(func(x *talk, _ int) { x.result = "empty" })), mallory, 1, 30},
		{"greetings of many ports", each(9, second/5, as(func(x *talk, i int) {
			x.port = []uint16{21, 22, 25, 110, 143, 587, 993, 3306, 5432}[i]
			x.result, x.down, x.packets, x.lasts = "conversation", 40, 1, second/10
		})), mallory, 1, 9},
		{"SYNs with data, from the port of DNS", each(30, 1000, as(func(x *talk, i int) { x.sport, x.port, x.size = 53, uint16(2000+i*7), 24 })), mallory, 1, 30},
		{"thirteen web ports, most of which answer", each(13, second/10, as(func(x *talk, i int) {
			x.port = []uint16{80, 81, 443, 3000, 5000, 8000, 8008, 8080, 8081, 8443, 8888, 9000, 9090}[i]
			if i%4 != 3 {
				x.result, x.up, x.down, x.packets, x.lasts = "conversation", 80, 700, 2, second/20
			}
		})), mallory, 1, 13},
		{"slow scan, ten minutes between probes", each(12, 600*second, scan), mallory, 1, 12},
		{"FIN scan", each(12, 1000, as(func(x *talk, _ int) { x.first, x.result = packet.FIN, "" })), mallory, 1, 12},
		{"NULL scan", each(12, 1000, as(func(x *talk, _ int) { x.null, x.result = true, "" })), mallory, 1, 12},
		{"four services half open, from one port", each(4, 1000, func(i int) talk {
			return talk{src: mallory, sport: 59830, dst: server, port: []uint16{3306, 5432, 6379, 11211}[i], result: "aborted"}
		}), mallory, 1, 4},
		{"five services of seven hosts, two of them there", each(35, second/15, func(i int) talk {
			x := talk{src: mallory, dst: neighbour(i / 5 * 30), port: []uint16{80, 443, 8080, 8443, 8000}[i%5], result: "refused"}
			if i%5 < 2 {
				x.result, x.up, x.down, x.packets = "conversation", 100, 5000, 5
			}
			return x
		}), mallory, 7, 5},
		{"one service of neighbour after neighbour, half of which have it", each(24, second/3, func(i int) talk {
			x := talk{src: mallory, dst: neighbour(10 + i*7), port: 3389}
			if i%5 < 2 {
				x.result, x.up, x.down, x.packets = "conversation", 40, 20, 2
			}
			return x
		}), mallory, 24, 1},
		{"eight services over UDP, one at each neighbour", each(64, second/5, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i * 4), port: []uint16{53, 123, 161, 389, 1900, 3702, 5683, 11211}[i*5%8], proto: packet.UDP, size: 30}
		}), mallory, 64, 8},
		{"one port each of neighbours, in no order", each(90, 4*second, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i * 101 % 251), port: uint16(1 + i*7919%65000)}
		}), mallory, 90, 90},
		{"nine services over UDP, four of them closed", each(9, second/10, func(i int) talk {
			x := talk{src: mallory, dst: server, port: []uint16{53, 67, 123, 69, 137, 500, 161, 5353, 1900}[i], proto: packet.UDP, size: 30}
			if x.result = "unreachable"; i%2 == 0 {
				x.result, x.down = "answered", 60
			}
			return x
		}), mallory, 1, 9},
		{"Xmas scan", each(12, 1000, as(func(x *talk, _ int) { x.first, x.result = packet.FIN|packet.PSH|packet.URG, "" })), mallory, 1, 12},
		{"ACK scan", each(12, 1000, as(func(x *talk, _ int) { x.first = packet.ACK })), mallory, 1, 12},
		{"Maimon scan", each(20, 1000, as(func(x *talk, _ int) { x.first, x.result = packet.ACK|packet.FIN, "" })), mallory, 1, 20},
		{"UDP scan, unreachable", each(12, second, as(func(x *talk, _ int) { x.proto, x.result = packet.UDP, "unreachable" })), mallory, 1, 12},
		{"UDP scan, silence", each(40, second, as(func(x *talk, _ int) { x.proto, x.result = packet.UDP, "" })), mallory, 1, 40},
		{"SCTP scan", each(12, 1000, as(func(x *talk, _ int) { x.proto, x.result = packet.SCTP, "answered" })), mallory, 1, 12},
		{"IP protocol scan", each(30, 1000, func(i int) talk { return talk{src: mallory, dst: server, proto: uint8(90 + i)} }), mallory, 1, 0},
		{"loopback scan", each(30, 1000, as(func(x *talk, _ int) { x.src, x.dst = ip("127.0.0.1"), ip("127.0.0.1") })), ip("127.0.0.1"), 1, 30},
		{"only the replies captured", each(30, 1000, func(i int) talk {
			return talk{src: server, dst: mallory, sport: uint16(20 + i), port: 40000, first: packet.RST | packet.ACK}
		}), mallory, 1, 30},
		{"sweep of port 22", each(20, 10_000, func(i int) talk { return talk{src: mallory, dst: neighbour(i), port: 22} }), mallory, 20, 1},
		{"Internet-wide scan, one answers in twenty", each(200, 50_000, func(i int) talk {
			x := talk{src: mallory, dst: host(i * 7), port: 443}
			if i%20 == 0 {
				x.result = "aborted"
			}
			return x
		}), mallory, 200, 1},
		{"ping sweep", each(40, 10_000, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i), proto: packet.ICMP, icmp: 8, size: 56}
		}), mallory, 40, 0},
		{"ICMP timestamp sweep, all answer", each(20, 10_000, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i), proto: packet.ICMP, icmp: 13, result: "answered"}
		}), mallory, 20, 0},
		{"UDP sweep", each(60, 10_000, func(i int) talk { return talk{src: mallory, dst: host(i), port: 161, proto: packet.UDP} }), mallory, 60, 1},
		{"many ports on many hosts", each(400, 10_000, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i % 40), port: uint16(1000 + i*17)}
		}), mallory, 40, 400},
		{"a busy host begins to scan", both(each(300, second/10, browse),
			each(30, 1000, func(i int) talk {
				return talk{at: 60 * second, src: alice, dst: server, port: uint16(20 + i), result: "refused"}
			})), alice, 1, 30},

		{"scan of a port in fifteen seconds of a server in use", inUse(12, 15*second), alice, 1, 13},
		{"scan of a port in two minutes of a server in use", inUse(12, 120*second), alice, 1, 13},

		// What must stay silent.
		{name: "a server in use, of which now and then something is down", play: inUse(7, 120*second)},
		{name: "a program that waits for services of a host that was pinged and refused three before", play: both(
			each(3, second/4, func(i int) talk {
				return talk{src: alice, dst: server, port: []uint16{139, 5357, 515}[i], result: "refused"}
			}),
			each(1, 0, func(int) talk {
				return talk{src: alice, dst: server, proto: packet.ICMP, icmp: 8, size: 56, result: "answered", at: 5 * second}
			}),
			each(84, 0, func(i int) talk {
				return talk{src: alice, dst: server, port: []uint16{5432, 6379, 9200, 5672, 8080, 27017}[i%6], sport: uint16(50000 + i), result: "refused",
					at: 840*second + int64(i/6)*second + int64(i%6)*second/50}
			}))},
		{name: "services that are down, a ping and a name now and then", play: mixed(3, 7*60*second)},
		{"browser", each(60, 10_000, browse), packet.Addr{}, 0, 0},
		{"browser with dead hosts", each(80, second/2, func(i int) talk {
			x := browse(i)
			if i%5 < 2 {
				x.result = ""
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"a time server's answers, seen one way", each(300, second/20, func(i int) talk {
			return talk{src: server, sport: 123, dst: host(i), port: []uint16{123, 3000, 40000}[i%3], proto: packet.UDP, size: 48}
		}), packet.Addr{}, 0, 0},
		{"a resolver, four of ten name servers gone", each(63, second/2, func(i int) talk {
			x := talk{src: alice, dst: host(i * 300), port: 53, proto: packet.UDP, size: 40, result: "answered", down: 200}
			if i%10 < 4 {
				x.result = "unreachable"
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"a member of a domain and its controller", each(11, second/10, func(i int) talk {
			return talk{src: alice, dst: server, port: []uint16{53, 88, 135, 139, 389, 445, 464, 636, 3268, 3269, 9389}[i], result: "conversation", up: 900, down: 2000, packets: 8, lasts: second}
		}), packet.Addr{}, 0, 0},
		{"poller of a dead service", each(500, 5*second, func(int) talk { return talk{src: alice, dst: server, port: 8080, result: "refused"} }), packet.Addr{}, 0, 0},
		{"poller of a host with three dead services", each(300, 5*second, func(i int) talk {
			return talk{src: alice, dst: server, port: []uint16{80, 443, 8080}[i%3]}
		}), packet.Addr{}, 0, 0},
		{"a program waits for six services of a host", each(36, second/3, func(i int) talk {
			return talk{src: alice, dst: server, port: []uint16{5432, 6379, 9200, 5672, 8080, 27017}[i%6], result: "refused"}
		}), packet.Addr{}, 0, 0},
		{"a cluster's client, six nodes down", each(48, second/5, func(i int) talk {
			return talk{src: alice, dst: neighbour(i % 6), port: 6379, result: "refused"}
		}), packet.Addr{}, 0, 0},
		{"active FTP behind a firewall", both(each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 21, result: "conversation", up: 600, down: 900, packets: 30, lasts: 200 * second}
		}), each(12, 12*second, func(i int) talk {
			return talk{at: second, src: server, sport: 20, dst: alice, port: uint16(50000 + 3*i)}
		})), packet.Addr{}, 0, 0},
		{"a mail server asks who calls", both(each(40, 6*second, func(i int) talk {
			return talk{src: host(i), dst: server, port: 25, result: "conversation", up: 2000, down: 400, packets: 9, lasts: 3 * second}
		}), each(40, 6*second, func(i int) talk { return talk{at: second / 2, src: server, dst: host(i), port: 113, result: "refused"} })), packet.Addr{}, 0, 0},
		{"a server asks its visitors' names", both(each(60, 3*second, func(i int) talk {
			return talk{src: host(i), dst: server, port: 80, result: "conversation", up: 300, down: 4000, packets: 9, lasts: second}
		}), each(60, 3*second, func(i int) talk {
			return talk{at: second / 2, src: server, dst: host(i), sport: 137, port: 137, proto: packet.UDP, size: 50}
		})), packet.Addr{}, 0, 0},
		{"peers on one port, one of five there, in a protocol of their own", each(200, second, func(i int) talk {
			x := talk{src: alice, dst: host(i * 97), port: 8333, result: []string{"refused", "", "conversation", "", "refused"}[i%5]}
			if i%5 == 2 {
				x.up, x.down, x.packets, x.lasts, x.signals = 400, 2000, 9, 2*second, &payload.Signals{}
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"peers asked over UDP and called over TCP, all of them gone", both(each(60, second/4, func(i int) talk {
			return talk{src: alice, dst: neighbour(i), sport: 6881, port: 6881, proto: packet.UDP, size: 60}
		}), each(20, second, func(i int) talk {
			return talk{at: second, src: alice, dst: neighbour(i * 3), port: 6881, result: []string{"refused", ""}[i%2]}
		})), packet.Addr{}, 0, 0},
		{"a server of leases pings what it gives", both(each(25, 7*second, func(i int) talk {
			return talk{src: server, dst: neighbour(i), sport: 67, port: 68, proto: packet.UDP, size: 300}
		}), each(25, 7*second, func(i int) talk {
			return talk{at: 3 * second, src: server, dst: neighbour(i + 1), proto: packet.ICMP, icmp: 8, up: 48, packets: 1, result: "oneway"}
		})), packet.Addr{}, 0, 0},
		{"what a member of a domain asks over UDP, some of it not there", each(7, second, func(i int) talk {
			x := talk{src: alice, dst: server, port: []uint16{53, 88, 123, 137, 138, 389, 464}[i], proto: packet.UDP, size: 60}
			if x.result = "unreachable"; i%2 == 0 {
				x.result, x.down = "answered", 60
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"a monitor that begins, a fifth of whose hosts are down", each(40, second/4, func(i int) talk {
			x := talk{src: alice, dst: neighbour(i * 3), port: 22, result: "conversation", up: 40, down: 90, packets: 2}
			if i%5 == 0 {
				x = talk{src: alice, dst: neighbour(i * 3), port: 22}
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"a monitor after a power cut, when half of the network is back", each(40, 2*second, func(i int) talk {
			x := talk{src: inner(5), dst: neighbour(i * 3), port: 9100, result: "conversation", up: 40, down: 900, packets: 2}
			if i%2 == 0 {
				x = talk{src: inner(5), dst: neighbour(i * 3), port: 9100}
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"three nodes of a cluster that is down", each(60, second/2, func(i int) talk {
			return talk{src: alice, dst: neighbour(i % 3 * 30), port: []uint16{2379, 2380, 4001, 7001}[i/3%4], result: "refused"}
		}), packet.Addr{}, 0, 0},
		{"names of one provider whose block is unreachable", both(each(14, 2*second, func(i int) talk {
			s := &payload.Signals{Proto: payload.DNS}
			s.DNS.Given.Addrs[0] = payload.AddrHash(neighbour(i))
			return talk{src: alice, dst: server, port: 53, proto: packet.UDP, size: 40, result: "conversation", up: 40, down: 90, packets: 1, signals: s}
		}), each(14, 2*second, func(i int) talk { return talk{at: second, src: alice, dst: neighbour(i), port: 443} })), packet.Addr{}, 0, 0},
		{"neighbours that share files and refuse an older way", both(each(14, second, func(i int) talk {
			return talk{src: alice, dst: neighbour(i), port: 445, result: "conversation", up: 900, down: 900, packets: 6, lasts: second / 10}
		}), each(14, second, func(i int) talk {
			return talk{at: second / 2, src: alice, dst: neighbour(i), port: 139, result: "refused"}
		})), packet.Addr{}, 0, 0},
		{"load balancer's first round over fifty neighbours", each(50, second/50, func(i int) talk {
			return talk{src: alice, dst: neighbour(i), port: 8080, result: "empty"}
		}), packet.Addr{}, 0, 0},
		{"monitor's first round of pings, six of forty dead", each(40, second/100, func(i int) talk {
			x := talk{src: alice, dst: neighbour(i), proto: packet.ICMP, icmp: 8, size: 56}
			if i >= 6 {
				x.result = "answered"
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"browser whose QUIC is dropped", each(60, 5*second, func(i int) talk {
			return talk{src: alice, dst: host(i * 3), port: 443, proto: packet.UDP, size: 1250}
		}), packet.Addr{}, 0, 0},
		{"load balancer's health checks", each(100, second, func(i int) talk {
			return talk{src: alice, dst: neighbour(i % 10), port: 8080, result: "empty"}
		}), packet.Addr{}, 0, 0},
		{"mail relay, a third of the exchangers dead", each(90, 2*second, func(i int) talk {
			x := talk{src: alice, dst: host(i), port: 25, result: "conversation", up: 4000, down: 900, packets: 12, lasts: 2 * second}
			if i%3 == 0 {
				x.result = ""
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"peer-to-peer over UDP, half the peers gone", each(300, second/5, func(i int) talk {
			x := talk{src: alice, sport: 50000, dst: host(i * 3), port: uint16(10000 + i*37%50000), proto: packet.UDP, size: 100}
			if i%2 == 0 {
				x.result, x.down = "answered", 300
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"peer-to-peer over TCP, a third of the peers there", each(60, second/2, func(i int) talk {
			x := talk{src: alice, dst: host(i * 3), port: uint16(10000 + i*37%50000)}
			if i%3 == 0 {
				x.result, x.up, x.down, x.packets = "conversation", 900, 900, 6
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"peers on one port, a third of them there", each(60, second/5, func(i int) talk {
			x := talk{src: alice, sport: 30303, dst: host(i * 3), port: 30303, proto: packet.UDP, size: 130}
			if i%3 == 0 {
				x.result, x.down = "answered", 300
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"peers on one port, nine of ten gone, neighbours among them", each(300, second/5, func(i int) talk {
			x := talk{src: alice, sport: 51413, dst: host(i * 2), port: 51413, proto: packet.UDP, size: 72, result: "unreachable"}
			if i%3 == 0 {
				x.result = ""
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"a provider's block behind a firewall", each(10, second, func(i int) talk {
			x := talk{src: alice, dst: host(i), port: 443}
			return x
		}), packet.Addr{}, 0, 0},
		{"resolver", each(400, second/10, func(i int) talk {
			return talk{src: alice, dst: server, port: 53, proto: packet.UDP, result: "answered", down: 200, size: 40}
		}), packet.Addr{}, 0, 0},
		{"recursive resolver, one server in ten dead", each(200, second/10, func(i int) talk {
			x := talk{src: alice, dst: host(i), port: 53, proto: packet.UDP, result: "answered", down: 200, size: 40}
			if i%10 == 0 {
				x.result = ""
			}
			return x
		}), packet.Addr{}, 0, 0},
		{"only a resolver's replies captured", each(400, second/2, func(i int) talk {
			return talk{src: server, sport: 53, dst: alice, port: uint16(20000 + i*7), proto: packet.UDP, size: 200}
		}), packet.Addr{}, 0, 0},
		{"only a web server's side captured", each(100, second/10, func(i int) talk {
			return talk{src: server, sport: 443, dst: alice, port: uint16(40000 + i), first: packet.ACK, result: "oneway", up: 9000, packets: 8}
		}), packet.Addr{}, 0, 0},
		{"only the browser's side captured", each(60, second/10, func(i int) talk {
			x := browse(i)
			x.result = "oneway"
			return x
		}), packet.Addr{}, 0, 0},
		{"files over FTP, some of them empty", both(each(60, second/20, func(i int) talk {
			return talk{src: alice, dst: server, port: uint16(50000 + i*3), result: "conversation", down: 5000, packets: 6, lasts: second / 100}
		}), each(14, second/20, func(i int) talk {
			return talk{at: 4 * second, src: alice, dst: server, port: uint16(51000 + i*3), result: "empty"}
		})), packet.Addr{}, 0, 0},
		{"traceroute", each(90, second/10, func(i int) talk {
			return talk{src: alice, dst: host(9), port: uint16(33434 + i), proto: packet.UDP, ttl: uint8(1 + i/3), size: 32}
		}), packet.Addr{}, 0, 0},
		{"multicast discovery", each(200, second/10, func(i int) talk {
			return talk{src: alice, dst: ip("239.255.255.250"), port: 1900, proto: packet.UDP, size: 120}
		}), packet.Addr{}, 0, 0},
		{"last ACKs of connections begun before the capture", each(40, 1000, func(i int) talk {
			return talk{src: server, sport: 443, dst: alice, port: uint16(40000 + i), first: packet.ACK}
		}), packet.Addr{}, 0, 0},
		{"passive FTP", both(each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 21, result: "conversation", up: 900, down: 2000, packets: 40, lasts: 60 * second}
		}), each(50, second, func(i int) talk {
			return talk{at: second, src: alice, dst: server, port: uint16(50000 + i*3), result: "conversation", down: 5000, packets: 6, lasts: second}
		})), packet.Addr{}, 0, 0},
		{"a balancer's half-open checks of eight servers", each(160, second/4, func(i int) talk {
			return talk{src: alice, dst: neighbour(i % 8), port: 8080, result: "aborted"}
		}), packet.Addr{}, 0, 0},
		{"resets that flood a server from ports of services, too", each(900, 1000, func(i int) talk {
			return talk{src: host(3), sport: uint16(1500 + i), dst: server, port: 80, first: packet.RST}
		}), packet.Addr{}, 0, 0},
		{"backscatter of a flood's victim", each(300, 1000, func(i int) talk {
			return talk{src: server, sport: 80, dst: host(i * 5), port: uint16(2000 + i), first: packet.RST | packet.ACK}
		}), packet.Addr{}, 0, 0},
		{"spoofed SYN flood", each(3000, 1000, func(i int) talk { return talk{src: host(i * 13), dst: server, port: 80} }), packet.Addr{}, 0, 0},
		{"pings that find their hosts", each(120, 10*second, func(i int) talk {
			return talk{src: alice, dst: host(i % 12 * 300), proto: packet.ICMP, icmp: 8, size: 56, result: "answered"}
		}), packet.Addr{}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{}
			c.play(p)
			got := p.found(t, newPortScan(DefaultPortScanConfig()))[attack.PortScan]
			if c.actor == (packet.Addr{}) {
				if len(got) != 0 {
					t.Fatalf("false alarm: %s", got[0].Reason)
				}
				return
			}
			if len(got) != 1 || got[0].Actor != c.actor {
				t.Fatalf("found %v, want one scan by %v", got, c.actor)
			}
			near := func(have, want int) bool { return have*100 >= want*92 && have*100 <= want*108 }
			if !near(got[0].TargetsN, c.targets) || !near(got[0].PortsN, c.ports) {
				t.Errorf("%d targets and %d ports, want %d and %d: %s", got[0].TargetsN, got[0].PortsN, c.targets, c.ports, got[0].Reason)
			}
		})
	}
}

// TestPortScanIsFoundEarly: within a handful of probes.
func TestPortScanIsFoundEarly(t *testing.T) {
	p := &play{}
	each(100, second, func(i int) talk { return talk{src: mallory, dst: server, port: uint16(20 + i), result: "refused"} })(p)
	b := newPortScan(DefaultPortScanConfig())
	probes, first := 0, 0
	for i := range p.events {
		if p.events[i].Kind == flow.Started {
			probes++
		}
		b.Observe(&Observation{Event: &p.events[i]}, func(Finding) {
			if first == 0 {
				first = probes
			}
		})
	}
	if first == 0 || first > 6 { // five, and a second of patience
		t.Errorf("found after %d probes, want at most 6", first)
	}
}

func TestReportsGrowByDoubling(t *testing.T) {
	p := &play{}
	each(2000, 1000, func(i int) talk { return talk{src: mallory, dst: server, port: uint16(20 + i), result: "refused"} })(p)
	b := newPortScan(DefaultPortScanConfig())
	n := 0
	for i := range p.events {
		b.Observe(&Observation{Event: &p.events[i]}, func(Finding) { n++ })
	}
	if n < 5 || n > 12 {
		t.Errorf("%d reports of a scan of 2,000 ports, want one for each doubling", n)
	}
}

// TestNameServersAsked: a resolver whose answers take another way asks many servers for
// many names, a scanner all of them for one.
func TestNameServersAsked(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ask   func(i int) string
		class attack.Class
	}{
		{"resolver", func(i int) string { return fmt.Sprintf("www.site%d.example", i) }, attack.Benign},
		{"scanner", func(int) string { return "www.example.org" }, attack.PortScan},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var w wire
			for i := range 200 {
				w.udp(inner(5), v4(198, 51, byte(i), 53), 53, int64(i)*50, question(tt.ask(i), 0), "")
			}
			expect(t, w.findings(newPortScan(DefaultPortScanConfig())), tt.class, inner(5), "udp/53")
		})
	}
}

// TestSegmentsFromNowhere: scans by segments of no connection, and what is left of
// connections.
func TestSegmentsFromNowhere(t *testing.T) {
	ports := []uint16{21, 22, 23, 25, 53, 80, 110, 135, 139, 143, 443, 445}
	segments := func(flags uint8, header uint16, f func(p *packet.Packet, i int)) []packet.Packet {
		return replied(trickle(len(ports), 50, func(p *packet.Packet, i int) {
			p.Proto, p.Flags, p.HeaderLen, p.DstPort = packet.TCP, flags, header, ports[i]
			f(p, i)
		}), func(p *packet.Packet) { p.Flags = packet.RST })
	}
	asTheyAre := func(*packet.Packet, int) {}
	for _, c := range []struct {
		name    string
		packets []packet.Packet
		class   attack.Class
	}{
		{"bare ACKs", segments(packet.ACK, 20, asTheyAre), attack.PortScan},
		{"pushes of nothing", segments(packet.PSH|packet.ACK, 20, asTheyAre), attack.PortScan},
		{"SYN+ACKs to services", segments(packet.SYN|packet.ACK, 20, asTheyAre), attack.PortScan},
		{"beats of a pool whose server was restarted", segments(packet.ACK, 32, func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = uint16(40000+i), 5432 }), attack.Benign},
		{"answers to forged SYNs", segments(packet.SYN|packet.ACK, 24, func(p *packet.Packet, i int) { p.SrcPort, p.DstPort = 80, uint16(20000+i*7) }), attack.Benign},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{packets: c.packets}
			expect(t, w.findings(newPortScan(DefaultPortScanConfig())), c.class, mallory, "")
		})
	}
}
