package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// habit is what devices, programs and administrators do day in, day out: a line of
// shell. Names in capitals are hosts and dice, see play.
type habit struct {
	name    string
	who     int
	seconds int
	line    string
}

const (
	onePerson = iota
	everybody
	aVisitor // from outside
)

// habits are played one by one and, as medley, many at once.
func habits() []Scenario {
	table := habitTable()
	var all []Scenario
	for _, h := range table {
		all = append(all, benign(h.name, time.Duration(h.seconds)*time.Second, func(ctx context.Context, r *Run) error { return h.play(ctx, r, 0) }))
	}
	return append(all, benign("medley", 80*time.Second, func(ctx context.Context, r *Run) error {
		var mine []habit
		for _, i := range r.Perm(len(table))[:8] {
			mine = append(mine, table[i])
			r.note(table[i].name)
			if err := r.prepare(ctx, table[i].line); err != nil {
				return err
			}
		}
		var wg sync.WaitGroup
		failed := make([]error, len(mine))
		for i, h := range mine {
			own := r.fork()
			wg.Go(func() {
				pause(ctx, own.seconds(0, 10))
				failed[i] = h.play(ctx, own, i)
			})
		}
		wg.Wait()
		return errors.Join(failed...)
	}))
}

// play starts what the line needs and has it run by whoever does that; first says
// which of the people, if it is one.
func (h habit) play(ctx context.Context, r *Run, first int) error {
	if err := r.prepare(ctx, h.line); err != nil {
		return err
	}
	switch h.who {
	case everybody:
		r.each(ctx, func(ctx context.Context, p *Host, r *Run) { r.habit(ctx, p, h.line) })
	case aVisitor:
		r.habit(ctx, r.made["visitor"], h.line)
	default:
		r.habit(ctx, r.People[first%len(r.People)], h.line)
	}
	return nil
}

