package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// ServeVNC starts a display of TigerVNC's with a password.
func (h *Host) ServeVNC(ctx context.Context) error {
	h.Shell(ctx, "printf 'vnc-secr' | tigervncpasswd -f > vncpasswd")
	if err := h.Serve("Xtigervnc", ":1", "-rfbport", "5900", "-geometry", "640x480", "-PasswordFile", h.Dir+"/vncpasswd", "-SecurityTypes", "VncAuth",
		"-AcceptSetDesktopSize=0", "-nolisten", "unix", "-localhost=0"); err != nil {
		return err
	}
	return h.Listening(ctx, 5900)
}

// ServeRDP starts xrdp.
func (h *Host) ServeRDP(ctx context.Context) error {
	h.Shell(ctx, "cp /etc/xrdp/xrdp.ini . && openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=desk -keyout key.pem -out cert.pem; sed -i 's:^certificate=.*:certificate=%s/cert.pem:; s:^key_file=.*:key_file=%s/key.pem:; s:^LogFile=.*:LogFile=%s/xrdp.txt:' xrdp.ini", h.Dir, h.Dir, h.Dir)
	if err := h.Serve("xrdp", "--nodaemon", "--config", h.Dir+"/xrdp.ini"); err != nil {
		return err
	}
	return h.Listening(ctx, 3389)
}

// ServeLDAP starts OpenLDAP with an administrator and the lab's users.
func (h *Host) ServeLDAP(ctx context.Context) error {
	if err := os.MkdirAll(h.Dir+"/ldap", 0o700); err != nil {
		return err
	}
	conf := []string{"include /etc/ldap/schema/core.schema", "include /etc/ldap/schema/cosine.schema", "modulepath /usr/lib/ldap", "moduleload back_mdb",
		"pidfile " + h.Dir + "/slapd.pid", "database mdb", "suffix dc=lab", "rootdn cn=admin,dc=lab", "rootpw ldap-secret", "directory " + h.Dir + "/ldap"}
	if err := writeLines(h.Dir+"/slapd.conf", conf); err != nil {
		return err
	}
	entries := "dn: dc=lab\nobjectClass: dcObject\nobjectClass: organization\no: lab\ndc: lab\n\n"
	for _, u := range Users {
		entries += fmt.Sprintf("dn: cn=%s,dc=lab\nobjectClass: person\nobjectClass: uidObject\ncn: %s\nsn: %s\nuid: %s\nuserPassword: %s\n\n", u.Name, u.Name, u.Name, u.Name, u.Password)
	}
	if err := os.WriteFile(h.Dir+"/users.ldif", []byte(entries), 0o644); err != nil {
		return err
	}
	h.Shell(ctx, "/usr/sbin/slapadd -f slapd.conf -l users.ldif")
	if err := h.Serve("/usr/sbin/slapd", "-d", "0", "-f", h.Dir+"/slapd.conf", "-h", "ldap://0.0.0.0/"); err != nil {
		return err
	}
	return h.Listening(ctx, 389)
}

// ServeSIP starts the lab's registrar.
func (h *Host) ServeSIP(context.Context) error {
	_, err := h.script("servers/registrar.py")
	if err != nil {
		return err
	}
	return h.Serve("/usr/bin/python3", h.Dir+"/registrar.py", "sip-secret")
}

// ServePortal starts the company's portal on port 80.
func (h *Host) ServePortal(ctx context.Context) error {
	_, err := h.script("servers/portal.py")
	if err != nil {
		return err
	}
	if err := h.Serve("/usr/bin/python3", h.Dir+"/portal.py", "80", "admin", "portal-secret"); err != nil {
		return err
	}
	return h.Listening(ctx, 80)
}

// ServeSNMP starts an agent whose community is not the usual one.
func (h *Host) ServeSNMP(context.Context) error {
	conf := h.Dir + "/snmpd.conf"
	if err := writeLines(conf, []string{"rocommunity s3cr3t-ro", "agentaddress udp:161"}); err != nil {
		return err
	}
	return h.Serve("snmpd", "-f", "-Lo", "-C", "-c", conf, "-p", h.Dir+"/snmpd.pid")
}

// ServeMQTT starts a broker that wants a password.
func (h *Host) ServeMQTT(ctx context.Context) error {
	h.Shell(ctx, "mosquitto_passwd -b -c mqttusers admin mqtt-secret")
	if err := writeLines(h.Dir+"/mosquitto.conf", []string{"listener 1883", "allow_anonymous false", "password_file " + h.Dir + "/mqttusers", "user root"}); err != nil {
		return err
	}
	if err := h.Serve("mosquitto", "-c", h.Dir+"/mosquitto.conf"); err != nil {
		return err
	}
	return h.Listening(ctx, 1883)
}

// ServeDropbear starts the SSH server of small devices.
func (h *Host) ServeDropbear(ctx context.Context) error {
	key := filepath.Join(h.Dir, "dropbear.key")
	if err := shArgs(ctx, "dropbearkey", "-t", "ecdsa", "-f", key); err != nil {
		return err
	}
	if err := h.Serve("dropbear", "-F", "-E", "-p", "22", "-r", key, "-P", h.Dir+"/dropbear.pid"); err != nil {
		return err
	}
	return h.Listening(ctx, 22)
}
