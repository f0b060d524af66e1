package main

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifySystemd says that the daemon is ready, and then, as often as the watchdog
// wants, that packets are still being worked on: a daemon that hangs is restarted.
// Without systemd it does nothing.
func (w *watcher) notifySystemd(ctx context.Context) {
	ready()
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 3)
	defer tick.Stop()
	turns := uint64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := w.pipeline.Turns()
			if now == turns {
				continue // live sources give empty batches when nothing comes: this is a hang
			}
			turns = now
			s := w.pipeline.Stats()
			notify(daemon.SdNotifyWatchdog)
			notify(fmt.Sprintf("STATUS=%d packets, %d dropped, %d flows, %d incidents",
				s.Capture.Received, s.Capture.DroppedKernel, s.Flows.Flows, s.Incidents))
		}
	}
}

func ready()     { notify(daemon.SdNotifyReady) }
func reloading() { notify(daemon.SdNotifyReloading + fmt.Sprintf("\nMONOTONIC_USEC=%d", monotonic())) }
func stopping()  { notify(daemon.SdNotifyStopping) }

// notify tells systemd; that there is none is no error.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }
