package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"firetower/internal/alert"
	"firetower/internal/attack"
	"firetower/internal/evefile"
	"firetower/internal/pipeline"
	"firetower/internal/store"
)

// healthConfig says when the daemon worries about itself.
type healthConfig struct {
	// BlindAfter without a packet is told as a notice; 0: never.
	BlindAfter time.Duration `yaml:"blind_after"`
	// DropShare of packets lost within a minute is told as a notice; 0: never.
	DropShare float64 `yaml:"drop_share"`
}

func defaultHealthConfig() healthConfig {
	return healthConfig{BlindAfter: 5 * time.Minute, DropShare: 0.01}
}

// health samples the counters, keeps the store within its limits, and tells when
// Firetower does not see or cannot remember.
type health struct {
	cfg     func() *healthConfig // the one in force
	keep    store.Retention
	w       *watcher
	before  pipeline.Stats
	at      time.Time
	heard   time.Time // when packets last came
	started time.Time
	window  []loss // of the last minute

	noticed map[string]time.Time // when, by key

	series, stats, notices complaint
}

// complaint is something that fails again and again: the first time and the end of
// it are logged.
type complaint struct{ failing bool }

func (c *complaint) about(log *slog.Logger, what string, err error) {
	switch {
	case err != nil && !c.failing:
		log.Error(what, "error", err)
	case err == nil && c.failing:
		log.Info("over: " + what)
	}
	c.failing = err != nil
}

type loss struct{ received, dropped uint64 }

const (
	sampleEvery = 10 * time.Second
	retainEvery = time.Hour
)

// run works until ctx ends.
func (h *health) run(ctx context.Context) {
	h.started = time.Now()
	h.heard, h.at, h.before = h.started, h.started, h.w.pipeline.Stats()
	sample, retain := time.NewTicker(sampleEvery), time.NewTicker(retainEvery)
	defer sample.Stop()
	defer retain.Stop()
	h.retain(ctx)
	for {
		select {
		case <-ctx.Done():
			h.count(time.Now(), h.w.pipeline.Stats())
			return
		case <-retain.C:
			h.retain(ctx)
		case now := <-sample.C:
			s := h.w.pipeline.Stats()
			h.sample(ctx, now, s)
			h.worry(ctx, now, s)
			h.before, h.at = s, now
		}
	}
}

func (h *health) retain(ctx context.Context) {
	removed, err := h.w.store.Retain(ctx, time.Now(), h.keep)
	if err != nil {
		h.w.log.Error("old data could not be removed from the store", "error", err)
	} else if removed != (store.Removed{}) {
		h.w.log.Info("removed what is older or more than the store keeps", "removed", removed)
	}
}

// sample keeps rates, which mean something when they are added up and averaged.
func (h *health) sample(ctx context.Context, now time.Time, s pipeline.Stats) {
	seconds := now.Sub(h.at).Seconds()
	if seconds <= 0 {
		return // the clock was set back
	}
	rate := func(a, b uint64) float64 { return float64(a-min(a, b)) / seconds }
	samples := []store.Sample{
		{Name: "packets", Value: rate(s.Capture.Received, h.before.Capture.Received)},
		{Name: "bits", Value: 8 * rate(s.Capture.Bytes, h.before.Capture.Bytes)},
		{Name: "flows", Value: rate(s.Flows.Flows, h.before.Flows.Flows)},
		{Name: "drops", Value: rate(s.Capture.DroppedKernel+s.Capture.DroppedInterface, h.before.Capture.DroppedKernel+h.before.Capture.DroppedInterface)},
		{Name: "active", Value: float64(s.Flows.Entries)},
	}
	for _, class := range append(attack.Classes(), attack.Benign) {
		if n := s.Verdicts[class]; n > 0 {
			samples = append(samples, store.Sample{Name: "verdict." + string(class), Value: rate(n, h.before.Verdicts[class])})
		}
	}
	h.count(now, s)
	h.series.about(h.w.log, "counters are not recorded", h.w.store.AddSamples(ctx, now, samples))
}

// count writes the totals as an EVE event.
func (h *health) count(now time.Time, s pipeline.Stats) {
	if h.w.eve == nil || !h.w.cfg.EVE.Has(evefile.Stats) {
		return
	}
	h.stats.about(h.w.log, "EVE stats events are not written", h.w.eve.Count(now, h.w.cfg.sensor(), evefile.Counters{
		Uptime: now.Sub(h.started), Packets: s.Capture.Received, Bytes: s.Capture.Bytes, Drops: s.Capture.DroppedKernel,
		IfDrops: s.Capture.DroppedInterface, Flows: s.Flows.Flows, Active: s.Flows.Entries, Alerts: uint64(s.Incidents),
	}))
}

// worry sends notices.
func (h *health) worry(ctx context.Context, now time.Time, s pipeline.Stats) {
	if s.Capture.Received != h.before.Capture.Received {
		h.heard = now
	}
	if since := now.Sub(h.heard); h.cfg().BlindAfter > 0 && since >= h.cfg().BlindAfter {
		h.notice(ctx, now, alert.NoticeText{
			Key: "blind", Title: "Firetower is blind", Severity: 1,
			Text: fmt.Sprintf("No packet has arrived on %v for %s. Is the cable or the mirror port still there? 'firetower doctor' looks.",
				h.w.cfg.Interfaces, since.Round(time.Second)),
		})
	}
	h.window = append(h.window, loss{s.Capture.Received, s.Capture.DroppedKernel})
	if n := len(h.window); n > int(time.Minute/sampleEvery) {
		first, last := h.window[0], h.window[n-1]
		h.window = h.window[1:]
		received, dropped := last.received-first.received, last.dropped-first.dropped
		if share := float64(dropped) / float64(max(1, received+dropped)); h.cfg().DropShare > 0 && share >= h.cfg().DropShare {
			h.notice(ctx, now, alert.NoticeText{
				Key: "drops", Title: "Firetower is losing packets", Severity: 2,
				Text: fmt.Sprintf("Within a minute %d of %d packets (%.1f %%) were dropped before Firetower could read them. Attacks may go unseen. Give capture.buffer_bytes more memory, narrow capture.filter, or the machine another core.",
					dropped, received+dropped, 100*share),
			})
		}
	}
}

// noticeEvery is how often the same notice is logged; alerts of it are as rare.
const noticeEvery = time.Hour

func (h *health) notice(ctx context.Context, now time.Time, n alert.NoticeText) {
	if last, ok := h.noticed[n.Key]; !ok || now.Sub(last) >= noticeEvery {
		if h.noticed == nil {
			h.noticed = map[string]time.Time{}
		}
		h.noticed[n.Key] = now
		h.w.log.Warn(n.Title, "why", n.Text)
	}
	h.notices.about(h.w.log, "a notice is not recorded", h.w.currentRouter().Notice(ctx, n))
}
