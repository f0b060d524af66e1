package lab

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// ServeMail starts exim for SMTP and dovecot for IMAP and POP3 over one set of
// mailboxes.
func (h *Host) ServeMail(ctx context.Context) error {
	owner, err := user.Lookup("Debian-exim")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	for _, d := range []string{"spool", "mail", "dovecot"} {
		p := filepath.Join(h.Dir, d)
		if err := os.MkdirAll(p, 0o755); err != nil {
			return err
		}
		if d != "dovecot" {
			if err := os.Chown(p, uid, gid); err != nil {
				return err
			}
		}
	}
	var passwd, boxes, secrets strings.Builder
	for _, u := range Users {
		boxes.WriteString(u.Name + ": " + u.Name + "\n")
		secrets.WriteString(u.Name + ": " + u.Password + "\n")
		passwd.WriteString(u.Name + ":{PLAIN}" + u.Password + ":" + owner.Uid + ":" + owner.Gid + "::" + h.Dir + "/mail/" + u.Name + "::\n")
	}
	r := strings.NewReplacer("DIR", h.Dir, "HOST", h.Name, "UID", owner.Uid)
	for name, text := range map[string]string{"exim.conf": r.Replace(eximConf), "dovecot.conf": r.Replace(dovecotConf), "mailusers": passwd.String(), "secrets": secrets.String(), "boxes": boxes.String()} {
		if err := os.WriteFile(filepath.Join(h.Dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := h.Serve("/usr/sbin/exim4", "-C", filepath.Join(h.Dir, "exim.conf"), "-bdf", "-oX", "25"); err != nil {
		return err
	}
	if err := h.Serve("/usr/sbin/dovecot", "-F", "-c", filepath.Join(h.Dir, "dovecot.conf")); err != nil {
		return err
	}
	for _, p := range []int{25, 143, 110} {
		if err := h.Listening(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

const eximConf = `primary_hostname = HOST.lab
domainlist local = lab : HOST.lab : *
spool_directory = DIR/spool
log_file_path = DIR/spool/%slog
keep_environment =
pid_file_path = DIR/spool/exim.pid
deliver_drop_privilege
never_users =
rfc1413_query_timeout = 0s
host_lookup =
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
tls_advertise_hosts =
begin acl
rcpt:
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = DIR/mail/${lookup{$local_part}lsearch{DIR/boxes}{$value}{alice}}
  maildir_format
  create_directory
  mode = 0644
  user = UID
  group = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{${lookup{$auth2}lsearch{DIR/secrets}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if eq{$auth2}{${lookup{$auth1}lsearch{DIR/secrets}}}}
`

const dovecotConf = `base_dir = DIR/dovecot
state_dir = DIR/dovecot
log_path = DIR/dovecot.log
protocols = imap pop3
listen = *
ssl = no
disable_plaintext_auth = no
mail_location = maildir:%h
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {
  driver = passwd-file
  args = DIR/mailusers
}
userdb {
  driver = passwd-file
  args = DIR/mailusers
}
`
