package privilege

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestDrop lets a child process drop, because a drop cannot be undone, and reads
// what the kernel says of every thread of it.
func TestDrop(t *testing.T) {
	if os.Getenv("FIRETOWER_DROP") == "1" {
		child()
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to have something to drop")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestDrop$", "-test.v")
	cmd.Env = append(os.Environ(), "FIRETOWER_DROP=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	threads := 0
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "thread ") {
			continue
		}
		threads++
		for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1"} {
			if !strings.Contains(line, want) {
				t.Errorf("want %q in %s", want, line)
			}
		}
	}
	if threads < 2 {
		t.Errorf("only %d threads were looked at:\n%s", threads, out)
	}
	if !bytes.Contains(out, []byte("raw socket: operation not permitted")) {
		t.Errorf("a raw socket could still be opened:\n%s", out)
	}
}

func child() {
	if err := Drop(DefaultConfig()); err != nil {
		fmt.Println("drop:", err)
		os.Exit(1)
	}
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		status, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/status")
		fmt.Printf("thread %s", strings.ReplaceAll(string(status), "\n", " ")+"\n")
	}
	_, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, 0)
	fmt.Println("raw socket:", err)
}

func TestOwnerOfAnUnknownUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("without root the user is not looked at")
	}
	_, _, err := Owner(Config{User: "no-such-user"})
	if err == nil || !strings.Contains(err.Error(), "privilege.user") {
		t.Errorf("error %v does not name the setting", err)
	}
}
