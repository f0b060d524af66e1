package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
)

// ServeSSH starts OpenSSH with password and key log-in for the lab's users.
func (h *Host) ServeSSH(ctx context.Context, port int) error {
	key := filepath.Join(h.Dir, "hostkey")
	if err := shArgs(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
		return err
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		return err
	}
	conf := fmt.Sprintf("Port %d\nHostKey %s\nPidFile %s/sshd.pid\nUsePAM no\nPasswordAuthentication yes\nPermitRootLogin no\n"+
		"StrictModes no\nAuthorizedKeysFile %s/keys\nSubsystem sftp internal-sftp\nUseDNS no\nPrintMotd no\n", port, key, h.Dir, h.w.Dir)
	file := filepath.Join(h.Dir, "sshd.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		return err
	}
	if err := h.Serve("/usr/sbin/sshd", "-D", "-e", "-f", file); err != nil {
		return err
	}
	return h.Listening(ctx, port)
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

// Key makes, once a World, the key pair that users log in with, and gives the
// options that ssh, scp and rsync need to use it.
func (w *World) Key(ctx context.Context) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := filepath.Join(w.Dir, "userkey")
	if !exists(key) {
		if err := shArgs(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
			return "", err
		}
		pub, err := os.ReadFile(key + ".pub")
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(w.Dir, "keys"), pub, 0o644); err != nil {
			return "", err
		}
	}
	return "-i " + key + " " + sshOptions, nil
}

const sshOptions = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=8"

// ServeFTP starts vsftpd for the lab's users.
func (h *Host) ServeFTP(ctx context.Context) error {
	if err := os.MkdirAll("/var/run/vsftpd/empty", 0o755); err != nil {
		return err
	}
	listen := "listen=YES\nlisten_ipv6=NO\n"
	if h.w.Setting.V6 {
		listen = "listen=NO\nlisten_ipv6=YES\n"
	}
	conf := listen + "local_enable=YES\nwrite_enable=YES\nanonymous_enable=NO\nxferlog_enable=NO\n" +
		"pam_service_name=vsftpd\nsecure_chroot_dir=/var/run/vsftpd/empty\nbackground=NO\nseccomp_sandbox=NO\nuse_localtime=YES\n"
	file := filepath.Join(h.Dir, "vsftpd.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return err
	}
	if err := h.Serve("/usr/sbin/vsftpd", file); err != nil {
		return err
	}
	return h.Listening(ctx, 21)
}

// ServeDNS starts dnsmasq, which knows the hosts named and nothing else.
func (h *Host) ServeDNS(ctx context.Context, names map[string]netip.Addr) error {
	args := []string{"--keep-in-foreground", "--no-resolv", "--no-hosts", "--no-daemon", "--conf-file=/dev/null", "--user=root",
		"--pid-file=" + filepath.Join(h.Dir, "dnsmasq.pid"), "--auth-ttl=60", "--local-ttl=60", "--address=/#/", "--cache-size=0"}
	for n, a := range names {
		args = append(args, "--host-record="+n+","+a.String())
	}
	if err := h.Serve("dnsmasq", args...); err != nil {
		return err
	}
	return h.Listening(ctx, 53)
}
