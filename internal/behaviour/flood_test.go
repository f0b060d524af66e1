package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

func TestFlood(t *testing.T) {
	syn := func(i int) talk { return talk{src: mallory, dst: server, port: 80, result: "halfopen"} }
	from := func(f func(int) talk, change func(*talk, int)) func(int) talk {
		return func(i int) talk { x := f(i); change(&x, i); return x }
	}
	spoofed := func(x *talk, i int) { x.src = host(i * 31) }
	udp := func(i int) talk {
		return talk{src: mallory, dst: server, port: 5000, proto: packet.UDP, size: 100}
	}
	type want struct {
		class attack.Class
		actor packet.Addr
		many  int // about how many sources, of a ddos
	}
	for _, c := range []struct {
		name string
		play func(*play)
		want want
	}{
		{"SYN flood, one source", each(2000, 1000, syn), want{attack.DoS, mallory, 0}},
		{"SYN flood, reset by its sender", each(2000, 2500, from(syn, func(x *talk, _ int) { x.result = "aborted" })), want{attack.DoS, mallory, 0}},
		{"SYN flood, unanswered", each(2000, 1000, from(syn, func(x *talk, _ int) { x.result = "" })), want{attack.DoS, mallory, 0}},
		{"SYN flood, forged sources", each(5000, 500, from(syn, spoofed)), want{attack.DDoS, packet.Addr{}, 5000}},
		{"SYN flood, forged sources and any port", each(5000, 500, from(syn, func(x *talk, i int) {
			spoofed(x, i)
			x.port = uint16(i * 7)
		})), want{attack.DDoS, packet.Addr{}, 5000}},
		{"SYN flood, fifty hosts", each(5000, 500, from(syn, func(x *talk, i int) { x.src = host(i % 50) })), want{attack.DDoS, packet.Addr{}, 50}},
		{"RST flood from one host", each(2000, 1000, func(i int) talk {
			return talk{src: mallory, sport: uint16(1024 + i), dst: server, port: 80, first: packet.RST}
		}), want{attack.DoS, mallory, 0}},
		{"ACK flood", each(2000, 1000, func(int) talk {
			return talk{src: mallory, dst: server, port: 80, first: packet.ACK}
		}), want{attack.DoS, mallory, 0}},
		{"UDP flood, many source ports", each(3000, 500, udp), want{attack.DoS, mallory, 0}},
		{"UDP flood over one socket", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, port: 80, proto: packet.UDP, result: "oneway", packets: 60000, up: 60000 * 1000, lasts: 3 * second, size: 1000}
		}), want{attack.DoS, mallory, 0}},
		{"ping flood", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, proto: packet.ICMP, icmp: 8, result: "oneway", packets: 3000, lasts: 3 * second}
		}), want{attack.DoS, mallory, 0}},
		{"unreachable flood", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, proto: packet.ICMP, icmp: 3, code: 3, result: "oneway", packets: 3000, lasts: second}
		}), want{attack.DoS, mallory, 0}},
		{"smurf", each(3000, 500, func(i int) talk {
			return talk{src: host(i % 200), dst: server, proto: packet.ICMP, icmp: 0}
		}), want{attack.DDoS, packet.Addr{}, 200}},
		{"DNS reflection", each(40, 1000, func(i int) talk {
			return talk{src: host(i), sport: 53, dst: server, port: 31000, proto: packet.UDP, result: "oneway", packets: 200, up: 200 * 1400, size: 1400, lasts: 2 * second}
		}), want{attack.DDoS, packet.Addr{}, 40}},
		{"DHCP starvation", each(1, 0, func(int) talk {
			return talk{src: packet.Addr{}, sport: 68, dst: ip("255.255.255.255"), port: 67, proto: packet.UDP, result: "oneway", packets: 5000, lasts: second}
		}), want{attack.DoS, packet.Addr{}, 0}},
		{"router advertisement flood", each(500, 2000, func(i int) talk {
			return talk{src: host(i), dst: ip("ff02::1"), proto: packet.ICMPv6, icmp: 134}
		}), want{attack.DDoS, packet.Addr{}, 500}},
		{"LAND", each(20, 10_000, func(i int) talk {
			return talk{src: server, dst: server, sport: 80, port: 80}
		}), want{attack.DoS, server, 0}},
		{"connections completed and dropped", each(2000, 2000, func(i int) talk {
			return talk{src: mallory, dst: server, port: 80, result: "empty"}
		}), want{attack.DoS, mallory, 0}},
		{"connections completed and left lying", each(400, 4000, func(int) talk {
			return talk{src: mallory, dst: server, port: 80, result: "conversation", open: true, lasts: second / 10}
		}), want{attack.DoS, mallory, 0}},
		{"connections to a web server completed and left lying", each(80, 10_000, func(int) talk {
			return talk{src: mallory, dst: server, port: 80, result: "conversation", open: true, lasts: second / 10}
		}), want{attack.DoS, mallory, 0}},
		{"sessions that end at the server's greeting", each(80, 10_000, func(int) talk {
			return talk{src: mallory, dst: server, port: 21, result: "conversation", down: 20, packets: 1, open: true, lasts: second / 10}
		}), want{attack.DoS, mallory, 0}},
		{"port unreachables of forty hosts (backscatter)", each(400, 6000, func(i int) talk {
			return talk{src: host(i % 40), dst: server, proto: packet.ICMP, icmp: 3, code: 3}
		}), want{attack.DDoS, packet.Addr{}, 40}},
		{"pings of sixty hosts", each(600, 4000, func(i int) talk {
			return talk{src: host(i % 60), dst: server, proto: packet.ICMP, icmp: 8, size: 56}
		}), want{attack.DDoS, packet.Addr{}, 60}},
		{"small datagrams over one socket", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, port: 80, proto: packet.UDP, result: "oneway", packets: 9000, up: 9000 * 20, lasts: 3 * second, size: 20}
		}), want{attack.DoS, mallory, 0}},
		{"giant pings", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, proto: packet.ICMP, icmp: 8, result: "oneway", packets: 400, up: 400 * 1480, lasts: 4 * second, size: 1480}
		}), want{attack.DoS, mallory, 0}},
		{"neighbour advertisement flood", each(3000, 500, func(i int) talk {
			return talk{src: host(i), dst: server, proto: packet.ICMPv6, icmp: 136}
		}), want{attack.DDoS, packet.Addr{}, 3000}},
		{"identical one-sided connections of many", each(3000, 2000, func(i int) talk {
			return talk{src: host(i % 300), dst: server, port: 5000, result: "oneway", packets: 4, up: 200, lasts: second / 10}
		}), want{attack.DDoS, packet.Addr{}, 300}},

		{"five hundred echo connections", each(500, 13_000, func(int) talk {
			return talk{src: alice, dst: server, port: 7000, result: "conversation", up: 9000, down: 9000, packets: 80, lasts: 5 * second}
		}), want{}},
		{"a pool of a hundred connections", each(100, 4000, func(int) talk {
			return talk{src: alice, dst: server, port: 6379, result: "conversation", open: true, lasts: second / 10}
		}), want{}},
		{"sixty sessions that say something", each(80, 10_000, func(int) talk {
			return talk{src: alice, dst: server, port: 21, result: "conversation", up: 40, down: 90, packets: 3, open: true, lasts: second / 10}
		}), want{}},
		{"a network whose hosts ping one, each once a second", each(600, 10_000, func(i int) talk {
			return talk{src: host(i % 100), dst: server, proto: packet.ICMP, icmp: 8, size: 56}
		}), want{}},
		{"peers that are gone, told by their hosts", each(500, 8000, func(i int) talk {
			return talk{src: host(i % 250), dst: server, proto: packet.ICMP, icmp: 3, code: 3}
		}), want{}},
		{"download", each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 443, result: "conversation", up: 2000, down: 1e9, packets: 700_000, lasts: 20 * second}
		}), want{}},
		{"speed test over UDP", both(each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 5201, result: "conversation", up: 200, down: 200, packets: 9, lasts: 12 * second}
		}), each(1, 0, func(int) talk {
			return talk{at: second, src: alice, dst: server, port: 5201, proto: packet.UDP, result: "oneway", packets: 200_000, up: 2e8, lasts: 8 * second, size: 1400}
		})), want{}},
		{"video call", each(4, 0, func(i int) talk {
			return talk{src: alice, dst: server, port: uint16(50000 + i), proto: packet.UDP, result: "oneway", packets: 20_000, up: 2e7, lasts: 20 * second, size: 1000}
		}), want{}},
		{"flash crowd", each(3000, 1000, func(i int) talk {
			return talk{src: host(i), dst: server, port: 443, result: "conversation", up: 900, down: 20_000, packets: 15, lasts: 2 * second}
		}), want{}},
		{"a service that is down", each(400, second/10, func(i int) talk {
			return talk{src: host(i % 40), dst: server, port: 443, result: "refused"}
		}), want{}},
		{"a client that hammers a closed port", each(1000, second/100, func(int) talk {
			return talk{src: alice, dst: server, port: 5432, result: "refused"}
		}), want{}},
		{"busy resolver, seen one way", each(1500, 2000, func(i int) talk {
			return talk{src: alice, dst: server, port: 53, proto: packet.UDP, size: 40}
		}), want{}},
		{"replies to many look-ups, seen one way", each(400, second/20, func(i int) talk {
			return talk{src: host(i % 5), sport: 53, dst: alice, port: uint16(20000 + i*7), proto: packet.UDP, size: 180}
		}), want{}},
		{"the answers to a UDP scan", both(each(300, 2000, func(i int) talk {
			return talk{src: mallory, dst: server, port: uint16(i), proto: packet.UDP, result: "unreachable"}
		}), each(1, 0, func(int) talk {
			return talk{at: 10_000, src: server, dst: mallory, proto: packet.ICMP, icmp: 3, code: 3, result: "oneway", packets: 3000, lasts: second}
		})), want{}},
		{"port scan", each(3000, 1000, func(i int) talk { return talk{src: mallory, dst: server, port: uint16(i), result: "refused"} }), want{}},
		{"neighbours that answer a search for devices", each(200, 5000, func(i int) talk {
			return talk{src: neighbour(i % 20), sport: 1900, dst: ip("10.1.2.200"), port: 50123, proto: packet.UDP, size: 400}
		}), want{}},
		{"metrics", each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, port: 8125, proto: packet.UDP, result: "oneway", packets: 9000, up: 9000 * 40, lasts: 3 * second, size: 40}
		}), want{}},
		{"multicast video", each(1, 0, func(int) talk {
			return talk{src: alice, dst: ip("239.1.1.1"), port: 1234, proto: packet.UDP, result: "oneway", packets: 100_000, up: 1e8, lasts: 5 * second, size: 1300}
		}), want{}},
		{"a router's link checks", each(10, 1000, func(i int) talk {
			return talk{src: alice, dst: server, sport: uint16(49152 + i), port: 3784, proto: packet.UDP, result: "oneway", packets: 1000, up: 24_000, lasts: 10 * second, size: 24}
		}), want{}},
		{"what a switch mirrors to a collector", each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, proto: 47, result: "oneway", packets: 12_000, up: 3e6, lasts: 10 * second, size: 300}
		}), want{}},
		{"connections that a balancer has forgotten", each(400, second/200, func(i int) talk {
			return talk{src: host(i), dst: server, port: 443, first: packet.ACK | packet.PSH, size: 60, header: 32, result: "refused"}
		}), want{}},
		{"keep-alives of connections begun before the capture", each(600, second/200, func(i int) talk {
			return talk{src: host(i), dst: server, port: 5228, first: packet.ACK, header: 32}
		}), want{}},
		{"the same, of stacks without timestamps, answered", each(600, second/200, func(i int) talk {
			return talk{src: host(i), dst: server, port: 5228, first: packet.ACK, result: "acked"}
		}), want{}},
		{"IPsec, seen one way", each(1, 0, func(int) talk {
			return talk{src: alice, dst: server, proto: 50, result: "oneway", packets: 100_000, up: 1e8, lasts: 5 * second, size: 1300}
		}), want{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{}
			c.play(p)
			found := p.found(t, newFlood(DefaultFloodConfig()))
			if c.want.class == "" {
				for _, list := range found {
					t.Errorf("false alarm: %s", list[0].Reason)
				}
				return
			}
			got := found[c.want.class]
			if len(got) == 0 || len(found) > 1 {
				t.Fatalf("found %v, want %s", found, c.want.class)
			}
			f := got[len(got)-1]
			if c.want.class == attack.DoS && f.Actor != c.want.actor {
				t.Errorf("actor %s, want %s", f.Actor, c.want.actor)
			}
			if n := c.want.many; n > 0 && (f.ActorsN*10 < n*9 || f.ActorsN*10 > n*11) {
				t.Errorf("%d sources, want about %d", f.ActorsN, n)
			}
		})
	}
}

