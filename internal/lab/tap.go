package lab

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// Tap records the inside bridge into a file until Stop.
type Tap struct {
	file string
	cmd  *exec.Cmd
}

// SnapLen is how much of each packet a recording keeps; lengths on the wire stay
// in the headers.
const SnapLen = 320

// Record starts the tap.
func (w *World) Record(ctx context.Context, file, filter string) (*Tap, error) {
	args := []string{"-i", "br0", "-s", strconv.Itoa(SnapLen), "-B", "32768", "-w", file, "-Z", "root", "-n", "-q"}
	if filter != "" {
		args = append(args, filter)
	}
	c := command(ctx, w.ns, w.Dir, "tcpdump", args...)
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("starting tcpdump: %w", err)
	}
	for range 50 { // it writes the header once it listens
		time.Sleep(50 * time.Millisecond)
		if exists(file) {
			break
		}
	}
	time.Sleep(150 * time.Millisecond)
	return &Tap{file, c}, nil
}

// Stop ends the recording with what is still in the kernel's buffer.
func (t *Tap) Stop() error {
	time.Sleep(300 * time.Millisecond)
	if err := t.cmd.Cancel(); err != nil {
		return err
	}
	if err := t.cmd.Wait(); err != nil {
		return fmt.Errorf("tcpdump of %s: %w", t.file, err)
	}
	return nil
}

func shArgs(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}
