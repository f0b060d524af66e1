package lab

import (
	"context"
	"fmt"
	"time"
)

// workLife: shells, files, letters, data bases, names.
func workLife() []Scenario {
	return []Scenario{
		benign("ssh-work", 70*time.Second, playSSHWork),
		benign("ssh-mistyped", 40*time.Second, playSSHMistyped),
		benign("ssh-automation", 50*time.Second, playSSHAutomation),
		benign("scp", 40*time.Second, playSCP),
		benign("rsync-backup", 50*time.Second, playRsyncBackup),
		benign("git", 50*time.Second, playGit),
		benign("mail", 60*time.Second, playMail),
		benign("mail-relay", 50*time.Second, playMailRelay),
		benign("imap-poll", 70*time.Second, playIMAPPoll),
		benign("dns", 50*time.Second, playDNS),
		benign("resolver", 40*time.Second, playResolver),
		benign("mariadb", 50*time.Second, playMariadb),
		benign("postgres", 50*time.Second, playPostgres),
		benign("ftp", 40*time.Second, playFTP),
		benign("smb", 40*time.Second, playSMB),
		benign("telnet-session", 40*time.Second, playTelnetSession),
		benign("redis", 40*time.Second, playRedis),
	}
}

func playSSHWork(ctx context.Context, r *Run) error {
	return r.again(ctx, 3*time.Second, func(ctx context.Context, h *Host, r *Run) { r.work(ctx, h, r.Rand) })
}

// playSSHMistyped: somebody who gets the password wrong twice, then right.
func playSSHMistyped(ctx context.Context, r *Run) error {
	h, u := r.People[0], Users[0]
	for range r.between(1, 3) {
		h.Shell(ctx, "sshpass -p wrong ssh %s -o NumberOfPasswordPrompts=1 %s@files.lab true", sshOptions, u.Name)
		pause(ctx, r.seconds(2, 6))
	}
	h.Shell(ctx, "sshpass -p '%s' ssh %s %s@files.lab 'ls -lR /usr/share/doc | head -2000; sleep %d; uptime'", u.Password, sshOptions, u.Name, r.between(3, 10))
	return nil
}

// playSSHAutomation: a configuration tool: one short session after another, all of which succeed.
func playSSHAutomation(ctx context.Context, r *Run) error {
	key, err := r.Key(ctx)
	if err != nil {
		return err
	}
	r.People[0].Shell(ctx, "for i in $(seq %d); do ssh %s alice@files.lab 'test -e /etc/hosts && echo ok %d'; sleep 0.%d; done", r.between(8, 20), key, r.between(1, 999), r.between(1, 9))
	return nil
}

func playSCP(ctx context.Context, r *Run) error {
	key, err := r.Key(ctx)
	if err != nil {
		return err
	}
	h := r.People[0]
	h.Shell(ctx, "head -c %dM /dev/urandom > data; for i in 1 2 3; do scp -q %s data alice@files.lab:data$i; sleep 1; scp -q %s alice@files.lab:data$i back; done", r.between(1, 6), key, key)
	return nil
}

func playRsyncBackup(ctx context.Context, r *Run) error {
	key, err := r.Key(ctx)
	if err != nil {
		return err
	}
	h := r.People[0]
	h.Shell(ctx, "mkdir -p docs; for i in $(seq 60); do head -c $((i*2000)) /dev/urandom > docs/$i; done; for n in 1 2 3; do rsync -a -e 'ssh %s' docs/ alice@files.lab:docs/; head -c 90000 /dev/urandom > docs/$n; sleep %d; done", key, r.between(1, 5))
	h.Shell(ctx, "tar c docs | ssh %s alice@files.lab 'cat > docs.tar'", key)
	return nil
}

func playGit(ctx context.Context, r *Run) error {
	key, err := r.Key(ctx)
	if err != nil {
		return err
	}
	h := r.People[0]
	h.Shell(ctx, "ssh %s alice@files.lab 'git init -q --bare work.git'; git init -q w; cd w; git config user.email a@lab; git config user.name a; "+
		"export GIT_SSH_COMMAND='ssh %s'; for i in $(seq %d); do head -c 30000 /dev/urandom | base64 > f$i; git add .; git commit -q -m c$i; git push -q alice@files.lab:work.git HEAD:main; sleep 1; done; "+
		"for i in 1 2 3; do git clone -q -b main alice@files.lab:work.git ../c$i; git -C ../c$i pull -q; done", key, key, r.between(4, 10))
	return nil
}

func playMail(ctx context.Context, r *Run) error {
	return r.again(ctx, 2*time.Second, func(ctx context.Context, h *Host, r *Run) { r.mail(ctx, h, r.Rand) })
}

