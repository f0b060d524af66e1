package secret

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAFileOfRootAlone lets a child read a file as root, become somebody else, and
// read it again: what was read stays, what has changed is an error with a remedy.
func TestAFileOfRootAlone(t *testing.T) {
	if dir := os.Getenv("FIRETOWER_SECRETS"); dir != "" {
		child(dir)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to have something that others may not read")
	}
	dir, err := os.MkdirTemp("", "firetower-test-") // t.TempDir lets nobody else in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"same", "private/same", "changed", "unread"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("s3cret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestAFileOfRootAlone$")
	cmd.Env = append(os.Environ(), "FIRETOWER_SECRETS="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said := string(out)
	for _, want := range []string{"same: \"s3cret\" <nil>", "private/same: \"s3cret\" <nil>", "it has changed since the start", "let user nobody read it, or start as root"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	if strings.Count(said, "s3cret") != 2 {
		t.Errorf("too much is told: %s", said)
	}
}

func child(dir string) {
	for _, name := range []string{"same", "private/same", "changed"} {
		if _, err := Read("", filepath.Join(dir, name)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "changed"), []byte("s3cret and more\n"), 0o600); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if err := unix.Setuid(65534); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, name := range []string{"same", "private/same", "changed", "unread"} {
		text, err := Read("", filepath.Join(dir, name))
		fmt.Printf("%s: %q %v\n", name, text, err)
	}
}