func habitTable() []habit {
	loop := func(line string) string { return "while :; do " + line + "; done" }
	return []habit{
		// devices
		{"device-json", everybody, 110, loop("curl -s -o /dev/null -H 'Content-Type: application/json' -d '{\"sensor\":\"DICE\",\"t\":21.DICE,\"h\":4DICE}' http://CLOUD/v1/data; sleep 1DICE")},
		{"device-json-tls", onePerson, 110, loop("curl -s -k -o /dev/null -H 'Content-Type: application/json' -d '{\"sensor\":\"DICE\",\"watts\":DICE}' https://CLOUD/v1/data; sleep 1DICE")},
		{"television", onePerson, 70, loop("for h in ads log img api; do curl -s -k -o /dev/null -A 'SmartTV/7.0 (Linux; Tizen)' 'https://CLOUD/page$((DICE)).html?h=$h'; sleep 0.7; done; sleep 1DICE")},
		{"camera", onePerson, 50, "CHATTER call NEWS 5004 45"},
		{"discovery", everybody, 50, "CHATTER discover SHOP 0 45"},
		{"telephones", everybody, 60, "SIP phone REGISTRAR 100 sip-secret 6 9"},
		{"printing", onePerson, 40, "for i in 1 2 3 4; do head -c 400K /dev/urandom | nc -N -w 3 FILES 9100; curl -s -m 2 -o /dev/null -H 'Content-Type: application/ipp' --data-binary @/etc/services http://SHOP/ipp/print; sleep 4; done"},
		// people
		{"game", onePerson, 60, "CHATTER game CLOUD 27015 55"},
		{"call", onePerson, 60, "CHATTER call CLOUD 3479 55 & curl -s -k -o /dev/null https://news.lab/page3.html; wait"},
		{"push", everybody, 110, "CHATTER push CLOUD 5228 105 mtalk.example"},
		{"push-bare", onePerson, 110, "CHATTER push CLOUD 5228 105"},
		{"mail-program", everybody, 70, "CHATTER folders MAIL 143 65 'USER' 'PASSWORD'"},
		{"mistyped-form", everybody, 50, "for p in summer2024 Summer2024 summer2025; do curl -s -o /dev/null -d \"user=USER&password=$p\" http://shop.lab/login; sleep 4; done; curl -s -o /dev/null -d 'user=USER&password=PASSWORD' http://shop.lab/login"},
		{"mistyped-imap", everybody, 50, "for p in one two three 'PASSWORD'; do curl -s -m 8 -u \"USER:$p\" imap://mail.lab/; sleep 4; done"},
		{"mistyped-ssh", everybody, 60, "for p in one two 'PASSWORD'; do sshpass -p \"$p\" ssh " + sshOptions + " -o NumberOfPasswordPrompts=1 USER@files.lab 'ls -l /usr/bin; sleep 3'; sleep 3; done"},
		{"ssh-idle", onePerson, 70, "(sleep 2; echo uptime; sleep 60; echo exit) | sshpass -p 'PASSWORD' ssh -T " + sshOptions + " -o ServerAliveInterval=5 USER@CLOUDSSH"},
		{"feeds", onePerson, 70, loop("for i in 1 2 3 4 5 6 7; do curl -s -o /dev/null -A 'Liferea/1.14' http://news.lab/page$i.html; done; sleep 9")},
		{"calendar", onePerson, 70, loop("curl -s -o /dev/null -X PROPFIND -H 'Depth: 1' -u 'USER:PASSWORD' http://SHOP/dav/; sleep 8")},
		{"sql-words", onePerson, 60, "for q in 'select a desk' 'union jack' \"o'neil and sons\" 'drop shadow table' '1 or 2 lamps' 'where to order by post' 'how to insert into a frame' 'alert (red)' '<b>bold</b> lamp'; do curl -s -G -o /dev/null --data-urlencode \"q=$q\" http://shop.lab/search; sleep 3; done"},
		// developers and their machines
		{"developer-curl", onePerson, 60, "for i in 1 2 3 4; do curl -s -o /dev/null -X POST -H 'Content-Type: application/json' -d '{\"filter\":\"name = '\"'\"'lamp'\"'\"' AND price > 3\",\"sort\":[{\"price\":\"desc\"}]}' http://PORTAL/api/items; curl -s -g -o /dev/null 'http://PORTAL/api/items?filter[name]=o%27neil&fields=id,name'; curl -s -o /dev/null 'http://PORTAL/api/none'; sleep 4; done"},
		{"phpmyadmin", onePerson, 60, "for q in 'SELECT * FROM `orders` WHERE `id` = 7' 'UPDATE `users` SET name = \"x\" WHERE id = 3' 'SELECT COUNT(*) FROM information_schema.tables' 'ALTER TABLE `a` ADD `b` INT'; do curl -s -o /dev/null --data-urlencode \"sql_query=$q\" -d 'db=shop&token=abc' http://PORTAL/phpmyadmin/import.php; sleep 4; done"},
		{"elasticsearch", everybody, 50, loop("curl -s -o /dev/null -H 'Content-Type: application/json' -d '{\"query\":{\"bool\":{\"must\":[{\"match\":{\"text\":\"error OR (select)\"}},{\"range\":{\"at\":{\"gte\":\"now-15m\"}}}]}}}' http://PORTAL/logs/_search; sleep 2")},
		{"dashboards", everybody, 60, loop("for m in cpu mem disk net load; do curl -s -G -o /dev/null --data-urlencode \"query=sum(rate($m{job=~\\\".+\\\"}[5m])) by (instance)\" http://PORTAL/api/v1/query_range; done; sleep 5")},
		{"runners", everybody, 70, loop("curl -s -o /dev/null -X POST -d '{\"token\":\"DICE\",\"info\":{\"name\":\"docker\"}}' http://PORTAL/api/v4/jobs/request; sleep 3")},
		{"packages", onePerson, 60, "for i in $(seq 50); do curl -s -o /dev/null -A 'Debian APT-HTTP/1.3 (2.6.1)' http://news.lab/img/$i.png; done; curl -s -o /dev/null http://news.lab/files/setup.bin"},
		{"images", onePerson, 60, "for i in $(seq 8); do curl -s -k -o /dev/null https://news.lab/video/$i.mp4 & done; wait; for i in $(seq 20); do curl -s -k -I -o /dev/null https://news.lab/img/$i.png; done"},
		{"link-checker", onePerson, 50, "wget -q --spider -r -l 2 http://news.lab/; for i in $(seq 25); do curl -s -I -o /dev/null http://news.lab/gone/$i; done"},
		// administrators
		{"ansible", onePerson, 70, "printf '[all]\\nFILES\\nNODE1\\nNODE2\\nNODE3\\n' > inv; ansible all -i inv -f 5 -u alice --private-key KEYFILE --ssh-common-args '" + sshOptions + "' -m ping; ansible all -i inv -f 5 -u alice --private-key KEYFILE --ssh-common-args '" + sshOptions + "' -m setup"},
		{"checks", onePerson, 70, loop("for a in FILES NODE1 NODE2; do echo | nc -w 1 $a 22 | head -1; done; echo QUIT | nc -w 2 MAIL 25; echo 'a logout' | nc -w 2 MAIL 143; curl -s -I -o /dev/null http://SHOP/; curl -s -k -I -o /dev/null https://SHOP/; dig +short @DNS news.lab; ping -c 2 -i 0.2 -q SHOP; sleep 5")},
		{"ssh-fan-out", onePerson, 60, "for n in 1 2 3; do for a in FILES NODE1 NODE2 NODE3; do ssh -i KEYFILE " + sshOptions + " alice@$a 'uptime; df -h'; done; sleep 5; done"},
		{"restic", onePerson, 60, "mkdir -p docs; for i in $(seq 30); do head -c $((i*9000)) /dev/urandom > docs/$i; done; export RESTIC_PASSWORD=x; O='ssh -i KEYFILE " + sshOptions + " alice@FILES -s sftp'; restic -o sftp.command=\"$O\" -r sftp:alice@FILES:repo init; for n in 1 2; do restic -o sftp.command=\"$O\" -r sftp:alice@FILES:repo backup docs; done"},
		{"cloud-backup", onePerson, 60, "head -c 12M /dev/urandom > all; split -b 2M all part; for p in part*; do curl -s -k -o /dev/null -T $p https://news.lab/upload; done"},
		{"ldap-logins", onePerson, 60, loop("ldapsearch -x -H ldap://LDAP -D cn=USER,dc=lab -w 'PASSWORD' -b dc=lab '(uid=USER)' cn; sleep 1")},
		{"pool-reconnects", onePerson, 60, loop("PGPASSWORD=pg-secret psql -h POSTGRES -U postgres -c 'select 1'; PGPASSWORD=pg-secret psql -h POSTGRES -p 5433 -U postgres -c 'select 1'; sleep 0.7")},
		{"wrong-config", onePerson, 60, loop("PGPASSWORD=old-secret psql -h POSTGRES -U postgres -c 'select 1'; sleep 8")},
		{"mtr", onePerson, 50, "mtr -n -r -c 6 NEWS; mtr -n -r -T -P 443 -c 6 NEWS; traceroute -n -w 1 CLOUD"},
		{"vendor-visit", onePerson, 70, "curl -s -o tool.exe http://news.lab/files/update.exe; for a in FILES NODE1 NODE2; do ssh -i KEYFILE " + sshOptions + " alice@$a 'journalctl -n 100; ls -lR /etc'; done; head -c 3M /dev/urandom > logs.tgz; curl -s -k -o /dev/null -T logs.tgz https://news.lab/upload"},
		{"http2", onePerson, 50, "for i in $(seq 8); do nghttp -a -n --no-verify-peer https://HTTP2:8443/page$i.html; sleep 2; done"},
		{"openvpn-tcp-like", everybody, 60, loop("openssl s_client -connect news.lab:443 -quiet </dev/null; sleep 4")},
		// visitors of the office's servers
		{"uptime-robot", aVisitor, 70, loop("curl -s -I -o /dev/null -A 'UptimeRobot/2.0' http://SHOP/; curl -s -k -I -o /dev/null https://SHOP/; sleep 5")},
		{"crawler", aVisitor, 50, "wget -q -r -l 3 -w 0.4 --random-wait -U 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' http://SHOP/; for u in robots.txt sitemap.xml ads.txt favicon.ico old/page.html; do curl -s -o /dev/null http://SHOP/$u; done"},
		{"health-probes", aVisitor, 60, loop("for p in 80 443 8000; do nc -z -w 1 SHOP $p; done; curl -s -o /dev/null http://SHOP/terms; sleep 2")},
		{"remote-worker", aVisitor, 70, "(sleep 1; for i in 1 2 3 4 5 6; do echo 'ls -l /usr/bin | head -40'; sleep 4; done; echo exit) | sshpass -p 'PASSWORD' ssh -T " + sshOptions + " USER@FILES & for i in 1 2 3 4 5; do curl -s -o /dev/null http://SHOP/item?id=$i; curl -s -m 5 -u 'USER:PASSWORD' -o /dev/null 'imap://MAIL/INBOX'; sleep 5; done; wait"},
	}
}

