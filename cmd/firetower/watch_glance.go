package main

import (
	"fmt"
	"strings"
	"time"

	"firetower/internal/words"
)

// glance gives the line that shows on a terminal that the daemon is alive: what came
// in the last second, what was lost since the start, and what was found.
func (w *watcher) glance() func() string {
	began := time.Now()
	before, at := w.pipeline.Stats(), began
	return func() string {
		s, now := w.pipeline.Stats(), time.Now()
		rate := func(a, b uint64) float64 { return float64(a-min(a, b)) / max(now.Sub(at).Seconds(), 1e-3) }
		lost := s.Capture.DroppedKernel + s.Capture.DroppedInterface
		text := fmt.Sprintf("watching %s for %s: %s packets/s, %sit/s, %s lost, %s",
			strings.Join(w.cfg.Interfaces, ", "), now.Sub(began).Round(time.Second),
			words.Count(uint64(rate(s.Capture.Received, before.Capture.Received))), bits(rate(s.Capture.Bytes, before.Capture.Bytes)),
			words.Count(lost), words.Plural(s.Incidents, "incident"))
		before, at = s, now
		return text
	}
}

// bits prints bytes as bits with a prefix: 12.3 Mb.
func bits(bytes float64) string { return strings.TrimSuffix(bytesOf(uint64(8*bytes)), "B") + "b" }
