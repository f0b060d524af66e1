package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// service gives a host that offers what is asked for, starting it at first need.
func (r *Run) service(ctx context.Context, name string) (*Host, error) {
	switch name {
	case "ssh":
		return r.Files, nil
	case "web":
		return r.Shop, nil
	case "mail":
		return r.Mail, nil
	}
	r.mu.Lock()
	h, ok := r.made[name]
	r.mu.Unlock()
	if ok {
		return h, nil
	}
	h, err := r.host(ctx, name, true)
	if err != nil {
		return nil, err
	}
	start, ok := map[string]func(context.Context) error{
		"ftp": h.ServeFTP, "telnet": h.ServeTelnet, "mariadb": h.ServeMariaDB, "postgres": h.ServePostgres,
		"smb": h.ServeSMB, "redis": h.ServeRedis, "ntp": h.ServeTime,
		"vnc": h.ServeVNC, "rdp": h.ServeRDP, "ldap": h.ServeLDAP, "sip": h.ServeSIP, "snmp": h.ServeSNMP, "mqtt": h.ServeMQTT,
		"portal": h.ServePortal, "dropbear": h.ServeDropbear,
	}[name]
	if !ok {
		return nil, fmt.Errorf("the lab has no service %q", name)
	}
	return h, start(ctx)
}

// ServeTelnet starts telnetd behind a listener.
func (h *Host) ServeTelnet(ctx context.Context) error {
	if err := h.Serve("socat", "TCP-LISTEN:23,fork,reuseaddr", "EXEC:/usr/sbin/telnetd,nofork"); err != nil {
		return err
	}
	return h.Listening(ctx, 23)
}

var making sync.Mutex // of templates

// template makes a directory once and gives every later caller a copy: data bases
// take seconds to set up.
func template(ctx context.Context, name, dir string, make func(at string) error) error {
	base := filepath.Join(os.TempDir(), Prefix+"-templates")
	if err := os.MkdirAll(base, 0o755); err != nil {
		return err
	}
	t := filepath.Join(base, name)
	making.Lock()
	defer making.Unlock()
	if !exists(t) {
		part := fmt.Sprintf("%s.%d", t, os.Getpid())
		if err := make(part); err != nil {
			return err
		}
		if err := os.Rename(part, t); err != nil && !exists(t) { // another program may have been first
			return err
		}
	}
	return shArgs(ctx, "cp", "-a", t, dir)
}

// ServeMariaDB starts a data base with an account app and some tables.
func (h *Host) ServeMariaDB(ctx context.Context) error {
	data := filepath.Join(h.Dir, "mariadb")
	err := template(ctx, "mariadb", data, func(at string) error {
		return shArgs(ctx, "mariadb-install-db", "--no-defaults", "--user=mysql", "--datadir="+at, "--tmpdir=/tmp", "--auth-root-authentication-method=normal", "--skip-test-db")
	})
	if err != nil {
		return err
	}
	var sql strings.Builder
	sql.WriteString("create database shop;\ncreate table shop.orders(id int auto_increment primary key, name varchar(80), price double, text text);\n")
	for i := range 300 {
		fmt.Fprintf(&sql, "insert into shop.orders(name,price,text) values('item %d',%d,'%s');\n", i, i*3, strings.Repeat("words ", 20))
	}
	sql.WriteString("create user app@'%' identified by 'app-secret';\ngrant all on shop.* to app@'%';\n")
	init := filepath.Join(h.Dir, "init.sql")
	if err := os.WriteFile(init, []byte(sql.String()), 0o644); err != nil {
		return err
	}
	if err := h.Serve("mariadbd", "--no-defaults", "--user=mysql", "--datadir="+data, "--tmpdir=/tmp", "--socket="+data+"/sock", "--pid-file="+data+"/pid",
		"--bind-address=0.0.0.0", "--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--max-connect-errors=1000000", "--init-file="+init); err != nil {
		return err
	}
	return h.Listening(ctx, 3306)
}

