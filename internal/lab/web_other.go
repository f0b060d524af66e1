package lab

import (
	"context"
	"time"

	"firetower/internal/attack"
)

// otherWebAttacks: what people try by hand, lists of known holes, more of sqlmap.
func otherWebAttacks() []Scenario {
	shop := family{class: attack.WebAttack, limit: 60 * time.Second, play: strike}
	portal := shop.by(strikePortal)
	const sqlmap = "sqlmap --batch --flush-session --disable-coloring "
	return []Scenario{
		shop.row("hand-sql", "BYHAND sql http://VICTIM 10 3"),
		shop.row("hand-blind", "BYHAND blind http://VICTIM 24 1"),
		shop.row("hand-xss", "BYHAND xss http://VICTIM 7 5"),
		shop.row("hand-files", "BYHAND files http://VICTIM 7 4"),
		shop.row("hand-include", "BYHAND include http://VICTIM 6 4"),
		shop.row("hand-template", "BYHAND template http://VICTIM 7 3"),
		shop.row("hand-xml", "BYHAND xml http://VICTIM 5 3"),
		shop.row("hand-inside", "BYHAND inside http://VICTIM 6 3"),
		shop.row("log4shell", "BYHAND log4shell http://VICTIM 4 2"),
		shop.row("shellshock", "BYHAND shellshock http://VICTIM 6 2"),
		shop.row("struts", "BYHAND struts http://VICTIM 4 2"),
		shop.row("known-holes", "BYHAND known http://VICTIM 50 0.15"),
		shop.row("known-holes-slow", "BYHAND known http://VICTIM 20 2"),
		portal.row("web-shell", "BYHAND shell http://VICTIM 10 3"),
		portal.row("web-shell-post", "BYHAND upload http://VICTIM 8 3"),
		shop.row("sqlmap-tamper", sqlmap+"-u 'http://VICTIM/item?id=ID' --tamper=space2comment,between,randomcase --random-agent --dbs"),
		shop.row("sqlmap-level", sqlmap+"-u 'http://VICTIM/search?q=a' --level 5 --risk 3 --random-agent"),
		shop.row("sqlmap-delay", sqlmap+"-u 'http://VICTIM/item?id=ID' --delay 0.7 --random-agent --technique=BE"),
		shop.row("sqlmap-post", sqlmap+"-u 'http://VICTIM/comment' --data 'item=1*&author=a&body=b' --random-agent"),
		shop.row("sqlmap-cookie", sqlmap+"-u 'http://VICTIM/item' --cookie 'id=1*; lang=en' --level 2"),
		portal.row("sqlmap-json", sqlmap+"-u 'http://VICTIM/api/login' --data '{\"user\":\"a*\",\"password\":\"b\"}' --random-agent --ignore-code 401"),
		portal.row("nmap-web", "nmap -n -Pn -p 80 --script 'http-enum,http-wordpress-enum,http-shellshock,http-vuln*' VICTIM"),
		shop.row("whatweb-wapiti", "whatweb -a 3 http://VICTIM/; wapiti -u http://VICTIM/ --flush-session --max-scan-time 40 -S normal -m ssrf,xxe,crlf,shellshock,log4shell,file,redirect"),
		shop.row("dirsearch", "dirsearch -q -t THREADS -e php,html -u http://VICTIM/"),
		shop.row("ffuf-dirs", "ffuf -s -t THREADS -w /usr/share/dirb/wordlists/small.txt -u http://VICTIM/FUZZ"),
		shop.row("ffuf-slow", "ffuf -s -t 1 -p 0.5 -w /usr/share/dirb/wordlists/common.txt -u http://VICTIM/FUZZ -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0'"),
		shop.row("curl-dirs", "for d in admin backup old test dev tmp config db phpmyadmin .git .svn .env login.php admin.php shell.php upload uploads files private secret server-status api v1 console manager jenkins wp-admin wp-login.php robots.txt sitemap.xml; do curl -s -o /dev/null -A '"+firefox+"' http://VICTIM/$d; sleep 0.5; done"),
		shop.row("xsstrike-like", "SELF probe -url http://VICTIM/search?q= -kind xss -count 20 -every 1500ms -keep"),
	}
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"

// strikePortal is the same against the portal.
func strikePortal(ctx context.Context, r *Run, line string) error {
	shop := r.Shop
	h, err := r.service(ctx, "portal")
	if err != nil {
		return err
	}
	r.Shop = h
	defer func() { r.Shop = shop }()
	return strike(ctx, r, line)
}
