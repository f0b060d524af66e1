package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// replace fills in a line of a table: names and what they stand for in turn.
func replace(line string, with ...string) string { return strings.NewReplacer(with...).Replace(line) }

// script puts a program of the source tree, "clients/slow.py", where the host's
// accounts may read it, and gives the start of its command line.
func (h *Host) script(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(h.w.Assets, name))
	if err != nil {
		return "", fmt.Errorf("the lab runs from the source tree: %w", err)
	}
	at := filepath.Join(h.Dir, filepath.Base(name))
	return "/usr/bin/python3 " + at, os.WriteFile(at, text, 0o644)
}

// scripts are the names that a line of a table may begin with instead of a tool's.
var scripts = map[string]string{
	"BANNER": "clients/banner.py", "QUICKSCAN": "clients/quickscan.py", "SSHGUESS": "clients/sshguess.py", "WPGUESS": "clients/wpguess.py",
	"SIP": "clients/sip.py", "SLOW": "clients/slow.py", "CANNON": "clients/cannon.py", "IMPLANT": "clients/implant.py", "TUNNEL": "clients/tunnel.py",
	"BYHAND": "clients/byhand.py", "CHATTER": "clients/chatter.py",
}
