package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"firetower/internal/attack"
)

// scans: every way in which nmap looks at ports and hosts, and those of others.
func scans() []Scenario {
	one := family{class: attack.PortScan, limit: 45 * time.Second, play: scanHost}
	many := one.by(sweep)
	return []Scenario{
		one.row("nmap-syn", "nmap -n -Pn -sS TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-connect", "nmap -n -Pn -sT TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-fin", "nmap -n -Pn -sF TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-null", "nmap -n -Pn -sN TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-xmas", "nmap -n -Pn -sX TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-ack", "nmap -n -Pn -sA TIMING --top-ports PORTS VICTIM"),
		one.row("nmap-udp", "nmap -n -Pn -sU -T4 --max-retries 1 --top-ports 60 VICTIM"),
		one.row("nmap-version", "nmap -n -sV --version-light -T4 --top-ports 100 VICTIM"),
		one.row("nmap-os", "nmap -n -O -T4 --top-ports 100 VICTIM"),
		one.row("nmap-all", "nmap -n -A -T4 --top-ports 50 VICTIM"),
		one.row("nmap-protocols", "nmap -n -Pn -sO -T4 --max-retries 1 VICTIM"),
		one.row("nmap-range", "nmap -n -Pn -sS TIMING -p 1-1024 --max-retries 1 VICTIM"),
		one.row("nmap-slow", "nmap -n -Pn -sS --scan-delay DELAYms --max-retries 0 --top-ports 25 VICTIM"),
		one.row("nmap-slow-connect", "nmap -n -Pn -sT --scan-delay DELAYms --max-retries 0 --top-ports 20 VICTIM"),
		one.row("nmap-fragments", "nmap -n -Pn -sS -f TIMING --top-ports 100 VICTIM"),
		one.row("hping3-scan", "hping3 -S --scan 1-600 VICTIM"),
		one.row("masscan-ports", "masscan -p1-2000 --rate 500 --wait 2 --router-mac MAC --adapter-ip ATTACKER VICTIM"),
		one.row("nc-scan", "nc -nvz -w 1 VICTIM 1-200"),
		many.row("nmap-ping-sweep", "nmap -n -sn TIMING NETWORK"),
		many.row("nmap-sweep-port", "nmap -n -Pn -sS TIMING -p ONEPORT NETWORK"),
		many.row("nmap-sweep-connect", "nmap -n -Pn -sT TIMING -p ONEPORT --max-retries 0 NETWORK"),
		many.row("nmap-sweep-three", "nmap -n -Pn -sS TIMING -p 22,80,443 --max-retries 0 NETWORK"),
		many.row("masscan-sweep", "masscan -pONEPORT --rate 100 --wait 2 --router-mac MAC --adapter-ip ATTACKER NETWORK"),
		many.row("slow-sweep", "nmap -n -Pn -sS --scan-delay DELAYms -p ONEPORT --max-retries 0 SMALL"),
	}
}

// scanHost fills in a line of the table and plays it against a server or a person.
func scanHost(ctx context.Context, r *Run, line string) error {
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	victim := []*Host{r.Shop, r.Mail, r.Files, r.People[0]}[r.IntN(4)]
	r.against(victim)
	r.play(ctx, a, "%s", r.fill(line, a, victim))
	return nil
}

// sweep looks for one port in a network where a quarter of the addresses answers.
func sweep(ctx context.Context, r *Run, line string) error {
	// An attacker inside asks by ARP who is there, which is no scan of IP.
	a, err := r.host(ctx, "attacker1", false)
	if err != nil {
		return err
	}
	r.Truth.Attackers = append(r.Truth.Attackers, r.at(a))
	if _, err := r.crowd(ctx); err != nil {
		return err
	}
	r.against(r.Shop)
	r.play(ctx, a, "%s", r.fill(line, a, r.Shop))
	return nil
}

// crowd fills the upper half of the inside network: hosts that refuse everything
// (.128 to .191) and hosts that never answer (.192 to .254).
func (r *Run) crowd(ctx context.Context) (*Host, error) {
	h, err := r.host(ctx, "crowd", true)
	if err != nil {
		return nil, err
	}
	// Addresses of the first half are this host's own, by a route. For the second
	// half the router is told where they are, and the host throws them away.
	first := netip.PrefixFrom(r.At(128), 26)
	if err := sh(ctx, fmt.Sprintf("ip -n %s route replace local %s dev lo", h.ns, first)); err != nil {
		return nil, err
	}
	mac, err := r.mac(ctx, h)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if r.Setting.V6 { // neighbours are asked for one by one, so these must be addresses
		for i := byte(128); i < 192; i++ {
			fmt.Fprintf(&b, "addr add %s/128 dev eth0 nodad\n", map6(inside6, r.At(i)))
		}
		return h, batch(ctx, h.ns, b.String())
	}
	for i := byte(192); i < 255; i++ {
		fmt.Fprintf(&b, "neigh replace %s lladdr %s dev br0 nud permanent\n", r.At(i), mac)
	}
	return h, batch(ctx, r.ns, b.String())
}

func (r *Run) fill(line string, attacker, victim *Host) string {
	delay := r.between(500, 1800)
	router, _ := r.mac(context.Background(), nil)
	if r.Inside.Contains(attacker.Addr) {
		router, _ = r.mac(context.Background(), victim)
	}
	return strings.NewReplacer("TIMING", r.pick("-T3", "-T4", "-T4", "-T5"), "PORTS", r.pick("50", "100", "300", "1000"),
		"DELAY", fmt.Sprint(delay), "VICTIM", r.at(victim).String(), "ATTACKER", r.at(attacker).String(), "MAC", router,
		"ONEPORT", r.pick("22", "23", "80", "443", "445", "3389", "5900", "8080", "21", "1433", "3306", "6379"),
		"NETWORK", netip.PrefixFrom(r.At(128), 25).String(), "CROWD6", netip.PrefixFrom(map6(inside6, r.At(128)), 122).String(), "PREFIX", strings.TrimSuffix(r.At(1).String(), ".1"), "SMALL", netip.PrefixFrom(r.At(176), 27).String()).Replace(line)
}
