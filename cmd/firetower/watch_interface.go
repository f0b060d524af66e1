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
}

// reopenEvery is how often an interface that is away is looked for.
const reopenEvery = time.Second

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
	if err == nil {
		if s.down {
			s.down = false
			s.log.Info("interface is back", "interface", s.name)
		}
		return nil
	}
	if !errors.Is(err, capture.ErrInterfaceDown) {
		return err
	}
	b.Frames = b.Frames[:0]
	if !s.down {
		s.down = true
		s.log.Error("interface is down; waiting for it", "interface", s.name, "error", err)
	}
	time.Sleep(reopenEvery)
	if now := indexOf(s.name); now != 0 && now != s.index {
		return s.reopen(now)
	}
	return nil
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
