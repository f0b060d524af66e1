package dashboard

import (
	"context"
	"fmt"
	"time"

	"firetower/internal/words"

	"golang.org/x/sys/unix"
)

// What is told as a worry.
const (
	silence    = 30 * time.Second // without a packet
	diskLow    = 0.10             // share of the disk that is free
	diskEmpty  = 0.02
	fullTable  = 0.90
	healthSpan = 60 // seconds of rates that are looked at
)

// health says how each part of the daemon fares.
func (s *Server) health(ctx context.Context) []HealthItem {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var out []HealthItem
	if s.deps.Counters != nil {
		out = append(out, s.captureHealth(), s.tableHealth())
	}
	out = append(out, s.storeHealth(ctx))
	out = append(out, s.alertHealth(ctx)...)
	for _, dir := range s.deps.Disks {
		out = append(out, diskHealth(dir))
	}
	if s.deps.Health != nil {
		out = append(out, s.deps.Health(ctx)...)
	}
	return out
}

func (s *Server) captureHealth() HealthItem {
	item := HealthItem{Name: "Capture", Condition: Good}
	c := s.meter.totals()
	var packets, drops float64
	for _, r := range s.meter.latest(healthSpan) {
		packets += r.Packets
		drops += r.Drops
	}
	quiet := s.now().Sub(c.LastPacket)
	switch {
	case c.LastPacket.IsZero():
		item.Condition, item.Detail = Warning, "no packet has arrived yet: firetower doctor finds out why"
	case quiet > silence && packets == 0:
		item.Condition, item.Detail = Warning, "no packet for "+span(quiet)
	case drops > 0 && drops >= 0.01*(packets+drops):
		item.Condition, item.Detail = Failing, fmt.Sprintf("%.1f %% of packets lost in the last minute", 100*drops/(packets+drops))
	case drops > 0:
		item.Condition, item.Detail = Warning, fmt.Sprintf("%s packets lost in the last minute", words.Count(int64(drops)))
	default:
		item.Detail = "nothing lost in the last minute"
	}
	return item
}

func (s *Server) tableHealth() HealthItem {
	item := HealthItem{Name: "Flow table", Condition: Good}
	c := s.meter.totals()
	item.Detail = words.Count(c.Active) + " flows"
	if c.Limit > 0 {
		share := float64(c.Active) / float64(c.Limit)
		item.Detail = fmt.Sprintf("%s of %s flows (%.0f %%)", words.Count(c.Active), words.Count(c.Limit), 100*share)
		if share >= fullTable {
			item.Condition = Warning
			item.Detail += ": the oldest are ended early when it is full"
		}
	}
	return item
}

func (s *Server) storeHealth(ctx context.Context) HealthItem {
	size, err := s.deps.Store.Size(ctx)
	if err != nil {
		return HealthItem{"Store", Failing, err.Error()}
	}
	item := HealthItem{"Store", Good, bytes(size) + " of data"}
	if s.deps.Alerts != nil {
		switch st := s.deps.Alerts(ctx); {
		case st.StoreError != "":
			item.Condition, item.Detail = Failing, st.StoreError
		case st.Lost > 0:
			item.Condition, item.Detail = Failing, words.Count(st.Lost)+" incidents were lost while it was away"
		case st.Backlog > 0:
			item.Condition, item.Detail = Warning, words.Count(st.Backlog)+" incidents wait to be recorded"
		}
	}
	return item
}

func (s *Server) alertHealth(ctx context.Context) []HealthItem {
	if s.deps.Alerts == nil {
		return nil
	}
	var out []HealthItem
	for _, sink := range s.deps.Alerts(ctx).Sinks {
		item := HealthItem{"Alerts by " + sink.Sink, Good, words.Count(int64(sink.SinkStats.Delivered)) + " delivered"}
		switch {
		case sink.Failing > 0:
			item.Condition, item.Detail = Failing, fmt.Sprintf("%s wait: %s", words.Count(sink.Pending), sink.LastError)
		case sink.Held > 0:
			item.Detail += ", " + words.Count(sink.Held) + " held back"
		case sink.Pending > 0:
			item.Detail += ", " + words.Count(sink.Pending) + " on their way"
		}
		out = append(out, item)
	}
	if len(out) == 0 {
		out = append(out, HealthItem{"Alerts", Warning, "none are set up: incidents show here only"})
	}
	return out
}

func diskHealth(dir string) HealthItem {
	item := HealthItem{"Disk " + dir, Good, ""}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || fs.Blocks == 0 {
		item.Condition, item.Detail = Warning, fmt.Sprintf("can not be asked: %v", err)
		return item
	}
	free := float64(fs.Bavail) / float64(fs.Blocks)
	item.Detail = fmt.Sprintf("%s free (%.0f %%)", bytes(int64(fs.Bavail)*int64(fs.Bsize)), 100*free)
	switch {
	case free < diskEmpty:
		item.Condition = Failing
	case free < diskLow:
		item.Condition = Warning
	}
	return item
}