func TestHTTPFlood(t *testing.T) {
	web := func(path, uri, agent, requests int) *payload.Signals {
		s := &payload.Signals{Proto: payload.HTTP, Requests: uint32(requests)}
		s.Names.Add(uint32(uri) * 2654435)
		s.Shapes = s.Names
		s.HTTP.Path, s.HTTP.Agent = uint32(path)*977, uint32(agent)*31337
		return s
	}
	forged := func(s *payload.Signals) *payload.Signals {
		s.Marks |= payload.ForgedBrowser
		return s
	}
	get := func(s func(i int) *payload.Signals) func(int) talk {
		return func(i int) talk {
			return talk{src: mallory, dst: server, port: 80, result: "conversation", up: 300, down: 2000, packets: 5, lasts: second / 20, signals: s(i)}
		}
	}
	for _, c := range []struct {
		name string
		play func(*play)
		want bool
	}{
		{"random parameters and browsers, six a second", each(120, second/6, get(func(i int) *payload.Signals { return web(1, i, i, 1) })), true},
		{"the same page a hundred times a second", each(600, second/100, get(func(int) *payload.Signals { return web(1, 1, 1, 1) })), true},
		{"the same page fifty times a second, for two seconds", each(100, second/50, get(func(int) *payload.Signals { return web(1, 1, 1, 1) })), true},
		{"keep-alive, a thousand a second", each(40, second/10, get(func(int) *payload.Signals { return web(1, 1, 1, 100) })), true},
		{"a crowd for one page", each(900, second/150, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, 1, 1, 1) })(i)
			x.src = host(i % 60)
			return x
		}), true},
		{"twenty-two hosts that ask for one page, nine times each", each(198, second/40, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, 1, 1, 1) })(i)
			x.src = host(i % 22)
			return x
		}), true},
		{"probes of twenty sites for one page, every two seconds", each(400, second/10, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, 1, 1, 1) })(i)
			x.src = host(i % 20)
			return x
		}), false},
		{"a crowd of readers", each(900, second/150, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(i%30, i%30, i%60, 1) })(i)
			x.src = host(i % 60)
			return x
		}), false},
		{"sixty requests without keep-alive", each(60, second/40, get(func(i int) *payload.Signals { return web(i, i, 1, 1) })), false},
		{"a page that counts its readers", each(200, second/4, get(func(i int) *payload.Signals { return web(1, i, 1, 1) })), false},
		{"an office behind one address", each(600, second/10, get(func(i int) *payload.Signals { return web(i%90, i, i%40, 1) })), false},
		{"injections at a hundred a second", each(600, second/100, get(func(i int) *payload.Signals {
			s := web(1, i, 1, 1)
			s.HTTP.Hints[0] = 1
			return s
		})), false},
		{"heads full of byte ranges", each(40, second/5, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, 1, 1, 1) })(i)
			x.signals.Marks = payload.ManyRanges
			return x
		}), true},
		{"tickets and cookies of 5 KB", each(40, second/5, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(i, i, 1, 1) })(i)
			x.up = 5000
			return x
		}), false},
		{"an office behind one address asks a page for news, each time with the time", each(600, second/10, get(func(i int) *payload.Signals {
			s := web(1, i, i%6, 1)
			s.Shapes = 1
			return s
		})), false},
		{"sixty hosts ask once in a second and a half each, over fresh connections", each(900, second/40, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, i, 1, 1) })(i)
			x.src = host(i % 60)
			return x
		}), true},
		{"machines that report every five seconds", each(1200, second/20, func(i int) talk {
			x := get(func(int) *payload.Signals { return web(1, 1, 1, 1) })(i)
			x.src = host(i % 100)
			return x
		}), false},
		{"an office behind one address, encrypted", each(600, second/10, func(i int) talk {
			return talk{src: mallory, dst: server, port: 443, result: "conversation", up: 5000, down: 20_000, packets: 9, lasts: second,
				signals: &payload.Signals{Proto: payload.TLS, Requests: 1}}
		}), false},
		{"one page under many names, of no browser", each(90, second/10, get(func(i int) *payload.Signals { return forged(web(1, 1, i%4, 1)) })), true},
		{"the same by fourteen hosts, each with a name of its own", each(300, second/50, func(i int) talk {
			x := get(func(i int) *payload.Signals { return forged(web(1, 1, i%14, 1)) })(i)
			x.src = host(i % 14)
			return x
		}), true},
		{"a proxy that hands on what browsers ask of an interface", each(300, second/10, get(func(i int) *payload.Signals { return web(1, 1, i%40, 1) })), false},
		{"a program that calls itself a browser, and asks on", each(90, second/10, get(func(i int) *payload.Signals { return forged(web(1, 1, 1, 1)) })), false},
		{"two hundred such programs, that ask now and then", each(400, second/40, func(i int) talk {
			x := get(func(i int) *payload.Signals { return forged(web(1, 1, i%200, 1)) })(i)
			x.src = host(i % 200)
			return x
		}), false},
		{"a client of an interface", each(600, second/10, get(func(i int) *payload.Signals { return web(i%4, i, 1, 1) })), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{}
			c.play(p)
			got := p.found(t, newHTTPFlood(DefaultHTTPFloodConfig()))
			if (len(got) > 0) != c.want {
				t.Errorf("found %v, want a flood: %t", got, c.want)
			}
		})
	}
}