// prepare starts what a line needs that the office has not.
func (r *Run) prepare(ctx context.Context, line string) error {
	needs := func(word string) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return strings.Contains(line, word) && !r.ready[word]
	}
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, word := range []string{"CLOUD", "CLOUDSSH", "9100", "HTTP2", "NODE1", "NODE2", "NODE3"} {
			r.ready[word] = r.ready[word] || strings.Contains(line, word)
		}
	}()
	if needs("CLOUD") {
		h, err := r.host(ctx, "cloud", false)
		if err != nil {
			return err
		}
		if err := h.ServeSite(ctx, r.Rand, 0); err != nil {
			return err
		}
		program, err := h.script(scripts["CHATTER"])
		if err != nil {
			return err
		}
		for _, serve := range []string{"echo x 27015 200", "echo x 3479 200", "pushed x 5228 200"} {
			if err := h.Serve("sh", "-c", program+" "+serve); err != nil {
				return err
			}
		}
	}
	if needs("CLOUDSSH") {
		h, err := r.host(ctx, "cloud", false)
		if err != nil {
			return err
		}
		if err := h.ServeSSH(ctx, 22); err != nil {
			return err
		}
	}
	for _, n := range []string{"NODE1", "NODE2", "NODE3"} {
		if !needs(n) {
			continue
		}
		h, err := r.host(ctx, strings.ToLower(n), true)
		if err != nil {
			return err
		}
		if err := h.ServeSSH(ctx, 22); err != nil {
			return err
		}
	}
	for word, name := range map[string]string{"PORTAL": "portal", "REGISTRAR": "sip", "LDAP": "ldap", "POSTGRES": "postgres"} {
		if needs(word) {
			if _, err := r.service(ctx, name); err != nil {
				return err
			}
		}
	}
	if needs("9100") {
		if err := r.Files.Serve("socat", "-u", "TCP-LISTEN:9100,fork,reuseaddr", "OPEN:/dev/null"); err != nil {
			return err
		}
	}
	if needs("HTTP2") {
		if err := r.News.Serve("nghttpd", "-d", r.News.Dir+"/site", "8443", r.News.Dir+"/key.pem", r.News.Dir+"/cert.pem"); err != nil {
			return err
		}
	}
	if _, err := r.host(ctx, "visitor", false); err != nil {
		return err
	}
	if _, err := r.Key(ctx); err != nil {
		return err
	}
	pause(ctx, 500*time.Millisecond)
	return nil
}

