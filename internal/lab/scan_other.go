package lab

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"firetower/internal/attack"
)

// otherScans: other tools and scripts, other flags, other directions.
func otherScans() []Scenario {
	row := func(name string, limit time.Duration, play func(context.Context, *Run, string) error, line string) Scenario {
		return Scenario{Name: name, Class: attack.PortScan, Limit: limit, Play: func(ctx context.Context, r *Run) error { return play(ctx, r, line) }}
	}
	const some = 45 * time.Second
	return []Scenario{
		row("nmap-window", some, scanHost, "nmap -n -Pn -sW TIMING --top-ports PORTS VICTIM"),
		row("nmap-maimon", some, scanHost, "nmap -n -Pn -sM TIMING --top-ports PORTS VICTIM"),
		row("nmap-sctp", some, scanHost, "nmap -n -Pn -sY -T4 --max-retries 1 --top-ports 40 VICTIM"),
		row("nmap-decoys", some, scanHost, "nmap -n -Pn -sS -D RND:5 -T4 --top-ports 100 VICTIM"),
		row("nmap-source-port", some, scanHost, "nmap -n -Pn -sS -g 53 --data-length 24 -T4 --top-ports PORTS VICTIM"),
		row("nmap-polite", some, scanHost, "nmap -n -Pn -sS -T2 --max-retries 0 --top-ports 60 VICTIM"),
		row("nmap-sneaky", 150*time.Second, scanHost, "nmap -n -Pn -sS --scan-delay 9s --max-retries 0 --top-ports 15 VICTIM"),
		row("nmap-discovery", some, sweep, "nmap -n -sn -PS22,80 -PA443 -PU53 -T4 NETWORK"),
		row("nmap-sweep-udp", some, sweep, "nmap -n -Pn -sU -T4 --max-retries 0 -p 161 NETWORK"),
		row("nmap-script-sweep", some, sweep, "nmap -n -Pn -T4 -p 445,139 --max-retries 0 --script smb-os-discovery,smb-protocols NETWORK"),
		row("zmap", some, sweep, "zmap -q -p ONEPORT -r 150 -c 2 -i eth0 -S ATTACKER -G MAC -b /dev/null -o found NETWORK"),
		row("fping", some, sweep, "fping -q -c 1 -t 300 -g NETWORK"),
		row("masscan-mixed", some, sweep, "masscan -p22,80,443,3389,8080 --rate 60 --wait 2 --router-mac MAC --adapter-ip ATTACKER SMALL"),
		row("hping3-sweep", some, sweep, "for i in $(seq 180 1 200); do hping3 -q -S -c 1 -p ONEPORT PREFIX.$i; done"),
		row("smb-shares-sweep", some, sweep, "for i in $(seq 130 1 160); do timeout 2 smbclient -N -L PREFIX.$i; done"),
		row("nping-ports", some, scanHost, "nping -q -c 1 --tcp -p 20-140 --rate 15 VICTIM"),
		row("bash-ports", some, scanHost, "for p in $(seq 1 90); do timeout 1 bash -c \"echo > /dev/tcp/VICTIM/$p\" 2>/dev/null && echo $p; done"),
		row("nc-udp", some, scanHost, "nc -nvzu -w 1 VICTIM 100-130"),
		row("curl-ports", some, scanHost, "for p in 21 22 23 25 80 81 110 143 443 445 993 1080 1433 2222 3000 3128 3306 5000 5432 5900 6379 8000 8080 8081 8443 8888 9000 9200; do curl -s -m 1 -o /dev/null http://VICTIM:$p/; done"),
		row("banner-script", some, scanHost, "BANNER VICTIM 0.2 21 22 23 25 53 80 110 111 135 139 143 443 445 465 587 993 995 1433 1521 2049 3306 3389 5432 5900 6379 8080 8443 9200 27017"),
		row("banner-slow", 120*time.Second, scanHost, "BANNER VICTIM 5 22 21 80 443 25 3306 445 3389 8080 23 5900 139 1433 110 6379 5432"),
		row("async-scan", some, scanHost, "QUICKSCAN VICTIM 1 3000 300"),
		row("behind-firewall", some, scanSilent, "nmap -n -Pn -sS TIMING --top-ports 100 VICTIM"),
		row("behind-firewall-connect", some, scanSilent, "nmap -n -Pn -sT -T4 --max-retries 0 --top-ports 60 VICTIM"),
		row("from-inside", some, scanOut, "nmap -n -Pn -sS -T4 --max-retries 0 -p ONEPORT FOREIGN"),
		row("from-inside-connect", some, scanOut, "nmap -n -Pn -sT -T4 --max-retries 0 -p 22,23,2323 FOREIGN"),
		row("inside-to-inside", some, scanBeside, "nmap -n -sS -T4 -p 22,80,135,139,445,3389 TARGETS"),
		row("many-scanners", some, scanShared, ""),
	}
}

// scanSilent is a scan of a host behind a firewall that drops what it does not want.
func scanSilent(ctx context.Context, r *Run, line string) error {
	if _, err := r.crowd(ctx); err != nil {
		return err
	}
	a, err := r.host(ctx, "attacker1", false)
	if err != nil {
		return err
	}
	victim := &Host{Name: "silent", Addr: r.At(byte(r.between(192, 250))), w: r.World}
	r.Truth.Attackers = append(r.Truth.Attackers, a.Addr)
	r.against(victim)
	r.play(ctx, a, "%s", r.fill(line, a, victim))
	return nil
}

// scanOut is a machine of the office that looks for others outside, as worms do.
func scanOut(ctx context.Context, r *Run, line string) error {
	a := r.People[0]
	r.Truth.Attackers = append(r.Truth.Attackers, a.Addr)
	r.against(r.News)
	p := netip.PrefixFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(64 * r.between(1, 3))}), 26)
	r.play(ctx, a, "%s", replace(r.fill(line, a, r.News), "FOREIGN", p.String()))
	return nil
}

// scanBeside is one of the office's machines that looks at its neighbours.
func scanBeside(ctx context.Context, r *Run, line string) error {
	a := r.People[0]
	r.Truth.Attackers = append(r.Truth.Attackers, a.Addr)
	r.against(r.Shop, r.Files)
	r.play(ctx, a, "%s", replace(line, "TARGETS", r.neighbours()))
	return nil
}

// scanShared is one scan by several machines, a part of the ports each.
func scanShared(ctx context.Context, r *Run, _ string) error {
	r.against(r.Shop)
	var wg sync.WaitGroup
	n := r.between(4, 8)
	for i := range n {
		h, err := r.host(ctx, fmt.Sprintf("scanner%d", i), false)
		if err != nil {
			return err
		}
		r.Truth.Attackers = append(r.Truth.Attackers, h.Addr)
		wg.Go(func() {
			h.Shell(ctx, "nmap -n -Pn -sS -T3 --max-retries 0 -p %d-%d %s", 1+i*40, 40+i*40, r.Shop.Addr)
		})
	}
	wg.Wait()
	r.note(fmt.Sprintf("nmap -sS by %d machines, 40 ports each", n))
	return nil
}
