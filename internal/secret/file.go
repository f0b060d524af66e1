package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"sync"
)

// kept is what File has read, by path: the daemon reads its files before it gives up
// its rights, and may not read them again when its configuration is read anew.
var kept sync.Map // of copied

type copied struct {
	text []byte
	info fs.FileInfo
}

// File reads a file of the configuration. One that this process has read before and
// may no longer read is what it was, unless it can be seen that it has changed.
func File(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		if info, err := os.Stat(path); err == nil {
			kept.Store(path, copied{text, info})
		}
		return text, nil
	}
	if !errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	if was, ok := kept.Load(path); ok {
		was := was.(copied)
		if now, err := os.Stat(path); errors.Is(err, fs.ErrPermission) || err == nil && same(now, was.info) {
			return was.text, nil
		}
		return nil, fmt.Errorf("%w: it has changed since the start, when the rights to read it were there: restart, or let %s read it", err, self())
	}
	return nil, fmt.Errorf("%w: let %s read it, or start as root: files are read before the rights are given up", err, self())
}

func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// self names the user that this process is.
func self() string {
	u, err := user.Current()
	if err != nil {
		return fmt.Sprintf("user %d", os.Geteuid())
	}
	return "user " + u.Username
}
