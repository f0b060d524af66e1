package lab

import (
	"context"
	"strings"
	"sync"
	"time"
)

// serverLife: what watches servers, and what depends on servers that are down.
func serverLife() []Scenario {
	return []Scenario{
		benign("prometheus", 70*time.Second, playPrometheus),
		benign("monitor", 70*time.Second, playMonitor),
		benign("ping", 60*time.Second, playPing),
		benign("service-refused", 60*time.Second, playServiceRefused),
		benign("service-silent", 60*time.Second, playServiceSilent),
		benign("ntp", 50*time.Second, playNTP),
		benign("snmp", 60*time.Second, playSNMP),
		benign("mqtt", 60*time.Second, playMQTT),
		benign("load-balancer", 50*time.Second, playLoadBalancer),
		benign("busy-site", 30*time.Second, playBusySite),
	}
}

func playPrometheus(ctx context.Context, r *Run) error {
	h := r.People[0]
	every := r.between(2, 5)
	h.Shell(ctx, "while :; do for t in %s %s; do curl -s -m 3 -o /dev/null http://$t/metrics; done; sleep %d; done", r.Shop.Addr, r.News.Addr, every)
	return nil
}

// playMonitor: a monitor asks every service of every server, one of which is down.
func playMonitor(ctx context.Context, r *Run) error {
	h := r.People[0]
	checks := []string{}
	for _, t := range []string{r.Shop.Addr.String() + " 80", r.Shop.Addr.String() + " 443", r.Mail.Addr.String() + " 25", r.Mail.Addr.String() + " 143",
		r.Files.Addr.String() + " 22", r.Files.Addr.String() + " 8443", r.DNS.Addr.String() + " 53"} {
		checks = append(checks, "nc -z -w 1 "+t)
	}
	h.Shell(ctx, "while :; do %s; for a in %s %s %s; do ping -c 1 -W 1 $a; done; sleep %d; done", strings.Join(checks, "; "), r.Shop.Addr, r.Mail.Addr, r.Files.Addr, r.between(3, 8))
	return nil
}

func playPing(ctx context.Context, r *Run) error {
	r.People[0].Shell(ctx, "ping -i 1 %s & ping -i 0.5 %s & wait", r.Shop.Addr, r.News.Addr)
	return nil
}

// playServiceRefused: everybody tries a service that is down, again and again.
func playServiceRefused(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "while :; do curl -s -m 2 http://%s:%s/api; sleep 0.%d; done", r.Files.Addr, "8080", r.between(2, 9))
	})
	return nil
}

func playServiceSilent(ctx context.Context, r *Run) error {
	if _, err := r.crowd(ctx); err != nil {
		return err
	}
	silent, err := r.quiet(ctx, 200)
	if err != nil {
		return err
	}
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "while :; do curl -s -m 3 http://%s/; sleep 1; done", silent)
	})
	return nil
}

func playNTP(ctx context.Context, r *Run) error {
	s, err := r.service(ctx, "ntp")
	if err != nil {
		return err
	}
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "chronyd -d -x -u root 'server %s iburst minpoll 2 maxpoll 3' 'cmdport 0' 'pidfile %s/c.pid'", s.Addr, h.Dir)
	})
	return nil
}

func playSNMP(ctx context.Context, r *Run) error {
	for _, s := range []*Host{r.Shop, r.Files, r.Mail} {
		conf := s.Dir + "/snmpd.conf"
		if err := writeLines(conf, []string{"rocommunity public", "agentaddress udp:161"}); err != nil {
			return err
		}
		if err := s.Serve("snmpd", "-f", "-Lo", "-C", "-c", conf, "-p", s.Dir+"/snmpd.pid"); err != nil {
			return err
		}
	}
	pause(ctx, time.Second)
	r.People[0].Shell(ctx, "while :; do for a in %s %s %s; do snmpwalk -v2c -c public -t 1 -r 0 $a 1.3.6.1.2.1.2; done; sleep %d; done", r.Shop.Addr, r.Files.Addr, r.Mail.Addr, r.between(4, 9))
	return nil
}

func playMQTT(ctx context.Context, r *Run) error {
	conf := r.Files.Dir + "/mosquitto.conf"
	if err := writeLines(conf, []string{"listener 1883", "allow_anonymous true", "user root"}); err != nil {
		return err
	}
	if err := r.Files.Serve("mosquitto", "-c", conf); err != nil {
		return err
	}
	if err := r.Files.Listening(ctx, 1883); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.People[0].Shell(ctx, "mosquitto_sub -h %s -t 'house/#'", r.Files.Addr) })
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "while :; do mosquitto_pub -h %s -t house/%s -m '{\"t\": %d}'; sleep %d; done", r.Files.Addr, h.Name, r.IntN(40), r.between(1, 4))
	})
	wg.Wait()
	return nil
}

// playLoadBalancer: health checks: a fresh connection to the same port every second.
func playLoadBalancer(ctx context.Context, r *Run) error {
	h := r.People[0]
	h.Shell(ctx, "while :; do curl -s -o /dev/null http://%s/terms; nc -z -w 1 %s 22; sleep 1; done", r.Shop.Addr, r.Files.Addr)
	return nil
}

// playBusySite: a crowd that came by a link: many real visitors at once.
func playBusySite(ctx context.Context, r *Run) error {
	h, err := r.host(ctx, "visitors", false)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range r.between(20, 40) {
		own := r.fork()
		wg.Go(func() {
			pause(ctx, own.seconds(0, 15))
			own.browse(ctx, h, own.Rand, "http://"+r.Shop.Addr.String()+"/")
		})
	}
	wg.Wait()
	return nil
}
