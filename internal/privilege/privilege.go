// Package privilege gives up what a process needs only to open a capture: it turns
// a process that was started as root, or with capabilities, into one of an ordinary
// user without any, for good and on every thread.
package privilege

import (
	"fmt"
	"os"
	"os/user"
	"strconv"

	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// Config says what to become.
type Config struct {
	// User to become when started as root; its primary group is taken too.
	User string `yaml:"user"`
	// Keep leaves everything as it is, for a container that has its own walls.
	Keep bool `yaml:"keep"`
}

// DefaultConfig becomes nobody: it exists everywhere and owns nothing.
func DefaultConfig() Config { return Config{User: "nobody"} }

// Owner gives the user and group ids that Drop will become, so that files which the
// process goes on writing can be made theirs first. Without root they are its own.
func Owner(cfg Config) (uid, gid int, err error) {
	if os.Geteuid() != 0 || cfg.Keep {
		return os.Geteuid(), os.Getegid(), nil
	}
	u, err := user.Lookup(cfg.User)
	if err != nil {
		return 0, 0, fmt.Errorf("privilege: user %q: %w: create it, or set privilege.user", cfg.User, err)
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, fmt.Errorf("privilege: user %q: %w", cfg.User, err)
	}
	if gid, err = strconv.Atoi(u.Gid); err != nil {
		return 0, 0, fmt.Errorf("privilege: user %q: %w", cfg.User, err)
	}
	return uid, gid, nil
}

// Drop becomes the user and loses every capability: effective, permitted,
// inheritable, ambient and, where the process may, the bounding set. No exec can
// bring any back. What is already open stays open.
func Drop(cfg Config) error {
	if cfg.Keep {
		return nil
	}
	uid, gid, err := Owner(cfg)
	if err != nil {
		return err
	}
	if err := cap.ResetAmbient(); err != nil {
		return fmt.Errorf("privilege: ambient capabilities: %w", err)
	}
	if may, _ := cap.GetProc().GetFlag(cap.Effective, cap.SETPCAP); may {
		for v := range cap.MaxBits() {
			if err := cap.DropBound(v); err != nil {
				return fmt.Errorf("privilege: bounding set: %w", err)
			}
		}
	}
	if os.Geteuid() == 0 {
		if err := cap.SetGroups(gid); err != nil {
			return fmt.Errorf("privilege: group %d: %w", gid, err)
		}
		if err := cap.SetUID(uid); err != nil {
			return fmt.Errorf("privilege: user %d: %w", uid, err)
		}
	}
	if err := cap.NewSet().SetProc(); err != nil {
		return fmt.Errorf("privilege: capabilities: %w", err)
	}
	if _, err := cap.Prctlw(prSetNoNewPrivs, 1); err != nil {
		return fmt.Errorf("privilege: no-new-privileges: %w", err)
	}
	return check(uid)
}

const prSetNoNewPrivs = 38 // prctl(2)

// check looks at the process itself: a drop that silently did not happen is worse
// than an error.
func check(uid int) error {
	if os.Geteuid() != uid || os.Getuid() != uid {
		return fmt.Errorf("privilege: still user %d after becoming %d", os.Geteuid(), uid)
	}
	if left := cap.GetProc(); left.String() != "=" {
		return fmt.Errorf("privilege: capabilities left over: %s", left)
	}
	return nil
}
