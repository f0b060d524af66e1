package lab

import (
	"context"
	"fmt"
	"time"
)

// startDelay runs the delay line between router and Internet as a process of its
// own, because sockets belong to the namespace they were opened in.
func (w *World) startDelay(context.Context) error {
	c := command(context.Background(), w.ns, w.Dir, self(), "actor", "delay", "-a", "wan0", "-b", "ext",
		"-min", w.DelayMin.String(), "-max", w.DelayMax.String(), "-loss", fmt.Sprint(w.Setting.Loss), "-reorder", fmt.Sprint(w.Setting.Reorder))
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting the delay line: %w", err)
	}
	w.track(c)
	go c.Wait() //nolint:errcheck // ends when the World does
	time.Sleep(50 * time.Millisecond)
	return nil
}
