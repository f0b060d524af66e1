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
	one := family{class: attack.PortScan, limit: 45 * time.Second, play: scanHost}
	many, silent, out := one.by(sweep), one.by(scanSilent), one.by(scanOut)
	return []Scenario{
		one.row("nmap-window", "nmap -n -Pn -sW TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-maimon", "nmap -n -Pn -sM TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-sctp", "nmap -n -Pn -sY -T4 --max-retries 1 --top-ports 40 VICTIM"),
		one.row("nmap-decoys", "nmap -n -Pn -sS -D RND:5 -T4 --top-ports 100 VICTIM"),
		one.row("nmap-source-port", "nmap -n -Pn -sS -g 53 --data-length 24 -T4 --top-ports PORTS VICTIM"),
		one.row("nmap-polite", "nmap -n -Pn -sS -T2 --max-retries 0 --top-ports 60 VICTIM"),
		one.within(150*time.Second).row("nmap-sneaky", "nmap -n -Pn -sS --scan-delay 9s --max-retries 0 --top-ports 15 VICTIM"),
		many.row("nmap-discovery", "nmap -n -sn -PS22,80 -PA443 -PU53 -T4 NETWORK"),
		many.row("nmap-sweep-udp", "nmap -n -Pn -sU -T4 --max-retries 0 -p 161 NETWORK"),
		many.row("nmap-script-sweep", "nmap -n -Pn -T4 -p 445,139 --max-retries 0 --script smb-os-discovery,smb-protocols NETWORK"),
		many.row("zmap", "zmap -q -p ONEPORT -r 150 -c 2 -i eth0 -S ATTACKER -G MAC -b /dev/null -o found NETWORK"),
		many.row("fping", "fping -q -c 1 -t 300 -g NETWORK"),
		many.row("masscan-mixed", "masscan -p22,80,443,3389,8080 --rate 60 --wait 2 --router-mac MAC --adapter-ip ATTACKER SMALL"),
		many.row("hping3-sweep", "for i in $(seq 180 1 200); do hping3 -q -S -c 1 -p ONEPORT PREFIX.$i; done"),
		many.row("smb-shares-sweep", "for i in $(seq 130 1 160); do timeout 2 smbclient -N -L PREFIX.$i; done"),
		one.row("nping-ports", "nping -q -c 1 --tcp -p 20-140 --rate 15 VICTIM"),
		one.row("bash-ports", "for p in $(seq 1 90); do timeout 1 bash -c \"echo > /dev/tcp/VICTIM/$p\" 2>/dev/null && echo $p; done"),
		one.row("nc-udp", "nc -nvzu -w 1 VICTIM 100-130"),
		one.row("curl-ports", "for p in 21 22 23 25 80 81 110 143 443 445 993 1080 1433 2222 3000 3128 3306 5000 5432 5900 6379 8000 8080 8081 8443 8888 9000 9200; do curl -s -m 1 -o /dev/null http://VICTIM:$p/; done"),
		one.row("banner-script", "BANNER VICTIM 0.2 21 22 23 25 53 80 110 111 135 139 143 443 445 465 587 993 995 1433 1521 2049 3306 3389 5432 5900 6379 8080 8443 9200 27017"),
		one.within(120*time.Second).row("banner-slow", "BANNER VICTIM 5 22 21 80 443 25 3306 445 3389 8080 23 5900 139 1433 110 6379 5432"),
		one.row("async-scan", "QUICKSCAN VICTIM 1 3000 300"),
		silent.row("behind-firewall", "nmap -n -Pn -sS TIMING --top-ports 100 VICTIM"),
		silent.row("behind-firewall-connect", "nmap -n -Pn -sT -T4 --max-retries 0 --top-ports 60 VICTIM"),
		out.row("from-inside", "nmap -n -Pn -sS -T4 --max-retries 0 -p ONEPORT FOREIGN"),
		out.row("from-inside-connect", "nmap -n -Pn -sT -T4 --max-retries 0 -p 22,23,2323 FOREIGN"),
		one.by(scanBeside).row("inside-to-inside", "nmap -n -sS -T4 -p 22,80,135,139,445,3389 TARGETS"),
		one.by(scanShared).row("many-scanners", ""),
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
