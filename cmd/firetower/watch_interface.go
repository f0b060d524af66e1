package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"firetower/internal/capture"
)

// steadySource keeps watching an interface that goes down and comes up again. While
// it is down it gives empty batches, so that clocks go on.
//
// A handle outlives its interface's going down, but not its removal: opening the
// interface that comes back under the same name needs rights that the daemon has
// given up. Then Next fails, the daemon ends, and whoever started it (systemd) starts
// it again with the rights.
type steadySource struct {
	capture.Source
	name  string
	cfg   capture.Config
	log   *slog.Logger
	index int // the kernel's number of the interface that is open
	past  capture.Stats
	down  bool

	looked time.Time
}

// lookEvery is how often a silent interface is looked at.
const lookEvery = time.Second

func openSteady(name string, cfg capture.Config, log *slog.Logger) (*steadySource, error) {
	src, err := capture.Live(name, cfg)
	if err != nil {
		return nil, err
	}
	return &steadySource{Source: src, name: name, cfg: cfg, log: log, index: indexOf(name)}, nil
}

// indexOf is 0 for an interface that does not exist, and for "any".
func indexOf(name string) int {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0
	}
	return i.Index
}

// Next implements capture.Source.
func (s *steadySource) Next(b *capture.Batch) error {
	err := s.Source.Next(b)
	switch {
	case err == nil && len(b.Frames) > 0:
		s.tell(false, nil)
		return nil
	case err == nil:
		// The kernel gives nothing, and no error, of an interface that is down.
		if now := time.Now(); now.Sub(s.looked) >= lookEvery {
			s.looked = now
			s.tell(!isUp(s.name), nil)
		}
		return nil
	case !errors.Is(err, capture.ErrInterfaceDown):
		return err
	}
	b.Frames = b.Frames[:0]
	s.tell(true, err)
	time.Sleep(lookEvery)
	if now := indexOf(s.name); now != 0 && now != s.index {
		return s.reopen(now)
	}
	return nil
}

// tell logs a change, once.
func (s *steadySource) tell(down bool, err error) {
	if down == s.down {
		return
	}
	s.down = down
	if down {
		s.log.Error("interface is down; waiting for it", "interface", s.name, "error", err)
	} else {
		s.log.Info("interface is back", "interface", s.name)
	}
}

func isUp(name string) bool {
	if name == "any" {
		return true
	}
	i, err := net.InterfaceByName(name)
	return err == nil && i.Flags&net.FlagUp != 0
}

// reopen opens an interface that was removed and made again.
func (s *steadySource) reopen(index int) error {
	src, err := capture.Live(s.name, s.cfg)
	if errors.Is(err, capture.ErrInterfaceDown) || errors.Is(err, capture.ErrNoInterface) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("interface %s was removed and made again, and has to be opened anew, with the rights that were given up: %w", s.name, err)
	}
	s.past = s.Stats()
	s.Source.Close()
	s.Source, s.index = src, index
	return nil
}

// Stats implements capture.Source; it counts over all openings.
func (s *steadySource) Stats() capture.Stats {
	now := s.Source.Stats()
	now.Received += s.past.Received
	now.Delivered += s.past.Delivered
	now.Filtered += s.past.Filtered
	now.Unreadable += s.past.Unreadable
	now.DroppedKernel += s.past.DroppedKernel
	now.DroppedInterface += s.past.DroppedInterface
	now.Bytes += s.past.Bytes
	return now
}
