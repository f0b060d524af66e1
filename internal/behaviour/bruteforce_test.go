package behaviour

import (
	"testing"

	"firetower/internal/attack"
	"firetower/internal/flow"
	"firetower/internal/packet"
	"firetower/internal/payload"
)

// users makes a sketch that has seen user names or credentials from..to-1.
func users(from, to int) (s payload.Sketch) {
	for i := from; i < to; i++ {
		s.Add(uint32(i) * 7919)
	}
	return s
}

// ssh is a session; in says whether it was let in.
func ssh(i int, in bool) talk {
	s := &payload.Signals{Proto: payload.SSH, Marks: payload.Sealed, LogIns: 1, Requests: 4}
	x := talk{src: mallory, dst: server, port: 22, result: "conversation", up: 1800, down: 2200, packets: 14, lasts: 2 * second, signals: s}
	if in {
		s.Marks |= payload.LoggedIn
		x.up, x.down, s.Requests = 3700, 4000, 9
	}
	return x
}

func TestBruteForce(t *testing.T) {
	refused := func(proto payload.Proto, port uint16) func(int) talk {
		return func(i int) talk {
			return talk{src: mallory, dst: server, port: port, result: "conversation", up: 60, down: 200, packets: 6, lasts: second,
				signals: &payload.Signals{Proto: proto, LogIns: 1, Failures: 1, Users: users(1, 2)}}
		}
	}
	form := func(user func(i int) int) func(i int) talk {
		return func(i int) talk {
			return talk{src: mallory, dst: server, port: 80, result: "conversation", up: 170, down: 1900, packets: 5, lasts: second / 10,
				signals: &payload.Signals{Proto: payload.HTTP, Requests: 1, LogIns: 1, HTTP: payload.Web{Forms: 1}, Secrets: users(user(i), user(i)+1)}}
		}
	}
	for _, c := range []struct {
		name    string
		play    func(*play)
		actor   packet.Addr
		targets int
		severe  bool // and somebody got in
	}{
		{"SSH", each(12, 3*second, func(i int) talk { return ssh(i, false) }), mallory, 1, false},
		{"SSH on another port", each(12, 3*second, func(i int) talk { x := ssh(i, false); x.port = 2022; return x }), mallory, 1, false},
		{"SSH, then a way in", both(each(20, second, func(i int) talk { return ssh(i, false) }),
			each(1, 0, func(i int) talk { x := ssh(i, true); x.at = 60 * second; return x })), mallory, 1, true},
		{"SSH, two minutes between attempts", each(60, 120*second, func(i int) talk { return ssh(i, false) }), mallory, 1, false},
		{"FTP", each(10, second, refused(payload.FTP, 21)), mallory, 1, false},
		{"Telnet", each(10, second, refused(payload.Telnet, 23)), mallory, 1, false},
		{"SMB", each(10, second, refused(payload.SMB, 445)), mallory, 1, false},
		{"IMAP", each(10, second, refused(payload.IMAP, 143)), mallory, 1, false},
		{"MySQL", each(10, second, refused(payload.MySQL, 3306)), mallory, 1, false},
		{"VNC", each(10, second, refused(payload.VNC, 5900)), mallory, 1, false},
		{"RDP under TLS", each(12, 2*second, func(i int) talk {
			return talk{src: mallory, dst: server, port: 3389, result: "conversation", up: 1400, down: 1900, packets: 9, lasts: second,
				signals: &payload.Signals{Proto: payload.RDP}}
		}), mallory, 1, false},
		{"one long connection", each(1, 0, func(int) talk {
			return talk{src: mallory, dst: server, port: 21, result: "conversation", up: 900, down: 2000, packets: 60, lasts: 60 * second,
				signals: &payload.Signals{Proto: payload.FTP, LogIns: 25, Failures: 25}}
		}), mallory, 1, false},
		{"refusals that cannot be read", each(4, 10*second, func(int) talk {
			return talk{src: mallory, dst: server, port: 110, result: "conversation", up: 180, down: 190, packets: 20, lasts: 10 * second,
				signals: &payload.Signals{Proto: payload.POP3, LogIns: 5}}
		}), mallory, 1, false},
		{"web form", each(40, second/5, form(func(i int) int { return i })), mallory, 1, false},
		{"basic authentication", each(12, second/5, func(i int) talk {
			x := form(func(i int) int { return i })(i)
			x.signals.Failures, x.signals.HTTP.Forms = 1, 0
			return x
		}), mallory, 1, false},
		{"Kerberos spray", each(13, second/10, func(i int) talk {
			return talk{src: mallory, dst: server, port: 88, proto: packet.UDP, result: "conversation", up: 150, down: 100, packets: 1,
				signals: &payload.Signals{Proto: payload.Kerberos, LogIns: 1, Failures: 1, Users: users(i, i+1)}}
		}), mallory, 1, false},
		{"password spraying over hosts", each(30, 2*second, func(i int) talk {
			x := ssh(i, false)
			x.dst = host(i)
			return x
		}), mallory, 30, false},

		{"forms that are never sent to their end", each(40, second/5, func(i int) talk {
			x := form(func(i int) int { return i })(i)
			x.down = 0
			return x
		}), packet.Addr{}, 0, false},
		{"a person mistypes", each(4, 5*second, refused(payload.FTP, 21)), packet.Addr{}, 0, false},
		{"a wrong password in a mail program", each(30, 120*second, refused(payload.Unknown, 993)), packet.Addr{}, 0, false},
		{"scp in a loop", each(200, second, func(i int) talk { return ssh(i, true) }), packet.Addr{}, 0, false},
		{"git fetches, some refused", each(60, second, func(i int) talk { return ssh(i, i%3 != 0) }), packet.Addr{}, 0, false},
		{"a check that reads the SSH banner", each(200, second, func(i int) talk {
			return talk{src: alice, dst: server, port: 22, result: "conversation", up: 0, down: 41, packets: 2, lasts: second / 10,
				signals: &payload.Signals{Proto: payload.SSH}}
		}), packet.Addr{}, 0, false},
		{"a scan of port 22", each(50, second/10, func(i int) talk {
			return talk{src: mallory, dst: neighbour(i), port: 22, result: "aborted"}
		}), packet.Addr{}, 0, false},
		{"a program that signs in again and again", each(100, second, form(func(int) int { return 3 })), packet.Addr{}, 0, false},
		{"web requests without keep-alive", each(60, second/20, func(i int) talk {
			return talk{src: alice, dst: server, port: 80, result: "conversation", up: 300, down: 4000, packets: 5, lasts: second / 10,
				signals: &payload.Signals{Proto: payload.HTTP, Requests: 1}}
		}), packet.Addr{}, 0, false},
		{"database clients whose log-in cannot be read", each(300, second/10, func(i int) talk {
			return talk{src: alice, dst: server, port: 5432, result: "conversation", up: 300, down: 900, packets: 9, lasts: second / 10,
				signals: &payload.Signals{Proto: payload.PostgreSQL, LogIns: 2, Users: users(1, 2)}}
		}), packet.Addr{}, 0, false},
		{"database clients without a pool", each(300, second/10, func(i int) talk {
			return talk{src: alice, dst: server, port: 3306, result: "conversation", up: 300, down: 900, packets: 9, lasts: second / 10,
				signals: &payload.Signals{Proto: payload.MySQL, LogIns: 1, Successes: 1}}
		}), packet.Addr{}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{}
			c.play(p)
			got := p.found(t, newBruteForce(DefaultBruteForceConfig()))[attack.BruteForce]
			if c.actor == (packet.Addr{}) {
				if len(got) != 0 {
					t.Fatalf("false alarm: %s", got[0].Reason)
				}
				return
			}
			if len(got) != 1 || got[0].Actor != c.actor {
				t.Fatalf("found %v, want one by %v", got, c.actor)
			}
			if got[0].TargetsN != c.targets || (got[0].Severity == 1) != c.severe {
				t.Errorf("%d targets, severity %d: %s", got[0].TargetsN, got[0].Severity, got[0].Reason)
			}
		})
	}
}

// TestDistributedBruteForce: forty hosts, three attempts each.
func TestDistributedBruteForce(t *testing.T) {
	p := &play{}
	each(120, second/2, func(i int) talk { x := ssh(i, false); x.src = host(i % 40); return x })(p)
	got := p.found(t, newBruteForce(DefaultBruteForceConfig()))[attack.BruteForce]
	if len(got) != 1 || got[0].ActorsN < 37 || got[0].ActorsN > 43 || got[0].Flows != 120 {
		t.Fatalf("found %v, want one of 120 attempts by about 40 hosts", got)
	}
}

// TestBruteForceIsFoundEarly: within ten attempts.
func TestBruteForceIsFoundEarly(t *testing.T) {
	p := &play{}
	each(40, 3*second, func(i int) talk { return ssh(i, false) })(p)
	b := newBruteForce(DefaultBruteForceConfig())
	ended, first := 0, 0
	for i := range p.events {
		if p.events[i].Kind == flow.Ended {
			ended++
		}
		b.Observe(&Observation{Event: &p.events[i]}, func(Finding) {
			if first == 0 {
				first = ended
			}
		})
	}
	if first == 0 || first > 10 {
		t.Errorf("found after %d attempts, want at most 10", first)
	}
}