// ServePostgres starts a data base with password log-in.
func (h *Host) ServePostgres(ctx context.Context) error {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		return fmt.Errorf("no PostgreSQL under /usr/lib/postgresql")
	}
	bin := bins[len(bins)-1]
	data := filepath.Join(h.Dir, "postgres")
	err = template(ctx, "postgres", data, func(at string) error {
		if err := shArgs(ctx, "install", "-d", "-m", "700", "-o", "postgres", "-g", "postgres", at); err != nil {
			return err
		}
		password := at + ".password"
		if err := os.WriteFile(password, []byte("pg-secret\n"), 0o644); err != nil {
			return err
		}
		defer os.Remove(password)
		return shArgs(ctx, "runuser", "-u", "postgres", "--", bin+"/initdb", "-D", at, "-A", "scram-sha-256", "--pwfile="+password, "-N")
	})
	if err != nil {
		return err
	}
	hba := "host all all 0.0.0.0/0 scram-sha-256\nlocal all all trust\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o644); err != nil {
		return err
	}
	if err := h.Serve("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", bin+"/postgres", "-D", data,
		"-c", "listen_addresses=*", "-c", "unix_socket_directories="+data, "-c", "fsync=off"); err != nil {
		return err
	}
	return h.Listening(ctx, 5432)
}

// ServeSMB starts Samba with a share for the lab's users.
func (h *Host) ServeSMB(ctx context.Context) error {
	share := filepath.Join(h.Dir, "share")
	for _, d := range []string{share, h.Dir + "/private", h.Dir + "/state", h.Dir + "/run"} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			return err
		}
		if err := os.Chmod(d, 0o777); err != nil {
			return err
		}
	}
	for i := range 20 {
		if err := os.WriteFile(fmt.Sprintf("%s/plan%d.txt", share, i), []byte(strings.Repeat("numbers and words ", 200*(i+1))), 0o666); err != nil {
			return err
		}
	}
	conf := strings.NewReplacer("DIR", h.Dir, "SHARE", share).Replace(`[global]
server role = standalone server
private dir = DIR/private
state directory = DIR/state
cache directory = DIR/state
lock directory = DIR/state
pid directory = DIR/run
ncalrpc dir = DIR/run/ncalrpc
log file = DIR/smbd.log
disable spoolss = yes
load printers = no
smb ports = 445
admin users = admin alice backup bob carol
[files]
path = SHARE
read only = no
[ADMIN$]
path = SHARE
read only = no
`)
	file := filepath.Join(h.Dir, "smb.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return err
	}
	for _, u := range Users {
		h.Shell(ctx, "printf '%%s\\n%%s\\n' '%s' '%s' | smbpasswd -c %s -s -a %s", u.Password, u.Password, file, u.Name)
	}
	if err := h.Serve("smbd", "-F", "--no-process-group", "-s", file); err != nil {
		return err
	}
	return h.Listening(ctx, 445)
}

// ServeRedis starts a password-protected Redis.
func (h *Host) ServeRedis(ctx context.Context) error {
	if err := h.Serve("redis-server", "--port", "6379", "--bind", "0.0.0.0", "--requirepass", "red-secret", "--save", "", "--dir", h.Dir); err != nil {
		return err
	}
	return h.Listening(ctx, 6379)
}

// ServeTime starts an NTP server that does not touch the clock.
func (h *Host) ServeTime(context.Context) error {
	conf := filepath.Join(h.Dir, "chrony.conf")
	text := "local stratum 8\nallow all\ncmdport 0\nport 123\npidfile " + h.Dir + "/chrony.pid\ndriftfile " + h.Dir + "/drift\n"
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return err
	}
	return h.Serve("chronyd", "-d", "-x", "-u", "root", "-f", conf)
}

func writeLines(path string, lines []string) error {
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