// habit fills in a line and runs it on a host.
func (r *Run) habit(ctx context.Context, h *Host, line string) {
	u := Users[r.IntN(3)]
	with := []string{"CLOUDSSH", r.addrOf("cloud"), "CLOUD", r.addrOf("cloud"), "NODE1", r.addrOf("node1"), "NODE2", r.addrOf("node2"), "NODE3", r.addrOf("node3"),
		"PORTAL", r.addrOf("portal"), "REGISTRAR", r.addrOf("sip"), "LDAP", r.addrOf("ldap"), "POSTGRES", r.addrOf("postgres"), "HTTP2", r.News.Addr.String(),
		"KEYFILE", r.World.Dir + "/userkey", "USER", u.Name, "RESTIC_PASSWORD", "RESTIC_PASSWORD", "PGPASSWORD", "PGPASSWORD", "PASSWORD", u.Password, "DICE", fmt.Sprint(r.IntN(10)),
		"SHOP", r.Shop.Addr.String(), "MAIL", r.Mail.Addr.String(), "FILES", r.Files.Addr.String(), "DNS", r.DNS.Addr.String(), "NEWS", r.News.Addr.String()}
	line = replace(line, with...)
	for name, file := range scripts {
		if strings.HasPrefix(line, name+" ") {
			program, err := h.script(file)
			if err != nil {
				r.Log.Error("not played", "line", line, "why", err)
				return
			}
			line = program + strings.TrimPrefix(line, name)
		}
	}
	h.Run(ctx, "sh", "-c", line)
}

// addrOf gives the address of a host that prepare made, nothing if it did not.
func (r *Run) addrOf(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.made[name]; ok {
		return h.Addr.String()
	}
	return ""
}