func TestSlowDoS(t *testing.T) {
	hold := func(x talk) func(int) talk {
		x.src, x.dst, x.open, x.result, x.lasts = mallory, server, true, "conversation", 8*second
		if x.port == 0 {
			x.port = 80
		}
		return func(int) talk { return x }
	}
	http := func(whole, posts uint16) *payload.Signals {
		s := &payload.Signals{Proto: payload.HTTP, Requests: 1}
		s.HTTP.Whole, s.HTTP.Posts = whole, posts
		return s
	}
	for _, c := range []struct {
		name string
		play func(*play)
		want bool
	}{
		{"slow head", each(150, second/50, hold(talk{up: 230, packets: 3, signals: http(0, 0)})), true},
		{"slow body", each(150, second/50, hold(talk{up: 400, packets: 3, signals: http(1, 1)})), true},
		{"slow reading", each(150, second/50, hold(talk{up: 230, down: 3000, packets: 8, signals: http(1, 0), window: 1})), true},
		{"connections held open", each(300, second/50, hold(talk{})), true},
		{"connections held open after the greeting", each(300, second/50, hold(talk{port: 21, down: 40, packets: 1})), true},
		{"slow heads from two hundred hosts", func(p *play) {
			for i := range 200 {
				x := hold(talk{up: 230, packets: 3, signals: http(0, 0)})(i)
				x.at, x.src, x.lasts = int64(i)*second/50, host(i), 60*second
				p.add(x)
			}
		}, true},
		{"slow heads from sixteen hosts, five each", func(p *play) {
			for i := range 80 {
				x := hold(talk{up: 230, packets: 9, signals: http(0, 0)})(i)
				x.at, x.src, x.lasts = int64(i)*second/20, host(i%16), 60*second
				p.add(x)
			}
		}, true},
		{"logs of sixteen hosts, over five connections each", func(p *play) {
			for i := range 80 {
				x := hold(talk{up: 900, packets: 9, port: 514})(i)
				x.at, x.src, x.lasts = int64(i)*second/20, host(i%16), 60*second
				p.add(x)
			}
		}, false},
		{"a dozen slow heads", each(12, second/50, func(i int) talk {
			x := hold(talk{up: 260, packets: 6, signals: http(0, 0)})(i)
			x.lasts = 40 * second
			return x
		}), true},
		{"a dozen connections to a log that never answers", each(12, second/50, func(i int) talk {
			x := hold(talk{up: 900, packets: 6, port: 514})(i)
			x.lasts = 40 * second
			return x
		}), false},
		{"a dozen whole requests on a slow server", each(12, second/50, func(i int) talk {
			x := hold(talk{up: 260, packets: 6, signals: http(1, 0)})(i)
			x.lasts = 40 * second
			return x
		}), false},
		{"a browser's six connections", each(6, second/50, hold(talk{up: 230, packets: 3, signals: http(0, 0)})), false},
		{"a server that hangs", each(150, second/50, hold(talk{up: 230, packets: 3, signals: http(1, 0)})), false},
		{"web sockets of an office", each(200, second/10, hold(talk{up: 600, down: 500, packets: 5, signals: http(1, 0)})), false},
		{"forty machines behind one address send their logs under TLS", each(60, second/5, hold(talk{up: 9000, down: 4000, packets: 60, port: 6514,
			signals: &payload.Signals{Proto: payload.TLS, Requests: 1}, lasts: 60 * second})), false},
		{"cameras behind one address send pictures under TLS", each(60, second/5, hold(talk{up: 200_000, down: 0, packets: 200, port: 443,
			signals: &payload.Signals{Proto: payload.TLS, Requests: 1}, lasts: 60 * second})), false},
		{"slow heads under TLS", each(60, second/5, hold(talk{up: 1500, down: 0, packets: 9, port: 443,
			signals: &payload.Signals{Proto: payload.TLS, Requests: 1}, lasts: 60 * second})), true},
		{"players that pause", each(60, second/5, hold(talk{up: 230, down: 200_000, packets: 150, signals: http(1, 0), window: 1})), false},
		{"mail programs that wait for mail", each(60, second/10, hold(talk{up: 200, down: 900, packets: 9, port: 143})), false},
		{"uploads", each(40, second/10, hold(talk{up: 900_000, packets: 700})), false},
		{"an idle pool of a program's", each(120, second/100, func(i int) talk {
			x := hold(talk{port: 6379})(i)
			x.src, x.dst = inner(7), inner(8)
			return x
		}), false},
		{"a pool of database connections", each(50, second/100, hold(talk{up: 300, down: 400, packets: 4, port: 3306})), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{}
			c.play(p)
			p.add(talk{at: 20 * second, src: alice, dst: server, port: 80}) // time goes on
			got := p.found(t, newSlowDoS(DefaultSlowDoSConfig()))
			if (len(got) > 0) != c.want {
				t.Errorf("found %v, want a slow attack: %t", got, c.want)
			}
		})
	}
}
