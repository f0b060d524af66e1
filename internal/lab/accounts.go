package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Users are the lab's accounts. They exist in its namespaces only: `ip netns exec`
// mounts the files of /etc/netns/NAME over those of /etc.
var Users = []User{{"alice", "Sunshine-42", 3001}, {"bob", "letmein", 3002}, {"carol", "Tr0ub4dor", 3003}, {"admin", "admin123", 3004}, {"backup", "b4ckup!", 3005}}

// User is an account with its password.
type User struct {
	Name, Password string
	UID            int
}

var hashes struct {
	sync.Once
	lines map[string]string
	err   error
}

func shadow() (map[string]string, error) {
	hashes.Do(func() {
		hashes.lines = map[string]string{}
		for _, u := range Users {
			out, err := exec.Command("openssl", "passwd", "-6", "-salt", "firetower", u.Password).Output()
			if err != nil {
				hashes.err = fmt.Errorf("hashing a password with openssl: %w", err)
				return
			}
			hashes.lines[u.Name] = strings.TrimSpace(string(out))
		}
	})
	return hashes.lines, hashes.err
}

// accounts writes the files that the host sees instead of the machine's.
func (h *Host) accounts() error {
	etc := filepath.Join("/etc/netns", h.ns)
	if err := os.MkdirAll(etc, 0o755); err != nil {
		return err
	}
	hash, err := shadow()
	if err != nil {
		return err
	}
	files := map[string]*bytes.Buffer{}
	for _, name := range []string{"passwd", "group"} { // servers run as accounts of their packages
		b, err := os.ReadFile(filepath.Join("/etc", name))
		if err != nil {
			return err
		}
		files[name] = bytes.NewBuffer(b)
	}
	files["shadow"] = new(bytes.Buffer) // the machine's own passwords have no business here
	for _, u := range Users {
		for _, name := range []string{"passwd", "group"} {
			lines := strings.Split(files[name].String(), "\n")
			files[name].Reset()
			for _, l := range lines { // an account of the machine's must not shadow the lab's
				if l != "" && !strings.HasPrefix(l, u.Name+":") {
					files[name].WriteString(l + "\n")
				}
			}
		}
		home := filepath.Join(h.Dir, "home", u.Name)
		if err := os.MkdirAll(home, 0o755); err != nil {
			return err
		}
		if err := os.Chown(home, u.UID, u.UID); err != nil {
			return err
		}
		fmt.Fprintf(files["passwd"], "%s:x:%d:%d::%s:/bin/bash\n", u.Name, u.UID, u.UID, home)
		fmt.Fprintf(files["group"], "%s:x:%d:\n", u.Name, u.UID)
		fmt.Fprintf(files["shadow"], "%s:%s:19000:0:99999:7:::\n", u.Name, hash[u.Name])
	}
	files["resolv.conf"] = bytes.NewBufferString("nameserver " + h.w.resolver().String() + "\noptions timeout:1 attempts:2\n")
	files["hosts"] = bytes.NewBufferString("127.0.0.1 localhost\n" + h.Addr.String() + " " + h.Name + "\n")
	for name, b := range files {
		mode := os.FileMode(0o644)
		if name == "shadow" {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(etc, name), b.Bytes(), mode); err != nil {
			return err
		}
	}
	return nil
}