// playMailRelay: a relay outside delivers a list: many short sessions in a row.
func playMailRelay(ctx context.Context, r *Run) error {
	h, err := r.host(ctx, "relay", false)
	if err != nil {
		return err
	}
	h.Shell(ctx, "for i in $(seq %d); do swaks --server %s --from list@example.net --to alice@lab --body 'news %d' --timeout 5; sleep 0.%d; done", r.between(25, 60), r.Mail.Addr, r.IntN(1000), r.between(1, 6))
	return nil
}

func playIMAPPoll(ctx context.Context, r *Run) error {
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		u := Users[r.IntN(len(Users))]
		every := r.between(4, 10)
		h.Shell(ctx, "while :; do curl -s -m 5 -u '%s:%s' -X 'STATUS INBOX (MESSAGES)' imap://mail.lab/; sleep %d; done", u.Name, u.Password, every)
	})
	return nil
}

func playDNS(ctx context.Context, r *Run) error {
	return r.again(ctx, 300*time.Millisecond, func(ctx context.Context, h *Host, r *Run) { r.lookUp(ctx, h, r.Rand) })
}

// playResolver: many names at once, half of them missing, of all types.
func playResolver(ctx context.Context, r *Run) error {
	return r.again(ctx, time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "for i in $(seq %d); do dig +tries=1 +time=1 %s @%s host$i-%d.%s; done", r.between(10, 40), r.pick("A", "AAAA", "TXT", "MX"), r.DNS.Addr, r.IntN(1000), r.pick("lab", "example", "example.org"))
	})
}

func playMariadb(ctx context.Context, r *Run) error {
	db, err := r.service(ctx, "mariadb")
	if err != nil {
		return err
	}
	return r.again(ctx, 700*time.Millisecond, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "mariadb --skip-ssl -h %s -u app -papp-secret shop -e \"select * from orders where price > %d limit %d; select count(*) from orders; insert into orders(name,price,text) values('x',1,'%d')\"", db.Addr, r.IntN(900), r.between(1, 200), r.IntN(99))
	})
}

func playPostgres(ctx context.Context, r *Run) error {
	db, err := r.service(ctx, "postgres")
	if err != nil {
		return err
	}
	return r.again(ctx, time.Second, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "PGPASSWORD=pg-secret psql -h %s -U postgres -c 'select generate_series(1,%d), md5(random()::text)' -c 'select * from pg_catalog.pg_class limit %d'", db.Addr, r.between(1, 2000), r.between(1, 200))
	})
}

func playFTP(ctx context.Context, r *Run) error {
	f, err := r.service(ctx, "ftp")
	if err != nil {
		return err
	}
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		u := Users[r.IntN(len(Users))]
		h.Shell(ctx, "head -c %dK /dev/urandom > up; lftp -u '%s,%s' -e 'set ssl:use-no; set net:timeout 5; put up -o a1; put up -o a2; ls; put up -o a3; get a1 -o down; ls; mirror -R %s/docs d; quit' %s", r.between(50, 2000), u.Name, u.Password, h.Dir, f.Addr)
	})
	return nil
}

func playSMB(ctx context.Context, r *Run) error {
	f, err := r.service(ctx, "smb")
	if err != nil {
		return err
	}
	r.each(ctx, func(ctx context.Context, h *Host, r *Run) {
		u := Users[r.IntN(len(Users))]
		r.repeat(ctx, 3*time.Second, func() {
			h.Shell(ctx, "head -c 600K /dev/urandom > sheet; smbclient -U '%s%%%s' //%s/files -c 'ls; get plan%d.txt; put sheet s%d; get plan%d.txt'", u.Name, u.Password, f.Addr, r.IntN(20), r.IntN(9), r.IntN(20))
		})
	})
	return nil
}

func playTelnetSession(ctx context.Context, r *Run) error {
	s, err := r.service(ctx, "telnet")
	if err != nil {
		return err
	}
	r.People[0].Shell(ctx, "(sleep 2; echo alice; sleep 2; echo %s; for i in 1 2 3 4 5 6; do sleep %d; echo ls -l /usr; done; echo exit; sleep 1) | telnet %s", Users[0].Password, r.between(1, 3), s.Addr)
	return nil
}

func playRedis(ctx context.Context, r *Run) error {
	s, err := r.service(ctx, "redis")
	if err != nil {
		return err
	}
	return r.again(ctx, 500*time.Millisecond, func(ctx context.Context, h *Host, r *Run) {
		h.Shell(ctx, "for i in 1 2 3 4 5; do redis-cli -h %s -a red-secret --no-auth-warning set key:%d %s; redis-cli -h %s -a red-secret --no-auth-warning get key:%d; done", s.Addr, r.IntN(100), fmt.Sprint(r.Uint64()), s.Addr, r.IntN(100))
	})
}
